"""Whatever mix of faults AWS's retry rules recover from, the snapshot is the one of a day without faults.

A schedule is drawn from its seed: how the first answers to each operation fail, and, in every other one,
which operations never work. In every fifth one the credentials are not a role's and expire after some
requests: the collection ends, says so, and is resumed. Those of a role are renewed. In another fifth one
operation is not answered in time. 25 schedules run with the tests; `make faults` runs those up to
``FAULT_SCHEDULES``, 500 unless it is set, which take ten minutes.
"""

import os
import random
import re
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from botocore.config import Config

from iamaudit.aws import collect, collect_account, open_session
from iamaudit.aws.answers import EXPIRED
from iamaudit.aws.credential_report import collect_credential_report
from iamaudit.aws.schedule import REST_ON
from iamaudit.errors import CollectionError
from iamaudit.snapshot import read_snapshot
from tests.aws.faults import (
    ExpiresAfter,
    FaultProxy,
    cut,
    denied,
    expired,
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
RECOVERED = [throttled, failing(500), failing(503), cut, hung_up, slow, longer, *map(expired, EXPIRED)]
LASTING = [denied, shorter]
FAILED = ("denied", "unavailable", "failed")


def _schedule(seed):
    """Return how each operation fails, those that never work, and the same with credentials that expire."""
    rng = random.Random(seed)  # noqa: S311 - reproducible, not secret
    requests = rng.randint(1, 70) if seed % 5 == 4 else None
    recovered = RECOVERED if requests is None else RECOVERED[: -len(EXPIRED)]
    first = {name: rng.choices(recovered, k=rng.randint(1, 3)) for name in OPERATIONS if rng.random() < 0.6}
    if seed % 5 == 0:
        first[rng.choice([*OPERATIONS])] = [silent]
    lasting = {
        name: rng.choice(LASTING) for name in rng.sample([*OPERATIONS], rng.randint(1, 3) if seed % 2 else 0)
    }
    faults = {name: in_turn(*each) for name, each in first.items()} | lasting
    if requests is None:
        return faults, lasting, None
    return faults, lasting, ExpiresAfter(faults, requests, rng.choice([*EXPIRED]))


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
    config = Config(retries={"mode": "standard", "max_attempts": 10}, read_timeout=4)
    monkeypatch.setattr("iamaudit.aws.session._CONFIG", config)
    monkeypatch.setattr(
        "botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.005, raising=True
    )

    def run(name, faults, session=session, **options):
        proxy.faults = faults
        taken = collect_account(
            session,
            tmp_path / name,
            endpoint_url=proxy.url,
            clock=lambda: NOW,
            progress=False,
            preset="thorough",
            **options,
        )
        return read_snapshot(taken)

    return run


@pytest.fixture
def take_twice(take, session, tmp_path, monkeypatch):
    """Collect with credentials that nobody can renew, and go on with others once they have expired."""
    mine = session.get_credentials().get_frozen_credentials()
    for name, value in zip(("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"), mine, strict=False):
        monkeypatch.setenv(f"AWS_{name}", value)
    signed_in = open_session()

    def run(name, faults, until):
        try:
            return take(name, until, signed_in), False
        except CollectionError as error:
            assert re.fullmatch(r"AWS does not accept the credentials \((\w+)\): sign in again.*", str(error))
            if not hasattr(error, "__notes__"):  # before AWS said who this is
                assert not (tmp_path / name).exists()
                return take(name, faults, signed_in), True
            (said,) = error.__notes__
        place = Path(said.removeprefix("continue with: iamaudit collect --resume "))
        begun = read_snapshot(place)
        assert begun.manifest.finished_at is None
        assert {begun.status(source) for source in ASKED} <= {"collected", "missing", *FAILED}
        return take(name, faults, signed_in, resume=place), True

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
def test_a_snapshot_after_faults_is_that_without_or_names_what_is_missing(seeds, take, take_twice, capsys):
    whole = _evidence(take("without", {}))
    assert whole.keys() == {*ASKED} - {"caller_identity"}
    complete = stopped = 0
    for seed in seeds:
        faults, lasting, until = _schedule(seed)
        if until is None:
            snapshot = take(str(seed), faults)
        else:
            snapshot, has_stopped = take_twice(str(seed), faults, until)
            stopped += has_stopped
        missing = _missing(lasting)
        records = snapshot.manifest.sources
        states = {name: (records[name].status, records[name].reason) for name in ASKED}
        lacking = {name: state for name, state in states.items() if state[0] != "collected"}
        assert lacking.keys() == missing, (seed, lacking)
        assert all(status in FAILED and why for status, why in lacking.values())
        expected = {name: content for name, content in whole.items() if name not in missing}
        assert _evidence(snapshot) == expected, seed
        complete += not missing
    with capsys.disabled():
        print(  # noqa: T201 - the figure
            f"\n{len(seeds)} fault schedules: {complete} whole, "
            f"{len(seeds) - complete} name what is missing; "
            f"in {stopped} the credentials expired, and it was resumed"
        )
