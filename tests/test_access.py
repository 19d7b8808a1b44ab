import pytest

import iamaudit
from iamaudit.access import parse_context
from iamaudit.errors import ParameterError
from tests.accounts import (
    IAM,
    allow,
    attached,
    boundary,
    deny,
    details,
    document,
    group,
    inline,
    policy,
    role,
    snapshot,
    user,
)

CAVEAT = "not looked at: policies of the resource, SCPs, RCPs and session policies"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
TRUST = document({"Effect": "Allow", "Principal": {"AWS": f"{IAM}:root"}, "Action": "sts:AssumeRole"})


@pytest.fixture(scope="module")
def audit(tmp_path_factory):
    data = details(
        users=[
            user("ann", GroupList=["dev"], Tags=[{"Key": "team", "Value": "x"}], **attached("read")),
            user("bob", **attached("read"), **boundary("limit")),
            user("eve", **attached("gone", "read")),
            user("app", **inline("User", "own", allow("sts:AssumeRole", f"{IAM}:role/*"))),
            user("kim", **inline("User", "own", allow("kms:Decrypt"))),
        ],
        groups=[group("dev", **inline("Group", "no", deny("s3:*", "arn:aws:s3:::secret/*", Sid="Secret")))],
        roles=[role("app", AssumeRolePolicyDocument=TRUST, **attached("mfa")), role("ec2")],
        policies=[
            policy("read", allow("s3:GetObject", Sid="Read")),
            policy("limit", allow("sqs:*")),
            policy("mfa", allow("s3:GetObject", Condition=MFA)),
            policy("home", allow("s3:PutObject", "arn:aws:s3:::home/${aws:username}/*")),
        ],
    )
    return iamaudit.open_snapshot(snapshot(tmp_path_factory.mktemp("access"), authorization_details=data))


@pytest.mark.parametrize(
    ("principal", "action", "resource", "lines"),
    [
        (
            "ann",
            "s3:GetObject",
            "arn:aws:s3:::example/x",
            ["allowed", f"allowed by {IAM}:policy/read Statement[0] (Read), Allow"],
        ),
        (
            f"{IAM}:user/ann",
            "s3:GetObject",
            "arn:aws:s3:::secret/x",
            ["explicit deny", f"denied by {IAM}:group/dev#no Statement[0] (Secret), Deny"],
        ),
        (
            "user/bob",
            "s3:GetObject",
            "arn:aws:s3:::example/x",
            ["implicit deny", "nothing in the permissions boundary allows it"],
        ),
        (
            "ann",
            "s3:PutObject",
            "arn:aws:s3:::example/x",
            ["implicit deny", "nothing in the identity policies allows it"],
        ),
        (
            "role/app",
            "s3:GetObject",
            "arn:aws:s3:::example/x",
            [
                "depends",
                f"depends on {IAM}:policy/mfa Statement[0], Allow: Bool aws:MultiFactorAuthPresent true",
            ],
        ),
        (
            "eve",
            "s3:GetObject",
            "arn:aws:s3:::example/x",
            ["depends", f"depends on {IAM}:policy/gone, which was not collected"],
        ),
        (
            "user/app",
            "sts:AssumeRole",
            "arn:aws:iam::444455556666:role/x",
            [
                "depends",
                "depends on the trust policy of arn:aws:iam::444455556666:role/x, which was not collected",
            ],
        ),
        (
            "user/app",
            "sts:AssumeRole",
            f"{IAM}:role/ec2",
            ["implicit deny", "nothing in the trust policy allows it"],
        ),
        (
            "kim",
            "kms:Decrypt",
            "arn:aws:kms:eu-west-1:111122223333:key/1",
            [
                "depends",
                "depends on the key policy of arn:aws:kms:eu-west-1:111122223333:key/1, "
                "which was not collected",
            ],
        ),
    ],
)
def test_a_decision_is_explained(audit, principal, action, resource, lines):
    assert audit.explain(principal, action, resource) == [*lines, CAVEAT]


def test_trust_and_identity_together_allow_to_assume_a_role(audit):
    lines = audit.explain("user/app", "sts:AssumeRole", f"{IAM}:role/app")
    assert lines[0] == "allowed"
    assert {line.split()[2] for line in lines[1:3]} == {f"{IAM}:user/app#own", f"{IAM}:role/app@trust"}


def test_context_that_is_given_decides(audit):
    asked = ("role/app", "s3:GetObject", "arn:aws:s3:::example/x")
    assert audit.decide(*asked, context={"aws:MultiFactorAuthPresent": "true"}).verdict == "allowed"
    assert audit.decide(*asked, context={"aws:multifactorauthpresent": "false"}).verdict == "implicit deny"


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (("nobody", "s3:GetObject"), "`nobody` is no user or role"),
        (("app", "s3:GetObject"), "`app` names user/app and role/app: say which"),
        (("ann", "s3"), "`s3` is no action"),
        (("ann", "s3:Get*"), "`s3:Get*` is no action"),
        (("ann", "s3:GetObject", "example"), "`example` is no resource"),
    ],
)
def test_a_question_that_cannot_be_asked_is_one_line(audit, question, words):
    with pytest.raises(ParameterError) as caught:
        audit.explain(*question)
    assert words in str(caught.value)


def test_context_is_read_as_pairs():
    assert parse_context(["aws:SourceIp=10.0.0.1", "a:b=c=d"]) == {"aws:SourceIp": "10.0.0.1", "a:b": "c=d"}
    for pair in ("aws:SourceIp", "ip=1"):
        with pytest.raises(ParameterError, match="is no context key"):
            parse_context([pair])


def test_the_practice_exercise_of_the_demo_account():
    """The reader lists its bucket and is refused on another."""
    audit = iamaudit.open_snapshot()
    asked = ("test-reader", "s3:ListBucket")
    assert audit.decide(*asked, "arn:aws:s3:::example-test-reports").verdict == "allowed"
    assert audit.decide(*asked, "arn:aws:s3:::example-payroll").verdict == "implicit deny"
