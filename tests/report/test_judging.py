"""Judging beside: a process of its own judges, and whoever started it reads it back."""

import os
import subprocess
import sys
import time

import psutil
import pytest

from iamaudit.audit import open_notebook
from iamaudit.checks import CATALOGUE
from iamaudit.report import judging
from tests.accounts import details, report, snapshot, user

CHECKS = """
import iamaudit

print("own checks")


@iamaudit.check("judging-test", "Nobody prints", severity="low", population="users")
def printed(users):
    '''It prints.'''
    print("judged")
    return users.name == ""
"""


@pytest.fixture
def parameters(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(judging, "_LARGE_BYTES", 0)
    monkeypatch.chdir(tmp_path)
    made = snapshot(
        tmp_path / "a b",
        authorization_details=details(users=[user("ann")]),
        credential_report=report({"user": "ann"}),
    )
    (tmp_path / "own checks.py").write_text(CHECKS)
    yield {"snapshot": str(made.relative_to(tmp_path)), "checks": "own checks.py"}
    CATALOGUE.pop("judging-test", None)


def test_what_own_checks_print_does_not_get_into_the_answer(parameters):
    steps = judging.judge(open_notebook(parameters), parameters, progress=False)
    assert {name for name, _ in steps} >= {"users", "workpapers", "findings"}
    read_back = {name for name, _ in open_notebook(parameters).judge(progress=False)}
    assert {"users, read back", "workpapers, read back", "findings, read back"} <= read_back


JUDGE = (
    "import os, subprocess, sys\n"
    "subprocess.run([sys.executable, '-m', 'iamaudit.report.judging', str(os.getpid())])"
)


def test_what_judges_beside_ends_when_the_run_is_killed():
    orders, kept_open = os.pipe()
    try:
        run = subprocess.Popen([sys.executable, "-c", JUDGE], stdin=orders)  # noqa: S603 - our own text
        deadline = time.monotonic() + 30
        while not (found := psutil.Process(run.pid).children()) and time.monotonic() < deadline:
            time.sleep(0.05)
        run.kill()
        run.wait()
        assert psutil.wait_procs(found, timeout=20)[1] == []  # it may have to load before it looks
    finally:
        os.close(orders)
        os.close(kept_open)
