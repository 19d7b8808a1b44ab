"""The words of the catalogue: a title says the good state, a procedure is a criterion, a sentence is one."""

import re

import pytest

from iamaudit.audit import open_snapshot
from iamaudit.checks import CATALOGUE
from tests.prose import forbidden_in

CRITERION = re.compile(
    r"\b(is|are|has|have|counts?|names?|differs?|holds?|may|allows?|reaches|tests?|lies|can)\b"
)


WRITTEN = list(CATALOGUE.values())


@pytest.mark.parametrize("made", WRITTEN, ids=lambda made: made.id)
def test_a_check_says_its_wish_its_criterion_and_what_it_cannot_see(made):
    assert re.match(r"[A-Z].*[^.:!]$", made.title)
    assert made.procedure.endswith(".")
    assert CRITERION.search(made.procedure)
    assert re.match(r"[A-Z].*\b(test|AWS|summary)\b.*\.$", made.blind_spot, re.DOTALL)
    texts = (made.title, made.procedure, made.blind_spot, made.message, made.remediation)
    assert [word for text in texts for word in forbidden_in(text)] == []


@pytest.fixture(scope="module")
def messages():
    return open_snapshot("demo").findings.message


def test_no_message_of_the_demo_has_an_unknown_value(messages):
    assert messages[messages.str.contains(r"\bunknown\b|<NA>|NaT|None\b")].tolist() == []


def test_numbers_agree_with_their_words_in_the_messages_of_the_demo(messages):
    assert (
        messages[messages.str.contains(r"\b1 (?:active )?\w+ ?(?:keys|days|certificates)\b")].tolist() == []
    )
