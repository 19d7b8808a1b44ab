"""Policy variables: ``${key}`` and ``${key, 'default'}``; ``${*}``, ``${?}``, ``${$}`` (rules H8, H9)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from iamaudit.iam.evaluate.context import Context
from iamaudit.iam.evaluate.wildcards import ANY, ANY_RUN, Matcher, matcher

# No key holds `$` or `{`: so no text is read twice, however many variables begin in it and do not end.
_VARIABLE = re.compile(r"\$\{(?:([*?$])|([^\s}',${]+)(?:, '([^']*)')?)\}")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A policy text after substitution: runs of literal text and single wildcards between them.

    ``pieces`` holds ``(text, False)`` for literal text and ``("*", True)`` or ``("?", True)``.
    """

    pieces: tuple[tuple[str, bool], ...]

    @property
    def literal(self) -> str:
        """The text with wildcards taken as the characters that they are."""
        return "".join(text for text, _ in self.pieces)


Unresolved = Literal["no value", "unknown"]


def substitute(text: str, context: Context, *, has_variables: bool) -> Pattern | Unresolved:
    """Return ``text`` with its variables replaced.

    ``no value`` says that a variable has none (rules G6, H7), ``unknown`` that nobody knows its value, or
    that it is of a multivalued key. Before Version 2012-10-17 there are no variables (rule H8).
    """
    if not has_variables or "${" not in text:
        return _split(text)
    pieces: list[tuple[str, bool]] = []
    position = 0
    for match in _VARIABLE.finditer(text):
        between = text[position : match.start()]
        if "${" in between:
            return "unknown"  # a variable that is not well formed: AWS does not say what it means
        pieces += _split(between).pieces
        position = match.end()
        character, key, default = match.groups()
        if character:
            pieces.append((character, False))
            continue
        value = context.find(key)
        if isinstance(value, tuple) or context.is_unknown(key):
            return "unknown"
        if value is None and default is None:
            return "no value"
        pieces.append((default if value is None else value, False))
    rest = text[position:]
    if "${" in rest:
        return "unknown"
    return Pattern((*pieces, *_split(rest).pieces))


@lru_cache(maxsize=65_536)
def _split(text: str) -> Pattern:
    return Pattern(tuple(_pieces(text)))


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    for piece in re.split(r"([*?])", text):
        if piece:
            yield piece, piece in ("*", "?")


@lru_cache(maxsize=65_536)
def glob(pattern: Pattern) -> Matcher:
    """Return the matcher of a pattern whose wildcards match any character."""
    wild = {"*": ANY_RUN, "?": ANY}
    return matcher(
        tuple(wild[char] if is_wild else re.escape(char) for text, is_wild in pattern.pieces for char in text)
    )


@lru_cache(maxsize=65_536)
def widest_reading(text: str, *, has_wildcards: bool = True) -> Matcher:
    """Return the matcher of a text whose variables may be anything, but not what stands around them."""
    before, _, rest = text.partition("${")
    end = rest.rpartition("}")[2] if "}" in rest else ""
    after = "" if "${" in end else end  # behind a variable that does not end all is open
    split = _split if has_wildcards else _as_text
    return glob(Pattern((*split(before).pieces, ("*", True), *split(after).pieces)))


def _as_text(text: str) -> Pattern:
    return Pattern(((text, False),))
