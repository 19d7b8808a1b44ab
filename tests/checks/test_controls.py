import pandas as pd
import pytest

import iamaudit
from iamaudit.checks import CATALOGUE, checks_page, load_checks, risk_order
from iamaudit.errors import CheckError
from iamaudit.frames import build_frame
from iamaudit.snapshot import SourceResult
from tests.accounts import report, snapshot
from tests.checks.cases import ROOT, root


def test_a_control_is_as_bad_as_the_worst_of_its_checks(tmp_path):
    denied = SourceResult("denied", reason="AccessDenied")
    folder = snapshot(tmp_path, **root(mfa_active="true"), password_policy=denied, mfa_devices=denied)
    controls = iamaudit.open_snapshot(folder).controls.set_index(["framework", "control"]).conclusion
    assert controls["CIS 7.0", "2.5"] == "met"  # root has MFA
    assert controls["CIS 7.0", "2.6"] == "not evaluated"  # its devices were refused
    assert controls["CIS 7.0", "2.8"] == "not evaluated"
    assert controls["CIS 7.0", "2.2"] == "manual"
    assert controls["NIST 800-53 r5", "IA-2(8)"] == "not applicable"
    worse = snapshot(tmp_path / "w", credential_report=report(ROOT), mfa_devices=denied)
    controls = iamaudit.open_snapshot(worse).controls.set_index(["framework", "control"]).conclusion
    assert controls["CIS 7.0", "2.5"] == "not met"
    assert controls["NIST 800-53 r5", "IA-2(1)"] == "not met"  # though one of its checks could not be judged


def test_a_manual_control_has_no_count_of_exceptions():
    controls = iamaudit.open_snapshot().controls
    assert controls.exceptions[controls.kind == "automated"].notna().all()
    assert controls.exceptions[controls.kind != "automated"].isna().all()
    assert set(controls.conclusion[controls.kind == "manual"]) == {"manual"}


ARN = "arn:aws:iam::111122223333:user/"


@pytest.mark.parametrize(
    ("finding", "risk"),
    [
        (("root-mfa", "critical", "arn:aws:iam::111122223333:root"), 1000 * 4 * 2),
        (("policy-twice", "low", "arn:aws:iam::111122223333:policy/p"), 30.0),
        (("access-key-rotation", "medium", ARN + "admin"), 100 * 3 * 1.5),
        (("access-key-rotation", "medium", ARN + "half"), 100 * 1.5 * 1.5),
        (("user-tagged", "low", ARN + "idle"), 30 * 2 * 1.5),
        (("user-tagged", "low", None), 30.0),
    ],
)
def test_risk_is_severity_times_permission_times_exposure_times_age(finding, risk):
    check, severity, resource = finding
    findings = build_frame("findings", [{"check": check, "severity": severity, "resource": resource}])
    breadth = build_frame(
        "breadth",
        [
            {"principal": ARN + "admin", "administrator": "yes", "share_possible": 1.0},
            {"principal": ARN + "half", "administrator": "no", "share_possible": 0.5},
            {"principal": ARN + "idle", "administrator": "perhaps", "share_possible": 0.9},
        ],
    )
    users = build_frame("users", [{"arn": ARN + "idle", "days_idle": 365}, {"arn": ARN + "admin"}])
    assert risk_order(findings, breadth, users).tolist() == [risk]


def test_no_finding_has_no_risk():
    empty = build_frame("findings", [])
    assert len(risk_order(empty, build_frame("breadth", []), build_frame("users", []))) == 0


@pytest.fixture
def catalogue(monkeypatch):
    monkeypatch.setattr("iamaudit.checks.catalogue.CATALOGUE", kept := dict(CATALOGUE))
    monkeypatch.setattr("iamaudit.checks.own_checks.CATALOGUE", kept)
    return kept


OWN = '''
import iamaudit

@iamaudit.check("role-path", "Roles have a path", severity="low", population="roles", message="{name}")
def role_path(roles):
    """A path says whose a role is."""
    return roles.path == "/"
'''


def test_checks_of_ones_own_come_from_a_file(tmp_path, catalogue):
    path = tmp_path / "own.py"
    path.write_text(OWN)
    assert load_checks(path) == ("role-path",)
    paper = iamaudit.open_snapshot().evaluate(catalogue["role-path"])
    assert paper.conclusion == "not met"
    assert isinstance(paper.exceptions, pd.DataFrame)
    assert load_checks(path) == ("role-path",)  # again, as a notebook cell that is run twice


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1", "makes no check: put @iamaudit.check above a function"),
        ("def", "cannot read the checks"),
        ("\n\n1 / 0", "line 3 raised ZeroDivisionError: division by zero"),
        (OWN.replace('"low"', '"lowest"'), "severity `lowest`"),
        (OWN.replace("role-path", "root-mfa"), "there is a check `root-mfa` already"),
    ],
)
def test_a_file_that_makes_no_good_check_is_one_line(tmp_path, catalogue, text, words):
    path = tmp_path / "own.py"
    path.write_text(text)
    with pytest.raises(CheckError) as caught:
        load_checks(path)
    assert words in str(caught.value)


def test_the_page_of_the_documentation_is_the_catalogue():
    from pathlib import Path  # noqa: PLC0415

    page = (Path(__file__).parents[2] / "docs" / "checks.md").read_text()
    assert page == checks_page(), "run: iamaudit checks --markdown > docs/checks.md"
    assert page.count("\n### ") == len(CATALOGUE)
