import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamaudit.iam.policy import has_wildcard, matches_pattern

TEXT = st.text(alphabet="ab:/[]*?-.", max_size=12)


@pytest.mark.parametrize(
    ("text", "pattern", "matches"),
    [
        ("s3:GetObject", "s3:Get*", True),
        ("s3:GetObject", "s3:Get?bject", True),
        ("s3:GetObject", "s3:Get?Object", False),  # a question mark is exactly one character
        ("s3:GetObject", "*", True),
        ("s3:GetObject", "s3:*Object", True),
        ("s3:GetObject", "s3:*Objec", False),
        ("s3:GetObject", "s3:getobject", False),
        ("a[b]", "a[b]", True),  # brackets are not a character class in IAM
        ("ab", "a[b]", False),
        ("line\nbreak", "line*", True),
        ("", "*", True),
        ("", "?", False),
    ],
)
def test_star_is_any_run_and_question_mark_is_one_character(text, pattern, matches):
    assert matches_pattern(text, pattern) is matches


def test_letter_case_can_be_ignored():
    assert matches_pattern("s3:GetObject", "S3:getOBJECT", ignore_case=True)


@pytest.mark.parametrize(("text", "expected"), [("a*", True), ("a?", True), ("a[b]", False), ("", False)])
def test_has_wildcard_knows_the_two_wildcards_only(text, expected):
    assert has_wildcard(text) is expected


@given(TEXT)
def test_a_text_matches_itself_with_every_character_replaced_by_a_question_mark(text):
    assert matches_pattern(text, "?" * len(text))


@given(TEXT, TEXT)
def test_matching_agrees_with_a_plain_translation(text, pattern):
    plain = "".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in pattern)
    assert matches_pattern(text, pattern) is (re.fullmatch(plain, text, re.DOTALL) is not None)


def test_many_stars_do_not_make_matching_slow():
    started = time.perf_counter()
    assert not matches_pattern("a" * 5000, "*a" * 40 + "b")
    assert time.perf_counter() - started < 1
