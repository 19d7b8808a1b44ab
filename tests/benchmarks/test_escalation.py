"""Who can become whom in a large account: every principal, in a time that grows with the account."""

import time

import pytest

import iamaudit
from tests.accounts import snapshot
from tests.benchmarks.accounts import generate_permissive
from tests.benchmarks.pace import Pace

pytestmark = pytest.mark.benchmark


def _measure(folder, size):
    """Return the seconds that ways, paths and choke points of twice ``size`` principals take."""
    details = generate_permissive(users=size, roles=size, policies=size * 3 // 10)
    audit = iamaudit.open_snapshot(snapshot(folder, authorization_details=details))
    assert len(audit.principals) == 2 * size  # effective permissions are measured elsewhere
    escalation = audit._search
    started = time.process_time()
    ways, paths = escalation.ways, escalation.graph.paths()
    found = time.process_time() - started
    started = time.process_time()
    search = escalation.choke_points
    cut = time.process_time() - started
    print(
        f"\n{2 * size:,} principals: {len(ways):,} ways and {len(paths):,} paths in {found:.1f} s; "
        f"choke points in {cut:.1f} s: {search.conclusion}"
    )
    assert escalation.graph.reached().bit_count() > 0.9 * 2 * size  # some are administrators already
    return found, cut


def test_ways_paths_and_choke_points_of_ten_thousand_principals(tmp_path):
    near_small = Pace()
    small, _ = _measure(tmp_path / "small", 500)
    near_large = Pace()
    large, cut = _measure(tmp_path / "large", 5_000)
    print(f"ten times the account: {large / small:.1f} x the time; {near_small}; {near_large}")
    assert large < 45
    assert cut < 20
    assert large / small < 15  # of 12.5 times as many a way is looked for: fewer are administrators
