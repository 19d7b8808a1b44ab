"""What AWS would refuse to store: for who proposes a document, and for lint."""

import json
from pathlib import Path

import pytest

from iamaudit.iam.evaluate import refusals
from iamaudit.iam.lint import lint_policy
from iamaudit.iam.policy import parse_document

CASES = json.loads((Path(__file__).parent / "cases" / "decisions.json").read_text())
IN_FORCE = [case for case in CASES if case.get("reason", "").startswith("AWS stored the document")]
DOCUMENTS = {"identityPolicies": "identity", "resourcePolicy": "resource", "scps": "scp"}


def checks(source, kind):
    return [problem.check for problem in refusals(parse_document(source, kind=kind), kind)]


@pytest.mark.parametrize("case", IN_FORCE, ids=lambda case: f"{case['rule']}: {case['name']}")
def test_what_is_in_force_whatever_its_grammar_is_still_a_problem(case):
    query = case["query"]
    is_trust = query["action"] == "sts:AssumeRole"
    found = []
    for name, kind in DOCUMENTS.items():
        given = query.get(name, [])
        given = [d for level in given for d in level] if name == "scps" else given
        for source in given if isinstance(given, list) else [given]:
            found += lint_policy(source, kind="trust" if is_trust and kind == "resource" else kind)
    assert "error" in {problem.severity for problem in found}


@pytest.mark.parametrize(
    ("kind", "fields", "check"),
    [
        ("identity", {"Action": "GetObject"}, "Invalid action"),
        ("identity", {"Action": "**"}, "Invalid action"),
        ("identity", {"Resource": "**"}, "Invalid ARN prefix"),
        ("identity", {"Resource": "arn:aws:s3:*:*:bucket/*"}, "ARN Region not allowed"),
        ("identity", {"Resource": "arn:aws:iam::111122223333:*/x"}, "Invalid ARN resource"),
        ("identity", {"Condition": {"StringIs": {"a:b": "x"}}}, "Invalid condition operator"),
        ("resource", {"Principal": {"Service": "*"}}, "Unsupported wildcard in principal"),
        ("resource", {"Principal": {"AWS": "arn:aws:iam::111122223333:group/g"}}, "Invalid principal format"),
        ("resource", {"NotPrincipal": {"AWS": "111122223333"}}, "Unsupported element combination"),
        ("resource", {}, "Missing principal"),
        ("rcp", {"Principal": {"AWS": "111122223333"}, "Effect": "Deny"}, "Invalid principal format"),
        (
            "rcp",
            {"Principal": "*", "Effect": "Deny", "NotAction": "s3:*", "Action": None},
            "Unsupported element combination",
        ),
        ("rcp", {"Principal": "*"}, "Invalid effect"),
        ("rcp", {"Principal": "*", "Effect": "Deny", "Action": "*"}, "Invalid action"),
    ],
)
def test_what_aws_would_refuse_of_a_proposal(kind, fields, check):
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **fields}
    kept = {name: value for name, value in statement.items() if value is not None}
    assert check in checks({"Version": "2012-10-17", "Statement": kept}, kind)


@pytest.mark.parametrize(
    "fields",
    [
        {"Condition": {"StringEquals": {"key": "x"}}},  # lint says it; AWS stores it
        {"Resource": "arn:aws:iam::111122223333:delegation-request/*"},
        {"Resource": "arn:aws:iam::aws:contextProvider/IdentityCenter"},
        {"Resource": "arn:aws:iam::aws:role-template/x.amazonaws.com/y:1"},
        {"Resource": "arn:aws:iam::111122223333:root"},
        {"Resource": "arn:aws:iam::111122223333:assumed-role/app/session"},
        {"Resource": "arn:aws:iam::111122223333:sms-mfa/*"},
    ],
)
def test_what_aws_stores_is_not_refused(fields):
    statement = {"Effect": "Allow", "Action": "iam:*", "Resource": "*", **fields}
    assert checks({"Version": "2012-10-17", "Statement": statement}, "identity") == []


def test_an_scp_needs_its_version_and_sids_are_not_given_twice():
    """Rules D3, I2."""
    one = {"Sid": "A", "Effect": "Allow", "Action": "*", "Resource": "*"}
    assert checks({"Statement": [one, one]}, "scp") == ["Missing version", "Duplicate Sid"]
    assert checks({"Version": "2012-10-17", "Statement": one}, "scp") == []
