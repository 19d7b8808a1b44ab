"""What is kept of a way for the question who can become whom."""

from collections.abc import Iterable
from dataclasses import dataclass

from iamaudit.escalation.way import BLOCKED, Way


@dataclass(frozen=True, slots=True)
class Takeover:
    """An open way by which some principals win the permissions of others.

    ``sources`` and ``targets`` are sets of the universe, ``needs`` says what must exist or run.
    """

    rule: str
    permissions: tuple[str, ...]
    verdict: str
    needs: str | None
    sources: int
    targets: int

    @classmethod
    def of(cls, way: Way) -> "Takeover":
        """Return what is kept of a way."""
        return cls(way.rule.id, tuple(way.rule.permissions), way.verdict, way.live, way.sources, way.targets)


def wins_target(way: Way) -> bool:
    """Say whether a way wins its target's permissions, alone or with more."""
    return way.rule.gives.startswith("target")


def open_takeovers(ways: Iterable[Way]) -> list[Takeover]:
    """Return those of some ways that win a target's permissions, the blocked ones left out."""
    return [Takeover.of(way) for way in ways if wins_target(way) and way.verdict != BLOCKED]
