"""Wildcard patterns as matchers whose time grows with the text, however many stars a pattern has.

A pattern is given as tokens: an escaped character, ``ANY`` or ``WITHIN`` for one character, ``ANY_RUN`` or
``WITHIN_RUN`` for a star; ``WITHIN`` keeps to a segment of an ARN. A star whose next star takes anything may
settle on the first text that fits behind it, so it needs no going back. Where more than two stars would have
to, the pattern becomes an automaton whose states are the bits of an integer.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Protocol

ANY, ANY_RUN, WITHIN, WITHIN_RUN = ".", ".*", "[^:]", "[^:]*"
_MOST_GOING_BACK = 2


class Matcher(Protocol):
    """What tells whether a whole text fits a pattern: a regular expression, or something alike."""

    @property
    def pattern(self) -> str:
        """The pattern as a regular expression: equal for equal patterns."""

    def fullmatch(self, string: str, /) -> object | None:
        """Return something when the whole of ``string`` fits, else ``None``."""


@lru_cache(maxsize=65_536)
def matcher(tokens: tuple[str, ...]) -> Matcher:
    """Return the matcher of a pattern."""
    merged = _merged(tokens)
    starts = [index for index, token in enumerate(merged) if token in (ANY_RUN, WITHIN_RUN)]
    parts = ["".join(merged[: starts[0]] if starts else merged)]
    goes_back = 0
    for start, end in pairwise([*starts, len(merged)]):
        run, fixed = merged[start], "".join(merged[start + 1 : end])
        if end < len(merged) and merged[end] == ANY_RUN:
            parts.append(f"(?>{run}?{fixed})")
        else:
            goes_back += 1
            parts.append(f"{run}{fixed}")
    if goes_back > _MOST_GOING_BACK:
        return _Automaton.of(merged)
    return re.compile("".join(parts), re.DOTALL)


def _merged(tokens: Sequence[str]) -> list[str]:
    """Return the tokens with stars that stand side by side as one, the wider."""
    merged: list[str] = []
    for token in tokens:
        if merged and token in (ANY_RUN, WITHIN_RUN) and merged[-1] in (ANY_RUN, WITHIN_RUN):
            merged[-1] = ANY_RUN if ANY_RUN in (token, merged[-1]) else WITHIN_RUN
        else:
            merged.append(token)
    return merged


@dataclass(frozen=True, slots=True)
class _Automaton:
    """State ``i`` says that the first ``i`` fixed tokens fit what was read so far.

    ``moves`` hold for each character of the pattern the states that it takes one further, and those in which
    it may stay; ``others`` are those of every other character.
    """

    pattern: str
    moves: Mapping[str, tuple[int, int]]
    others: tuple[int, int]
    end: int

    @classmethod
    def of(cls, tokens: Sequence[str]) -> "_Automaton":
        fixed = [token for token in tokens if token not in (ANY_RUN, WITHIN_RUN)]
        loops: dict[int, str] = {}
        position = 0
        for token in tokens:
            if token in (ANY_RUN, WITHIN_RUN):
                loops[position] = token
            else:
                position += 1
        characters = {":", *(token[-1] for token in fixed if token not in (ANY, WITHIN))}
        return cls(
            "".join(tokens),
            {char: _move(char, fixed, loops) for char in characters},
            _move(None, fixed, loops),
            1 << len(fixed),
        )

    def fullmatch(self, string: str, /) -> object | None:
        """Return something when the whole of ``string`` fits, else ``None``."""
        states = 1
        for char in string:
            step, stay = self.moves.get(char, self.others)
            states = (states & step) << 1 | states & stay
            if not states:
                return None
        return True if states & self.end else None


def _move(char: str | None, fixed: Sequence[str], loops: Mapping[int, str]) -> tuple[int, int]:
    """Return the states that a character takes one further, and those in which it may stay."""
    is_colon = char == ":"
    own = None if char is None else re.escape(char)
    step = sum(
        1 << index
        for index, token in enumerate(fixed)
        if token in (own, ANY) or (token == WITHIN and not is_colon)
    )
    stay = sum(1 << index for index, run in loops.items() if run == ANY_RUN or not is_colon)
    return step, stay
