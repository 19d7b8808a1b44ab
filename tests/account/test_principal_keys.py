"""What a principal surely has and lacks decides conditions in ``decide``, ``explain`` and ``who_can``."""

import pytest

import iamaudit
from tests.accounts import ACCOUNT, IAM, allow, details, inline, role, snapshot, user

ASKED = ("s3:GetObject", "arn:aws:s3:::home/ann/x")
ON = "arn:aws:s3:::home/*"
ROOT = f"{IAM}:root"


def verdicts(tmp_path, statement):
    """Return what a tagged user, an untagged one and a role with a tag hear when all hold one statement."""
    held = inline("User", "own", statement)
    account = details(
        users=[user("ann", Tags=[{"Key": "team", "Value": "x"}], **held), user("bob", **held)],
        roles=[role("app", Tags=[{"Key": "team", "Value": "x"}], **inline("Role", "own", statement))],
    )
    audit = iamaudit.open_snapshot(snapshot(tmp_path, authorization_details=account))
    found = {name: audit.decide(name, *ASKED).verdict for name in ("ann", "bob", "app")}
    allowed = dict(audit.who_can(*ASKED)[["principal_name", "verdict"]].to_numpy().tolist())
    denied = [name for name, verdict in found.items() if verdict not in allowed.values()]
    assert allowed == {"root": "allowed", **{n: v for n, v in found.items() if n not in denied}}
    return [found[name].split()[0] for name in ("ann", "bob", "app")]


YES, NO, OPEN = "allowed", "implicit", "depends"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringLike": {"aws:username": "*"}}, [YES, YES, NO]),
        ({"StringEquals": {"aws:username": "ann"}}, [YES, NO, NO]),
        ({"Null": {"aws:username": "true"}}, [NO, NO, YES]),
        ({"StringNotEquals": {"aws:username": "ann"}}, [NO, YES, YES]),
        ({"StringEquals": {"aws:PrincipalType": "User"}}, [YES, YES, NO]),
        ({"StringEquals": {"aws:PrincipalType": "AssumedRole"}}, [NO, NO, YES]),
        ({"StringEquals": {"aws:PrincipalTag/team": "x"}}, [YES, NO, YES]),
        ({"StringEquals": {"aws:PrincipalTag/team": "y"}}, [NO, NO, NO]),
        ({"Null": {"aws:PrincipalTag/team": "true"}}, [NO, YES, NO]),
        ({"Null": {"aws:PrincipalTag/other": "true"}}, [YES, YES, OPEN]),
        ({"StringEquals": {"aws:userid": "AIDAann"}}, [YES, NO, OPEN]),
        ({"Null": {"aws:userid": "true"}}, [NO, NO, NO]),
        ({"Bool": {"aws:PrincipalIsAWSService": "false"}}, [YES, YES, YES]),
        ({"Bool": {"aws:PrincipalIsAWSService": "true"}}, [NO, NO, NO]),
        ({"Null": {"aws:PrincipalServiceName": "false"}}, [NO, NO, NO]),
        ({"StringEquals": {"aws:SourceAccount": ACCOUNT}}, [NO, NO, NO]),
        ({"Null": {"aws:SourceArn": "true"}}, [YES, YES, YES]),
        ({"Null": {"aws:TokenIssueTime": "false"}}, [OPEN, OPEN, YES]),
        ({"DateGreaterThan": {"aws:TokenIssueTime": "2026-01-01"}}, [OPEN, OPEN, OPEN]),
        ({"Null": {"aws:SourceIdentity": "false"}}, [NO, NO, OPEN]),
        ({"StringEquals": {"aws:FederatedProvider": "x"}}, [NO, NO, OPEN]),
        ({"Null": {"ec2:SourceInstanceARN": "false"}}, [NO, NO, OPEN]),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, [OPEN, OPEN, OPEN]),
        ({"Bool": {"aws:ViaAWSService": "true"}}, [OPEN, OPEN, OPEN]),
        ({"ArnEquals": {"aws:PrincipalArn": f"{IAM}:role/app"}}, [NO, NO, YES]),
        ({"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}, [YES, YES, YES]),
    ],
    ids=str,
)
def test_a_condition_is_decided_by_what_the_principal_has_and_lacks(tmp_path, condition, expected):
    assert verdicts(tmp_path, allow("s3:GetObject", ON, Condition=condition)) == expected


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("arn:aws:s3:::home/${aws:username}/*", [YES, NO, NO]),
        ("arn:aws:s3:::other/${aws:username}/*", [NO, NO, NO]),
        ("arn:aws:s3:::home/${aws:PrincipalTag/home}/*", [NO, NO, OPEN]),
        ("arn:aws:s3:::other/${aws:PrincipalTag/home}/*", [NO, NO, NO]),
        ("arn:aws:s3:::home/${aws:PrincipalTag/home, 'ann'}/*", [YES, YES, OPEN]),
        ("arn:aws:s3:::home/${aws:userid}/*", [NO, NO, OPEN]),
        ("arn:aws:s3:::${aws:SourceAccount}/*", [NO, NO, NO]),
    ],
)
def test_a_variable_is_decided_by_what_the_principal_has_and_lacks(tmp_path, resource, expected):
    """Rule G6: without a value an entry matches nothing; unknown, it matches what it could."""
    assert verdicts(tmp_path, allow("s3:GetObject", resource)) == expected


def test_what_is_asked_with_comes_before_what_is_known(tmp_path):
    account = details(roles=[role("app", **inline("Role", "own", allow("s3:GetObject", ON, **OF_ANN)))])
    audit = iamaudit.open_snapshot(snapshot(tmp_path, authorization_details=account))
    assert audit.decide("app", *ASKED).verdict == "implicit deny"
    assert audit.decide("app", *ASKED, context={"aws:username": "ann"}).verdict == "allowed"


OF_ANN = {"Condition": {"StringEquals": {"aws:username": "ann"}}}


def test_root_is_known_by_its_account(tmp_path):
    audit = iamaudit.open_snapshot(snapshot(tmp_path, authorization_details=details()))
    root = audit.access.actors[ROOT]
    assert root.context == {
        "aws:PrincipalArn": ROOT,
        "aws:PrincipalAccount": ACCOUNT,
        "aws:PrincipalType": "Account",
        "aws:PrincipalIsAWSService": "false",
        "aws:userid": ACCOUNT,
    }
    assert not root.context_with({}).is_unknown("aws:username")
