"""What a principal surely has and lacks decides conditions in ``decide``, ``explain`` and ``who_can``."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
        ({"StringEquals": {"aws:userid": "AIDAann"}}, [YES, NO, NO]),
        ({"StringEquals": {"aws:userid": "AROAapp:me"}}, [NO, NO, OPEN]),
        ({"StringLike": {"aws:userid": "AROAapp:*"}}, [NO, NO, YES]),
        ({"StringNotLike": {"aws:userid": ["AROAapp:*", "x"]}}, [YES, YES, NO]),
        ({"StringNotLike": {"aws:userid": "AROAapp:admin-*"}}, [YES, YES, OPEN]),
        ({"StringLike": {"aws:userid": "AROA*:admin"}}, [NO, NO, OPEN]),
        ({"StringLike": {"aws:userid": "*"}}, [YES, YES, YES]),
        ({"StringLike": {"aws:userid": "${aws:username}"}}, [NO, NO, NO]),
        ({"StringLike": {"aws:userid": "${aws:PrincipalTag/home}"}}, [NO, NO, OPEN]),
        ({"ForAnyValue:StringLike": {"aws:userid": "AROAother:*"}}, [NO, NO, NO]),
        ({"StringEqualsIfExists": {"aws:userid": "AROAapp:"}}, [NO, NO, NO]),
        ({"Null": {"aws:userid": "true"}}, [NO, NO, NO]),
        ({"Bool": {"aws:PrincipalIsAWSService": "false"}}, [YES, YES, YES]),
        ({"Bool": {"aws:PrincipalIsAWSService": "true"}}, [NO, NO, NO]),
        ({"Null": {"aws:PrincipalServiceName": "false"}}, [NO, NO, NO]),
        ({"StringEquals": {"aws:SourceAccount": ACCOUNT}}, [NO, NO, NO]),
        ({"Null": {"aws:SourceArn": "true"}}, [YES, YES, YES]),
        ({"Null": {"aws:TokenIssueTime": "false"}}, [OPEN, OPEN, YES]),
        ({"DateGreaterThan": {"aws:TokenIssueTime": "2026-01-01"}}, [OPEN, OPEN, OPEN]),
        ({"DateLessThan": {"aws:CurrentTime": "2026-01-01"}}, [NO, NO, NO]),
        ({"DateGreaterThan": {"aws:CurrentTime": "2026-01-01"}}, [YES, YES, YES]),
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


CONDITIONS = st.sampled_from(
    [
        *({}, {}, {"StringEquals": {"aws:username": "ann"}}, {"Null": {"aws:username": "true"}}),
        *({"StringNotEquals": {"aws:PrincipalTag/team": "x"}}, {"Bool": {"aws:SecureTransport": "true"}}),
        *({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, {"Null": {"aws:SourceArn": "true"}}),
        *(
            {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}},
            {"StringLike": {"aws:userid": "AIDAann"}},
        ),
        *(
            {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
            {"StringNotEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}},
            {"StringLike": {"s3:prefix": "*"}},
        ),
        *(
            {"StringEquals": {"aws:PrincipalType": "User"}},
            {"DateLessThan": {"aws:CurrentTime": "2026-01-01"}},
        ),
    ]
)
STATEMENTS = st.lists(
    st.builds(
        lambda effect, action, resource, condition: {
            "Effect": effect,
            "Action": action,
            "Resource": resource,
            **({"Condition": condition} if condition else {}),
        },
        st.sampled_from(["Allow", "Allow", "Allow", "Deny"]),
        st.sampled_from(["*", "s3:*", "iam:*", "iam:PassRole", "ec2:StartInstances", "sts:*"]),
        st.sampled_from(
            ["*", "*", "*", "arn:aws:s3:::home/*", f"{IAM}:*/${{aws:username}}", "arn:aws:ec2:*"]
        ),
        CONDITIONS,
    ),
    min_size=1,
    max_size=4,
)
REQUESTS = (
    ASKED,
    ("iam:CreateUser", f"{IAM}:user/x"),
    ("iam:PassRole", f"{IAM}:role/x"),
    ("ec2:StartInstances", f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1"),
    ("s3:ListAllMyBuckets", "*"),
)


@settings(max_examples=40, deadline=None)
@given(STATEMENTS)
def test_the_sets_of_a_principal_and_decisions_about_it_agree(tmp_path_factory, statements):
    """Whatever is allowed is possible, and whatever is certain is allowed, with what is known of who asks."""
    account = details(
        users=[user("ann", Tags=[{"Key": "team", "Value": "x"}], **inline("User", "own", *statements))],
        roles=[role("app", **inline("Role", "own", *statements))],
    )
    audit = iamaudit.open_snapshot(snapshot(tmp_path_factory.mktemp("a"), authorization_details=account))
    for principal in audit.principals:
        for action, resource in REQUESTS:
            bit = audit.catalogue.expand_pattern(action)
            verdict = audit.decide(principal.arn, action, resource).verdict
            assert verdict != "allowed" or principal.sets.possible & bit, (principal.name, action)
            assert not principal.sets.certain & bit or verdict == "allowed", (principal.name, action)


TLS = {"Bool": {"aws:SecureTransport": "true"}}
US = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}


@pytest.mark.parametrize(
    ("action", "resource", "condition", "verdict"),
    [
        ("iam:CreateUser", f"{IAM}:user/x", US, "allowed"),
        (
            "iam:CreateUser",
            f"{IAM}:user/x",
            {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
            "implicit deny",
        ),
        ("iam:CreateUser", f"{IAM}:user/x", TLS, "allowed"),
        ("iam:PassRole", f"{IAM}:role/x", US, "depends"),
        ("ec2:StartInstances", f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1", US, "depends"),
    ],
)
def test_iam_is_asked_in_one_region_and_over_tls(tmp_path, action, resource, condition, verdict):
    account = details(users=[user("ann", **inline("User", "own", allow(action, Condition=condition)))])
    audit = iamaudit.open_snapshot(snapshot(tmp_path, authorization_details=account))
    assert audit.decide("ann", action, resource).verdict == verdict
    bit = audit.catalogue.expand_pattern(action)
    assert bool(audit.principals[0].sets.certain & bit) is (verdict == "allowed")
