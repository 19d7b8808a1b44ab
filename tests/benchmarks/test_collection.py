"""A thorough collection of two thousand principals, as the command that a person runs, in a terminal."""

import logging
import os
import pty
import re
import select
import sys
import termios
import time

import psutil
import pytest
from moto.iam.models import iam_backends
from moto.iam.responses import IamResponse
from moto.server import ThreadedMotoServer

from iamaudit.snapshot import read_snapshot
from tests.aws import recorded

pytestmark = pytest.mark.faults  # no bound on its seconds: it runs beside others

ACCOUNT = "444455556666"
_BAR = re.compile(r"collecting \d{12}: .*?\| (\d+)/(\d+) ")
_SOURCE = re.compile(r"([a-z_]+) ([\d,]+) of ([\d,]+)")


@pytest.fixture
def endpoint(monkeypatch):
    """The address of an account with a thousand users and as many roles."""
    for name in ("werkzeug", "moto.moto_server.werkzeug_app"):  # a line a request
        monkeypatch.setattr(logging.getLogger(name), "disabled", True)
    for name, method in recorded.operations().methods.items():
        monkeypatch.setattr(IamResponse, name, method, raising=False)
    backend = iam_backends[ACCOUNT]["aws"]
    backend.reset()
    trust = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"%s"},"Action":"*"}}'
    for number in range(1_000):
        backend.create_user("us-east-1", f"user-{number}")
        backend.create_access_key(f"user-{number}")
        if number % 2:
            backend.create_login_profile(f"user-{number}", "not-a-real-password")
        backend.create_role(f"role-{number}", trust % ACCOUNT, "/", None, "", [], None)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
    backend.reset()


def _collect(folder, endpoint):
    """Run the command in a pseudo-terminal; return seconds, megabytes at most, and all that it showed."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (40, 160))
    command = [sys.executable, "-m", "iamaudit", "collect", "--preset", "thorough", "--workers", "8"]
    command += ["--role-arn", f"arn:aws:iam::{ACCOUNT}:role/auditor", "--endpoint-url", endpoint]
    known = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": "us-east-1"}
    quiet = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    started, peak, shown = time.perf_counter(), 0, b""
    running = psutil.Popen(
        [*command, "--snapshots", str(folder)],
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, **known, **quiet},
    )
    os.close(theirs)
    while running.poll() is None:
        peak = max(peak, running.memory_info().rss)
        while select.select([ours], [], [], 0.1)[0]:
            try:
                shown += os.read(ours, 65_536)
            except OSError:  # the other end is closed
                break
    os.close(ours)
    assert running.returncode == 0, shown.decode()
    return time.perf_counter() - started, peak / 1e6, shown.decode()


def test_a_thorough_collection_of_two_thousand_principals_in_500_mb(tmp_path, endpoint):
    seconds, peak, shown = _collect(tmp_path, endpoint)
    (folder,) = (tmp_path / ACCOUNT).iterdir()
    taken = read_snapshot(folder)
    places = [int(done) for done, _ in _BAR.findall(shown)]
    of_source = {}
    for name, done, _ in _SOURCE.findall(shown):
        of_source.setdefault(name, []).append(int(done.replace(",", "")))
    print(
        f"\n2,000 principals thoroughly: {seconds:.0f} s, {peak:.0f} MB at most; the bar was drawn "
        f"{len(places):,} times, with words on {len(of_source)} sources"
    )
    told = {name: record.status for name, record in taken.manifest.sources.items()}
    # moto has no Access Analyzer, and policies of the organization are handed over, not collected
    assert {n for n, status in told.items() if status != "collected"} == {
        "access_analyzer",
        "organization_policies",
    }
    assert len(taken.read("last_accessed")) == 2_000
    assert len(taken.read("authorization_details")["RoleDetailList"]) == 1_000
    assert places, repr(shown[:600])
    assert places == sorted(places)
    assert all(done == sorted(done) for done in of_source.values())
    assert of_source
    assert peak < 500
