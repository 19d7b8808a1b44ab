"""Pieces of a page: marks, facts and prose as HTML in which every value is escaped."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from markupsafe import Markup, escape

MARKS = {"not met": "bad", "not evaluated": "warn", "manual": "none", "met": "ok"}
"""The colour of each conclusion, the most urgent first."""

SEVERITY_COLOURS = {
    "critical": "bad",
    "high": "bad",
    "medium": "warn",
    "low": "none",
    "informational": "none",
    "error": "bad",
    "security warning": "bad",
    "warning": "warn",
    "suggestion": "none",
}
_SPECIAL = re.compile("[&<>'\"]")
_HYPHENATED = re.compile(r"(?<!\S)(?=[a-z-]{3,40}(?!\S))[a-z-]*-[a-z]+(?!\S)")
_LONG_WORD = re.compile(r"\S{24,}")
_BREAKS = re.compile(r"(?<=[/:_.@=#-])(?=\w{3})|(?<=,)(?=[^\W\d])")


@dataclass(frozen=True, slots=True)
class Html:
    """A piece of a page that a notebook displays."""

    markup: Markup

    def _repr_html_(self) -> str:
        return str(self.markup)

    def __repr__(self) -> str:
        spaced = str(self.markup).replace("<wbr>", "").replace("<", " <")
        return " ".join(Markup(spaced).striptags().split())  # noqa: S704 - only to take the tags out


def escaped(value: Any) -> str:
    """Return a value as text that HTML can hold; what is HTML already stays.

    It is ``markupsafe.escape``, but quick for the many texts that have nothing to escape.
    """
    return value if type(value) is str and not _SPECIAL.search(value) else escape(value)


@cache
def conclusion_mark(conclusion: str) -> Markup:
    """Return a conclusion with the shape and the colour that go with it."""
    return Markup('<span class="mark {}">{}</span>').format(MARKS.get(conclusion, "none"), conclusion)


@cache
def severity_mark(severity: str) -> Markup:
    """Return a severity in its colour."""
    return Markup('<b class="{}">{}</b>').format(SEVERITY_COLOURS[severity], severity)


def fact_list(facts: Iterable[tuple[str, Any]]) -> Markup:
    """Return labels with their texts."""
    rows = "".join(f"<dt>{escaped(label)}</dt><dd>{escaped(text)}</dd>" for label, text in facts)
    return Markup(f'<dl class="facts">{rows}</dl>')  # noqa: S704 - escaped a line ago


def prose(text: str) -> Markup:
    """Return our own words as HTML, with what stands in backticks as code; options stay on a line."""
    pieces = escaped(text).split("`")
    marked = (
        f"<code>{_HYPHENATED.sub(_unbroken, piece)}</code>" if number % 2 else piece
        for number, piece in enumerate(pieces)
    )
    return Markup("".join(marked))  # noqa: S704 - escaped before


def _unbroken(word: re.Match[str]) -> str:
    return f'<span class="word">{word[0]}</span>'


def breakable(text: str) -> str | Markup:
    """Return a text whose long names, as an ARN is one, may break after ``/``, ``:`` and their like."""
    if not _LONG_WORD.search(text):
        return text
    pieces, end = [], 0
    for word in _LONG_WORD.finditer(text):
        pieces += [escaped(text[end : word.start()]), "<wbr>".join(map(escaped, _BREAKS.split(word[0])))]
        end = word.end()
    return Markup("".join([*pieces, escaped(text[end:])]))  # noqa: S704 - escaped here


def first_of(values: Sequence[Any], count: int = 4) -> str:
    """Return the first values, and how many there are when there are more."""
    more = f" … {len(values):,} in all" if len(values) > count else ""
    return ", ".join(map(str, values[:count])) + more or "–"


def count_of(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 finding``, ``1,200 findings``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
