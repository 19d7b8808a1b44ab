import hashlib

import pytest

import iamaudit
from iamaudit.checks.signoff.attestations import read_attestations
from iamaudit.errors import ParameterError

GOOD = """attestations:
  - control: CIS 7.0 2.2
    by: Sam
    signed: 2026-10-12
    text: tested
    evidence: proof.txt
"""


def test_an_answer_prints_as_manual_with_who_when_and_the_digest_of_its_proof(tmp_path):
    (tmp_path / "proof.txt").write_text("seen")
    path = tmp_path / "attestations.yaml"
    path.write_text(GOOD)
    audit = iamaudit.open_snapshot(attestations=path)
    controls = audit.controls.set_index(["framework", "control"])
    row = controls.loc[("CIS 7.0", "2.2")]
    assert (row.conclusion, row.answered_by, row.answered_on, row.answer) == (
        "manual",
        "Sam",
        "2026-10-12",
        "tested",
    )
    assert row.evidence == f"proof.txt (sha-256 {hashlib.sha256(b'seen').hexdigest()})"
    other = controls.loc[("CIS 7.0", "2.3")]
    assert (other.conclusion, other.isna().answer) == ("manual", True)


def test_all_problems_of_the_file_come_at_once_with_their_lines(tmp_path):
    path = tmp_path / "attestations.yaml"
    path.write_text(
        GOOD
        + """  - control: CIS 7.0 2.4
    by: Sam
    signed: yesterday
    text: x
  - control: CIS 9.0 1
    on: 2026-10-12
  - control: CIS 7.0 2.2
    by: Sam
    signed: 2026-10-12
    text: again
"""
    )
    with pytest.raises(ParameterError) as caught:
        read_attestations(path)
    message = str(caught.value)
    for part in (
        "line 2: the evidence `proof.txt` is not beside this file",
        "line 7: `CIS 7.0 2.4` is automated: an answer cannot take its place",
        "line 7: `signed` is `yesterday`, no day",
        "line 11: there is no control `CIS 9.0 1`",
        "line 11: `by` is missing",
        "line 13: `CIS 7.0 2.2` is answered twice",
    ):
        assert part in message


def test_the_answers_of_the_project_are_read():
    assert list(read_attestations(__import__("pathlib").Path("params/attestations.yaml"))) == [
        "CIS 7.0 2.2",
        "PCI DSS 4.0.1 7.2.4",
    ]
