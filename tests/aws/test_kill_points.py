"""Killed at any moment of any write, a collection leaves whole files, and goes on from them.

A handful of moments run with the tests; `make faults` runs as many as ``FAULT_SCHEDULES`` says, at most 200,
spread over all writes of a thorough collection.
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from iamaudit.snapshot import read_snapshot

ROOT = Path(__file__).parents[2]
MOST = min(200, int(os.environ.get("FAULT_SCHEDULES", "500")))


@pytest.fixture(scope="module")
def collect():
    """Collect into a folder, in a process of its own; return how it ended and what it gave, if anything."""
    program = [sys.executable, "-m", "tests.aws.collect_and_die"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    own = {"cwd": ROOT, "env": os.environ | {"PYTHONPATH": str(ROOT)}}
    with subprocess.Popen(program, **pipes, **own) as started:  # noqa: S603 - this interpreter, our own module

        def run(folder, moment=0, *resume):
            print(json.dumps([str(folder), moment, *map(str, resume)]), file=started.stdin, flush=True)
            code, given = json.loads(started.stdout.readline())
            assert code in (0, -9)
            return code, given

        yield run
        started.stdin.close()


def _contents(folder):
    return {path.name: path.read_bytes() for path in folder.glob("[!.]*") if path.name != "manifest.json"}


def _half_written(folder):
    """Return the files that are in their place and not whole: by their digest, or else as JSON."""
    found = []
    for path in folder.rglob("*.json"):
        if path.name.startswith("."):
            continue  # on its way to its place
        try:
            json.loads(path.read_text())
        except ValueError:
            found.append(path)
        if len(path.stem) == 64 and hashlib.sha256(path.read_bytes()).hexdigest() != path.stem:
            found.append(path)
    return found


@pytest.mark.parametrize("most", [4, pytest.param(MOST, marks=pytest.mark.faults)], ids=["4", "more"])
def test_killed_at_any_moment_no_file_is_half_written_and_the_collection_goes_on(
    most, tmp_path, capsys, collect
):
    _, (place, moments) = collect(tmp_path / "whole")
    whole = _contents(Path(place))
    assert len(whole) == 20
    killed = resumed = 0
    for number in range(most):
        folder = tmp_path / str(number)
        code, _ = collect(folder, 1 + number * (moments - 1) // most)
        killed += code == -9
        assert _half_written(folder) == [], number
        (snapshot,) = folder.glob("*/*")
        if (snapshot / "manifest.json").exists():
            held = read_snapshot(snapshot)
            assert (held.manifest.finished_at, held.is_unchanged()) == (None, True), number
            _, (again, _) = collect(folder, 0, snapshot)
            assert _contents(Path(again)) == whole, number
            assert not [*Path(again).glob(".[!.]*/*.json")], number
            resumed += 1
    assert killed == most
    with capsys.disabled():
        print(f"\n{killed} kill points: 0 half-written files, {resumed} resumed to the whole")  # noqa: T201
