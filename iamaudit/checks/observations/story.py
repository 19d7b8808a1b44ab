"""A story: what an observation says, and what it stands on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from iamaudit.checks.observations.failed import Failed


class Reach(IntEnum):
    """Who gets how far by an observation, the most urgent first: it ranks observations of one severity."""

    EXPOSED_ADMINISTRATOR = 0
    EXPOSED = 1
    ROOT = 2
    OUTSIDER_ADMINISTRATOR = 3
    ADMINISTRATOR = 4
    BECOMES_ADMINISTRATOR = 5
    OUTSIDER = 6
    NEGLECTED = 7
    INSIDE = 8


LEAST = {
    Reach.EXPOSED_ADMINISTRATOR: "critical",
    Reach.OUTSIDER_ADMINISTRATOR: "critical",
    Reach.ADMINISTRATOR: "high",
    Reach.BECOMES_ADMINISTRATOR: "high",
    Reach.NEGLECTED: "high",
}
"""The severity that a joined story has at least; ``docs/severity.md`` says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An observation in words: ``why`` says why it has its rank."""

    title: str
    condition: str
    cause: str
    effect: str
    steps: Sequence[str]
    why: str
    reach: Reach = Reach.INSIDE
    owners: Sequence[str] = field(default_factory=list)


def listing(values: Iterable[str], most: int = 5) -> str:
    """Return names as one reads them: ``a, b and c``, or the first ones ``and 12 more``."""
    names = list(values)
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most:,} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def found(rows: Sequence[Failed], most: int = 6) -> str:
    """Return what the findings say, each message once, the gravest first."""
    said = list(dict.fromkeys(row.message.replace("<root_account>", "root") for row in rows if row.message))
    more = f"; and {len(said) - most:,} more" if len(said) > most else ""
    return "; ".join(said[:most]) + more
