"""What documents say about every resource of a type, against the decision about one that nobody names."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iamaudit.iam.actions import POWERS, SENSITIVE, load_catalogue
from iamaudit.iam.actions.reference import resource_templates
from iamaudit.iam.evaluate import (
    UNREADABLE,
    Context,
    EveryResource,
    Grants,
    Home,
    Principal,
    Request,
    authorize,
    document_grants,
    effective_permissions,
    left_of,
    settled,
    whole_services,
)
from iamaudit.iam.policy import parse_document

CATALOGUE = load_catalogue()
ACCOUNT = "111122223333"
EVERY = EveryResource.of(SENSITIVE, CATALOGUE, Home("aws", ACCOUNT))
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
ROLES = f"arn:aws:iam::{ACCOUNT}:role/*"


def document(*statements, version="2012-10-17"):
    return parse_document({"Version": version, "Statement": list(statements)})


def statement(action="iam:PassRole", resource="*", effect="Allow", **fields):
    made = {"Effect": effect, "Action": action, "Resource": resource, **fields}
    return {name: value for name, value in made.items() if value is not None}


def grants(*statements, **more):
    return settled(EVERY.grants(document(*statements, **more)))


def names(actions):
    return CATALOGUE.names_of(actions)


@pytest.mark.parametrize("action", SENSITIVE)
def test_a_sensitive_action_exists_and_the_first_of_a_power_takes_one_type(action):
    assert action in CATALOGUE.names
    assert len(resource_templates(action)) <= 2


def test_the_powers_are_about_all_sensitive_actions_but_the_reading_of_data():
    asked = {action for actions in POWERS.values() for action in actions}
    assert names(EVERY.everything) == sorted({*asked, *SENSITIVE}, key=str.lower)


@pytest.mark.parametrize(
    ("resource", "covers"),
    [
        ("*", True),
        (ROLES, True),
        ("arn:aws:iam::*:role/*", True),
        (f"arn:*:iam::{ACCOUNT}:role/*", True),
        ("arn:aws:iam::*:*", True),
        ("arn:aws:iam::*:role/?*", True),
        ("arn:aws:iam::*:role/????????????????????????????????????????", False),  # 40 characters, no more
        ("arn:aws:iam::*:role/app", False),
        ("arn:aws:iam::*:role/team-*", False),
        ("arn:aws:iam::444455556666:role/*", False),  # those of another account
        ("arn:aws-cn:iam::*:role/*", False),
        ("arn:aws:iam::*:user/*", False),
        ("arn:aws:iam::*:role/${aws:username}", False),
        (["arn:aws:iam::*:role/app", ROLES], True),
    ],
)
def test_a_pattern_covers_every_role_or_some(resource, covers):
    assert names(grants(statement(resource=resource)).possible) == (["iam:PassRole"] if covers else [])


@pytest.mark.parametrize(
    ("excluded", "open_"),
    [
        ("arn:aws:s3:::example", True),
        ("arn:aws:iam::*:role/admin", True),
        ("arn:aws:iam::*:role/${aws:username}", True),
        (ROLES, False),
        ("*", False),
    ],
)
def test_what_not_resource_leaves(excluded, open_):
    found = grants(statement(resource=None, NotResource=excluded))
    assert names(found.certain) == (["iam:PassRole"] if open_ else [])


def test_a_region_of_keys_is_not_every_key():
    assert not grants(statement("kms:Decrypt", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/*")).possible
    assert grants(statement("kms:Decrypt", f"arn:aws:kms:*:{ACCOUNT}:key/*")).possible


@pytest.mark.parametrize(("name", "covers"), [("*", True), ("*-??????", True), ("app-??????", False)])
def test_secrets_manager_ends_the_name_of_every_secret_with_six_characters(name, covers):
    """https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html"""
    found = grants(statement("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:*:*:secret:{name}"))
    assert bool(found.possible) is covers


def test_an_action_without_resource_takes_the_bare_star_only():
    """Rule F4."""
    assert names(grants(statement("aws-marketplace:Subscribe")).certain) == ["aws-marketplace:Subscribe"]
    assert not grants(statement("aws-marketplace:Subscribe", "arn:aws:aws-marketplace:::x")).possible


def test_a_condition_makes_an_allow_possible_and_a_deny_perhaps():
    found = grants(statement(Condition=MFA))
    assert (names(found.certain), names(found.possible)) == ([], ["iam:PassRole"])
    denied = grants(statement(effect="Deny", Condition=MFA))
    assert (names(denied.denied), names(denied.denied_somewhere)) == ([], ["iam:PassRole"])


def test_a_deny_of_something_else_takes_nothing_and_one_of_every_role_all():
    scoped = effective_permissions([grants(statement(), statement(resource=f"{ROLES[:-1]}x", effect="Deny"))])
    assert names(scoped.certain) == ["iam:PassRole"]
    assert not effective_permissions([grants(statement(), statement("*", ROLES, "Deny"))]).possible
    only_one = statement(resource=None, NotResource=f"{ROLES[:-1]}x", effect="Deny")
    assert not effective_permissions([grants(statement(), only_one)]).possible


def test_in_an_old_version_a_variable_is_text():
    """Rule H8."""
    entry = f"{ROLES[:-1]}${{*}}"
    assert not grants(statement(resource=entry), version="2012-10-17").possible
    assert not grants(statement(resource=entry), version="2008-10-17").possible


def test_a_document_that_cannot_be_read_is_not_complete():
    assert EVERY.grants(parse_document("no policy")) == UNREADABLE
    assert (
        EVERY.grants(parse_document({"Version": "2012-10-17", "Statement": [statement("s3:List*")]}))
        == Grants()
    )


def test_a_trust_policy_covers_no_resource():
    trust = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
    found = parse_document({"Version": "2012-10-17", "Statement": [trust]}, kind="trust")
    assert EVERY.grants(found) == Grants()


@pytest.mark.parametrize(
    ("actions", "services"),
    [
        ({"Action": "s3:*"}, ("s3",)),
        ({"Action": ["S3:*", "kms:D*"]}, ("s3",)),
        ({"Action": ["sqs:?*", "sqs:x"]}, ("sqs",)),
        ({"Action": [name for name in CATALOGUE.names if name.startswith("sqs:")]}, ("sqs",)),
        ({"Action": "rds-db:connect"}, ()),
        ({"Action": "rds-db:*"}, ("rds-db",)),
        ({"Action": "s3:Get*"}, ()),
        ({"Action": "nothing:*"}, ()),
    ],
)
def test_the_services_that_a_statement_covers_as_a_whole(actions, services):
    made = document({"Effect": "Allow", "Resource": "*", **actions}).statements[0]
    assert whole_services(made, CATALOGUE) == services


def test_a_star_covers_every_service_and_not_action_all_but_some():
    everything, but_iam = document(statement("*"), statement(None, NotAction="iam:*")).statements
    assert whole_services(everything, CATALOGUE) == tuple(CATALOGUE.services)
    for _ in range(2):  # worked out once, and kept
        assert set(CATALOGUE.services) - set(whole_services(but_iam, CATALOGUE)) == {"iam"}


@pytest.mark.parametrize(
    ("more", "void"),
    [
        ([], False),
        ([statement("iam:*", effect="Deny")], True),
        ([statement("iam:*", effect="Deny", Condition={"Null": {"aws:username": "true"}})], False),
        ([statement("iam:*", effect="Deny", Condition=MFA)], False),
        ([statement("iam:*", ROLES, "Deny")], False),
    ],
)
def test_what_is_left_of_an_allow_is_what_its_document_does_not_deny_in_any_case(more, void):
    made = document(statement("iam:PassRole"), *more)
    left = left_of(made.statements[0], made, document_grants(made, CATALOGUE), CATALOGUE)
    assert names(left) == ([] if void else ["iam:PassRole"])


def test_a_statement_that_reaches_nothing_leaves_nothing():
    made = document(statement(effect="Deny"), statement("s3x:Get"), statement(resource=None, NotResource="*"))
    said = document_grants(made, CATALOGUE)
    left = [names(left_of(each, made, said, CATALOGUE)) for each in made.statements]
    assert left == [["iam:PassRole"], [], []]


ENTRIES = st.sampled_from(
    [
        *("*", ROLES, "arn:aws:iam::*:role/app", "arn:aws:kms:*:*:key/*", "arn:*", "arn:aws:iam::*:user/*"),
        *("arn:aws:iam::*:*/${aws:username}", "arn:aws:kms:eu-west-1:*:key/*"),
    ]
)
STATEMENT = st.builds(
    lambda effect, action, actions, resource, resources, condition: {
        "Effect": effect,
        action: actions,
        resource: resources,
        **condition,
    },
    st.sampled_from(["Allow", "Allow", "Deny"]),
    st.sampled_from(["Action", "Action", "NotAction"]),
    st.lists(st.sampled_from(["iam:PassRole", "iam:*", "kms:Dec*", "*", "sqs:*"]), min_size=1, max_size=2),
    st.sampled_from(["Resource", "Resource", "NotResource"]),
    st.lists(ENTRIES, min_size=1, max_size=2),
    st.sampled_from([{}, {}, {"Condition": MFA}]),
)
DOCUMENT = st.lists(STATEMENT, min_size=1, max_size=4).map(lambda made: document(*made))
ASKED = st.sampled_from(["iam:PassRole", "iam:CreateAccessKey", "kms:Decrypt", "aws-marketplace:Subscribe"])


@settings(max_examples=150, deadline=None)
@given(st.lists(DOCUMENT, max_size=3), st.none() | DOCUMENT, st.lists(DOCUMENT, max_size=2), ASKED)
def test_the_sets_are_the_decision_about_a_resource_that_nobody_names(identity, boundary, levels, action):
    """Certain is allowed, and possible is allowed or depends."""
    sets = effective_permissions(
        [EVERY.grants(each) for each in identity],
        None if boundary is None else EVERY.grants(boundary),
        scps=[EVERY.level((level,), "scp") for level in levels],
    )
    template = next(iter(resource_templates(action)), "*")
    resource = template.replace("arn:*", "arn:aws").replace(":*:", f":{ACCOUNT}:")
    if ":kms:" in template:
        resource = f"arn:aws:kms:\ue000\ue000\ue000:{ACCOUNT}:key/*"
    decision = authorize(
        Request(
            principal=Principal.of(f"arn:aws:iam::{ACCOUNT}:user/ann"),
            action=action,
            resource=resource if resource == "*" else resource[:-1] + "\ue000" * 40,
            resource_account=ACCOUNT,
            context=Context({"aws:username": "ann"}, is_complete=False),
            identity=tuple(identity),
            boundary=boundary,
            resource_policy=KEY_POLICY if ":kms:" in template else None,
            scps=tuple((replace(level),) for level in levels),
        )
    )
    bit = CATALOGUE.expand_pattern(action)
    assert bool(sets.certain & bit) == (decision.verdict == "allowed")
    may = decision.verdict == "allowed" or (decision.verdict == "depends" and not decision.blocked_by)
    assert bool(sets.possible & bit) == may


KEY_POLICY = parse_document(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"},
        ],
    },
    kind="resource",
)
