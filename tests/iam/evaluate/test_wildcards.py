import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iamaudit.iam.actions import load_catalogue
from iamaudit.iam.evaluate import Context, document_grants, simulate
from iamaudit.iam.evaluate.resources import covers_by_wide_reading, resource_regex
from iamaudit.iam.evaluate.variables import glob, substitute
from iamaudit.iam.evaluate.wildcards import ANY, ANY_RUN, WITHIN, WITHIN_RUN, matcher
from iamaudit.iam.lint import lint_policy
from iamaudit.iam.policy import matches_pattern, parse_document

TOKENS = st.lists(st.sampled_from(["a", "b", ":", r"\.", ANY, WITHIN, ANY_RUN, WITHIN_RUN]), max_size=9)
TEXT = st.text(alphabet="ab:.\n", max_size=9)
LONG = "role/" + "a" * 2_000


@settings(max_examples=600, deadline=None)
@given(TOKENS, TEXT)
def test_a_matcher_says_what_the_plain_regular_expression_says(tokens, text):
    plain = re.compile("".join(tokens), re.DOTALL)
    assert bool(matcher(tuple(tokens)).fullmatch(text)) is bool(plain.fullmatch(text))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(["a", "b", WITHIN_RUN, WITHIN_RUN, ANY]), min_size=6, max_size=12),
    st.text(alphabet="ab:", max_size=12),
)
def test_so_does_one_that_is_an_automaton(tokens, text):
    plain = re.compile("".join(tokens), re.DOTALL)
    assert bool(matcher(tuple(tokens)).fullmatch(text)) is bool(plain.fullmatch(text))


def test_many_stars_within_a_segment_are_no_regular_expression():
    tokens = (WITHIN_RUN, "a") * 4
    assert not isinstance(matcher(tokens), re.Pattern)
    assert matcher(tokens).pattern == "".join(tokens)
    assert matcher(tokens) is matcher(tokens)


@pytest.mark.parametrize(
    "entry",
    [
        "arn:aws:iam::111122223333:role/*a*a*a*a*b",
        "arn:aws:iam:*a*a*a*a*a*b:111122223333:role/x",
        "*a*a*a*a*a*a*b",
        "arn:aws:iam::*:*:*:*:*:*:*b",
    ],
)
def test_no_pattern_takes_long_over_a_long_text(entry):
    regex = resource_regex(entry, Context({}), has_variables=True)
    like = glob(substitute(entry, Context({}), has_variables=True))
    statement = parse_document(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": entry}}
    ).statements[0]
    texts = [
        f"arn:aws:iam::111122223333:{LONG}",
        f"arn:aws:iam:{'a' * 2_000}:111122223333:role/x",
        "arn:aws:iam::" + ":" * 2_000,
    ]
    started = time.perf_counter()
    for text in texts:
        assert not regex.fullmatch(text)
        assert not like.fullmatch(text)
        assert covers_by_wide_reading(statement, text)
    assert time.perf_counter() - started < 1  # by going back it would be minutes


HARD = [
    *(
        "*a" * 300 + "b",
        "?*" * 1_000,
        "*" * 6_000,
        "*?" * 500,
        "arn:" + "*:" * 500,
        "[!" * 1_000,
        "(a+)+" * 500,
    ),
    *("${" * 2_000, "${a:" * 1_500, "${a, '" * 1_000, "${a:b}" * 900, "{" * 3_000, "\\" * 3_000),
    *("1" * 5_000 + ".", "2026-01-01T" * 300, "10.0.0.0/" + "9" * 1_000, ":" * 5_000),
]
OPERATORS = ("StringLike", "StringNotEquals", "ArnLike", "NumericEquals", "DateLessThan", "IpAddress", "Bool")


@pytest.mark.parametrize("text", HARD, ids=lambda text: text[:12])
def test_no_text_of_a_policy_takes_long_anywhere(text):
    """A text of 6,000 characters, about what a policy may hold, as any part of one."""
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    tests = {name: {"aws:k": text, text: "x"} for name in OPERATORS}
    statements = [
        {**statement, "Action": [text, f"s3:{text}"]},
        {**statement, "Resource": [text, f"arn:aws:s3:::{text}"]},
        {**statement, "Condition": tests, "Sid": text},
    ]
    policy = {"Version": "2012-10-17", "Statement": statements}
    query = {
        "principalArn": "arn:aws:iam::111122223333:user/ann",
        "accountId": "111122223333",
        "action": "s3:GetObject",
        "resource": f"arn:aws:s3:::{'a' * 1_000}",
        "identityPolicies": [policy],
        "context": {"aws:k": "a" * 2_000, "a:b": "a"},
    }
    load_catalogue()
    started = time.process_time()
    simulate(query)
    lint_policy(policy)
    document_grants(parse_document(policy), load_catalogue())
    matches_pattern("a" * 6_000, text, ignore_case=True)
    assert time.process_time() - started < 2  # a regular expression that goes back would take minutes


@pytest.mark.parametrize(
    ("entry", "text", "fits"),
    [
        ("arn:aws:ec2:*:*:instance/*", "arn:aws:ec2:eu-west-1:111122223333:instance/i-1", True),
        ("arn:aws:ec2:*:*:instance/*", "arn:aws:ec2:eu-west-1:111122223333:volume/v-1", False),
        ("arn:aws:iam::111122223333:role/*a*b*c*d", "arn:aws:iam::111122223333:role/xaxbxcxd", True),
        ("arn:aws:iam::111122223333:role/*a*b*c*d", "arn:aws:iam::111122223333:role/xbxaxcxd", False),
        ("arn:aws:s*q*s*:eu-west-1:1:jobs", "arn:aws:sqs:eu-west-1:1:jobs", True),
    ],
)
def test_entries_with_many_stars_cover_what_they_should(entry, text, fits):
    assert bool(resource_regex(entry, Context({}), has_variables=True).fullmatch(text)) is fits
