"""Judging beside: a copy of this process judges a large snapshot, and whoever started it reads it back."""

import os
from pathlib import Path

import pytest

from iamaudit.audit import open_notebook
from iamaudit.checks import CATALOGUE
from iamaudit.report import judging
from tests.accounts import details, report, snapshot, user

CHECKS = """
import os

import iamaudit


@iamaudit.check("judging-test", "Nobody is judged here", severity="low", population="users")
def judged(users):
    '''It says where it is asked.'''
    open("asked by", "a").write(f"{os.getpid()} ")
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


def test_a_copy_judges_a_large_snapshot_and_what_it_judged_is_read_back(parameters, capfd):
    steps = judging.judge(open_notebook(parameters), progress=False)
    assert {name for name, _ in steps} >= {"users", "workpapers", "findings"}
    out, err = capfd.readouterr()
    assert (out, "judged" in err) == ("", True)
    (asked_by,) = set(Path("asked by").read_text().split())
    assert int(asked_by) != os.getpid()
    read_back = {name for name, _ in open_notebook(parameters).judge(progress=False)}
    assert {"users, read back", "workpapers, read back", "findings, read back"} <= read_back
    assert Path("asked by").read_text().split() == [asked_by]
