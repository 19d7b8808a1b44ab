import pandas as pd
import pytest

import iamaudit
from iamaudit.checks import CATALOGUE, proofs
from tests.accounts import AS_OF, key, password, report, snapshot


@pytest.fixture(scope="module")
def demo():
    return iamaudit.open_snapshot()


def proof(tmp_path, check, *rows):
    audit = iamaudit.open_snapshot(snapshot(tmp_path, credential_report=report(*rows)), as_of=AS_OF)
    return proofs(CATALOGUE[check], audit.workpapers[check].exceptions)


def test_a_key_is_pointed_at_by_its_user_and_the_values_that_the_procedure_names(tmp_path):
    found = proof(tmp_path, "access-key-rotation", {"user": "ben, the =1", **key(2, age=100)})
    assert found == [
        "credential_report.csv user = ben, the =1, access_key_2_last_rotated = 2026-07-24T08:00:00"
    ]


def test_a_user_shows_flags_as_the_report_writes_them(tmp_path):
    row = {"user": "ada", "password_enabled": "true", "mfa_active": "false"}
    assert proof(tmp_path, "console-mfa", row) == [
        "credential_report.csv user = ada, password_enabled = true, mfa_active = false"
    ]


def test_what_is_not_reported_is_not_shown(tmp_path):
    found = proof(tmp_path, "access-key-never-used", {"user": "ada", **key(1, age=100)})
    assert found == ["credential_report.csv user = ada, access_key_1_last_rotated = 2026-07-24T08:00:00"]


def test_a_statement_has_its_sid():
    rows = pd.DataFrame({"evidence": ["p v1 Statement[0]", "p v1 Statement[1]"], "sid": ["All", None]})
    found = proofs(CATALOGUE["policy-all-actions"], rows)
    assert found == ["p v1 Statement[0] (All)", "p v1 Statement[1]"]


def test_every_hop_of_a_path_has_its_statements(demo):
    paths = demo.escalation_paths
    assert (paths.hop_evidence.map(len) == paths.hops).all()
    first = paths.hop_evidence.str[0].str.partition(": ")[2]
    assert first.tolist() == paths.evidence.tolist()
    long = paths[paths.hops > 1].iloc[0]
    proof = proofs(CATALOGUE["escalation-administrator"], paths.loc[[long.name]])[0]
    assert proof.count("\n") == long.hops - 1
    assert all(f"hop {number}, " in proof for number in range(1, long.hops + 1))
    nodes = [node for node in long.nodes[1:-1] if not node.startswith("an ")]
    assert all(f"{node} to" in proof for node in nodes)


def test_the_last_use_is_proved_by_the_credential_that_was_used_last(tmp_path):
    row = {
        "user": "<root_account>",
        **password(changed=900, used=7),
        **key(1, age=900, used=5),
        "mfa_active": "true",
    }
    place = "credential_report.csv user = <root_account>, access_key_1_last_used_date = 2026-10-27T08:00:00"
    assert proof(tmp_path, "root-use", row) == [place]


def test_credentials_that_nobody_uses_are_named(tmp_path):
    rows = [
        {"user": "ada", **password(changed=900, used=95), **key(2, age=100)},
        {"user": "ben", **password(changed=900, used=1), **key(1, age=900, used=90)},
    ]
    audit = iamaudit.open_snapshot(snapshot(tmp_path, credential_report=report(*rows)), as_of=AS_OF)
    found = audit.workpapers["credentials-unused-long"].exceptions
    assert found.message.tolist() == [
        "ada has not used the password for 95 days, key 2 for 100 days",
        "ben has not used key 1 for 90 days",
    ]
    assert proofs(CATALOGUE["credentials-unused-long"], found) == [
        "credential_report.csv user = ada",
        "credential_report.csv user = ben",
    ]


def test_what_is_about_the_whole_account_is_proved_by_what_its_check_rests_on(demo):
    evidence = demo.findings.drop_duplicates("check").set_index("check").evidence
    assert evidence["password-length"] == "password_policy.json"
    administrators = sorted(demo.breadth.arn[demo.breadth.administrator == "yes"])
    places = [f"authorization_details.json Arn = {arn}" for arn in administrators]
    assert sorted(evidence["administrator-few"].split("; ")) == places


def test_a_user_is_pointed_at_where_the_check_looked(demo):
    """Groups, tags and policies of a user are not in the credential report."""
    evidence = demo.findings.drop_duplicates("check").set_index("check").evidence
    for check in ("user-tagged", "user-in-group", "user-inline-policy"):
        assert evidence[check].startswith("authorization_details.json UserDetailList UserName = ")
    hardware = demo.findings[demo.findings.check == "user-mfa-hardware"].set_index("resource").evidence
    users = "arn:aws:iam::111122223333:user/"
    assert hardware[f"{users}marcus.lund"] == "credential_report.csv user = marcus.lund"  # has no device
    assert hardware[f"{users}alice.moreau"] == (
        "credential_report.csv user = alice.moreau; mfa_devices.json UserName = alice.moreau"
    )
    assert evidence["administrator-mfa"] == (
        "authorization_details.json Arn = arn:aws:iam::111122223333:user/marcus.lund; "
        "credential_report.csv user = marcus.lund"
    )
    assert evidence["root-mfa-hardware"] == "credential_report.csv user = <root_account>"
