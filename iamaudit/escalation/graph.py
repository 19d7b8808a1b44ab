"""The graph of who can become whom, and the shortest way to each end."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from iamaudit.escalation.universe import Universe, positions
from iamaudit.escalation.way import BLOCKED, CERTAIN, LEVELS, Way

ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: ``source`` and ``target`` are ARNs, names of outsiders or an end."""

    source: str
    way: Way
    target: str


@dataclass(frozen=True, slots=True)
class Path:
    """The shortest path of a principal to an end, among the surest."""

    principal: str
    end: str
    verdict: str
    steps: tuple[Step, ...]

    @property
    def nodes(self) -> tuple[str, ...]:
        """Who is on the path, the principal first and the last one that it becomes."""
        return (self.principal, *(step.target for step in self.steps))


@dataclass(frozen=True, slots=True)
class Moves:
    """The open ways of one principal: the surest first, then those that need nobody else.

    ``targets`` are whom it can become and ``makes`` whether it can make an administrator of itself, each by
    level: a level holds what is surer, too.
    """

    ways: tuple[Way, ...]
    targets: tuple[int, ...]
    makes: tuple[bool, ...]

    @classmethod
    def of(cls, ways: Iterable[Way]) -> "Moves":
        """Return the moves that some ways make, the blocked ones left out."""
        found = [way for way in ways if way.verdict != BLOCKED]
        ordered = tuple(sorted(found, key=lambda way: (LEVELS.index(way.verdict), way.is_takeover)))
        targets, makes = [0] * len(LEVELS), [False] * len(LEVELS)
        for way in ordered:
            for number in range(LEVELS.index(way.verdict), len(LEVELS)):
                if way.is_takeover:
                    targets[number] |= way.targets
                else:
                    makes[number] = True
        return cls(ordered, tuple(targets), tuple(makes))


class Graph:
    """Principals and the ways between them.

    ``moves`` are those of each principal by its position in the universe. ``ends`` maps each end, such as
    ``administrator``, to the principals that have reached it, by level; ``outsiders`` are ways into the
    account by the name of who takes them. A principal's targets at one level are one set, so that a search is
    a few operations a principal, however many ways there are.
    """

    def __init__(
        self,
        universe: Universe,
        moves: Mapping[int, Moves],
        ends: Mapping[str, Mapping[str, int]],
        outsiders: Sequence[tuple[str, Way]] = (),
    ) -> None:
        self.universe, self.moves, self.ends = universe, moves, ends
        self.outsiders = outsiders
        self._found: dict[str, Mapping[str, Path]] = {}

    @classmethod
    def of(
        cls,
        universe: Universe,
        ways: Iterable[Way],
        ends: Mapping[str, Mapping[str, int]],
        outsiders: Sequence[tuple[str, Way]] = (),
    ) -> "Graph":
        """Return the graph of the ways of all principals."""
        found: dict[int, list[Way]] = {}
        for way in ways:
            for position in positions(way.sources) if way.verdict != BLOCKED else ():
                found.setdefault(position, []).append(way)
        return cls(universe, {at: Moves.of(own) for at, own in found.items()}, ends, outsiders)

    def changed(self, moves: Mapping[int, Moves], outsiders: Sequence[tuple[str, Way]]) -> "Graph":
        """Return the graph with other moves for some principals, and other outsiders."""
        return Graph(self.universe, {**self.moves, **moves}, self.ends, outsiders)

    def paths(self, end: str = ADMINISTRATOR) -> Mapping[str, Path]:
        """Return the shortest of the surest paths of each principal that is not at the end already."""
        found = self._found.get(end)
        if found is None:
            found = self._found[end] = self._paths(end)
        return found

    def reached(self, end: str = ADMINISTRATOR) -> int:
        """Return the set of principals that are at an end, or have a path to it."""
        return self.at(end, len(LEVELS) - 1) | self.universe.bits(self.paths(end))

    def at(self, end: str, number: int) -> int:
        """Return who is at an end already, at a level or surer."""
        at = 0
        for level in LEVELS[: number + 1]:
            at |= self.ends[end].get(level, 0)
        return at

    def _paths(self, end: str) -> dict[str, Path]:
        """Search backwards from the end, level by level; each principal keeps the first path found."""
        found: dict[str, Path] = {}
        done = self.ends[end].get(CERTAIN, 0)
        for number, level in enumerate(LEVELS):
            layers = self._layers(end, number)
            beyond = layers[0]  # who is at the end under some condition has no step to take
            known: dict[int, tuple[Step, ...]] = {}
            for distance, layer in enumerate(layers[1:], start=1):
                for position in positions(layer):
                    known[position] = self._steps(end, number, position, layers[:distance], known)
                    if not (done | beyond) >> position & 1:
                        arn = self.universe.arns[position]
                        found[arn] = Path(arn, end, level, known[position])
            for name, steps in self._from_outside(known, beyond, number):
                found.setdefault(name, Path(name, end, level, steps))
            for layer in layers[1:]:
                done |= layer & ~beyond
        return found

    def _layers(self, end: str, number: int) -> list[int]:
        """Return who is at the end, and then who is one step, two steps, ... away from it at a level."""
        at = frontier = reached = self.at(end, number)
        waiting = {p: m for p, m in self.moves.items() if m.targets[number] or m.makes[number]}
        layers, is_first = [at], end == ADMINISTRATOR
        while True:
            nearer = [
                position
                for position, moves in waiting.items()
                if moves.targets[number] & frontier or (is_first and moves.makes[number])
            ]
            frontier, is_first = self.universe.packed(nearer) & ~reached, False
            if not frontier:
                return layers
            for position in positions(frontier):
                del waiting[position]
            layers.append(frontier)
            reached |= frontier

    def _steps(
        self, end: str, number: int, position: int, nearer: list[int], known: Mapping[int, tuple[Step, ...]]
    ) -> tuple[Step, ...]:
        """Return the steps of one principal: the first of its ways that leads nearer, then what is known."""
        arn, is_last = self.universe.arns[position], end == ADMINISTRATOR and len(nearer) == 1
        ways = self.moves[position].ways
        for way in (way for way in ways if LEVELS.index(way.verdict) <= number):
            if not way.is_takeover:
                if is_last:
                    return (Step(arn, way, end),)
                continue
            reached = way.targets & nearer[-1]
            if reached:
                target = (reached & -reached).bit_length() - 1
                return (Step(arn, way, self.universe.arns[target]), *known.get(target, ()))
        raise AssertionError(f"{arn} has a layer and no way")  # the layers are made of these ways

    def _from_outside(
        self, known: Mapping[int, tuple[Step, ...]], at: int, number: int
    ) -> Iterator[tuple[str, tuple[Step, ...]]]:
        """Yield the shortest steps of each outsider at a level."""
        best: dict[str, tuple[Step, ...]] = {}
        for name, way in self.outsiders:
            if LEVELS.index(way.verdict) > number:
                continue
            for position in positions(way.targets):
                if at >> position & 1 or position in known:
                    steps = (Step(name, way, self.universe.arns[position]), *known.get(position, ()))
                    if name not in best or len(steps) < len(best[name]):
                        best[name] = steps
        yield from sorted(best.items())
