"""Paths that begin with a given way, continued the shortest."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from iamaudit.escalation.graph import ADMINISTRATOR, Path, Step
from iamaudit.escalation.universe import Universe
from iamaudit.escalation.way import LEVELS, Way


class Outline(Protocol):
    """What of a path decides whether another one goes on by it."""

    @property
    def verdict(self) -> str:
        """How sure it is."""

    @property
    def nodes(self) -> tuple[str, ...]:
        """Who is on it."""


@dataclass(frozen=True, slots=True)
class _Rank:
    """Those from whom an administrator is equally many steps away, equally surely."""

    level: int
    hops: int
    principals: int


class Onward:
    """The paths to an administrator of all principals, to go on by.

    ``outlines`` has each principal's path in outline, ``build`` gives the path itself; ``at`` are those who
    are administrators already, by how surely.
    """

    def __init__(
        self,
        universe: Universe,
        outlines: Mapping[str, Outline],
        build: Callable[[str], Path],
        at: Mapping[str, int],
    ) -> None:
        self._universe, self._outlines, self._build = universe, outlines, build
        self._ranks = [*_already(at), *_away(universe, outlines)]

    def by(self, way: Way, source: str) -> Path | None:
        """Return the surest, then shortest path of a principal that begins with a way, if it leads on."""
        if not way.is_takeover:
            return Path(source, ADMINISTRATOR, way.verdict, (Step(source, way, ADMINISTRATOR),))
        own, others = LEVELS.index(way.verdict), way.targets & ~self._universe.bit(source)
        for rank in sorted(self._ranks, key=lambda rank: (max(rank.level, own), rank.hops)):
            verdict = LEVELS[max(rank.level, own)]
            for target in self._universe.names(others & rank.principals):
                first = Step(source, way, target)
                if not rank.hops:
                    return Path(source, ADMINISTRATOR, verdict, (first,))
                if source not in self._outlines[target].nodes:
                    return Path(source, ADMINISTRATOR, verdict, (first, *self._build(target).steps))
        return None


def _already(at: Mapping[str, int]) -> Iterable[_Rank]:
    return (_Rank(LEVELS.index(level), 0, bits) for level, bits in at.items())


def _away(universe: Universe, outlines: Mapping[str, Outline]) -> Iterable[_Rank]:
    ranks: dict[tuple[int, int], list[str]] = {}
    for principal, outline in outlines.items():
        key = LEVELS.index(outline.verdict), len(outline.nodes) - 1
        ranks.setdefault(key, []).append(principal)
    return (_Rank(level, hops, universe.bits(arns)) for (level, hops), arns in ranks.items())
