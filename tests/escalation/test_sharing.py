"""Principals that are alike in what they hold, and not in what they are: each keeps its own ways."""

import pytest

from iamaudit.escalation import CERTAIN, CONDITIONAL, load_rules
from iamaudit.escalation.caller import Caller
from tests.accounts import IAM, allow, attached, boundary, deny, details, document, group, policy, role, user
from tests.escalation.accounts import ADMIN, ADMINISTRATOR, opened, trust, trust_account

RULES = load_rules()
MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
USERS_ONLY = [
    *("iam-attach-user-policy", "iam-put-user-policy", "iam-add-user-to-group", "iam-detach-user-policy"),
    *("iam-delete-user-policy", "iam-delete-user-permissions-boundary", "iam-put-user-permissions-boundary"),
    *("iam-attach-group-policy", "iam-put-group-policy"),
]
ROLES_ONLY = ["iam-attach-role-policy", "iam-put-role-policy"]


def alike(rule, *, is_role_first):
    """Return a user and a role that hold all that a rule needs, by the same policies."""
    held = policy("held", allow(list(RULES[rule].permissions)))
    guard = policy("guard", deny(["iam:C*", "iam:U*", "iam:PassRole"]))
    limit = policy("limit", allow([*RULES[rule].permissions, "s3:*"]))
    fields = attached("held")
    if "boundary" in RULES[rule].gives:
        fields = {**attached("held", "admin"), **boundary("limit")}
    own = [user("a" if not is_role_first else "z", **fields)], [role("a" if is_role_first else "z", **fields)]
    return details(
        users=own[0],
        roles=own[1],
        groups=[group("admins", **ADMINISTRATOR)],
        policies=[ADMIN, held, guard, limit],
    )


def followers(escalation, rule):
    """Return the types of those who have an open way by a rule."""
    ways = [w for w in escalation.ways if w.rule.id == rule and w.verdict != "blocked"]
    return {escalation.account.actors[a].type for w in ways for a in escalation.universe.names(w.sources)}


@pytest.mark.parametrize("is_role_first", [False, True], ids=["user first", "role first"])
@pytest.mark.parametrize("rule", [*USERS_ONLY, *ROLES_ONLY])
def test_a_user_and_a_role_with_the_same_policy_do_not_lend_each_other_ways(tmp_path, rule, is_role_first):
    found = followers(opened(tmp_path, alike(rule, is_role_first=is_role_first)), rule)
    needs_more = {"iam-detach-user-policy", "iam-delete-user-policy"}  # a guard of one's own
    needs_more |= {"iam-attach-group-policy", "iam-put-group-policy"}  # and a group
    expected = set() if rule in needs_more else {"user"} if rule in USERS_ONLY else {"role"}
    assert found == expected


def assuming(trusts, *, names=("ann", "bob")):
    people = [user(name, **attached("held")) for name in names]
    target = role("target", AssumeRolePolicyDocument=trusts, **ADMINISTRATOR)
    return details(users=people, roles=[target], policies=[ADMIN, policy("held", allow("sts:AssumeRole"))])


@pytest.mark.parametrize("names", [("ann", "bob"), ("bob", "ann")])
def test_a_trust_that_names_the_second_of_two_alike_lets_that_one_in(tmp_path, names):
    found = opened(tmp_path, assuming(trust(f"{IAM}:user/bob"), names=names)).graph.paths()
    assert {p: path.verdict for p, path in found.items()} == {f"{IAM}:user/bob": CERTAIN}


@pytest.mark.parametrize("names", [("ann", "bob"), ("bob", "ann")])
def test_mfa_for_all_and_one_by_name_makes_only_that_one_certain(tmp_path, names):
    everybody = {"Effect": "Allow", "Principal": {"AWS": f"{IAM}:root"}, "Action": "sts:AssumeRole", **MFA}
    one = {"Effect": "Allow", "Principal": {"AWS": f"{IAM}:user/bob"}, "Action": "sts:AssumeRole"}
    escalation = opened(tmp_path, assuming(document(everybody, one), names=names))
    found = {p.rpartition("/")[2]: path.verdict for p, path in escalation.graph.paths().items()}
    assert found == {"ann": CONDITIONAL, "bob": CERTAIN}
    assumed, universe = escalation.assumed_by[f"{IAM}:role/target"], escalation.universe
    assert list(universe.names(assumed.surely)) == [f"{IAM}:user/bob"]
    assert list(universe.names(assumed.perhaps)) == [f"{IAM}:user/ann"]


@pytest.mark.parametrize("names", [("ann", "bob"), ("x", "ann"), ("xx", "x")])
def test_a_new_user_has_a_name_that_nobody_has_whoever_asks_first(tmp_path, names):
    held = policy("held", allow(["iam:CreateUser", "iam:CreateAccessKey", "iam:AttachUserPolicy"]))
    people = [user(name, **attached("held")) for name in names]
    around = opened(tmp_path, details(users=people, policies=[held])).around
    answers = [
        around.own_resources.somewhere(Caller(around.decider, actor), ("iam:CreateUser",))["iam:CreateUser"]
        for actor in around.actors
    ]
    free = next(name for name in ("x", "xx", "xxx") if name not in names)
    assert [(made.held, made.resource) for made in answers] == [(True, f"{IAM}:user/{free}")] * 2


@pytest.mark.parametrize("order", [1, -1])
def test_roles_that_may_be_given_any_policy_and_assumed_are_found_whatever_the_order(tmp_path, order):
    rule = RULES["iam-put-role-policy-and-sts-assume-role"]
    shut = role("a-shut", AssumeRolePolicyDocument=trust(f"{IAM}:user/nobody"))
    wide = role("b-open", AssumeRolePolicyDocument=trust_account())
    held = policy("held", allow(list(rule.permissions)))
    account = details(
        users=[user("ann", **attached("held")), user("bob", **attached("held"))][::order],
        roles=[shut, wide][::order],
        policies=[held],
    )
    escalation = opened(tmp_path, account)
    targets = {
        target
        for way in escalation.ways
        if way.rule is rule and way.verdict == CERTAIN
        for target in escalation.universe.names(way.targets)
    }
    assert targets == {f"{IAM}:role/b-open"}
    assert len(escalation.graph.paths()) == 2


def test_the_search_for_choke_points_goes_on_while_nothing_cuts(tmp_path):
    """Thirty users hold the same permission twice; one, whose policy comes last, holds it once."""
    put = allow("iam:PutUserPolicy", f"{IAM}:user/${{aws:username}}")
    policies = [policy(f"p{n}{twice}", put) for n in range(30) for twice in "ab"] + [policy("zz", put)]
    people = [user(f"u{n}", **attached(f"p{n}a", f"p{n}b")) for n in range(30)]
    account = details(users=[*people, user("last", **attached("zz"))], policies=policies)
    search = opened(tmp_path, account).choke_points
    assert (search.paths, search.candidates) == (31, 61)
    assert [(p.policy, p.cut) for p in search.points] == [(f"{IAM}:policy/zz", (f"{IAM}:user/last",))]
