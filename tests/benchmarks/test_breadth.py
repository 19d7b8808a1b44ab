"""Permission breadth of a large account, beside a plain read of the same file."""

import json
import subprocess
import sys
import time

import pytest

from tests.benchmarks.accounts import generate_details
from tests.benchmarks.pace import Pace

MEASURE = """
import json, pathlib, re, resource, sys, time, types
started = time.perf_counter()
details = json.load(open(sys.argv[1]))
plain = time.perf_counter() - started
del details
from iamaudit.iam.actions import load_catalogue
from iamaudit.account import read_account
from iamaudit.frames import breadth_frame, permission_sets_frame, permissions_frame
started = time.perf_counter()
details = json.load(open(sys.argv[1]))
catalogue = load_catalogue()
manifest = types.SimpleNamespace(account_id="111122223333", caller_arn=None, account_alias=None)
manifest.started_at = None
sources = {"authorization_details": details}
principals = read_account(types.SimpleNamespace(read=sources.get, manifest=manifest)).principals
sets = permission_sets_frame(principals, catalogue)
frame = permissions_frame(breadth_frame(principals, catalogue), sets)
took = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
status = pathlib.Path("/proc/self/status")
if status.exists():  # there ru_maxrss begins with that of the process that started this one
    peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", status.read_text())[1]) / 1024
print(json.dumps([plain, took, peak, len(principals), len(frame), int(frame.actions_possible.sum())]))
"""


@pytest.mark.benchmark
def test_breadth_of_ten_thousand_principals_under_3_s_and_600_mb(tmp_path):
    path = tmp_path / "authorization_details.json"
    path.write_text(json.dumps(generate_details(users=5000, roles=5000, policies=1500)))
    pace = Pace()
    runs = [_measure(path) for _ in range(3)]
    plain, took, peak, principals, rows, actions = min(runs, key=lambda run: run[1])
    print(
        f"\nbreadth of {principals:,} principals ({rows:,} rows, {actions:,} actions): {took:.2f} s, "
        f"{took / plain:.1f} times json.load ({plain:.3f} s), {peak:.0f} MB; {pace}"
    )
    assert principals == 10_000
    assert rows > 100_000
    assert took < 3
    assert peak < 600


@pytest.mark.benchmark
def test_cost_grows_with_the_number_of_principals(tmp_path):
    seconds = {}
    for users in (1000, 4000):
        path = tmp_path / f"{users}.json"
        path.write_text(json.dumps(generate_details(users=users, roles=users, policies=600)))
        seconds[users] = min(_measure(path)[1] for _ in range(2))
    print(f"\n4 times the principals: {seconds[4000] / seconds[1000]:.1f} times the time")
    assert seconds[4000] < 6 * seconds[1000]


def _measure(path):
    started = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - this interpreter, our own text
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True
    )
    assert time.perf_counter() - started < 60
    return json.loads(done.stdout)
