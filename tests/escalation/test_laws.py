"""What holds of every account: sets agree with ``authorize``, and a principal's paths are its own.

The accounts are random: users in groups, roles that trust each other, the account and services, policies with
scopes, conditions and denies, boundaries and SCPs.
"""

import json
import pickle
import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iamaudit.escalation import BLOCKED, Escalation, explain_paths, load_rules
from iamaudit.escalation.caller import Caller
from iamaudit.escalation.decider import Decider, without_boundary
from iamaudit.escalation.edits import edited, touched
from iamaudit.escalation.escalation import surroundings
from iamaudit.escalation.evidence import Evidence
from iamaudit.escalation.finder import Finder, find_ways
from iamaudit.escalation.graph import Moves
from iamaudit.escalation.own_resources import OwnResources
from iamaudit.frames import breadth_frame, escalation_paths_frame, remembered_paths
from tests.accounts import (
    ACCOUNT,
    AS_OF,
    IAM,
    allow,
    attached,
    boundary,
    deny,
    details,
    document,
    group,
    policy,
    role,
    user,
)
from tests.escalation.accounts import audited, opened, scp
from tests.escalation.slow import ALL, decided, slow_ways

USERS, ROLES = ("ann", "bob"), ("red", "blue", "green")
ACTIONS = (
    *(
        "iam:PassRole",
        "iam:CreateAccessKey",
        "iam:AttachUserPolicy",
        "iam:AttachRolePolicy",
        "iam:PutUserPolicy",
    ),
    *("iam:PutRolePolicy", "iam:CreatePolicyVersion", "iam:UpdateAssumeRolePolicy", "iam:CreateLoginProfile"),
    *(
        "sts:AssumeRole",
        "iam:*",
        "iam:Put*",
        "lambda:*",
        "lambda:CreateFunction",
        "lambda:InvokeFunction",
        "*",
    ),
    *("iam:DeleteRolePermissionsBoundary", "iam:PutGroupPolicy", "ec2:RunInstances", "glue:*"),
)
RESOURCES = (
    *("*", f"{IAM}:user/ann", f"{IAM}:user/b*", f"{IAM}:role/red", f"{IAM}:role/*e*", f"{IAM}:policy/p0"),
    *(f"{IAM}:user/${{aws:username}}", "arn:aws:iam::*:role/g*", "arn:aws:iam::*:*", f"{IAM}:group/*"),
    *(f"{IAM}:role/${{aws:PrincipalTag/team}}", f"arn:aws:lambda:*:{ACCOUNT}:function:dev-*"),
    *(f"arn:aws:lambda:*:{ACCOUNT}:function:*-live", "arn:aws:s3:::bucket"),
)
CONDITIONS = (
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"StringEquals": {"aws:PrincipalTag/team": "red"}},
    {"StringEquals": {"aws:username": "ann"}},
    {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
    {"StringLike": {"iam:PassedToService": "lambda*"}},
    {"ArnLike": {"aws:PrincipalArn": f"{IAM}:user/*"}},
    {"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}},
    {"StringEquals": {"iam:PermissionsBoundary": f"{IAM}:policy/p1"}},
    {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}},
    {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
    {"StringEquals": {"aws:ResourceTag/team": "red"}},
    {"StringLike": {"iam:ResourceTag/team": "${aws:PrincipalTag/team}*"}},
    {"Null": {"aws:TokenIssueTime": "true"}},
    {"StringLike": {"aws:userid": "AROAred:*"}},
    {"StringEquals": {"aws:userid": "AROAblue:me"}},
    {"StringLike": {"sts:RoleSessionName": "${aws:username}*"}},
    {"StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "eu-west-1"]}},
    {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
    {"StringNotEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
    {"StringEquals": {"aws:RequestTag/team": "red"}},
    {"Null": {"sts:SourceIdentity": "false"}},
)
CONDITION = st.one_of(st.just({}), st.just({}), st.sampled_from(CONDITIONS).map(lambda c: {"Condition": c}))


@st.composite
def statements(draw):
    effect = draw(st.sampled_from([allow, allow, allow, deny]))
    actions = draw(st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=3, unique=True))
    resources = draw(st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=2, unique=True))
    made = effect(actions, resources, **draw(CONDITION))
    if draw(st.integers(0, 9)) == 0:
        made["NotResource"] = made.pop("Resource")
    return made


TRUSTED = (
    *({"AWS": ACCOUNT}, {"AWS": f"{IAM}:root"}, {"AWS": "*"}, {"AWS": f"{IAM}:user/ann"}),
    *({"AWS": [f"{IAM}:role/red", f"{IAM}:user/bob"]}, {"Service": "lambda.amazonaws.com"}),
    *(
        {"Service": ["ec2.amazonaws.com", "glue.amazonaws.com"]},
        {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/red/s"},
    ),
)


@st.composite
def trusts(draw):
    made = []
    for _ in range(draw(st.integers(1, 2))):
        effect = draw(st.sampled_from(["Allow", "Allow", "Allow", "Deny"]))
        principal = draw(st.sampled_from(TRUSTED))
        actions = draw(
            st.sampled_from(["sts:AssumeRole", "sts:AssumeRole", ["sts:AssumeRole", "sts:TagSession"]])
        )
        made.append({"Effect": effect, "Principal": principal, "Action": actions, **draw(CONDITION)})
    return document(*made)


@st.composite
def accounts(draw):
    """Return authorization details and the sources beside them."""
    policies = [policy(f"p{n}", *draw(st.lists(statements(), min_size=1, max_size=3))) for n in range(4)]
    names = st.lists(st.sampled_from([p["PolicyName"] for p in policies]), max_size=3, unique=True)
    groups = [group("team", **attached(*draw(names)))]

    def limits():
        return boundary(draw(st.sampled_from(["p1", "p2"]))) if draw(st.integers(0, 3)) == 0 else {}

    def tags():
        return {"Tags": [{"Key": "team", "Value": "red"}]} if draw(st.booleans()) else {}

    users = [
        user(
            n,
            **attached(*draw(names)),
            **limits(),
            **tags(),
            GroupList=["team"] if draw(st.booleans()) else [],
        )
        for n in USERS
    ]
    roles = [
        role(n, **attached(*draw(names)), **limits(), **tags(), AssumeRolePolicyDocument=draw(trusts()))
        for n in ROLES
    ]
    sources = {"organization_policies": scp(draw(statements()))} if draw(st.integers(0, 3)) == 0 else {}
    return details(users=users, roles=roles, groups=groups, policies=policies), sources


LAW = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
ASKED = [a for a in ACTIONS if "*" not in a and a.startswith("iam:")]


def made(folder, account):
    found, sources = account
    return opened(folder.mktemp("a"), found, **sources)


@LAW
@given(accounts())
def test_what_sets_say_of_all_targets_is_what_authorize_says_of_each(tmp_path_factory, account):
    escalation = made(tmp_path_factory, account)
    for actor in escalation.around.actors:
        caller = Caller(escalation.around.decider, actor)
        for action in ASKED:
            more = (("iam:PassedToService", "lambda.amazonaws.com"),) if action == "iam:PassRole" else ()
            reach = caller.reach(action, more)
            for arn in escalation.universe.arns:
                bit = escalation.universe.bit(arn)
                found = 0 if bit & reach.surely else 1 if bit & reach.perhaps else 2
                assert found == decided(escalation, actor, action, arn, more), (actor.label, action, arn)


@LAW
@given(accounts())
def test_the_roles_that_a_principal_may_assume_are_those_that_authorize_lets_it(tmp_path_factory, account):
    escalation = made(tmp_path_factory, account)
    for actor in escalation.around.actors:
        reach = escalation.around.trusting.assumable(Caller(escalation.around.decider, actor))
        for arn, trust in escalation.account.trust.items():
            bit = escalation.universe.bit(arn)
            found = 0 if bit & reach.surely else 1 if bit & reach.perhaps else 2
            assert found == decided(escalation, actor, "sts:AssumeRole", arn, (), trust), (actor.label, arn)


@LAW
@given(accounts())
def test_the_ways_of_a_principal_are_those_found_the_slow_way(tmp_path_factory, account):
    escalation = made(tmp_path_factory, account)
    for actor in escalation.around.actors:
        if escalation.around.standing.as_is(actor) == "yes":
            continue  # of an administrator only the roles that it may assume are looked for
        found = {}
        for way in Finder(escalation.around, actor).ways():
            # what a boundary taken off opens has a law of its own, in test_further.py
            if (
                way.verdict == BLOCKED
                or way.rule.via
                or way.rule.gives
                not in (
                    "target",
                    "target with any policy",
                    "any policy",
                    "target without boundary",
                    "target with any policy without boundary",
                    "a new group",
                    "any policy without boundary",
                )
            ):
                continue
            for arn in escalation.universe.names(way.aims) if way.targets else (None,):
                found[way.rule.id, arn] = way.verdict
        assert found == slow_ways(escalation, actor)


@LAW
@given(accounts())
def test_two_processes_find_the_ways_that_one_finds_in_their_order(tmp_path_factory, account):
    around = made(tmp_path_factory, account).around
    ways = find_ways(around, around.actors)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("iamaudit.escalation.finder.in_halves", _in_two)
        assert find_ways(around, around.actors) == ways


def _in_two(work, items):
    """Do both halves here, each as a copy would hand it over."""
    return [pickle.loads(pickle.dumps(work(half))) for half in (items[::2], items[1::2])]  # noqa: S301


@LAW
@given(accounts())
def test_who_asks_for_open_ways_alone_gets_all_of_them(tmp_path_factory, account):
    escalation = made(tmp_path_factory, account)
    for actor in escalation.around.actors:
        everything = Moves.of(Finder(escalation.around, actor).ways())
        assert Moves.of(Finder(escalation.around, actor, only_open=True).ways()) == everything


@LAW
@given(accounts())
def test_one_resource_is_decided_from_documents_as_by_authorize(tmp_path_factory, account):
    escalation = made(tmp_path_factory, account)
    arns = [f"arn:aws:lambda:x:{ACCOUNT}:function:{name}" for name in ("dev-live", "dev-x", "x-live", "x")]
    for actor in escalation.around.actors:
        caller = Caller(escalation.around.decider, actor)
        for action in ("lambda:CreateFunction", "lambda:InvokeFunction"):
            for arn in arns:
                held = caller.on(action, arn)
                expected = decided(escalation, actor, action, arn)
                assert (1 if held is None else 0 if held else 2) == expected, (actor.label, action, arn)


@LAW
@given(accounts())
def test_what_principals_share_of_their_own_resources_is_what_each_would_be_told_alone(
    tmp_path_factory, account
):
    around = made(tmp_path_factory, account).around
    chosen = {rule.actions_on("any") for rule in load_rules().values()} - {()}
    for actor in around.actors:
        caller = Caller(around.decider, actor)
        for actions in sorted(chosen):
            if any(caller.said(action.lower()).allows for action in actions):
                alone = OwnResources(around.decider, around.granting)._best(caller, actions)
                assert around.own_resources.somewhere(caller, actions) == alone, (actor.label, actions)


@LAW
@given(accounts())
def test_a_policy_is_rewritten_as_if_each_holder_were_judged_anew(tmp_path_factory, account):
    escalation = made(tmp_path_factory, account)
    standing, policies = escalation.around.standing, escalation.account.policies
    for actor in escalation.around.actors:
        for name in sorted(actor.policies):
            old = policies[name].document
            freed = without_boundary(actor) if actor.boundary_policy == name else actor
            identity, groups = (
                tuple(ALL if each is old else each for each in held)
                for held in (freed.identity, freed.groups)
            )
            rewritten = replace(freed, identity=identity, groups=groups)
            assert standing.with_version(actor, name) == standing.as_is(rewritten), (actor.label, name)


@LAW
@given(accounts())
def test_who_does_not_hold_enough_is_no_administrator_whatever_limit_goes(tmp_path_factory, account):
    escalation = made(tmp_path_factory, account)
    standing = escalation.around.standing
    for actor in escalation.around.actors:
        if not standing.holds_enough(actor):
            freed = without_boundary(actor)
            assert standing._administrator(actor, standing._own(actor)) == "no", actor.label
            assert standing._administrator(freed, standing._own(freed)) == "no", actor.label


def outcome(escalation):
    """Return each principal's verdict and hops to each end."""
    return {(p.principal, p.end): (p.verdict, len(p.steps)) for p in escalation.paths}


@LAW
@given(accounts())
def test_a_twin_changes_nothing_for_anybody_else(tmp_path_factory, account):
    found, sources = account
    before = outcome(made(tmp_path_factory, account))
    twin = {**found["UserDetailList"][0], "UserName": "zoe", "Arn": f"{IAM}:user/zoe"}
    with_twin = {**found, "UserDetailList": [*found["UserDetailList"], twin]}
    after = outcome(made(tmp_path_factory, (with_twin, sources)))
    for key, value in before.items():
        # a way to the twin may be a shorter or a surer one, never a worse
        order = ("certain", "conditional", "needs a live resource")
        assert (order.index(after[key][0]), after[key][1]) <= (order.index(value[0]), value[1])
    alone = {**found, "UserDetailList": [*found["UserDetailList"][1:], twin]}
    renamed = json.loads(json.dumps(alone).replace("zoe", "ann"))
    assert outcome(made(tmp_path_factory, (renamed, sources))) == before


def split(found):
    """Return the account with every managed policy split into one of each statement."""
    policies, parts = [], {}
    for one in found["Policies"]:
        default = next(v for v in one["PolicyVersionList"] if v["IsDefaultVersion"])
        each = default["Document"]["Statement"]
        parts[one["Arn"]] = [policy(f"{one['PolicyName']}-{n}", s) for n, s in enumerate(each)]
        policies += [one, *parts[one["Arn"]]]
    text = json.dumps({**found, "Policies": policies})
    data = json.loads(text)
    for kind in ("UserDetailList", "RoleDetailList", "GroupDetailList"):
        for principal in data[kind]:
            principal["AttachedManagedPolicies"] = [
                {"PolicyName": part["PolicyName"], "PolicyArn": part["Arn"]}
                for each in principal.get("AttachedManagedPolicies", ())
                for part in parts[each["PolicyArn"]]
            ]
    return data


def by_permissions(escalation):
    """Return each principal's open ways but those about its own policies, which splitting changes."""
    return {
        (actor.arn, way.rule.id, way.verdict, way.targets)
        for actor in escalation.around.actors
        for way in Finder(escalation.around, actor).ways()
        if way.verdict != BLOCKED
        and not {"own policy", "policy of target"} & set(way.rule.permissions.values())
        and not way.rule.gives.startswith("self")
        and "older version of target" not in way.rule.permissions.values()
        and way.rule.gives != "an older version"
    }


@LAW
@given(accounts())
def test_splitting_policies_changes_no_way(tmp_path_factory, account):
    found, sources = account
    whole, parted = made(tmp_path_factory, account), made(tmp_path_factory, (split(found), sources))
    named = {(a, r, v, tuple(whole.universe.names(t))) for a, r, v, t in by_permissions(whole)}
    assert named == {(a, r, v, tuple(parted.universe.names(t))) for a, r, v, t in by_permissions(parted)}


@LAW
@given(accounts())
def test_what_a_user_holds_through_a_group_counts_like_what_it_holds_itself(tmp_path_factory, account):
    found, sources = account
    ann, *others = found["UserDetailList"]
    ann = {**ann, "GroupList": []}
    own = {**found, "UserDetailList": [ann, *others]}
    moved = group("only", AttachedManagedPolicies=ann["AttachedManagedPolicies"])
    through = {**ann, "AttachedManagedPolicies": [], "GroupList": ["only"]}
    grouped = {
        **own,
        "UserDetailList": [through, *others],
        "GroupDetailList": [*found["GroupDetailList"], moved],
    }
    first, second = made(tmp_path_factory, (own, sources)), made(tmp_path_factory, (grouped, sources))
    about_groups = {"iam-attach-group-policy", "iam-put-group-policy", "iam-add-user-to-group"}
    mine = {e for e in by_permissions(first) if e[0].endswith("/ann") and e[1] not in about_groups}
    theirs = {e for e in by_permissions(second) if e[0].endswith("/ann") and e[1] not in about_groups}

    def named(escalation, ways):
        return {(r, v, tuple(escalation.universe.names(t))) for _, r, v, t in ways}

    assert named(first, mine) == named(second, theirs)


@LAW
@given(accounts())
def test_an_answer_from_remembered_paths_is_that_of_the_search(tmp_path_factory, account):
    search = made(tmp_path_factory, account)
    equal = audited(tmp_path_factory.mktemp("b"), account[0], **account[1]).access
    breadth = breadth_frame(search.account.principals, search.account.catalogue)
    equal.remember(dict(zip(breadth.principal, breadth.administrator, strict=True)))
    kept = remembered_paths(escalation_paths_frame(search), search.account)
    again = Escalation(equal, search.around.decider.as_of, kept)
    assert again.with_a_path == search.with_a_path
    for actor in search.around.actors:
        assert explain_paths(again, actor.arn) == explain_paths(search, actor.arn)
    assert "principals" not in vars(equal), "a question about one principal looked at what all may do"


@settings(LAW, max_examples=6)
@given(accounts())
def test_an_edit_that_keeps_what_it_does_not_change_is_an_edit_from_the_beginning(tmp_path_factory, account):
    around = made(tmp_path_factory, account).around
    evidence = Evidence(around)
    for _ in range(2):  # an edit of an edit, too
        for name, one in around.account.policies.items():
            for statement in one.document.statements if one.kind != "SCP" else ():
                once = edited(around, name, statement.index)
                afresh = surroundings(once.account, Decider(once.account, once.decider.universe, AS_OF))
                ways = find_ways(afresh, afresh.actors)
                assert find_ways(once, once.actors) == ways, (name, statement)
                kept, anew = evidence.edited(once, touched(around, name)), Evidence(afresh)
                for way, source, target in steps(once, ways):
                    assert kept.places(way, source, target) == anew.places(way, source, target)
        around, evidence = once, kept


def steps(around, ways):
    """Yield the first open step of each way, from its first principal to its first target."""
    universe = around.decider.universe
    for way in ways:
        aims = way.targets & ~(way.sources & -way.sources)
        if way.verdict != BLOCKED:
            yield way, universe.first(way.sources), universe.first(aims) if aims else None


RISKY = ["iam:AttachRolePolicy", "iam:PutRolePolicy"]


@pytest.mark.parametrize("action", RISKY)
def test_a_role_and_a_user_that_hold_the_same_policy_each_keep_their_own_way(tmp_path, action):
    held = policy("held", allow(action))
    account = details(
        users=[user("ann", **attached("held"))], roles=[role("red", **attached("held"))], policies=[held]
    )
    paths = opened(tmp_path, account).graph.paths()
    assert paths[f"{IAM}:role/red"].verdict == "certain"
    assert re.search(r"iam-(attach|put)-role-policy", paths[f"{IAM}:role/red"].steps[0].way.rule.id)
