"""A group that is given any policy and joined, an older version for others, a boundary that is taken off."""

import pytest

from iamaudit.escalation import BLOCKED, CERTAIN, load_rules
from iamaudit.escalation.combined import combine
from tests.accounts import IAM, allow, attached, boundary, deny, details, group, inline, policy, role, user
from tests.escalation.accounts import ADMIN, ADMINISTRATOR, opened, targets, verdicts, ways_of
from tests.escalation.test_traps import older

RULES = load_rules()
PUT_AND_JOIN = RULES["iam-put-group-policy-and-add-user-to-group"]
SET_BACK = combine("iam-set-default-policy-version", "iam-create-access-key", None)
FREE_AND_GIVE = combine(
    "iam-delete-user-permissions-boundary-and-put-user-policy", "iam-create-access-key", None
)
PUT, ADD = "iam:PutGroupPolicy", "iam:AddUserToGroup"


def ann_with(*statements, users=(), groups=(), policies=(), **fields):
    ann = user("ann", **inline("User", "own", *statements), **fields)
    return details(users=[ann, *users], groups=groups, policies=[ADMIN, *policies])


@pytest.mark.parametrize(
    ("statements", "groups", "found"),
    [
        ([allow([PUT, ADD])], ["empty"], {CERTAIN}),
        ([allow(PUT, f"{IAM}:group/a*"), allow(ADD, f"{IAM}:group/*b")], ["ab", "x"], {CERTAIN, BLOCKED}),
        ([allow(PUT, f"{IAM}:group/a"), allow(ADD, f"{IAM}:group/b")], ["a", "b"], {BLOCKED}),
        ([allow([PUT, ADD]), deny(ADD, f"{IAM}:group/a")], ["a"], {BLOCKED}),
        ([allow([PUT, ADD]), deny(["iam:Create*", "iam:P*", "iam:At*"], f"{IAM}:role/x")], ["a"], {CERTAIN}),
        ([allow([PUT, ADD])], [], set()),
    ],
)
def test_a_group_is_given_a_policy_and_then_joined(tmp_path, statements, groups, found):
    escalation = opened(tmp_path, ann_with(*statements, groups=[group(name) for name in groups]))
    assert {way.verdict for way in ways_of(escalation, PUT_AND_JOIN)} == found


def test_the_group_that_one_is_in_needs_no_joining(tmp_path):
    account = ann_with(allow([PUT, ADD]), groups=[group("own")], GroupList=["own"])
    escalation = opened(tmp_path, account)
    assert ways_of(escalation, PUT_AND_JOIN) == []
    assert verdicts(escalation, RULES["iam-put-group-policy"]) == {CERTAIN}


@pytest.mark.parametrize(
    ("before", "allowed_on", "found"),
    [
        (allow("*"), "*", {CERTAIN}),
        (allow("*"), f"{IAM}:policy/theirs", {CERTAIN}),
        (allow("*"), f"{IAM}:policy/another", set()),
        (allow("s3:*"), "*", set()),
        (allow("iam:Get*"), "*", set()),
    ],
)
def test_an_older_version_makes_an_administrator_of_another_one(tmp_path, before, allowed_on, found):
    own = [allow("iam:SetDefaultPolicyVersion", allowed_on), allow("iam:CreateAccessKey")]
    theirs = older("theirs", allow("s3:GetObject"), before)
    bob = user("bob", **attached("theirs"))
    escalation = opened(tmp_path, ann_with(*own, users=[bob], policies=[theirs]))
    assert verdicts(escalation, SET_BACK) - {BLOCKED} == found
    assert targets(escalation, SET_BACK) == ({"bob"} if found else set())
    if found:
        (path,) = escalation.paths
        assert {d.verdict for d in escalation.decisions(path.steps[0]).values()} == {"allowed"}


def test_an_older_version_of_the_boundary_frees_another_one(tmp_path):
    own = [allow(["iam:SetDefaultPolicyVersion", "iam:CreateAccessKey"])]
    limit = older("limit", allow("s3:*"), allow("*"))
    boss = user("boss", **ADMINISTRATOR, **boundary("limit"))
    escalation = opened(tmp_path, ann_with(*own, users=[boss], policies=[limit]))
    assert verdicts(escalation, SET_BACK) == {CERTAIN}


@pytest.mark.parametrize(
    ("limits", "statements", "found"),
    [
        (boundary("limit"), [], {CERTAIN}),
        ({}, [], set()),  # then the policy alone is enough
        (boundary("limit"), [deny("iam:*")], set()),
    ],
)
def test_a_boundary_of_another_one_is_taken_off_and_a_policy_given(tmp_path, limits, statements, found):
    target = user("target", **limits, **(inline("User", "guard", *statements) if statements else {}))
    own = [allow(list(FREE_AND_GIVE.permissions))]
    account = ann_with(*own, users=[target], policies=[policy("limit", allow("s3:*"))])
    assert verdicts(opened(tmp_path, account), FREE_AND_GIVE) == found


def test_without_the_boundary_the_next_permission_is_not_limited(tmp_path):
    rule = RULES["iam-delete-own-user-permissions-boundary-and-put-user-policy"]
    limit = policy("limit", allow("iam:DeleteUserPermissionsBoundary"))
    account = ann_with(
        allow("iam:*Boundary"), allow("iam:PutUserPolicy"), policies=[limit], **boundary("limit")
    )
    escalation = opened(tmp_path, account)
    assert verdicts(escalation, rule) == {CERTAIN}
    (path,) = escalation.paths
    assert {d.verdict for d in escalation.decisions(path.steps[0]).values()} == {"allowed"}


def test_a_role_joins_no_group(tmp_path):
    held = inline("Role", "own", allow([PUT, ADD, "iam:CreateGroup"]))
    account = details(roles=[role("ann", **held)], groups=[group("empty")])
    found = {way.rule.id for way in opened(tmp_path, account).ways_of("ann") if way.verdict != BLOCKED}
    assert found == set()
