"""Policy documents as frozen values, and what can be wrong with them."""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from iamaudit.iam.policy.patterns import compile_pattern, covers_everything, has_wildcard

PolicyKind = Literal["identity", "boundary", "session", "resource", "trust", "scp", "rcp"]

Severity = Literal["error", "security warning", "warning", "suggestion"]


def statement_place(
    index: int, element: str = "", *, policy: str = "", version: str | None = None, sid: str | None = None
) -> str:
    """Name the place of a statement, as everything here does: ``policy v2 Statement[0].Action (Sid)``."""
    place = f"Statement[{index}]" + (f".{element}" if element else "") + (f" ({sid})" if sid else "")
    return " ".join(part for part in (policy, version, place) if part)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a document; ``path`` is like ``Statement[2].Condition.DateLessThan``.

    ``check`` is its name, that of AWS Access Analyzer's published check where there is one. Unless said, it
    is an error: AWS would refuse the document.
    """

    path: str
    message: str
    check: str = "Invalid policy element"
    severity: Severity = "error"


@dataclass(frozen=True, slots=True)
class Condition:
    """One key under one operator; no values (``[]``) is a corner that AWS leaves undecided (rule H11)."""

    operator: str
    key: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.operator} {self.key} {', '.join(self.values)}"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; a list that the document does not have is ``None``, an element of it is text.

    ``index`` is the position in the document. ``principals`` holds pairs of kind and value, ``("AWS", "*")``
    for the bare star (rule E2).
    """

    index: int
    sid: str | None
    effect: Literal["Allow", "Deny"]
    actions: tuple[str, ...] | None
    not_actions: tuple[str, ...] | None
    resources: tuple[str, ...] | None
    not_resources: tuple[str, ...] | None
    principals: tuple[tuple[str, str], ...] | None
    not_principals: tuple[tuple[str, str], ...] | None
    conditions: tuple[Condition, ...]

    @property
    def is_conditional(self) -> bool:
        """Whether any condition key is tested; ``Condition: {}`` tests none (rule H10)."""
        return bool(self.conditions)

    @property
    def is_all_resources(self) -> bool:
        """Whether ``Resource`` holds the bare ``*``, which alone covers every action (rule F4)."""
        return any(map(covers_everything, self.resources or ()))

    def is_about(self, action: str) -> bool:
        """Say whether ``Action`` or ``NotAction`` covers an action in lower case (rules F1 to F3)."""
        if self.actions is not None:
            return _names(self.actions, action)
        return not _names(self.not_actions or (), action)


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document; ``problems`` is empty when AWS would accept it as far as this parser knows.

    It is not ``is_complete`` when a statement could not be read: what that one allows or denies is unknown.
    """

    version: str | None
    statements: tuple[Statement, ...]
    problems: tuple[Problem, ...]
    is_complete: bool = True
    _about: dict[str, tuple[Statement, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def about(self, action: str) -> tuple[Statement, ...]:
        """Return the statements about an action in lower case; looked for once an action."""
        found = self._about.get(action)
        if found is None:
            found = self._about[action] = tuple(s for s in self.statements if s.is_about(action))
        return found

    def without_statement(self, index: int) -> "Document":
        """Return this document less the statement that stands at ``index``."""
        kept = tuple(statement for statement in self.statements if statement.index != index)
        return replace(self, statements=kept)


def _names(patterns: tuple[str, ...], action: str) -> bool:
    return any(_covers(pattern, action) for pattern in patterns)


@lru_cache(maxsize=65_536)
def _covers(pattern: str, action: str) -> bool:
    """Say whether a pattern covers an action; most are of another service, and need no expression."""
    lower = pattern.lower()
    own, colon, _ = lower.partition(":")
    if not colon:
        return covers_everything(lower)
    is_there = action.startswith(f"{own}:") or has_wildcard(own)
    return is_there and compile_pattern(lower).match(action) is not None
