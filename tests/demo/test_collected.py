"""What comes with the package is what is collected of the demo account."""

import json
import subprocess
import sys
from pathlib import Path

from iamaudit.demo.collected import DEMO_SNAPSHOTS, demo_snapshot
from iamaudit.snapshot import read_snapshot

ROOT = Path(__file__).parents[2]
_OF_A_VERSION = ("tool_versions",)


def contents(root):
    """Return the bytes of each file, of a manifest without the versions of the tools."""
    found = {}
    for path in sorted(root.rglob("*.*")):
        name = path.relative_to(root).as_posix()
        found[name] = path.read_bytes()
        if path.name == "manifest.json":
            found[name] = {k: v for k, v in json.loads(found[name]).items() if k not in _OF_A_VERSION}
    return found


def test_the_snapshots_of_the_package_are_those_that_are_collected(tmp_path):
    # in a process of its own: in this one another test's account has a credential report already
    subprocess.run([sys.executable, "-m", "tests.write_demo", str(tmp_path)], cwd=ROOT, check=True)  # noqa: S603
    collected, carried = contents(tmp_path), contents(DEMO_SNAPSHOTS)
    assert sorted(collected) == sorted(carried)
    for name in collected:
        assert collected[name] == carried[name], f"{name}: python -m tests.write_demo"


def test_the_newest_is_taken_and_the_ids_of_access_keys_are_masked():
    snapshot = read_snapshot(demo_snapshot())
    assert snapshot.path.name == "20261101T075500Z"
    ids = [key["AccessKeyId"] for key in snapshot.read("access_keys")["AccessKeyMetadata"]]
    assert len(ids) > 20
    assert all(len(key) == 9 and key[4] == "…" for key in ids)
