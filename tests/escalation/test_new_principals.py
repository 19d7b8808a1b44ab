"""New users and roles that are given everything: their names are free, a Deny may still stop them."""

import pytest

from iamaudit.escalation import BLOCKED, CERTAIN, load_rules
from tests.accounts import IAM, allow, deny, group, inline, policy, role, user
from tests.escalation.accounts import ADMINISTRATOR, opened, scp, verdicts, ways_of
from tests.escalation.test_traps import RUNS, holding

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


RUNS_LAMBDA = role("runner", AssumeRolePolicyDocument=RUNS, **ADMINISTRATOR)
SERVICES = [rule for rule in load_rules().values() if "iam-create-role" in rule.id and "pass-role" in rule.id]
PASSED = {"lambda": "lambda.amazonaws.com", "cloudformation": "cloudformation.amazonaws.com"}


@pytest.mark.parametrize("rule", SERVICES, ids=lambda rule: rule.id)
def test_a_new_role_goes_to_a_service_where_nobody_may_assume_it(tmp_path, rule):
    needed = list(rule.permissions)
    service = next((name for key, name in PASSED.items() if f"-{key}-" in rule.id), "ec2.amazonaws.com")
    to = {"StringEquals": {"iam:PassedToService": service}}
    other = {"StringEquals": {"iam:PassedToService": "glue.amazonaws.com"}}
    no_assuming, rest = deny("sts:AssumeRole"), [each for each in needed if each != "iam:PassRole"]
    others = [f"{IAM}:instance-profile/*", *(f"arn:aws:{s}:*" for s in ("lambda", "ec2", "cloudformation"))]
    cases = [
        ([allow(needed), no_assuming], {CERTAIN}),
        ([allow(needed, [f"{IAM}:role/dev-*", *others]), no_assuming], {CERTAIN}),
        ([allow(rest), allow("iam:PassRole", Condition=to), no_assuming], {CERTAIN}),
        ([allow(rest), allow("iam:PassRole", Condition=other), no_assuming], {BLOCKED}),
        ([allow(rest), allow("iam:PassRole", f"{IAM}:role/ci"), no_assuming], {CERTAIN}),
        ([allow(rest, [f"{IAM}:role/a*", *others]), allow("iam:PassRole", f"{IAM}:role/b*")], {BLOCKED}),
        ([allow(needed), deny("iam:PassRole")], {BLOCKED}),
        ([allow(needed), deny(needed[-1])], {BLOCKED}),
        ([allow(rest)], set()),
    ]
    for number, (statements, found) in enumerate(cases):
        escalation = opened(tmp_path / str(number), holding(statements, roles=[]))
        assert verdicts(escalation, rule) == found, number
        if found == {CERTAIN}:
            path = escalation.graph.paths()[f"{IAM}:user/ann"]
            shown = "; ".join(escalation.statements(path.steps[0]))
            assert (path.verdict, "Statement[0]" in shown) == (CERTAIN, True)


def test_what_was_not_tried_is_said_where_nothing_was_found(tmp_path):
    """A bound is no silence: who makes `a1-*` and attaches to `b1-*` only was looked at in part."""
    making = [allow("iam:CreateRole", [f"{IAM}:role/a{n}-*" for n in range(9)])]
    giving = [allow(NEEDED[ROLE.id][1], [f"{IAM}:role/b{n}-*" for n in range(9)])]
    (way,) = ways_of(opened(tmp_path / "names", holding(making, giving, roles=[])), ROLE)
    assert way.verdict == BLOCKED
    assert way.blocker.endswith("; 64 of 81 combinations of names were tried")
    few = [allow(NEEDED[ROLE.id][1], f"{IAM}:role/b-*")]
    (way,) = ways_of(opened(tmp_path / "few", holding(making, few, roles=[])), ROLE)
    assert "tried" not in way.blocker
    stack = load_rules()["pass-role-lambda-create-function-and-invoke-function"]
    regions = [f"arn:aws:lambda:r{n}-west-1:*:function:x" for n in range(9)]
    create, invoke = list(stack.permissions)[1:3]
    held = [allow("iam:PassRole"), allow(create, regions), allow(invoke, "arn:aws:lambda:*:*:function:y")]
    (way,) = ways_of(opened(tmp_path / "regions", holding(held, roles=[RUNS_LAMBDA])), stack)
    assert way.blocker.endswith("; 8 of the 9 Regions that statements name were tried")
