"""Choke points: the statements without which most paths are gone, each proved on a copy of the account."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_

from iamaudit.account import Policy
from iamaudit.escalation.census import Census
from iamaudit.escalation.graph import ADMINISTRATOR, LEVELS, Graph, Path
from iamaudit.escalation.outsiders import outsiders
from iamaudit.escalation.way import CERTAIN, CONDITIONAL, LIVE, Way
from iamaudit.escalation.ways import find_ways
from iamaudit.iam.evaluate import Match
from iamaudit.iam.policy import Statement

_PICKS, _TRIES = 5, 4
_WEIGHTS = {CERTAIN: 9, CONDITIONAL: 3, LIVE: 1}
_MANY = 1_000  # paths from which on only the likeliest statement is tried

Place = tuple[int, int]
"""A statement: the identity of its document, and its index there."""


@dataclass(frozen=True, slots=True)
class ChokePoint:
    """One edit: without ``statement`` of ``policy``, and those picked before, this many paths are left.

    ``before`` and ``after`` count the paths by verdict. ``cut`` names who has none any more, ``weakened`` who
    has one that is less sure.
    """

    policy: str
    statement: Statement
    before: Mapping[str, int]
    after: Mapping[str, int]
    cut: tuple[str, ...]
    weakened: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _State:
    """An account after some edits: its ways, its graph, and what takes the place of edited documents."""

    census: Census
    ways: list[Way]
    graph: Graph

    @property
    def paths(self) -> Mapping[str, Path]:
        return self.graph.paths()

    @property
    def count(self) -> Mapping[str, int]:
        counted = Counter(path.verdict for path in self.paths.values())
        return {level: counted[level] for level in LEVELS}

    @property
    def weight(self) -> int:
        """How much there is left to cut: a certain path weighs most."""
        return sum(_WEIGHTS[path.verdict] for path in self.paths.values())


def choke_points(census: Census, ways: list[Way], graph: Graph) -> Iterator[ChokePoint]:
    """Yield up to five edits, each the one that cuts most of the paths that are left.

    Only what an Allow on a path rests on is a candidate, and no statement that alone makes an administrator.
    """
    state = _State(census, ways, graph)
    for _ in range(_PICKS):
        tries = _TRIES if len(state.paths) < _MANY else 1
        tried = [(place, _without(state, place)) for place in _candidates(state)[:tries]]
        place, best = min(tried, key=lambda each: each[1].weight, default=(None, state))
        if place is None or best.weight == state.weight:
            return
        policy = _policies(state.census)[place[0]]
        statement = next(s for s in policy.document.statements if s.index == place[1])
        cut = tuple(sorted(set(state.paths) - set(best.paths)))
        weakened = tuple(
            name for name, path in sorted(best.paths.items()) if path.verdict != state.paths[name].verdict
        )
        yield ChokePoint(policy.policy, statement, state.count, best.count, cut, weakened)
        state = best


def _candidates(state: _State) -> list[Place]:
    """Return the statements that paths rest on, the one with the most principals behind it first."""
    known = {
        document
        for document, policy in _policies(state.census).items()
        if policy.reading in ("identity", "trust") and not policy.is_aws_managed
    }
    count: Counter[Place] = Counter()
    for path in state.paths.values():
        places = {place for step in path.steps for place in _places(step.way)}
        count.update(place for place in places if place[0] in known)
    administrators = reduce(or_, state.graph.ends[ADMINISTRATOR].values(), 0)
    return [
        place
        for place, _ in sorted(count.items(), key=lambda item: (-item[1], _name(state.census, item[0])))
        if not _makes_administrator(state.census, place, administrators)
    ]


def _name(census: Census, place: Place) -> tuple[str, int]:
    return census.account.names[place[0]], place[1]


def _places(way: Way) -> Iterator[Place]:
    matches: Iterator[Match] = (m for d in way.decisions.values() for m in (*d.allowed_by, *d.unknown))
    yield from ((id(m.document), m.statement.index) for m in matches if m.statement.effect == "Allow")


def _makes_administrator(census: Census, place: Place, administrators: int) -> bool:
    """Say whether an administrator holds the statement's policy: then it is more than a step of a path."""
    return bool(census.held_by_name(_policies(census)[place[0]].policy) & administrators)


def _policies(census: Census) -> Mapping[int, Policy]:
    """Return the policies by the identity of their documents."""
    return {id(policy.document): policy for policy in census.account.policies.values()}


def _without(state: _State, place: Place) -> _State:
    """Return the account without one statement; only the ways of whom it is about are looked for anew."""
    census = state.census.without(_policies(state.census)[place[0]].policy, place[1])
    about = {id(way): place[0] in {document for document, _ in _places(way)} for way in state.ways}
    changed = reduce(or_, (way.sources for way in state.ways if about[id(way)]), 0)
    touched = reduce(or_, (bits for bits in state.census.alike_sets if bits & changed), 0)
    ways = [way for way in state.ways if not way.sources & touched]
    ways += find_ways(census, only=touched)
    graph = Graph(census.universe, ways, state.graph.ends, outsiders(census))
    return _State(census, ways, graph)
