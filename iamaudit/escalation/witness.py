"""A text that several wildcard patterns match: what an attacker would call a resource of their own."""

import re
from collections import deque
from collections.abc import Sequence
from functools import lru_cache

_FILLER = "x"
_WILD = re.compile(r"[*?]")


@lru_cache(maxsize=65_536)
def witness(patterns: tuple[str, ...]) -> str | None:
    """Return a text that matches every pattern (``*`` and ``?`` stand for any), ``None`` when there is none.

    The shortest is found, by walking through all patterns at once, a character at a time.
    """
    if not _begin_alike(patterns):
        return None
    start = _closed(patterns, {(0,) * len(patterns)})
    seen = set(start)
    waiting = deque((state, "") for state in start)
    while waiting:
        state, text = waiting.popleft()
        if all(at == len(p) for at, p in zip(state, patterns, strict=True)):
            return text
        literal = {p[at] for at, p in zip(state, patterns, strict=True) if at < len(p)} - {"*", "?"}
        for char in literal or {_FILLER}:
            following = _step(patterns, state, char)
            if following is None:
                continue
            for each in _closed(patterns, {following}) - seen:
                seen.add(each)
                waiting.append((each, text + char))
    return None


def _begin_alike(patterns: Sequence[str]) -> bool:
    """Say whether what stands before the first wildcards leaves room for a text; most have none."""
    heads = [_WILD.split(pattern, maxsplit=1)[0] for pattern in patterns]
    longest = max(heads, key=len)
    return all(longest.startswith(head) for head in heads)


def _step(patterns: Sequence[str], state: tuple[int, ...], char: str) -> tuple[int, ...] | None:
    after = []
    for at, pattern in zip(state, patterns, strict=True):
        if at == len(pattern) or pattern[at] not in (char, "?", "*"):
            return None
        after.append(at if pattern[at] == "*" else at + 1)
    return tuple(after)


def _closed(patterns: Sequence[str], states: set[tuple[int, ...]]) -> set[tuple[int, ...]]:
    """Return the states with every star at hand passed over or not."""
    found, waiting = set(states), list(states)
    while waiting:
        state = waiting.pop()
        for number, (at, pattern) in enumerate(zip(state, patterns, strict=True)):
            if at < len(pattern) and pattern[at] == "*":
                passed = (*state[:number], at + 1, *state[number + 1 :])
                if passed not in found:
                    found.add(passed)
                    waiting.append(passed)
    return found
