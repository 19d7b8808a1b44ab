"""Who is an administrator under the guardrails that nearly every organization has."""

import json
from pathlib import Path

import pytest

from tests.accounts import (
    IAM,
    account_of,
    allow,
    attached,
    boundary,
    deny,
    details,
    document,
    group,
    inline,
    policy,
    report,
    role,
    user,
)

# Each denies something, and leaves this of an administrator who is a user, and of one who is a role.
GUARDRAILS = json.loads((Path(__file__).parent / "guardrails.json").read_text())


def of_user(statement):
    return details(users=[user("boss", **inline("User", "own", allow("*"), statement))])


def of_role(statement):
    return details(roles=[role("boss", **inline("Role", "own", allow("*"), statement))])


def of_group(statement):
    admins = group("admins", **inline("Group", "own", allow("*"), statement))
    return details(users=[user("boss", GroupList=["admins"])], groups=[admins])


def bounded(kind):
    def made(statement):
        policies = [policy("admin", allow("*")), policy("limit", allow("*"), statement)]
        boss = {"user": user, "role": role}[kind]("boss", **attached("admin"), **boundary("limit"))
        return details(**{f"{kind}s": [boss]}, policies=policies)

    return made


def below(kind):
    def made(statement):
        boss = {"user": user, "role": role}[kind]("boss", **attached("admin"))
        return details(**{f"{kind}s": [boss]}, policies=[policy("admin", allow("*"))])

    return made


LAYERS = [
    ("user", of_user, False),
    ("user", of_group, False),
    ("user", bounded("user"), False),
    ("user", below("user"), True),
    ("role", of_role, False),
    ("role", bounded("role"), False),
    ("role", below("role"), True),
]
NAMES = ("user", "group", "bounded user", "user under SCP", "role", "bounded role", "role under SCP")


@pytest.mark.parametrize("guardrail", GUARDRAILS, ids=lambda row: row["guardrail"])
@pytest.mark.parametrize(("kind", "made", "is_scp"), LAYERS, ids=NAMES)
def test_what_a_guardrail_leaves_of_an_administrator(guardrail, kind, made, is_scp):
    statement = guardrail["statement"]
    own = {"Name": "Own", "Content": document(allow("*"), statement)}
    sources = {"organization_policies": {"ServiceControlPolicies": [{"Target": "r-1", "Policies": [own]}]}}
    account = account_of(authorization_details=made(statement), **(sources if is_scp else {}))
    (boss,) = account.principals
    assert boss.administrator == guardrail[kind]


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (deny("iam:*", f"{IAM}:role/audit"), [f"iam:* on {IAM}:role/audit"]),
        (
            {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*", "Condition": {"Bool": {"a:b": "true"}}},
            ["all but s3:* if Bool a:b true"],
        ),
        (
            {"Effect": "Deny", "Action": "iam:Delete*", "NotResource": f"{IAM}:role/x"},
            [f"iam:Delete* on all but {IAM}:role/x"],
        ),
        (deny("s3:*"), []),
        (deny("*", Condition={"ArnEquals": {"aws:PrincipalArn": f"{IAM}:root"}}), []),
    ],
)
def test_what_a_deny_keeps_away_of_iam_is_said(statement, words):
    own = {"Name": "Own", "Content": document(allow("*"), statement)}
    scps = {"ServiceControlPolicies": [{"Target": "r-1", "Policies": [own]}]}
    account = account_of(authorization_details=below("user")(statement), organization_policies=scps)
    assert account.kept_away("boss") == [
        f"kept away: {each}, by SCP Own on r-1 Statement[1]" for each in words
    ]


# What a policy allows, and what it makes of its holder; `boundary` limits somebody who may do everything.
WHOLE = json.loads((Path(__file__).parent / "whole_types.json").read_text())


@pytest.mark.parametrize("case", WHOLE, ids=lambda case: case["case"])
def test_who_may_change_everything_of_iam_by_patterns_is_an_administrator(case):
    """Rules F3, F4, G1, G7: what matters is what the patterns cover, not that they are a bare star."""
    held = inline("User", "own", *case["allows"])
    full, limit = policy("admin", allow("*")), policy("limit", *case["allows"])
    users = [user("holder", **held), user("within", **attached("admin"), **boundary("limit"))]
    account = account_of(authorization_details=details(users=users, policies=[full, limit]))
    assert {p.name: p.administrator for p in account.principals} == {
        "holder": case["holder"],
        "within": case["within"],
    }


ALLOWS = [
    ({"Bool": {"aws:SecureTransport": "true"}}, "yes", "yes"),
    ({"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}, "no", "no"),
    ({"StringEqualsIfExists": {"iam:PassedToService": "ec2.amazonaws.com"}}, "perhaps", "perhaps"),
    ({"Null": {"aws:MultiFactorAuthPresent": "true"}}, "yes", "perhaps"),
    ({"Null": {"aws:TokenIssueTime": "true"}}, "yes", "no"),
    ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, "perhaps", "perhaps"),
    ({"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:00Z"}}, "perhaps", "yes"),
]


@pytest.mark.parametrize(("condition", "of_a_user", "of_a_role"), ALLOWS, ids=str)
def test_what_an_allow_of_iam_with_a_condition_makes(condition, of_a_user, of_a_role):
    """Rule H2: a key that the request lacks decides; the principal words what is its to choose."""
    account = account_of(
        authorization_details=details(
            users=[user("ann", **inline("User", "own", allow("iam:*", Condition=condition)))],
            roles=[role("app", **inline("Role", "own", allow("iam:*", Condition=condition)))],
        )
    )
    assert {p.name: p.administrator for p in account.principals} == {"ann": of_a_user, "app": of_a_role}
    (ann, _) = account.principals
    if "StringEquals" in condition:
        assert account.catalogue.names_of(ann.sets.possible) == ["iam:PassRole"]
        assert account.decide("ann", "iam:CreateUser", f"{IAM}:user/x").verdict == "implicit deny"
        assert account.decide("ann", "iam:PassRole", f"{IAM}:role/x").verdict == "depends"


@pytest.mark.parametrize(
    ("active", "enabled", "statement", "expected"),
    [
        ("true", "false", {"Bool": {"aws:MultiFactorAuthPresent": "false"}}, "yes"),
        ("false", "true", {"Bool": {"aws:MultiFactorAuthPresent": "false"}}, "perhaps"),
        ("false", "true", {"DateLessThan": {"aws:TokenIssueTime": "2026-01-01T00:00:00Z"}}, "yes"),
        ("true", "true", {"Null": {"aws:TokenIssueTime": "true"}}, "yes"),
        ("true", "false", {"Null": {"aws:TokenIssueTime": "true"}}, "perhaps"),
    ],
)
def test_the_credentials_of_a_user_decide_what_its_requests_carry(active, enabled, statement, expected):
    guarded = below("user")(None) | {
        "Policies": [policy("admin", allow("*"), deny("*", Condition=statement))]
    }
    row = {"user": "boss", "access_key_1_active": active, "password_enabled": enabled}
    known = report({"user": "<root_account>"}, row)
    (boss,) = account_of(authorization_details=guarded, credential_report=known).principals
    assert boss.administrator == expected
