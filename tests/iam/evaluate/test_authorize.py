import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.iam.aws_managed_policies import aws_managed_policies_data

from iamaudit.iam.actions import load_catalogue
from iamaudit.iam.evaluate import (
    Context,
    Principal,
    Request,
    authorize,
    document_grants,
    effective_permissions,
    level_grants,
    refusals,
    simulate,
)
from iamaudit.iam.evaluate.request import tells_of_passed
from iamaudit.iam.policy import parse_document

CASES = json.loads((Path(__file__).parent / "cases" / "decisions.json").read_text())
PROBES = json.loads((Path(__file__).parent / "cases" / "probes.json").read_text())
CATALOGUE = load_catalogue()
ANN = "arn:aws:iam::111122223333:user/ann"


@pytest.mark.parametrize("case", [*CASES, *PROBES], ids=lambda case: f"{case['rule']}: {case['name']}")
def test_verdict(case):
    assert simulate(case["query"]) == case["verdict"]


def test_every_rule_of_the_sections_on_decisions_has_a_case():
    rules = {case["rule"] for case in CASES}
    wanted = {f"A{n}" for n in range(1, 7)} | {f"B{n}" for n in range(1, 10)} | {f"C{n}" for n in range(1, 5)}
    wanted |= {"D1", "D3", "D4", "D5", *(f"E{n}" for n in range(1, 8)), *(f"F{n}" for n in range(1, 6))}
    assert wanted <= rules


def request(*identity, action="s3:GetObject", resource="arn:aws:s3:::example/x", context=None, **more):
    return Request(
        principal=Principal.of(more.pop("who", ANN)),
        action=action,
        resource=resource,
        resource_account="111122223333",
        context=context or Context({}),
        identity=tuple(map(parse_document, identity)),
        **more,
    )


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


ALLOW = {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
DENY = {"Sid": "No", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}


def test_a_decision_names_the_statements_that_made_it():
    allowed = authorize(request(policy(ALLOW)))
    assert [(m.layer, m.statement.sid) for m in allowed.allowed_by] == [("identity policies", "Read")]
    denied = authorize(request(policy(ALLOW, DENY)))
    assert [(m.layer, m.statement.sid) for m in denied.denied_by] == [("identity policies", "No")]


@pytest.mark.parametrize(
    ("more", "layer"),
    [
        ({}, "identity policies"),
        ({"boundary": parse_document(policy({**ALLOW, "Action": "sqs:*"}))}, "permissions boundary"),
        ({"scps": ((parse_document(policy(ALLOW)),), ())}, "SCP level 1"),
    ],
)
def test_an_implicit_deny_names_the_layer_that_blocks(more, layer):
    identity = [] if not more else [policy(ALLOW)]
    decision = authorize(request(*identity, **more))
    assert (decision.verdict, decision.blocked_by) == ("implicit deny", layer)


def test_an_unknown_key_makes_the_verdict_depend_on_its_statement():
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    asked = request(policy({**ALLOW, "Condition": condition}), context=Context({}, is_complete=False))
    decision = authorize(asked)
    assert decision.verdict == "depends"
    assert [m.statement.sid for m in decision.unknown] == ["Read"]


@pytest.mark.parametrize("text", ["", "ann", "arn:aws:iam::1:user/x", "arn:aws:s3:::x", "example.com"])
def test_what_is_no_principal_is_refused(text):
    with pytest.raises(ValueError, match="is not a principal"):
        Principal.of(text)


def test_aws_would_not_refuse_what_it_wrote_itself():
    policies = json.loads(aws_managed_policies_data)
    refused = {name: refusals(parse_document(p["Document"]), "identity") for name, p in policies.items()}
    assert len(refused) > 1500
    assert {name: problems for name, problems in refused.items() if problems} == {}


ACTIONS = st.sampled_from(
    [
        *(
            "s3:GetObject",
            "s3:*",
            "S3:PUT*",
            "iam:PassRole",
            "*",
            "**",
            "s3:ListAllMyBuckets",
            "no:Such",
            "Get*",
        ),
        *("kms:*", "sts:AssumeRole"),
    ]
)
RESOURCES = st.sampled_from(
    [
        "*",
        "arn:aws:s3:::example/*",
        "arn:aws:s3:::*",
        "arn:aws:iam::111122223333:role/x",
        "arn:aws:s3:::${aws:username}/*",
        "arn:aws:s3:*:*:example/*",
        "arn:aws:iam::111122223333:*/x",
        "arn:aws:kms:*:*:key/*",
        "arn:*",
        "**",
        "?",
        "example/*",
    ]
)
CONDITIONS = st.sampled_from(
    [
        {},
        {"Bool": {"aws:SecureTransport": "true"}},
        {"StringEquals": {"aws:PrincipalTag/team": "x"}},
        {"ForAllValues:StringEquals": {"aws:TagKeys": "x"}},
        {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
        {"StringNotEquals": {"key": "x"}},
        {"StringIs": {"aws:username": "x"}},
    ]
)
STATEMENT = st.builds(
    lambda effect, action, actions, resource, resources, condition: {
        "Effect": effect,
        action: actions,
        resource: resources,
        "Condition": condition,
    },
    st.sampled_from(["Allow"] * 6 + ["Deny"] * 3 + ["deny"]),
    st.sampled_from(["Action", "Action", "NotAction"]),
    st.lists(ACTIONS, min_size=1, max_size=2),
    st.sampled_from(["Resource", "Resource", "NotResource"]),
    st.lists(RESOURCES, min_size=1, max_size=2),
    CONDITIONS,
)
POLICY = st.lists(STATEMENT, min_size=1, max_size=4).map(lambda s: policy(*s))
CONTEXT = st.dictionaries(
    st.sampled_from(
        ["aws:SecureTransport", "aws:PrincipalTag/team", "aws:TagKeys", "aws:SourceIp", "aws:username"]
    ),
    st.sampled_from(["true", "x", "example", "10.1.2.3"]) | st.lists(st.just("x"), max_size=2),
)
ASKED = st.sampled_from(
    [
        ("s3:GetObject", "arn:aws:s3:::example/x"),
        ("s3:PutObject", "arn:aws:s3:::other/y"),
        ("iam:PassRole", "arn:aws:iam::111122223333:role/x"),
        ("s3:ListAllMyBuckets", "*"),
        ("ec2:DescribeRegions", "*"),
        ("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/1"),
        ("sts:AssumeRole", "arn:aws:iam::111122223333:role/x"),
    ]
)
ACCOUNT_MAY = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}}
LEFT_TO_THE_ACCOUNT = {
    "kms:decrypt": parse_document(
        policy({**ACCOUNT_MAY, "Action": "kms:*", "Resource": "*"}), kind="resource"
    ),
    "sts:assumerole": parse_document(
        policy({**ACCOUNT_MAY, "Action": ["sts:AssumeRole", "sts:TagSession"]}), kind="trust"
    ),
}
"""What KMS keys and roles say whose account decides who may (rule B7)."""


def decide(identity, asked, context, **more):
    action, resource = asked
    its_policy = LEFT_TO_THE_ACCOUNT.get(action.lower())
    asked = {"action": action, "resource": resource, "context": Context.of(context)}
    return authorize(request(*identity, **asked, resource_policy=its_policy, **more))


def ask(identity, asked, context, **more):
    return decide(identity, asked, context, **more).verdict


def width(identity, asked, context, **more):
    """Return 2 for allowed, 1 for perhaps, 0 for never."""
    decision = decide(identity, asked, context, **more)
    if decision.verdict == "depends":
        return 0 if decision.blocked_by else 1
    return 2 if decision.verdict == "allowed" else 0


@settings(max_examples=150, deadline=None)
@given(st.lists(POLICY, max_size=3), st.none() | POLICY, ASKED, CONTEXT)
def test_the_two_engines_agree(identity, boundary, asked, context):
    """Whatever is allowed lies in ``possible``; whatever lies in ``certain`` is allowed.

    A KMS key or a role must leave it to the account: what is certain is so on the caller's side. Who passes
    tags to a session asks for ``sts:TagSession``, too.
    """
    limit = None if boundary is None else parse_document(boundary)
    verdict = ask(identity, asked, context, boundary=limit)
    sets = effective_permissions(
        [document_grants(parse_document(p), CATALOGUE) for p in identity],
        None if limit is None else document_grants(limit, CATALOGUE),
    )
    passes_tags = asked[0] == "sts:AssumeRole" and context.get("aws:TagKeys")
    wanted = CATALOGUE.expand_patterns([asked[0], *(["sts:TagSession"] if passes_tags else [])])
    if verdict == "allowed":
        assert sets.possible & wanted == wanted
    if sets.certain & wanted == wanted:
        assert verdict == "allowed"


@settings(max_examples=80, deadline=None)
@given(st.lists(POLICY, min_size=1, max_size=2), ASKED, CONTEXT, STATEMENT, POLICY)
def test_a_deny_a_boundary_or_one_more_scp_level_never_widens(identity, asked, context, extra, limit):
    before = width(identity, asked, context)
    assert width([*identity, policy({**extra, "Effect": "Deny"})], asked, context) <= before
    assert width(identity, asked, context, boundary=parse_document(limit)) <= before
    level = (parse_document(limit, kind="scp"),)
    assert width(identity, asked, context, scps=(level,)) <= before


@settings(max_examples=80, deadline=None)
@given(st.lists(POLICY, min_size=1, max_size=2), ASKED, CONTEXT, POLICY)
def test_a_session_policy_never_widens(identity, asked, context, session):
    """Rule B6."""
    who = "arn:aws:sts::111122223333:assumed-role/app/s"
    before = width(identity, asked, context, who=who)
    assert width(identity, asked, context, who=who, session=parse_document(session, kind="session")) <= before


@settings(max_examples=150, deadline=None)
@given(st.lists(POLICY, max_size=2), st.lists(POLICY, max_size=2), ASKED, CONTEXT)
def test_the_two_engines_agree_under_an_organization(identity, levels, asked, context):
    """Rules A4 and D2, as sets and as a decision."""
    scps = tuple((parse_document(p, kind="scp"),) for p in levels)
    verdict = ask(identity, asked, context, scps=scps)
    sets = effective_permissions(
        [document_grants(parse_document(p), CATALOGUE) for p in identity],
        scps=[level_grants(level, CATALOGUE, "scp") for level in scps],
    )
    passes_tags = asked[0] == "sts:AssumeRole" and context.get("aws:TagKeys")
    wanted = CATALOGUE.expand_patterns([asked[0], *(["sts:TagSession"] if passes_tags else [])])
    if verdict == "allowed":
        assert sets.possible & wanted == wanted
    if sets.certain & wanted == wanted:
        assert verdict == "allowed"


@settings(max_examples=50, deadline=None)
@given(st.lists(POLICY, max_size=2), ASKED, CONTEXT)
def test_the_letter_case_of_the_action_that_is_asked_for_does_not_matter(identity, asked, context):
    action, resource = asked
    assert ask(identity, (action.upper(), resource), context) == ask(identity, asked, context)


def test_a_policy_of_the_caller_that_nobody_has_may_deny_and_may_allow():
    asked = authorize(request(policy(ALLOW), missing=("the group x",)))
    assert (asked.verdict, asked.missing) == ("depends", ("the group x",))
    denied = authorize(request(policy(DENY), missing=("the group x",)))
    assert denied.verdict == "explicit deny"


def test_a_resource_policy_that_nobody_has_cannot_replace_the_identity_across_accounts():
    """Rules C1, C2."""
    far = {"who": "arn:aws:iam::444455556666:user/eve", "missing_resource_policy": "the bucket policy"}
    assert authorize(request(policy(ALLOW), **far)).missing == ("the bucket policy",)
    assert authorize(request(**far)).blocked_by == "identity policies"
    own = authorize(request(missing_resource_policy="the bucket policy"))
    assert (own.verdict, own.blocked_by) == ("depends", None)


@pytest.mark.parametrize(
    ("entry", "resource", "is_wide"),
    [
        ("arn:aws:sqs:*:jobs", "arn:aws:sqs:eu-west-1:111122223333:jobs", True),
        ("arn:aws:sqs:*:*:jobs", "arn:aws:sqs:eu-west-1:111122223333:jobs", False),
        ("arn:aws:sqs:*", "arn:aws:sqs:eu-west-1:111122223333:jobs", True),
        ("arn:aws:sqs:eu-west-?:111122223333:j*", "arn:aws:sqs:eu-west-1:111122223333:jobs", False),
        ("*", "arn:aws:sqs:eu-west-1:111122223333:jobs", False),
    ],
)
def test_a_verdict_says_when_it_needs_the_wider_reading_of_a_star(entry, resource, is_wide):
    """Rule G2."""
    statement = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": entry}
    decision = authorize(request(policy(statement), action="sqs:SendMessage", resource=resource))
    assert decision.verdict == "allowed"
    assert bool(decision.wide) is is_wide


@settings(max_examples=50, deadline=None)
@given(st.lists(STATEMENT, min_size=2, max_size=4), ASKED, CONTEXT, st.randoms(use_true_random=False))
def test_the_order_of_statements_does_not_matter(statements, asked, context, random):
    shuffled = random.sample(statements, len(statements))
    assert ask([policy(*shuffled)], asked, context) == ask([policy(*statements)], asked, context)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from(["Allow", "*", "s3:*"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Version", "Statement", "Effect", "Action", "Resource", "Condition", "Principal"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=10,
)


@settings(max_examples=80, deadline=None)
@given(JSON, JSON, JSON)
def test_no_json_as_a_policy_makes_the_decision_raise(identity, resource, level):
    verdict = simulate(
        {
            "principalArn": ANN,
            "accountId": "111122223333",
            "action": "s3:GetObject",
            "resource": "arn:aws:s3:::example/x",
            "context": {},
            "identityPolicies": [identity],
            "resourcePolicy": resource,
            "scps": [[level]],
        }
    )
    assert verdict in {"Allowed", "ExplicitDeny", "ImplicitDeny", "Unknown"}


@pytest.mark.parametrize(
    ("actions", "condition", "verdict"),
    [
        (["sts:AssumeRole"], {"StringEquals": {"aws:RequestTag/team": "red"}}, "implicit deny"),
        (["sts:AssumeRole"], {"StringEquals": {"sts:SourceIdentity": "ann"}}, "implicit deny"),
        (["sts:AssumeRole", "sts:TagSession"], {"StringEquals": {"aws:RequestTag/team": "red"}}, "depends"),
        (["sts:AssumeRole"], {"Bool": {"aws:MultiFactorAuthPresent": "true"}}, "depends"),
    ],
)
def test_what_nobody_may_pass_to_a_session_meets_no_condition(actions, condition, verdict):
    """Rule B7: without ``sts:TagSession`` the request is denied with tags, and without them as well."""
    role = "arn:aws:iam::111122223333:role/x"
    trust = policy({**ACCOUNT_MAY, "Action": actions, "Condition": condition})
    asked = request(
        policy({"Effect": "Allow", "Action": actions, "Resource": role}),
        action="sts:AssumeRole",
        resource=role,
        context=Context({}, is_complete=False),
        resource_policy=parse_document(trust, kind="trust"),
    )
    assert authorize(asked).verdict == verdict


@pytest.mark.parametrize(
    ("key", "tells"),
    [
        ("aws:requesttag/team", True),
        ("sts:sourceidentity", True),
        ("aws:tagkeys", True),
        ("aws:sourceip", False),
    ],
)
def test_keys_that_tell_of_what_is_passed_to_a_session(key, tells):
    assert tells_of_passed(key) is tells
