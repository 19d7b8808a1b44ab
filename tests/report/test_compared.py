import json
import shutil
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from iamaudit.cli import main
from iamaudit.errors import ParameterError
from iamaudit.report.bundle import run_report
from iamaudit.report.compared import compare
from iamaudit.report.parameters import Parameters
from tests.accounts import AS_OF, allow, details, inline, key, report, snapshot, user

EARLIER = AS_OF - timedelta(days=31)


@pytest.fixture(scope="session")
def reports(tmp_path_factory):
    """Two reports of an account in which ann became an administrator; the older one has other thresholds."""
    folder, made = tmp_path_factory.mktemp("compared"), []
    for at, may, limit in ((EARLIER, "s3:*", 60), (AS_OF, "*", 90)):
        taken = snapshot(
            folder / "snapshots",
            at=at,
            credential_report=report({"user": "<root_account>"}, {"user": "ann", **key(1, age=120)}),
            authorization_details=details(users=[user("ann", **inline("User", "all", allow(may)))]),
        )
        given = Parameters({"snapshot": str(taken), "max_key_age_days": limit}, {})
        made.append(run_report(given, notebooks=[], reports=folder / "reports", progress=False))
    return made


@pytest.fixture
def older(reports, tmp_path):
    """The older report as an older version might have written it."""
    bundle = Path(shutil.copytree(reports[0], tmp_path / "older"))
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest["versions"]["iamaudit"] = "0.0.9"
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    return bundle


def change(bundle, name, edit):
    path = bundle / "data" / f"{name}.parquet"
    frame = pd.read_parquet(path)
    edit(frame).to_parquet(path, index=False)


def call(*arguments):
    result = CliRunner().invoke(main, ["diff", *map(str, arguments)], catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


def test_reports_of_this_version_differ_by_their_account_alone(reports):
    code, out, said = call(*reports)
    assert (code, "user/ann became an administrator." in out) == (0, True)
    assert "“ann is an administrator and has old, unused or doubled credentials” is new." in out
    for day in ("2026-10-01", "2026-11-01"):
        judged = (
            f"The report of {day} was judged with the same versions as here. No difference comes from that."
        )
        assert judged in out
    assert said.endswith("The reports have max_key_age_days 60 and 90. Here 90 counts for both.\n")


def test_what_another_version_judged_otherwise_is_told_apart(reports, older):
    change(older, "checks", lambda frame: frame.replace({"conclusion": {"not met": "met"}}))
    change(older, "findings", lambda frame: frame.assign(resource="arn:aws:iam::111122223333:user/old"))
    change(older, "observations", lambda frame: frame.iloc[1:])
    change(older, "breadth", lambda frame: frame.assign(administrator="yes"))
    found = compare(older, reports[1])
    assert found.account.origin.unique().tolist() == ["account"]
    rows = found.version[["origin", "what", "who", "before", "after"]].apply(tuple, axis=1).tolist()
    assert ("version", "conclusion differs", "access-key-rotation", "met", "not met") in rows
    assert ("version", "exceptions differ", "access-key-rotation", "user/old", "user/ann") in rows
    assert ("version", "administrator differs", "user/ann", "yes", "no") in rows
    assert {"observation added", "table differs"} <= set(found.version.what)
    assert found.version["rank"].tolist() == list(range(1, len(rows) + 1))
    assert found.everything.origin.value_counts().to_dict() == {
        "account": len(found.account),
        "version": len(found.version),
    }
    sentences = "\n".join(found.version.sentence)
    expected = "The conclusion of `access-key-rotation` is not met; the report of 2026-10-01 has met."
    assert expected in sentences
    assert found.versions[0].startswith("The report of 2026-10-01 was judged with iamaudit 0.0.9, here ")
    assert found.versions[0].endswith(f"{len(rows)} differences come from that, and not from the account.")


def test_a_table_of_another_form_is_no_error(reports, older):
    change(older, "observations", lambda frame: frame.drop(columns="severity"))
    change(older, "checks", lambda frame: frame.iloc[1:])
    (older / "data" / "breadth.parquet").unlink()
    found = compare(older, reports[1]).version
    assert {"check added", "table differs"} == set(found.what)
    assert any("observations differs" in text for text in found.sentence)


def test_every_row_says_in_json_what_it_comes_from(older, reports):
    change(older, "checks", lambda frame: frame.iloc[1:])
    rows = json.loads(call(older, reports[1], "--json")[1])
    assert {row["origin"] for row in rows} == {"account", "version"}


def test_a_snapshot_is_judged_as_the_report_that_it_is_compared_with(reports):
    taken = reports[0].parents[2] / "snapshots" / "111122223333" / "20261001T080000Z"
    found = compare(taken, reports[1])
    assert (len(found.versions), len(found.version)) == (1, 0)
    assert "administrator gained" in set(found.account.what)


def test_an_owner_of_a_new_user_does_not_keep_the_older_snapshot_from_being_compared(tmp_path):
    made = [
        snapshot(tmp_path / "snapshots", at=at, authorization_details=details(users=[user(n) for n in names]))
        for at, names in ((EARLIER, ["ann"]), (AS_OF, ["ann", "ben"]))
    ]
    owners = tmp_path / "owners.yaml"
    owners.write_text("owners: [{principal: user/ben, owner: Ops}]")
    given = Parameters({"snapshot": str(made[1]), "owners": str(owners), "break_glass": "user/ben"}, {})
    bundle = run_report(given, notebooks=[], reports=tmp_path / "reports", progress=False)
    assert "user/ben" in set(compare(made[0], bundle).account.who)


def test_a_report_without_evidence_cannot_be_compared(older, reports):
    shutil.rmtree(older / "evidence")
    with pytest.raises(ParameterError, match="carries no evidence: give the snapshot"):
        compare(older, reports[1])
