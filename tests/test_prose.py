"""What a reader sees is plain English: pages, notebooks and templates avoid the words of one list."""

import re

import pytest

from tests.prose import ROOT, forbidden_in, pages


@pytest.mark.parametrize(("name", "text"), pages().items(), ids=pages().keys())
def test_a_page_avoids_the_forbidden_words(name, text):
    assert forbidden_in(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Who can make\nhimself an administrator", ["himself"]),
        ("Whoever holds it", ["Whoever"]),
        ("it hangs\non a condition", ["hangs on"]),
        ("1 active access keys", ["1 active access keys"]),
        ("11 active access keys, 1 active access key", []),
        ("a path to administrator", []),
    ],
)
def test_a_forbidden_word_is_found_across_lines_and_cases(text, found):
    assert forbidden_in(text) == found


def test_the_page_on_style_has_pairs_of_text_before_and_after():
    table = (ROOT / "docs" / "style.md").read_text(encoding="utf-8").split("## Before and after")[1]
    pairs = re.findall(r"^\| \w+ \| (.+?) \| (.+) \|$", table, re.MULTILINE)[1:]
    assert len(pairs) >= 15
    assert [after for _, after in pairs if forbidden_in(after)] == []
