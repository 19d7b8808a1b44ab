from pathlib import Path

import pytest

import iamaudit
from iamaudit import tables
from iamaudit.audit.unseen import unseen
from iamaudit.checks import CATALOGUE, completeness, exceptions_in_words, is_tested, population_in_words
from iamaudit.snapshot import SourceResult
from tests.accounts import AS_OF, details, password, report, snapshot, user
from tests.checks.cases import ROOT, devices


@pytest.fixture(scope="module")
def without_report(tmp_path_factory):
    """An account of which somebody handed over the authorization details and nothing else."""
    handed_over = details(users=[user("ann")])
    return iamaudit.open_snapshot(
        snapshot(tmp_path_factory.mktemp("s"), authorization_details=handed_over), as_of=AS_OF
    )


def test_where_nobody_accepted_anything_no_workpaper_asks_for_the_findings(without_report):
    assert without_report.basis.findings is None  # a large account has 72,000: 200 MB in every notebook


@pytest.mark.parametrize("check", ["access-key-rotation", "root-use", "trust-accounts-known"])
def test_a_test_that_was_not_made_counts_nothing(without_report, check):
    page = str(tables.workpaper(without_report.workpapers[check]).markup)
    assert "not counted, since the test was not made: rows of" in page
    assert "Nothing was judged: evidence or a parameter is missing." in page
    assert "None: the test was not made." in page
    assert " of 0" not in page
    assert "0 rows of" not in page


def test_a_workpaper_does_not_say_that_sources_were_reconciled():
    assert completeness(3, 0) == (
        "All 3 rows could be judged. "
        "WP-EVI-02, WP-EVI-03, WP-EVI-04 say whether the sources agree with each other."
    )


def test_an_empty_population_is_not_an_unknown_one():
    check = CATALOGUE["trust-external-id"]
    assert is_tested("met", 0, 0)
    assert not is_tested("not evaluated", 0, 0)
    assert is_tested("not evaluated", 0, 2)
    assert population_in_words(check, 0).startswith("0 rows of trust")
    assert exceptions_in_words(0, 0) == "0 of 0"
    assert exceptions_in_words(0, None) == "not evaluated"


def test_a_control_without_evidence_has_no_number(without_report):
    controls = without_report.controls
    page = str(tables.controls(controls[controls.framework == "Security Hub 2026"]).markup)
    assert "0\u00a0of\u00a00" not in page[page.index("IAM.3") : page.index("IAM.4")]
    assert "not known" in page[page.index("IAM.3") : page.index("IAM.4")]
    results = controls.set_index(["framework", "control"]).results["Security Hub 2026", "IAM.7"]
    assert list(results) == ["not evaluated"] * 5


def test_what_was_not_collected_is_not_counted_as_none(tmp_path):
    only_report = snapshot(tmp_path, credential_report=report(ROOT, {"user": "ann"}))
    facts = dict(iamaudit.open_snapshot(only_report, as_of=AS_OF).facts)
    assert facts["Population"] == "1 user and root; roles, groups and policies were not collected"


def test_one_of_each_is_in_the_singular(without_report):
    expected = "1 user and root, 0 roles, 0 groups, 0 customer managed policies"
    assert dict(without_report.facts)["Population"] == expected


def test_what_would_be_needed_fits_why_a_source_is_missing(tmp_path):
    sources = {
        "authorization_details": details(),
        "server_certificates": SourceResult("denied", reason="AccessDenied"),
        "organization_features": SourceResult("unavailable", reason="no management account"),
    }
    audit = iamaudit.open_snapshot(snapshot(tmp_path, **sources), as_of=AS_OF)
    said = {each.what: each for each in unseen(audit)}
    assert (
        said["Server certificates: denied"].takes == "Grant `iam:ListServerCertificates` and collect again."
    )
    assert "management account" in said["Root features of the organization: not available"].takes
    assert said["Caller identity: not collected"].means == "Every check could be evaluated without it."


@pytest.mark.parametrize(
    ("mfa", "virtual", "message"),
    [
        ("false", False, "root has no hardware MFA device: it has none"),
        ("true", True, "root has no hardware MFA device: its device is virtual"),
    ],
)
def test_root_without_a_device_is_told_apart_from_root_with_a_virtual_one(tmp_path, mfa, virtual, message):
    row = {**ROOT, **password(changed=9, used=9), "mfa_active": mfa}
    taken = snapshot(tmp_path, credential_report=report(row), **devices(root=virtual))
    paper = iamaudit.open_snapshot(taken, as_of=AS_OF).workpapers["root-mfa-hardware"]
    assert paper.exceptions.message.tolist() == [message]


def test_what_no_collection_asks_for_was_not_handed_over(without_report):
    missing = without_report.missing.set_index("source").reason
    assert missing["organization_policies"] == "policies of the organization: not handed over"


def test_an_exception_that_somebody_accepted_is_marked_and_counted():
    waivers = Path(iamaudit.__file__).parents[1] / "params" / "waivers.yaml"
    audit = iamaudit.open_notebook({"snapshot": "demo", "waivers": str(waivers)})
    page = str(tables.workpaper(audit.workpapers["access-key-rotation"]).markup)
    assert "19 of 26 (73.1%), 1 of them waived" in page
    assert "key 1 of backup-agent is 628 days old (waived)" in page
    assert page.count("(waived)") == 1
    assert "waived" not in str(tables.workpaper(audit.workpapers["access-key-year"]).markup)
