"""Whatever mix of faults AWS's retry rules recover from, the snapshot is the one of a day without faults.

A schedule is drawn from its seed: how the first answers to each operation fail, and, in every other one,
which operations never work. 25 schedules run with the tests; `make faults` runs
those up to ``FAULT_SCHEDULES``, 500 unless it is set, which take ten minutes.
"""

import os
import random
from datetime import UTC, datetime
from functools import partial

import pytest
from botocore.config import Config

from iamaudit.aws import collect, collect_account
from iamaudit.aws.credential_report import collect_credential_report
from iamaudit.aws.schedule import REST_ON
from iamaudit.snapshot import read_snapshot
from tests.aws.faults import (
    FaultProxy,
    cut,
    denied,
    failing,
    hung_up,
    in_turn,
    longer,
    shorter,
    silent,
    slow,
    throttled,
)
from tests.aws.test_collect import ASKED, files_of, filled  # noqa: F401 - a fixture
from tests.aws.test_faults import OPERATIONS

NOW = datetime(2026, 11, 1, 7, 55, tzinfo=UTC)
MOST = int(os.environ.get("FAULT_SCHEDULES", "500"))
RECOVERED = [throttled, failing(500), failing(503), cut, hung_up, slow, longer]
LASTING = [denied, shorter]


def _schedule(seed):
    """Return how each operation fails, and the operations that never work."""
    rng = random.Random(seed)  # noqa: S311 - reproducible, not secret
    first = {name: rng.choices(RECOVERED, k=rng.randint(1, 3)) for name in OPERATIONS if rng.random() < 0.6}
    first[rng.choice([*OPERATIONS])] = [silent]
    lasting = {
        name: rng.choice(LASTING) for name in rng.sample([*OPERATIONS], rng.randint(1, 3) if seed % 2 else 0)
    }
    return {name: in_turn(*faults) for name, faults in first.items()} | lasting, lasting


def _missing(lasting):
    """Return the sources that cannot be had."""
    found = {
        OPERATIONS[name]
        for name, fault in lasting.items()
        if (name, fault) != ("GenerateCredentialReport", denied)  # one that is there is fetched
    }
    for name, others in REST_ON.items():
        if found.issuperset(others):  # nobody knows who to ask for
            found.add(name)
    return found


@pytest.fixture
def proxy(server):
    running = FaultProxy(server)
    yield running
    running.shutdown()
    running.server_close()


@pytest.fixture
def take(proxy, session, filled, tmp_path, monkeypatch):  # noqa: F811
    """Collect under a schedule; retries are as many as ever, and do not wait."""
    report = partial(collect_credential_report, sleep=lambda _: None)
    monkeypatch.setitem(collect._ASK, "credential_report", lambda iam, _: report(iam))
    config = Config(retries={"mode": "standard", "max_attempts": 10}, read_timeout=1)
    monkeypatch.setattr("iamaudit.aws.session._CONFIG", config)
    monkeypatch.setattr(
        "botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.005, raising=True
    )

    def run(name, faults):
        proxy.faults = faults
        taken = collect_account(
            session,
            tmp_path / name,
            endpoint_url=proxy.url,
            clock=lambda: NOW,
            progress=False,
            preset="thorough",
        )
        return read_snapshot(taken)

    return run


def _evidence(snapshot):
    """Return the files by source, the report by its users: moto makes that and the caller's id up anew."""
    files = files_of(snapshot)
    found = {
        name: files[record.file]
        for name, record in snapshot.manifest.sources.items()
        if record.file and name != "caller_identity"
    }
    if "credential_report" in found:
        lines = found["credential_report"].decode().splitlines()
        found["credential_report"] = [line.split(",")[:2] for line in lines]
    return found


@pytest.mark.parametrize(
    "seeds", [range(25), pytest.param(range(25, MOST), marks=pytest.mark.faults)], ids=["25", "more"]
)
def test_a_snapshot_after_faults_is_that_without_or_names_what_is_missing(seeds, take, capsys):
    whole = _evidence(take("without", {}))
    assert whole.keys() == {*ASKED} - {"caller_identity"}
    complete = 0
    for seed in seeds:
        faults, lasting = _schedule(seed)
        snapshot = take(str(seed), faults)
        missing = _missing(lasting)
        records = snapshot.manifest.sources
        states = {name: (records[name].status, records[name].reason) for name in ASKED}
        lacking = {name: state for name, state in states.items() if state[0] != "collected"}
        assert lacking.keys() == missing, (seed, lacking)
        assert all(status in ("denied", "unavailable", "failed") and why for status, why in lacking.values())
        expected = {name: content for name, content in whole.items() if name not in missing}
        assert _evidence(snapshot) == expected, seed
        complete += not missing
    with capsys.disabled():
        print(  # noqa: T201 - the figure
            f"\n{len(seeds)} fault schedules: {complete} whole, {len(seeds) - complete} name what is missing"
        )
