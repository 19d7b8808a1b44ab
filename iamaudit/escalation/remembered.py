"""Paths that were found before, built again one by one when somebody asks about them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from iamaudit.escalation.finder import Finder
from iamaudit.escalation.graph import Moves, Path, Step
from iamaudit.escalation.outsiders import ways_in
from iamaudit.escalation.surroundings import Surroundings
from iamaudit.escalation.way import LEVELS, Way


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is kept of a path: ``nodes`` are ARNs, names of outsiders or an end; a rule stands between two."""

    principal: str
    end: str
    verdict: str
    nodes: tuple[str, ...]
    rules: tuple[str, ...]


class RememberedPaths(Mapping[str, Path]):
    """The paths to one end by principal, as ``Graph.paths`` gives them.

    Only the ways of those on a path are looked for, so that a question about one principal of ten thousand
    is not a search among all.
    """

    def __init__(self, around: Surroundings, kept: Iterable[Remembered]) -> None:
        self._around = around
        self.outlines = {each.principal: each for each in kept}
        self._built: dict[str, Path] = {}
        self._moves: dict[str, tuple[Way, ...]] = {}

    def __getitem__(self, principal: str) -> Path:
        found = self._built.get(principal)
        if found is None:
            kept = self.outlines[principal]
            found = self._built[principal] = Path(principal, kept.end, kept.verdict, tuple(self._steps(kept)))
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.outlines)

    def __len__(self) -> int:
        return len(self.outlines)

    def _steps(self, kept: Remembered) -> Iterator[Step]:
        for source, rule, target in zip(kept.nodes, kept.rules, kept.nodes[1:], strict=False):
            bit = self._around.decider.universe.bit(target)
            level = LEVELS.index(kept.verdict)
            yield next(
                Step(source, way, target)
                for way in self._ways(source)
                if way.rule.id == rule
                and LEVELS.index(way.verdict) <= level
                and (way.targets & bit or not way.is_takeover)
            )

    def _ways(self, source: str) -> tuple[Way, ...]:
        found = self._moves.get(source)
        if found is None:
            actor = self._around.account.actors.get(source)
            own = self._strangers.get(source, ()) if actor is None else Finder(self._around, actor).ways()
            found = self._moves[source] = Moves.of(own).ways
        return found

    @cached_property
    def _strangers(self) -> Mapping[str, Sequence[Way]]:
        return ways_in(self._around)
