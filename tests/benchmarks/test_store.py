"""The second opening of a judged snapshot of a large account, as a process of its own."""

import subprocess
import sys
import time

import pytest

import iamaudit
from tests.accounts import snapshot
from tests.benchmarks.accounts import generate_details

pytestmark = pytest.mark.benchmark

OPEN = "import iamaudit, sys; print(len(iamaudit.open_snapshot(sys.argv[1]).users))"


def _seconds(folder):
    started = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - this interpreter, our own text
        [sys.executable, "-c", OPEN, str(folder)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "5001"
    return time.perf_counter() - started


def test_a_judged_snapshot_of_ten_thousand_principals_opens_in_2_s(tmp_path):
    details = generate_details(users=5_000, roles=5_000, policies=1_500)
    folder = snapshot(tmp_path, authorization_details=details)
    audit = iamaudit.open_snapshot(folder)
    assert len(audit.users) == 5_001
    rows, size = (
        len(audit.permission_sets),
        sum(p.stat().st_size for p in audit._kept._store.folder.iterdir()),
    )
    took = min(_seconds(folder) for _ in range(3))
    print(
        f"\nfirst frame of a judged snapshot: {took:.2f} s; {rows:,} permission rows in {size / 1e6:.1f} MB"
    )
    assert took < 2
