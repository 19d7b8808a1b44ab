import pandas as pd
import pytest

import iamaudit
from iamaudit.checks import CATALOGUE, proofs
from tests.accounts import AS_OF, key, report, snapshot


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
