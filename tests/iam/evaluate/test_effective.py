import json
from functools import reduce
from operator import or_
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iamaudit.iam.actions import load_catalogue
from iamaudit.iam.evaluate import (
    UNREADABLE,
    Context,
    Grants,
    Known,
    document_grants,
    effective_permissions,
    level_grants,
    settled,
    united,
)
from iamaudit.iam.evaluate.grants import Case
from iamaudit.iam.policy import Condition, parse_document

CATALOGUE = load_catalogue()
CASES = json.loads((Path(__file__).parent / "cases" / "effective.json").read_text())


def grants(*statements):
    return document_grants(
        parse_document({"Version": "2012-10-17", "Statement": list(statements)}), CATALOGUE
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case):
    boundary = grants(*case["boundary"]) if "boundary" in case else None
    found = effective_permissions([grants(*policy) for policy in case["identity"]], boundary)
    certain, possible = CATALOGUE.names_of(found.certain), CATALOGUE.names_of(found.possible)
    if "certain" in case:
        assert certain == case["certain"]
    if "possible" in case:
        assert possible == case["possible"]
    assert set(case.get("has_certain", ())) <= set(certain)
    assert not set(case.get("lacks_possible", ())) & set(possible)
    assert found.is_complete is case.get("complete", True)


def test_a_missing_policy_leaves_nothing_certain_and_says_so():
    allowed = grants({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
    found = effective_permissions([allowed, UNREADABLE])
    assert (found.certain, CATALOGUE.names_of(found.possible)) == (0, ["s3:GetObject"])
    assert not found.is_complete


def test_a_missing_boundary_may_allow_everything_or_nothing():
    allowed = grants({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
    found = effective_permissions([allowed], UNREADABLE)
    assert (found.certain, CATALOGUE.names_of(found.possible)) == (0, ["s3:GetObject"])
    assert not found.is_complete


ACTIONS = [
    "s3:GetObject",
    "s3:*",
    "S3:PUT*",
    "iam:PassRole",
    "sts:AssumeRole",
    "*",
    "ec2:Describe*",
    "no:Such",
]
RESOURCES = ["*", "arn:aws:s3:::example/*", "arn:aws:iam::111122223333:role/x", "arn:aws:*"]
STATEMENT = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Allow", "Deny"]),
        "action": st.tuples(
            st.sampled_from(["Action", "NotAction"]),
            st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=3),
        ),
        "resource": st.tuples(
            st.sampled_from(["Resource", "Resource", "NotResource"]),
            st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=2),
        ),
        "Condition": st.sampled_from([{}, {}, {"Bool": {"aws:SecureTransport": "true"}}]),
    }
).map(lambda s: {"Effect": s["Effect"], "Condition": s["Condition"], **dict([s["action"], s["resource"]])})
POLICY = st.lists(STATEMENT, min_size=1, max_size=4)


@settings(max_examples=200, deadline=None)
@given(st.lists(POLICY, max_size=3), st.none() | POLICY)
def test_certain_lies_within_everywhere_within_possible(policies, boundary):
    found = effective_permissions([grants(*p) for p in policies], grants(*boundary) if boundary else None)
    assert found.certain & ~found.everywhere == 0
    assert found.everywhere & ~found.possible == 0
    assert found.possible & ~CATALOGUE.everything == 0


@settings(max_examples=200, deadline=None)
@given(POLICY, STATEMENT.map(lambda s: {**s, "Effect": "Deny"}))
def test_a_deny_never_widens(policy, deny):
    before, after = effective_permissions([grants(*policy)]), effective_permissions([grants(*policy, deny)])
    assert after.certain & ~before.certain == 0
    assert after.possible & ~before.possible == 0


@settings(max_examples=200, deadline=None)
@given(POLICY, POLICY)
def test_a_boundary_never_widens(policy, boundary):
    before = effective_permissions([grants(*policy)])
    after = effective_permissions([grants(*policy)], grants(*boundary))
    assert after.certain & ~before.certain == 0
    assert after.possible & ~before.possible == 0


@settings(max_examples=100, deadline=None)
@given(POLICY.flatmap(lambda policy: st.tuples(st.just(policy), st.permutations(policy))))
def test_neither_the_order_of_statements_nor_their_split_over_policies_matters(pair):
    policy, shuffled = pair
    together = effective_permissions([grants(*policy)])
    assert effective_permissions([grants(*shuffled)]) == together
    assert effective_permissions([grants(statement) for statement in policy]) == together


@given(st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=3))
def test_action_and_not_action_partition_the_catalogue(actions):
    named = grants({"Effect": "Allow", "Action": actions, "Resource": "*"}).certain
    others = grants({"Effect": "Allow", "NotAction": actions, "Resource": "*"}).certain
    assert named & others == 0
    assert named | others == CATALOGUE.everything


FULL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
EVERYBODY = {"Principal": "*", "Resource": "*"}


def level(kind, *statements):
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return level_grants((parse_document(document, kind=kind),), CATALOGUE, kind)


def names(actions):
    return CATALOGUE.names_of(actions)


def test_every_scp_level_must_allow():
    """Rule A4."""
    wanted = grants({"Effect": "Allow", "Action": ["s3:GetObject", "sqs:SendMessage"], "Resource": "*"})
    narrow = level("scp", {"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    found = effective_permissions([wanted], scps=[level("scp", FULL), narrow])
    assert (names(found.certain), names(found.possible)) == (["s3:GetObject"], ["s3:GetObject"])
    empty = effective_permissions([wanted], scps=[level("scp", FULL), level_grants((), CATALOGUE, "scp")])
    assert (empty.certain, empty.possible, empty.is_complete) == (0, 0, True)


def test_a_conditional_scp_deny_takes_from_certain_only():
    """Rules A2, A4."""
    wanted = grants({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
    deny = {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"Null": {"aws:SourceVpc": "true"}},
    }
    found = effective_permissions([wanted], scps=[level("scp", FULL, deny)])
    assert (names(found.certain), names(found.possible)) == ([], ["s3:GetObject"])
    assert found.condition_keys == {"aws:sourcevpc"}


def test_an_rcp_reaches_its_services_only_and_leaves_what_is_possible():
    """Rules A3, D4: EC2 takes no RCP, and resources of other accounts have other RCPs."""
    wanted = grants({"Effect": "Allow", "Action": ["s3:GetObject", "ec2:StartInstances"], "Resource": "*"})
    deny = {"Effect": "Deny", "Action": ["s3:*", "ec2:*"], **EVERYBODY}
    found = effective_permissions([wanted], rcps=[level("rcp", {**FULL, "Principal": "*"}, deny)])
    assert names(found.certain) == ["ec2:StartInstances"]
    assert names(found.possible) == ["ec2:StartInstances", "s3:GetObject"]


@pytest.mark.parametrize(
    "action", ["s3:ListAllMyBuckets", "kms:RetireGrant", "sts:DecodeAuthorizationMessage"]
)
def test_an_rcp_does_not_reach_what_is_about_no_resource_nor_the_retiring_of_grants(action):
    """Rule D4."""
    wanted = grants({"Effect": "Allow", "Action": action, "Resource": "*"})
    rcp = level("rcp", {"Effect": "Deny", "Action": [action.partition(":")[0] + ":*", action], **EVERYBODY})
    assert names(effective_permissions([wanted], rcps=[rcp]).certain) == [action]


@settings(max_examples=100, deadline=None)
@given(POLICY, POLICY, st.sampled_from(["scp", "rcp"]))
def test_a_level_of_scps_or_rcps_never_widens(policy, limit, kind):
    """Rules A3, A4, D2."""
    before = effective_permissions([grants(*policy)])
    statements = [{**s, "Principal": "*"} if kind == "rcp" else s for s in limit]
    after = effective_permissions([grants(*policy)], **{f"{kind}s": [level(kind, *statements)]})
    assert after.certain & ~before.certain == 0
    assert after.possible & ~before.possible == 0
    assert after.certain & ~after.possible == 0


@given(POLICY, st.randoms(use_true_random=False))
def test_the_letter_case_of_actions_does_not_matter(policy, random):
    """Rule F1."""
    shouted = [
        {
            key: [random.choice([str.upper, str.lower])(a) for a in value]
            if key.endswith("Action")
            else value
            for key, value in statement.items()
        }
        for statement in policy
    ]
    assert grants(*shouted) == grants(*policy)


BITS = st.integers(0, 7)
"""Few actions, so that sets of a policy are often the same as others, or none."""
GRANTS = st.builds(
    Grants,
    *[BITS] * 10,
    is_complete=st.booleans(),
    condition_keys=st.frozensets(st.sampled_from(["aws:sourceip", "aws:userid"])),
)


@given(st.lists(GRANTS, max_size=4))
def test_what_several_policies_say_is_put_together_field_by_field(several):
    found = united(several)
    for name in Grants.__slots__:
        values = [getattr(each, name) for each in several]
        if name == "is_complete":
            assert found.is_complete is all(values)
        elif name == "condition_keys":
            assert found.condition_keys == frozenset().union(*values)
        elif name != "cases":
            assert getattr(found, name) == reduce(or_, values, 0)


@given(st.lists(GRANTS, min_size=1, max_size=3), GRANTS.flatmap(lambda g: st.tuples(st.just(g), GRANTS)))
def test_an_open_condition_adds_what_it_perhaps_says_and_no_more(several, pair):
    surely, perhaps = pair
    case = Case((Condition("Bool", "aws:MultiFactorAuthPresent", ("true",)),), True, False, surely, perhaps)
    assert settled(united([*several, Grants(cases=(case,))])) == united([*several, perhaps])
    assert united([Grants(cases=(case,)), *several, Grants(cases=(case,))]).cases == (case, case)
    absent = Known(Context({}, absent=("aws:multifactorauthpresent",), is_complete=False))
    assert settled(united([*several, Grants(cases=(case,))]), absent) == united([Grants(), *several])
