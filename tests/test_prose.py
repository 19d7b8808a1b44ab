"""What a reader sees is plain English: pages, notebooks and templates avoid the words of one list."""

import re

import pytest
from click.testing import CliRunner

from iamaudit.checks import CATALOGUE
from iamaudit.cli import main
from tests.prose import ROOT, disagreeing_in, forbidden_in, pages


@pytest.mark.parametrize(("name", "text"), pages().items(), ids=pages().keys())
def test_a_page_avoids_the_forbidden_words(name, text):
    assert forbidden_in(text) == []
    assert disagreeing_in(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Who can make\nhimself an administrator", ["himself"]),
        ("Whoever holds it", ["Whoever"]),
        ("it hangs\non a condition", ["hangs on"]),
        ("a path to administrator", []),
    ],
)
def test_a_forbidden_word_is_found_across_lines_and_cases(text, found):
    assert forbidden_in(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1 active access keys", ["1 active access keys"]),
        ("1\nusers and 1 more policies", ["1 users", "1 more policies"]),
        ("2 key, 0 role.", ["2 key", "0 role"]),
        ("1 user are, 12 finding of it", ["1 user are", "12 finding"]),
        ("11 active access keys, 1 active access key, 1,001 users, 2.1 users, level 1 controls", []),
        ("2 user policies, key 1 of 30 keys, a 90-day limit", []),
        ("4 roles, 2 users and 1 group have access, 1 group have none", ["1 group have"]),
    ],
)
def test_a_number_that_disagrees_with_its_noun_is_found(text, found):
    assert disagreeing_in(text) == found


def _commands(group=main, name=()):
    for each, command in group.commands.items():
        yield (*name, each)
        if hasattr(command, "commands"):
            yield from _commands(command, (*name, each))


ANSWERS = (
    ("explain", "test-reader", "s3:ListBucket"),
    ("explain", "emeka.obi", "iam:CreateUser"),
    ("paths", "terraform-runner"),
    ("paths", "release-bot"),
    ("checks",),
)


@pytest.mark.parametrize("words", [*((*each, "--help") for each in _commands()), *ANSWERS], ids=" ".join)
def test_what_the_command_line_says_is_plain_english(words):
    said = CliRunner().invoke(main, words)
    assert said.exit_code == 0
    assert len(said.output) > 20
    assert forbidden_in(said.output) == []
    assert disagreeing_in(said.output) == []


def test_no_procedure_sends_the_reader_to_another_check():
    told = {name: " ".join(made.procedure.split()) for name, made in CATALOGUE.items()}
    pointing = re.compile(rf"(?:as in|those of|of) `(?:{'|'.join(CATALOGUE)})`")
    assert [name for name, text in told.items() if pointing.search(text)] == []


def test_the_page_on_style_has_pairs_of_text_before_and_after():
    table = (ROOT / "docs" / "style.md").read_text(encoding="utf-8").split("## Before and after")[1]
    pairs = re.findall(r"^\| \w+ \| (.+?) \| (.+) \|$", table, re.MULTILINE)[1:]
    assert len(pairs) >= 15
    assert [after for _, after in pairs if forbidden_in(after)] == []
