"""A document cut down to some actions: what is written, and that it never says more."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iamaudit.iam.actions import load_catalogue
from iamaudit.iam.evaluate import document_grants, narrowed
from iamaudit.iam.policy import parse_document, write_document
from tests.iam.evaluate.test_effective import POLICY

CATALOGUE = load_catalogue()
S3 = ["s3:GetObject", "s3:PutObject"]
STS = "sts:*"


def document(*statements):
    return parse_document({"Version": "2012-10-17", "Statement": list(statements)})


def kept(*patterns):
    return CATALOGUE.expand_patterns(patterns)


def allow(**fields):
    return {"Effect": "Allow", "Resource": ["*"], **fields}


CASES = {
    "a pattern that loses nothing stays as it is written": (
        allow(Action=["S3:GetObj*t", "sqs:SendMessage"]),
        ["s3:GetObj*t", "s3:PutObject"],
        ["S3:GetObj*t"],
    ),
    "a pattern that loses something becomes the names that are kept": (
        allow(Action=["s3:*"]),
        S3,
        S3,
    ),
    "what another pattern covers already is not written twice": (
        allow(Action=["s3:*", "s3:Get*"]),
        ["s3:Get*", "s3:PutObject"],
        ["s3:Get*", "s3:PutObject"],
    ),
    "a whole service is kept as such": (allow(Action=["*"]), [STS, "s3:GetObject"], ["s3:GetObject", STS]),
    "a service that a pattern covers in part is kept by names": (
        allow(Action=["sqs:*Message", "sns:*"]),
        ["sqs:SendMessage"],
        ["sqs:SendMessage"],
    ),
    "NotAction becomes the actions that are kept of it": (
        {"Effect": "Allow", "NotAction": ["iam:*"], "Resource": ["*"]},
        [STS, "iam:GetUser", "s3:GetObject"],
        ["s3:GetObject", STS],
    ),
    "a service that NotAction touches is kept by names": (
        {"Effect": "Allow", "NotAction": ["sts:DecodeAuthorizationMessage"], "Resource": ["*"]},
        ["sts:AssumeRole"],
        ["sts:AssumeRole"],
    ),
    "a wildcard in the service of NotAction may touch any service": (
        {"Effect": "Allow", "NotAction": ["ia?:*"], "Resource": ["*"]},
        ["sqs:*"],
        CATALOGUE.names_of(CATALOGUE.expand_pattern("sqs:*")),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_actions_of_an_allow(name):
    statement, patterns, expected = CASES[name]
    (found,) = narrowed(document(statement), kept(*patterns), CATALOGUE).statements
    assert (list(found.actions), found.not_actions) == (expected, None)


def test_resources_conditions_and_the_sid_stay_and_so_does_a_deny():
    deny = {"Effect": "Deny", "Action": ["*"], "NotResource": ["arn:aws:s3:::a"]}
    scoped = {
        "Sid": "Lake",
        "Effect": "Allow",
        "Action": ["s3:*"],
        "NotResource": ["arn:aws:s3:::b/*"],
        "Condition": {"Bool": {"aws:SecureTransport": ["true"]}},
    }
    found = narrowed(document(deny, scoped), kept("s3:GetObject"), CATALOGUE)
    assert write_document(found)["Statement"] == [deny, {**scoped, "Action": ["s3:GetObject"]}]


def test_a_statement_of_which_nothing_is_kept_is_gone():
    found = narrowed(document(allow(Action=["s3:*"]), allow(Action=["sqs:*"])), kept("sqs:*"), CATALOGUE)
    assert [s.actions for s in found.statements] == [("sqs:*",)]


def test_a_used_action_that_the_catalogue_does_not_have_is_kept_where_it_was_allowed():
    statements = allow(Action=["s3:*"]), {"Effect": "Allow", "NotAction": ["s3:*"], "Resource": ["*"]}
    found = narrowed(document(*statements), kept("s3:GetObject"), CATALOGUE, ["s3:BrandNew", "sqs:BrandNew"])
    assert [s.actions for s in found.statements] == [("s3:GetObject", "s3:BrandNew"), ("sqs:BrandNew",)]


KEPT = st.lists(
    st.sampled_from(["s3:Get*", "s3:PutObject", "iam:*", "sts:*", "ec2:DescribeInstances", "*", "s3:*"]),
    max_size=4,
)


@settings(max_examples=150, deadline=None)
@given(POLICY, KEPT)
def test_it_says_of_what_is_kept_just_what_it_said_before(policy, patterns):
    before, actions = document(*policy), kept(*patterns)
    after = narrowed(before, actions, CATALOGUE)
    old, new = document_grants(before, CATALOGUE), document_grants(after, CATALOGUE)
    said = [(old, new)] + [
        (a.surely, b.surely)
        for a, b in zip(old.cases, new.cases, strict=False)
        if len(old.cases) == len(new.cases)
    ]
    for was, now in said:
        for name in ("certain", "everywhere", "broad", "broadly", "possible"):
            assert getattr(now, name) == getattr(was, name) & actions, name
        for name in ("denied", "denied_broadly", "denied_on_some", "denied_somewhere"):
            assert getattr(now, name) == getattr(was, name), name


@settings(max_examples=100, deadline=None)
@given(POLICY, KEPT)
def test_what_is_written_of_it_reads_back_as_the_same(policy, patterns):
    after = narrowed(document(*policy), kept(*patterns), CATALOGUE)
    if after.statements:
        again = parse_document(write_document(after))
        assert document_grants(again, CATALOGUE) == document_grants(after, CATALOGUE)
