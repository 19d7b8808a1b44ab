"""New users and roles that are given everything: their names are free, a Deny may still stop them."""

import pytest

from iamaudit.escalation import BLOCKED, CERTAIN, load_rules
from tests.accounts import IAM, allow, deny, group, inline, policy, user
from tests.escalation.accounts import opened, scp, verdicts
from tests.escalation.test_traps import holding

ROLE = load_rules()["iam-create-role-and-attach-role-policy"]
USER = load_rules()["iam-create-user-and-put-user-policy-and-create-access-key"]
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789_+=,.@-"
NEEDED = {rule.id: list(rule.permissions) for rule in (ROLE, USER)}


@pytest.mark.parametrize(
    ("rule", "policies", "found"),
    [
        (ROLE, [[allow(NEEDED[ROLE.id])]], {CERTAIN}),
        (ROLE, [[allow(NEEDED[ROLE.id], f"{IAM}:role/dev-*")]], {CERTAIN}),
        (
            ROLE,
            [[allow("iam:CreateRole", f"{IAM}:role/a*"), allow(NEEDED[ROLE.id][1], f"{IAM}:role/b*")]],
            {BLOCKED},
        ),
        (ROLE, [[allow(NEEDED[ROLE.id])], [deny("sts:AssumeRole")]], {BLOCKED}),
        (USER, [[allow(NEEDED[USER.id], f"{IAM}:user/x-*")]], {CERTAIN}),
        (USER, [[allow(NEEDED[USER.id], f"{IAM}:user/boss")]], {BLOCKED}),  # who is there already
    ],
)
def test_who_may_make_a_principal_of_any_name_makes_an_administrator(tmp_path, rule, policies, found):
    assert verdicts(opened(tmp_path, holding(*policies, roles=[])), rule) == found


@pytest.mark.parametrize(
    ("pattern", "taken", "found"),
    [
        ("dev-*", ["dev-"], CERTAIN),
        ("dev-*", ["dev-", "dev-x", "dev-xx"], CERTAIN),
        ("*-dev", ["-dev"], CERTAIN),
        ("dev-?", ["dev-x"], CERTAIN),
        ("dev-?", [f"dev-{letter}" for letter in LETTERS[1:]], CERTAIN),
        ("dev-?", [f"dev-{letter}" for letter in LETTERS], BLOCKED),
        ("dev", ["dev"], BLOCKED),
    ],
)
def test_a_name_that_is_taken_leaves_the_others_that_a_pattern_allows(tmp_path, pattern, taken, found):
    policies = [allow(NEEDED[USER.id], f"{IAM}:user/{pattern}")]
    account = holding(policies, users=[user(name) for name in taken], roles=[])
    assert verdicts(opened(tmp_path, account), USER) == {found}


def test_an_organization_that_denies_all_of_iam_lets_no_new_user_administer(tmp_path):
    account = holding([allow(NEEDED[USER.id])], roles=[])
    above = scp(deny(["iam:Attach*", "iam:Put*Policy", "iam:CreatePolicyVersion"]))
    assert verdicts(opened(tmp_path, account, organization_policies=above), USER) == {BLOCKED}


@pytest.mark.parametrize("rule", [ROLE, USER], ids=["role", "user"])
def test_a_new_principal_is_not_whom_a_guardrail_is_about(tmp_path, rule):
    account = holding([allow(NEEDED[rule.id])], roles=[])
    for_root = deny("*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}})
    for_services = deny("*", Condition={"Bool": {"aws:PrincipalIsAWSService": "true"}})
    above = scp(for_root, for_services)
    assert verdicts(opened(tmp_path, account, organization_policies=above), rule) == {CERTAIN}


def test_a_group_makes_an_administrator_of_whom_a_guardrail_is_not_about(tmp_path):
    join = load_rules()["iam-add-user-to-group"]
    admins = group("admins", **inline("Group", "all", allow("*")))
    account = holding([allow(list(join.permissions))], groups=[admins], roles=[])
    for_all_but_ann = deny("iam:*", Condition={"ArnNotEquals": {"aws:PrincipalArn": f"{IAM}:user/ann"}})
    assert verdicts(opened(tmp_path, account, organization_policies=scp(for_all_but_ann)), join) == {CERTAIN}


def asks(key, value):
    return {"Condition": {"ArnEquals": {key: value}}}


NARROW, WIDE = f"{IAM}:policy/narrow", f"{IAM}:policy/wide"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
CREATES, GRANTS = "iam:CreateRole", "iam:AttachRolePolicy"


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        ([allow([CREATES, GRANTS], **asks("iam:PermissionsBoundary", NARROW))], BLOCKED),
        ([allow([CREATES, GRANTS], **asks("iam:PermissionsBoundary", WIDE))], CERTAIN),
        ([allow(CREATES, **asks("iam:PermissionsBoundary", NARROW)), allow(GRANTS)], BLOCKED),
        ([allow(CREATES), allow(GRANTS, **asks("iam:PermissionsBoundary", NARROW))], BLOCKED),
        ([allow(CREATES), allow(GRANTS, **asks("iam:PolicyARN", READ_ONLY))], BLOCKED),
        ([allow(CREATES), allow(GRANTS, **asks("iam:PolicyARN", WIDE))], CERTAIN),
        ([allow([CREATES, GRANTS]), deny(CREATES, **asks("iam:PermissionsBoundary", NARROW))], CERTAIN),
        (
            [
                allow([CREATES, GRANTS]),
                deny(CREATES, Condition={"StringNotEquals": {"iam:PermissionsBoundary": NARROW}}),
            ],
            BLOCKED,
        ),
    ],
)
def test_who_must_set_a_boundary_makes_an_administrator_only_within_a_wide_one(tmp_path, statements, found):
    account = holding(statements, roles=[])
    account["Policies"] += [policy("narrow", allow("s3:*")), policy("wide", allow("*"))]
    escalation = opened(tmp_path, account)
    assert verdicts(escalation, ROLE) == {found}
    steps = [path.steps[0] for path in escalation.paths if path.principal == f"{IAM}:user/ann"]
    for step in steps:
        assert {decision.verdict for decision in escalation.decisions(step).values()} == {"allowed"}
