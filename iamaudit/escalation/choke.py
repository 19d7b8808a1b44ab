"""Choke points: the statements without which most paths are gone, each proved on a copy of the account.

Without a statement only those can lose their path whose path rests on it: no boundary is a candidate and no
policy of a group that makes administrators, since these also limit what others can become. So a candidate's
paths are the most that it can cut; candidates are tried in that order, and the search ends where the next can
cut no more than the best has cut. Nothing is timed: the same account gives the same answer.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from iamaudit.account import Policy
from iamaudit.escalation.evidence import Evidence
from iamaudit.escalation.finder import Finder
from iamaudit.escalation.graph import ADMINISTRATOR, Graph, Moves, Path
from iamaudit.escalation.outsiders import outsiders
from iamaudit.escalation.surroundings import Surroundings
from iamaudit.escalation.universe import positions
from iamaudit.escalation.way import CERTAIN, CONDITIONAL, LEVELS, LIVE, Way
from iamaudit.iam.policy import Statement

_PICKS, _TRIES, _MOST_TRIES = 5, 24, 400
_ASKED = 40_000  # principals that a whole search looks at anew, at most
_WEIGHTS = {CERTAIN: 9, CONDITIONAL: 3, LIVE: 1}

Place = tuple[str, int]
"""A statement: its policy, and its index there."""


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
class Search:
    """The choke points of an account, and what the search for them looked at.

    ``paths`` were there to cut and ``candidates`` statements that they rest on; ``tried`` of these were taken
    out of a copy of the account. ``is_complete`` says that no other candidate can cut more.
    """

    points: tuple[ChokePoint, ...]
    paths: int
    candidates: int
    tried: int
    is_complete: bool

    @property
    def conclusion(self) -> str:
        """The outcome in one sentence."""
        if not self.paths:
            return "There is no path to an administrator to cut."
        if self.points:
            count, left = len(self.points), sum(self.points[-1].after.values())
            edits = "one statement" if count == 1 else f"{count} statements"
            paths = "1 path" if self.paths == 1 else f"{self.paths:,} paths"
            verb = "is" if left == 1 else "are"
            outcome = f"Without {edits}, {left:,} of {paths} {verb} left{self._weaker}."
            tried = f" {self.tried:,} of {self.candidates:,} candidates were tried."
            return outcome if self.is_complete else outcome + tried
        if not self.candidates:
            return (
                f"Nothing was tried: the {self.paths:,} paths rest on policies of AWS, on SCPs, on "
                "permissions boundaries, or on policies of administrators."
            )
        any_path = "the one path" if self.paths == 1 else f"any of the {self.paths:,} paths"
        if self.is_complete:
            return f"None of the {self.tried:,} candidates cuts {any_path} by itself. All were tried."
        return (
            f"None of the {self.tried:,} statements that were tried cuts {any_path} by itself; "
            f"{self.candidates - self.tried:,} more were not tried."
        )

    @property
    def _weaker(self) -> str:
        cut = {name for point in self.points for name in point.cut}
        weaker = {name for point in self.points for name in point.weakened} - cut
        return f", {len(weaker):,} less sure" if weaker else ""


def search_choke_points(around: Surroundings, graph: Graph, evidence: Evidence) -> Search:
    """Find up to five edits, each the one that cuts most of the paths that are left.

    Only what an Allow on a path rests on is a candidate, and no statement of a boundary, or of a policy that
    an administrator or a group that makes one holds.
    """
    state = _State(around, graph, evidence, 0)
    paths, candidates = len(state.paths), {place for place, _ in state.candidates}
    points: list[ChokePoint] = []
    tried, asked = set[Place](), 0
    is_complete = True
    for _ in range(_PICKS):
        best: _Trial | None = None
        is_complete = True
        for number, (place, most) in enumerate(state.candidates):
            if best is not None and most <= best.gain:
                break
            if (number >= _TRIES and best is not None) or number >= _MOST_TRIES or asked >= _ASKED:
                is_complete = False
                break
            trial = state.without(place)
            tried.add(place)
            asked += trial.asked
            if trial.gain and (best is None or trial.gain > best.gain):
                best = trial
        if best is None:
            break
        after = best.state
        points.append(_point(state, best, after))
        state = after
        candidates |= {place for place, _ in state.candidates}
    return Search(tuple(points), paths, len(candidates), len(tried), is_complete)


def _point(state: "_State", best: "_Trial", after: "_State") -> ChokePoint:
    policy, index = best.place
    document = state.around.account.policies[policy].document
    weakened = tuple(
        name for name, path in sorted(after.paths.items()) if path.verdict != state.paths[name].verdict
    )
    return ChokePoint(
        policy=policy,
        statement=next(s for s in document.statements if s.index == index),
        before=state.count,
        after=after.count,
        cut=tuple(sorted(set(state.paths) - set(after.paths))),
        weakened=weakened,
    )


@dataclass(frozen=True)
class _State:
    """An account after some edits, its paths, and whose ways an edit may have changed since (``stale``)."""

    around: Surroundings
    graph: Graph
    evidence: Evidence
    stale: int

    @property
    def paths(self) -> Mapping[str, Path]:
        return self.graph.paths()

    @cached_property
    def with_a_path(self) -> list[int]:
        """Who has a path of a level, or a surer one, by level."""
        named = [(LEVELS.index(path.verdict), name) for name, path in self.paths.items()]
        bits = self.graph.universe.bits
        return [bits(name for level, name in named if level <= number) for number in range(len(LEVELS))]

    @property
    def count(self) -> Mapping[str, int]:
        counted = Counter(path.verdict for path in self.paths.values())
        return {level: counted[level] for level in LEVELS}

    @cached_property
    def resting(self) -> Mapping[Place, list[str]]:
        """Whose path rests on each statement of the account's own policies; SCPs are not the account's."""
        policies = self.around.account.policies.values()
        own = {id(p.document): p for p in policies if not p.is_aws_managed and p.kind not in ("SCP", "RCP")}
        found: dict[Place, list[str]] = {}
        known: dict[tuple[str, str, str], list[Place]] = {}
        for name, path in self.paths.items():
            places: dict[Place, None] = {}
            for step in path.steps:
                key = (step.way.rule.id, step.source, step.target)
                if key not in known:
                    known[key] = list(self._places(step.way, step.source, step.target, own))
                places |= dict.fromkeys(known[key])
            for place in places:
                found.setdefault(place, []).append(name)
        return found

    def _places(self, way: Way, source: str, target: str, own: Mapping[int, Policy]) -> Iterator[Place]:
        aims = way.targets & ~self.around.decider.universe.bit(source)
        aim = target if way.is_takeover else self.around.decider.universe.first(aims) if aims else None
        for document, statement in self.evidence.places(way, source, aim):
            if statement.effect == "Allow" and id(document) in own:
                yield own[id(document)].policy, statement.index
        if way.is_takeover and way.rule.services:
            for statement in self.around.account.trust[target].statements:
                services = {value for kind, value in statement.principals or () if kind == "Service"}
                if statement.effect == "Allow" and services & set(way.rule.services):
                    yield f"{target}@trust", statement.index

    @cached_property
    def candidates(self) -> list[tuple[Place, int]]:
        """The statements with the most that each can cut, the most first."""
        administrators = 0
        for bits in self.graph.ends[ADMINISTRATOR].values():
            administrators |= bits
        weighed = [
            (place, sum(_WEIGHTS[self.paths[name].verdict] for name in names))
            for place, names in self.resting.items()
            if not self.around.targets.holders(place[0]) & administrators and place[0] not in self._ceilings
        ]
        return sorted(weighed, key=lambda each: (-each[1], each[0]))

    @cached_property
    def _ceilings(self) -> set[str | None]:
        """The policies that limit what others can become: boundaries, and those of administrator groups."""
        account, universe = self.around.account, self.around.decider.universe
        groups = (account.groups[arn] for arn in universe.names(self.around.standing.administrator_groups))
        documents = {id(document) for group in groups for document in group.documents}
        of_groups = {p.policy for p in account.policies.values() if id(p.document) in documents}
        return {actor.boundary_policy for actor in self.around.actors} | of_groups

    def without(self, place: Place) -> "_Trial":
        """Return the account without one statement: only whose path rests on it is looked at anew."""
        policy, index = place
        around = edited(self.around, policy, index)
        universe = around.decider.universe
        names = self.resting[place]
        suspects = universe.bits(names)
        is_trust = policy.endswith("@trust")
        changed = suspects if is_trust else around.targets.holders(policy)
        asked = suspects & (changed | self.stale | self.graph.further)
        anew = ((at, around.account.actors[universe.arns[at]]) for at in positions(asked))
        moves = {at: Moves.of(Finder(around, one, only_open=True).ways()) for at, one in anew}
        strangers = outsiders(around) if is_trust else self.graph.outsiders
        graph = self.graph.changed(moves, strangers)
        left = _left(graph, [bits & ~suspects for bits in self.with_a_path], names)
        gain = sum(_WEIGHTS[self.paths[n].verdict] - _WEIGHTS.get(left.get(n, ""), 0) for n in names)
        evidence = self.evidence.edited(around, touched(self.around, policy))
        stale = self.stale | (universe.everything if is_trust else changed)
        return _Trial(place, gain, len(moves), _State(around, graph, evidence, stale))


@dataclass(frozen=True, slots=True)
class _Trial:
    """What taking one statement away would cut, weighed by how sure the paths were."""

    place: Place
    gain: int
    asked: int
    state: _State


def _left(graph: Graph, kept: Sequence[int], names: list[str]) -> dict[str, str]:
    """Return the verdict of each of ``names`` that has a path still; ``kept`` are the others, by level."""
    universe, suspects, left = graph.universe, set(names), dict[str, str]()
    for number, level in enumerate(LEVELS):
        reached = graph.at(ADMINISTRATOR, number) | kept[number] | universe.bits(left)
        places = {n: universe.index.get(n) for n in names if n not in left}
        waiting = {n: graph.moves[at] for n, at in places.items() if at is not None and at in graph.moves}
        found = {n for n, m in waiting.items() if m.makes[number]}
        while True:
            found |= {n for n, m in waiting.items() if m.targets[number] & reached}
            if not found:
                break
            left |= dict.fromkeys(found, level)
            reached |= universe.bits(found)
            waiting = {n: m for n, m in waiting.items() if n not in found}
            found = set()
        for name, way in graph.outsiders:
            is_open = LEVELS.index(way.verdict) <= number and way.targets & reached
            if name in suspects and name not in left and is_open:
                left[name] = level
    return left


def edited(around: Surroundings, policy: str, index: int) -> Surroundings:
    """Return the surroundings of a copy of the account; what the edit does not change is kept."""
    account = around.account.without_statement(policy, index)
    decider = around.decider.of_account(account)
    actors = [account.actors[actor.arn] for actor in around.actors]
    role, at, _ = policy.rpartition("@trust")
    changed = touched(around, policy)
    return replace(
        around,
        account=account,
        actors=actors,
        decider=decider,
        standing=around.standing if at else around.standing.edited(account, actors, changed),
        granting=around.granting if at else around.granting.edited(account, policy),
        trusting=around.trusting.edited(account, actors, decider, role) if at else around.trusting,
    )


def touched(around: Surroundings, policy: str) -> int:
    """Return who holds a policy, or the role whose trust policy it is."""
    role, at, _ = policy.rpartition("@trust")
    return around.decider.universe.bit(role) if at else around.targets.holders(policy)
