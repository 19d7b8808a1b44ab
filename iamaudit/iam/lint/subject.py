"""What a rule looks at."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from iamaudit.iam.actions import load_catalogue
from iamaudit.iam.actions.catalogue import positions_of
from iamaudit.iam.policy import Document, PolicyKind, Problem, Severity, Statement, statement_place


@dataclass(frozen=True, slots=True)
class Subject:
    """A document, the text that it was read from, and what kind of policy it is.

    ``data`` are the JSON values of the text, ``None`` when it is not JSON.
    """

    text: str
    data: Any
    kind: PolicyKind
    document: Document

    @property
    def has_variables(self) -> bool:
        """Whether ``${...}`` is a variable here (rule H8)."""
        return self.document.version == "2012-10-17"


def problem(statement: Statement, element: str, message: str, check: str, severity: Severity) -> Problem:
    """Return a problem of one element of a statement."""
    return Problem(statement_place(statement.index, element), message, check, severity)


def named_actions(statement: Statement) -> tuple[str, ...]:
    """Return the patterns of ``Action`` or of ``NotAction``."""
    return statement.actions if statement.actions is not None else statement.not_actions or ()


def action_element(statement: Statement) -> str:
    """Return which of the two a statement has."""
    return "Action" if statement.actions is not None else "NotAction"


@lru_cache(maxsize=65_536)
def expand(pattern: str) -> tuple[str, ...]:
    """Return the names of the actions that a pattern matches."""
    catalogue = load_catalogue()
    return tuple(catalogue.names[position] for position in positions_of(catalogue.expand_pattern(pattern)))


def allows_or_denies(statement: Statement) -> Iterator[str]:
    """Yield the actions that ``Action`` names; ``NotAction`` is about nearly all, and yields none."""
    for pattern in statement.actions or ():
        if pattern != "*":
            yield from expand(pattern)
