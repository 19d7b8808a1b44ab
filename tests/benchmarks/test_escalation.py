"""Who can become whom in a large account: every principal, in a time that grows with the account."""

import multiprocessing
import random
import re
import resource
import time
from pathlib import Path

import pytest

import iamaudit
from tests.accounts import ACCOUNT, IAM, snapshot
from tests.benchmarks.accounts import generate_details

pytestmark = pytest.mark.benchmark

_SERVICES = ("ec2", "lambda", "ecs-tasks")


def _account(folder, size):
    """Write an account of that many users and roles, which trust services, the account and users."""
    rng = random.Random(3)  # noqa: S311 - reproducible, not secret
    details = generate_details(users=size, roles=size, policies=max(50, size * 3 // 10))
    for number, role in enumerate(details["RoleDetailList"]):
        trusted = [
            *({"Service": f"{service}.amazonaws.com"} for service in _SERVICES),
            {"AWS": ACCOUNT},
            {"AWS": f"{IAM}:user/user-{rng.randrange(size)}"},
        ]
        statement = {"Effect": "Allow", "Principal": trusted[number % 5], "Action": "sts:AssumeRole"}
        role["AssumeRolePolicyDocument"] = {"Version": "2012-10-17", "Statement": [statement]}
    return snapshot(folder, authorization_details=details)


def _measure(folder, size):
    audit = iamaudit.open_snapshot(_account(folder, size))
    assert len(audit.principals) == 2 * size  # effective permissions are measured elsewhere
    assert len(audit.trust) == size
    started = time.perf_counter()
    ways = audit.escalation.ways
    paths = audit.escalation.graph.paths()
    took = time.perf_counter() - started
    held = len(audit.escalation.census.alike)
    print(
        f"\n{2 * size:,} principals, {held:,} of them different: {took:.1f} s, "
        f"{len(ways):,} ways, {len(paths):,} with a path"
    )
    return took, len(paths)


def _both(folder):
    """Return seconds and paths of a small and a large account, and the gigabytes that this process took."""
    measured = [_measure(folder / str(size), size) for size in (500, 5_000)]
    peak, status = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, Path("/proc/self/status")
    if status.exists():  # there ru_maxrss begins with that of the process that started this one
        peak = int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1])
    return *measured, peak / 1e6


def test_paths_of_ten_thousand_principals_and_how_the_time_grows(tmp_path):
    with multiprocessing.get_context("spawn").Pool(1) as pool:  # its memory is its own
        (small, few), (large, many), peak = pool.apply(_both, (tmp_path,))
    print(f"ten times the account: {large / small:.1f} x the time; {peak:.2f} GB at most")
    assert many > 5 * few
    assert large < 60
    assert large / small < 20  # near linear: a square would be 100
    assert peak < 2
