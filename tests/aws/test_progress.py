"""How far a collection is, and how long the rest takes."""

import pytest

from iamaudit.aws import asking as room
from iamaudit.aws.asking import Questions, side_by_side
from iamaudit.aws.schedule import progress_in_words


def under_way(done, total, seconds, monkeypatch):
    monkeypatch.setattr(room, "monotonic", lambda: 1000.0)
    questions = Questions()
    questions.done, questions.total, questions.begun_at = done, total, 1000.0 - seconds
    return questions


@pytest.mark.parametrize(
    ("done", "total", "seconds", "words"),
    [
        (0, 2_000, 5, "last_accessed 0 of 2,000"),
        (500, 2_000, 60, "last_accessed 500 of 2,000, about 3 minutes left"),
        (1_999, 2_000, 600, "last_accessed 1,999 of 2,000, about 1 minute left"),
        (2_000, 2_000, 600, ""),
    ],
)
def test_the_rest_takes_as_long_as_the_pace_so_far_says(done, total, seconds, words, monkeypatch):
    assert progress_in_words({"last_accessed": under_way(done, total, seconds, monkeypatch)}) == words


def test_the_source_that_takes_longest_is_named(monkeypatch):
    quick, slow = under_way(10, 20, 60, monkeypatch), under_way(10, 100, 60, monkeypatch)
    assert progress_in_words({"access_keys": quick, "last_accessed": slow}) == (
        "last_accessed 10 of 100, about 9 minutes left"
    )


def test_what_is_done_never_goes_backwards():
    questions, seen = Questions(4), []

    def ask():
        for _ in side_by_side(range(50), lambda item: item):
            seen.append((questions.done, questions.total))

    questions.ask(ask, 30)
    assert seen == [(number, 50) for number in range(1, 51)]
