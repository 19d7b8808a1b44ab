"""Groups and older versions of policies that make no administrator, and open the next step to one."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iamaudit.escalation import BLOCKED, CERTAIN, CONDITIONAL
from iamaudit.escalation.explained import explain_paths
from iamaudit.escalation.way import LEVELS
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
    user,
)
from tests.escalation.accounts import ADMIN, ADMINISTRATOR, audited, opened, scp, trust, trust_account
from tests.escalation.test_traps import CREATE, RUNS

LIVE = "needs a live resource"
JOIN, SET = "iam:AddUserToGroup", "iam:SetDefaultPolicyVersion"
MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
ASSUME = allow("sts:AssumeRole", f"{IAM}:role/boss")
ROLES = [
    role("boss", AssumeRolePolicyDocument=trust_account(), **ADMINISTRATOR),
    role("runner", AssumeRolePolicyDocument=RUNS, **ADMINISTRATOR),
]


def account(own, of_group, *, roles=ROLES, policies=(), joined=(), **fields):
    """Return an account with a group that allows something and a user who holds something else."""
    ann = user("ann", **inline("User", "own", *own), GroupList=list(joined), **fields)
    ops = group("ops", **inline("Group", "of-ops", *of_group))
    return details(users=[ann], groups=[ops], roles=roles, policies=[ADMIN, *policies])


def path_of(escalation):
    return escalation.graph.paths().get(f"{IAM}:user/ann")


@pytest.mark.parametrize(
    ("own", "of_group", "found"),
    [
        ([allow(JOIN)], [ASSUME], CERTAIN),
        ([allow(JOIN, f"{IAM}:group/ops")], [ASSUME], CERTAIN),
        ([allow(JOIN, f"{IAM}:group/o?s")], [ASSUME], CERTAIN),
        ([allow(JOIN, f"{IAM}:group/other")], [ASSUME], None),
        ([allow(JOIN, **MFA)], [ASSUME], CONDITIONAL),
        ([allow(JOIN)], [{**ASSUME, **MFA}], CONDITIONAL),
        ([allow(JOIN), deny("sts:AssumeRole")], [ASSUME], None),
        ([allow(JOIN), deny(JOIN, f"{IAM}:group/ops")], [ASSUME], None),
        ([allow(JOIN)], [allow("sts:AssumeRole", f"{IAM}:role/other")], None),
        ([allow(JOIN)], [allow(["iam:PassRole", *CREATE])], CERTAIN),
        ([allow([JOIN, "iam:PassRole"])], [allow(CREATE)], CERTAIN),  # only together
        ([allow([JOIN, *CREATE])], [allow("iam:PassRole", f"{IAM}:role/runner")], CERTAIN),
        ([allow(JOIN)], [allow("lambda:UpdateFunctionCode")], LIVE),
        ([allow(JOIN)], [allow("iam:AttachUserPolicy", f"{IAM}:user/${{aws:username}}")], CERTAIN),
        ([allow(JOIN)], [allow("iam:PutUserPolicy"), deny("iam:*", f"{IAM}:user/ann")], None),
        ([allow(JOIN)], [allow("s3:*")], None),
        ([allow(JOIN), deny("iam:*")], [ASSUME], None),
    ],
)
def test_a_group_opens_the_next_step_as_far_as_every_limit_lets_it(tmp_path, own, of_group, found):
    path = path_of(opened(tmp_path, account(own, of_group)))
    assert (path and path.verdict) == found


def test_a_boundary_and_an_scp_limit_what_a_group_opens(tmp_path):
    limit = policy("limit", allow([JOIN, "s3:*"]))
    bounded = account([allow(JOIN)], [ASSUME], policies=[limit], **boundary("limit"))
    assert path_of(opened(tmp_path / "1", bounded)) is None
    wide = policy("limit", allow([JOIN, "sts:*"]))
    bounded = account([allow(JOIN)], [ASSUME], policies=[wide], **boundary("limit"))
    assert path_of(opened(tmp_path / "2", bounded)).verdict == CERTAIN
    above = scp(deny("sts:AssumeRole"))
    free = account([allow(JOIN)], [ASSUME])
    assert path_of(opened(tmp_path / "3", free, organization_policies=above)) is None


def test_a_role_that_trusts_somebody_else_is_not_opened_and_roles_join_no_group(tmp_path):
    far = [role("boss", AssumeRolePolicyDocument=trust(f"{IAM}:user/bob"), **ADMINISTRATOR)]
    assert path_of(opened(tmp_path / "1", account([allow(JOIN)], [ASSUME], roles=far))) is None
    held = role("app", **inline("Role", "own", allow(JOIN)))
    found = opened(tmp_path / "2", account([allow("s3:*")], [ASSUME], roles=[*ROLES, held]))
    assert found.graph.paths() == {}


def test_a_group_whose_policy_was_not_collected_is_no_sure_step(tmp_path):
    made = account([allow(JOIN)], [ASSUME])
    made["GroupDetailList"][0] |= attached("gone")
    assert path_of(opened(tmp_path, made)).verdict == CONDITIONAL


def test_a_path_names_the_group_and_the_statements_of_both(tmp_path):
    audit = audited(tmp_path, account([allow(JOIN)], [ASSUME]))
    (row,) = audit.escalation_paths.to_dict("records")
    assert row["path"] == (
        "user/ann → role/boss (iam:AddUserToGroup, sts:AssumeRole by way of group/ops), an administrator"
    )
    assert row["rules"] == [f"iam-add-user-to-group {IAM}:group/ops then sts-assume-role"]
    (step,) = explain_paths(audit.escalation, "ann").paths[0].steps
    assert step.statements == (
        f"{IAM}:user/ann#own Statement[0]",
        f"{IAM}:group/ops#of-ops Statement[0]",
        f"{IAM}:role/boss@trust Statement[0]",
    )
    assert list(audit.escalation_ways.verdict) == [CERTAIN]


def test_the_statement_that_ends_the_path_of_a_group_is_a_choke_point(tmp_path):
    bob = user("bob", **inline("User", "own", allow(JOIN)))
    made = account([allow(JOIN)], [ASSUME])
    made["UserDetailList"].append(bob)
    search = opened(tmp_path, made).choke_points
    first = search.points[0]
    assert sum(first.before.values()) == 2
    assert (first.after[CERTAIN], len(first.cut)) == (0, 2)


def with_versions(*older, default=None, own=(SET,), **fields):
    """Return an account with a policy that has older versions, and a user who holds it."""
    held = policy("held", *(default or [allow("s3:*")]))
    held["PolicyVersionList"] = held["PolicyVersionList"][1:]
    for number, statements in enumerate(older, start=1):
        older_one = {"VersionId": f"old{number}", "IsDefaultVersion": False}
        held["PolicyVersionList"].append({**older_one, "Document": document(*statements)})
    ann = user("ann", **inline("User", "own", allow(list(own))), **attached("held"), **fields)
    return details(users=[ann], roles=ROLES, policies=[ADMIN, held])


@pytest.mark.parametrize(
    ("made", "found"),
    [
        (with_versions([ASSUME]), CERTAIN),
        (with_versions([allow("s3:Get*")], [allow(["iam:PassRole", *CREATE])]), CERTAIN),
        (with_versions([allow(CREATE)], own=(SET, "iam:PassRole")), CERTAIN),
        (with_versions([allow("s3:Get*")]), None),
        (with_versions([ASSUME], own=("iam:ListPolicies",)), None),
        (with_versions([ASSUME, deny("sts:*")]), None),
        (with_versions([ASSUME], default=[deny("sts:AssumeRole")]), CERTAIN),  # and the Deny is gone
        (with_versions([ASSUME], default=[deny(SET)]), None),
        (with_versions([{**ASSUME, **MFA}]), CONDITIONAL),
    ],
)
def test_an_older_version_opens_the_next_step(tmp_path, made, found):
    path = path_of(opened(tmp_path, made))
    assert (path and path.verdict) == found
    if found:
        assert path.steps[0].way.rule.via == f"{IAM}:policy/held"


def test_a_boundary_set_back_to_an_older_version_opens_what_it_kept_away(tmp_path):
    made = with_versions([allow([SET, "sts:*"])], default=[allow(SET)], own=(SET, "sts:AssumeRole"))
    ann = made["UserDetailList"][0]
    ann |= {"AttachedManagedPolicies": [], **boundary("held")}
    assert path_of(opened(tmp_path, made)).verdict == CERTAIN


STATEMENTS = st.lists(
    st.sampled_from(
        [
            *(ASSUME, {**ASSUME, **MFA}, deny("sts:AssumeRole"), deny("iam:PassRole", f"{IAM}:role/runner")),
            *(allow("iam:PassRole"), allow(CREATE), allow(["iam:PassRole", *CREATE]), deny(CREATE[0])),
            *(allow("iam:PutUserPolicy"), allow("iam:AttachUserPolicy", f"{IAM}:user/${{aws:username}}")),
            *(deny("iam:Put*", f"{IAM}:user/*"), allow("s3:*"), allow("lambda:UpdateFunctionCode")),
            *(allow("iam:AttachRolePolicy"), allow("sts:AssumeRole"), allow("iam:CreateAccessKey")),
        ]
    ),
    max_size=3,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(own=STATEMENTS, of_group=STATEMENTS)
def test_who_may_join_a_group_comes_as_far_as_a_member_or_as_alone(tmp_path_factory, own, of_group):
    """The short way against the slow one: the same account in which the user is a member already."""
    folder, may_join = tmp_path_factory.mktemp("law"), allow(JOIN, f"{IAM}:group/ops")
    outside = opened(folder / "outside", account([may_join, *own], of_group))
    member = opened(folder / "member", account([may_join, *own], of_group, joined=["ops"]))
    alone = opened(folder / "alone", account(own, of_group))
    levels = [LEVELS.index(path.verdict) for path in map(path_of, (member, alone)) if path]
    found = path_of(outside)
    assert (found and found.verdict) == (LEVELS[min(levels)] if levels else None)
    assert all(way.verdict != BLOCKED for way in outside.ways if way.rule.via)


DELETE, PUT, NEW = (
    "iam:DeleteUserPermissionsBoundary",
    "iam:PutUserPermissionsBoundary",
    "iam:CreatePolicyVersion",
)
LIMIT = f"{IAM}:policy/limit"
WIDE = {"Condition": {"StringEquals": {"iam:PermissionsBoundary": f"{IAM}:policy/wide"}}}


def bounded(own, limit, **fields):
    """Return an account with a user under a boundary, in which another boundary is there to be set."""
    policies = [policy("limit", *limit), policy("wide", allow([PUT, "sts:*"]))]
    return account(own, [allow("s3:*")], policies=policies, **boundary("limit"), **fields)


@pytest.mark.parametrize(
    ("own", "limit", "found"),
    [
        ([allow(DELETE), ASSUME], [allow(DELETE)], CERTAIN),
        ([allow(PUT), ASSUME], [allow(PUT)], CERTAIN),
        ([allow(NEW, LIMIT), ASSUME], [allow(NEW)], CERTAIN),
        ([allow(NEW)], [allow(NEW)], None),  # no policy to rewrite besides: the user's own is inline
        ([allow(DELETE), allow(["iam:PassRole", *CREATE])], [allow([DELETE, *CREATE])], CERTAIN),
        ([allow(DELETE), allow("lambda:UpdateFunctionCode")], [allow(DELETE)], LIVE),
        ([allow(NEW, LIMIT), allow("iam:PutUserPolicy")], [allow(NEW)], CERTAIN),
        ([allow(DELETE, **MFA), ASSUME], [allow(DELETE)], CONDITIONAL),
        ([allow(DELETE), {**ASSUME, **MFA}], [allow(DELETE)], CONDITIONAL),
        ([allow(DELETE), ASSUME], [allow("s3:*")], None),  # the boundary does not let it be taken off
        ([allow(DELETE), ASSUME, deny(DELETE)], [allow(DELETE)], None),
        ([allow(DELETE), ASSUME], [allow(DELETE), deny("iam:Delete*")], None),
        ([allow(DELETE), ASSUME, deny("sts:AssumeRole")], [allow(DELETE)], None),
        ([allow(DELETE, f"{IAM}:user/bob"), ASSUME], [allow(DELETE)], None),
        ([allow("iam:DeleteRolePermissionsBoundary"), ASSUME], [allow("iam:*Boundary")], None),
        ([allow(PUT, **WIDE), ASSUME], [allow(PUT)], CERTAIN),
        ([allow(PUT, **WIDE), allow("iam:PutUserPolicy")], [allow(PUT)], None),  # not within that one
        ([allow(NEW, f"{IAM}:policy/wide"), ASSUME], [allow(NEW)], None),
    ],
)
def test_a_boundary_that_may_be_taken_off_is_no_limit(tmp_path, own, limit, found):
    path = path_of(opened(tmp_path, bounded(own, limit)))
    assert (path and path.verdict) == found


def test_what_a_boundary_taken_off_opens_is_not_told_as_blocked(tmp_path):
    own = [allow(DELETE), allow(["sts:AssumeRole", "iam:CreateAccessKey"])]
    found = opened(tmp_path / "1", bounded(own, [allow(DELETE)]))
    (path,) = found.paths_of("ann")
    assert path.steps[0].way.rule.id == f"iam-delete-user-permissions-boundary {LIMIT} then sts-assume-role"
    assert found.blocked_of("ann") == []
    kept = opened(tmp_path / "2", bounded([*own, deny(DELETE)], [allow(DELETE)]))
    assert [way.rule.id for way in kept.blocked_of("ann")] == ["sts-assume-role"]


def test_a_role_is_rid_of_its_own_boundary_and_an_scp_may_forbid_it(tmp_path):
    delete = "iam:DeleteRolePermissionsBoundary"
    app = role("app", **inline("Role", "own", allow([delete, "sts:AssumeRole"])), **boundary("limit"))
    made = details(roles=[app, ROLES[0]], policies=[ADMIN, policy("limit", allow(delete))])
    found = opened(tmp_path / "1", made).graph.paths()[f"{IAM}:role/app"]
    assert found.verdict == CERTAIN
    limited = opened(tmp_path / "2", made, organization_policies=scp(deny("iam:Delete*Boundary")))
    assert limited.graph.paths() == {}


def test_one_permission_on_a_boundary_and_a_policy_is_told_with_both_statements(tmp_path):
    """The policy gives nothing within the boundary, and the boundary limits nothing when it is rewritten."""
    held = policy("held", allow(NEW, f"{IAM}:policy/held"))
    made = details(
        users=[
            user("ann", **inline("User", "own", allow(NEW, LIMIT)), **attached("held"), **boundary("limit"))
        ],
        policies=[ADMIN, held, policy("limit", allow(NEW))],
    )
    audit = audited(tmp_path, made)
    (row,) = audit.escalation_paths.to_dict("records")
    assert (row["verdict"], row["path"]) == (
        CERTAIN,
        "user/ann → administrator (iam:CreatePolicyVersion by way of policy/limit)",
    )
    (step,) = explain_paths(audit.escalation, "ann").paths[0].steps
    assert step.statements == (
        f"{IAM}:user/ann#own Statement[0]",
        f"{LIMIT} Statement[0]",  # the boundary lets itself be rewritten
        f"{IAM}:policy/held Statement[0]",
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(own=STATEMENTS, action=st.sampled_from([DELETE, NEW]))
def test_who_may_take_off_a_boundary_comes_as_far_as_without_it(tmp_path_factory, own, action):
    """The short way against the slow one: the same account in which the user has no boundary."""
    folder, frees = tmp_path_factory.mktemp("law"), allow(action, LIMIT if action == NEW else "*")
    limited = opened(folder / "limited", bounded([frees, *own], [allow(action)]))
    free = opened(folder / "free", account([frees, *own], [allow("s3:*")]))
    verdicts = [path and path.verdict for path in map(path_of, (limited, free))]
    assert verdicts[0] == verdicts[1]


DETACH, DROP, LEAVE = "iam:DetachUserPolicy", "iam:DeleteUserPolicy", "iam:RemoveUserFromGroup"
GUARD = f"{IAM}:policy/guard"
OF_GUARD = {"Condition": {"ArnEquals": {"iam:PolicyARN": GUARD}}}
OF_ADMIN = {"Condition": {"ArnEquals": {"iam:PolicyARN": f"{IAM}:policy/admin"}}}


def guarded(own, guard, *, inline_guard=(), of_group=()):
    """Return an account with a user who holds a policy that denies, an inline one, or is in a group."""
    user_policies = [("own", own), *([("deny", inline_guard)] if inline_guard else [])]
    inlines = [inline("User", name, *held)["UserPolicyList"][0] for name, held in user_policies]
    held = attached("guard") if guard else {}
    groups = [group("strict", **inline("Group", "of-strict", *of_group))] if of_group else []
    ann = user("ann", UserPolicyList=inlines, **held, GroupList=[g["GroupName"] for g in groups])
    policies = [ADMIN, *([policy("guard", *guard)] if guard else [])]
    return details(users=[ann], groups=groups, roles=ROLES, policies=policies)


NO_ASSUME = deny("sts:AssumeRole")


@pytest.mark.parametrize(
    ("made", "found"),
    [
        (guarded([allow(DETACH), ASSUME], [NO_ASSUME]), CERTAIN),
        (guarded([allow(DETACH, **OF_GUARD), ASSUME], [NO_ASSUME]), CERTAIN),
        (guarded([allow(DETACH, **OF_ADMIN), ASSUME], [NO_ASSUME]), None),
        (guarded([allow(DETACH, **MFA), ASSUME], [NO_ASSUME]), CONDITIONAL),
        (guarded([allow(DETACH), ASSUME], [NO_ASSUME, deny("iam:Detach*")]), None),  # it guards itself
        (guarded([allow(DETACH), ASSUME, NO_ASSUME], [NO_ASSUME]), None),  # denied by another one, too
        (guarded([allow(DETACH), allow("s3:*")], [NO_ASSUME]), None),
        (guarded([allow(DETACH, f"{IAM}:user/bob"), ASSUME], [NO_ASSUME]), None),
        (guarded([allow(DROP), ASSUME], [NO_ASSUME]), None),  # it is not inline
        (guarded([allow(DROP), ASSUME], [], inline_guard=[NO_ASSUME]), CERTAIN),
        (guarded([allow(DETACH), ASSUME], [], inline_guard=[NO_ASSUME]), None),
        (guarded([allow(LEAVE), ASSUME], [], of_group=[NO_ASSUME]), CERTAIN),
        (guarded([allow(LEAVE, f"{IAM}:group/other"), ASSUME], [], of_group=[NO_ASSUME]), None),
        (guarded([allow(LEAVE)], [], of_group=[NO_ASSUME, ASSUME]), None),  # what it gives is gone, too
    ],
)
def test_a_denying_policy_that_may_be_taken_off_is_no_limit(tmp_path, made, found):
    path = path_of(opened(tmp_path, made))
    assert (path and path.verdict) == found


def test_a_path_without_a_denying_policy_names_it_and_the_statement_that_takes_it_off(tmp_path):
    audit = audited(tmp_path, guarded([allow(DETACH), ASSUME], [NO_ASSUME]))
    (row,) = audit.escalation_paths.to_dict("records")
    assert row["path"] == (
        "user/ann → role/boss (iam:DetachUserPolicy, sts:AssumeRole by way of policy/guard), an administrator"
    )
    (step,) = explain_paths(audit.escalation, "ann").paths[0].steps
    assert step.statements == (
        f"{IAM}:user/ann#own Statement[0]",
        f"{IAM}:user/ann#own Statement[1]",
        f"{IAM}:role/boss@trust Statement[0]",
    )
    assert list(audit.escalation_ways.verdict) == [CERTAIN]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(own=STATEMENTS, guard=STATEMENTS.filter(bool))
def test_who_may_take_off_a_policy_comes_as_far_as_without_it_or_with_it(tmp_path_factory, own, guard):
    """The short way against the slow one: the same account without the policy, and without the permission."""
    folder, frees = tmp_path_factory.mktemp("law"), allow(DETACH)
    limited = opened(folder / "limited", guarded([frees, *own], guard))
    free = opened(folder / "free", guarded(own, []))
    kept = opened(folder / "kept", guarded(own, guard))
    levels = [LEVELS.index(path.verdict) for path in map(path_of, (free, kept)) if path]
    found = path_of(limited)
    assert (found and found.verdict) == (LEVELS[min(levels)] if levels else None)
