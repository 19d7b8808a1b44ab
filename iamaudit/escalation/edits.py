"""An account while statements are taken out of it: whose paths rest on one, and what is left without it.

The ways of a principal change only with what it holds itself and with the trust of the roles it aims at,
unless one of them leans on what others hold. So what a statement leaves somebody with is worked out once, and
again only after an edit that changes somebody's ways.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from iamaudit.account import Policy
from iamaudit.escalation.decider import union
from iamaudit.escalation.evidence import Evidence
from iamaudit.escalation.finder import Finder
from iamaudit.escalation.graph import ADMINISTRATOR, Graph, Moves, Path
from iamaudit.escalation.outsiders import outsiders
from iamaudit.escalation.surroundings import Surroundings
from iamaudit.escalation.universe import Universe, positions
from iamaudit.escalation.way import CERTAIN, CONDITIONAL, LEVELS, LIVE, Way

WEIGHTS = {CERTAIN: 9, CONDITIONAL: 3, LIVE: 1}
"""What a path counts that a statement cuts, by how sure it is."""

Place = tuple[str, int]
"""A statement: its policy, and its index there."""


@dataclass(frozen=True)
class State:
    """An account after some edits, its paths, and the statements that these rest on.

    ``leaning`` are those who have a way that rests on what others hold, ``edits`` whose ways each edit may
    have changed. ``known`` are the moves that a statement leaves somebody with, and after how many edits
    that was found.
    """

    around: Surroundings
    graph: Graph
    evidence: Evidence
    leaning: int
    edits: tuple[int, ...]
    known: dict[tuple[Place, int], tuple[int, Moves]]

    @classmethod
    def of(cls, around: Surroundings, graph: Graph, evidence: Evidence) -> "State":
        """Return an account before the first edit."""
        return cls(around, graph, evidence, _leaning(around, graph.universe, graph.moves), (), {})

    @property
    def paths(self) -> Mapping[str, Path]:
        """The path of each principal and outsider to an administrator."""
        return self.graph.paths()

    @cached_property
    def with_a_path(self) -> list[int]:
        """Who has a path of a level, or a surer one, by level."""
        named = [(LEVELS.index(path.verdict), name) for name, path in self.paths.items()]
        bits = self.graph.universe.bits
        return [bits(name for level, name in named if level <= number) for number in range(len(LEVELS))]

    @property
    def count(self) -> Mapping[str, int]:
        """How many paths there are of each level."""
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
        if aim is not None and _leans(self.around, way):
            held = (self.around.account.policies[name] for name in self.around.account.actors[aim].policies)
            for policy in (each for each in held if id(each.document) in own):
                allows = (s for s in policy.document.statements if s.effect == "Allow")
                yield from ((policy.policy, statement.index) for statement in allows)

    @cached_property
    def candidates(self) -> list[tuple[Place, int]]:
        """The statements with the most that each can cut, the most first."""
        administrators = 0
        for bits in self.graph.ends[ADMINISTRATOR].values():
            administrators |= bits
        weighed = [
            (place, sum(WEIGHTS[self.paths[name].verdict] for name in names))
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

    def without(self, place: Place) -> "Trial":
        """Take one statement away: only whose path rests on it is looked at anew."""
        policy, index = place
        around = edited(self.around, policy, index)
        universe = around.decider.universe
        names = self.resting[place]
        suspects = universe.bits(names)
        is_trust = policy.endswith("@trust")
        changed = suspects if is_trust else around.targets.holders(policy)
        asked = suspects & (changed | union(self.edits) | self.leaning)
        kept = dict(self._known_of(place, asked))
        anew = {at: _moves(around, at) for at in positions(asked) if at not in kept}
        self.known.update(((place, at), (len(self.edits), moves)) for at, moves in anew.items())
        strangers = outsiders(around) if is_trust else self.graph.outsiders
        moves = {**kept, **anew}
        graph = self.graph.changed(moves, strangers)
        left = _left(graph, [bits & ~suspects for bits in self.with_a_path], names)
        gain = sum(WEIGHTS[self.paths[n].verdict] - WEIGHTS.get(left.get(n, ""), 0) for n in names)
        return Trial(place, gain, len(anew), around, graph, moves)

    def after(self, trial: "Trial") -> "State":
        """Return the account after an edit that was tried."""
        around, universe = trial.around, self.graph.universe
        policy, _ = trial.place
        about = touched(self.around, policy)
        return State(
            around,
            trial.graph,
            self.evidence.edited(around, about),
            self.leaning & ~universe.packed(list(trial.moves)) | _leaning(around, universe, trial.moves),
            (*self.edits, self._aiming_at(about) if policy.endswith("@trust") else about),
            self.known,
        )

    def _aiming_at(self, role: int) -> int:
        """Return who has a way to a role."""
        moves = self.graph.moves.items()
        found = (at for at, own in moves if any(way.targets & role for way in own.ways))
        return self.graph.universe.packed(list(found))

    def _known_of(self, place: Place, asked: int) -> Iterator[tuple[int, Moves]]:
        """Yield what a statement leaves principals with, as far as it is known and no edit changed it."""
        for at in positions(asked & ~self.leaning):
            count, moves = self.known.get((place, at), (0, None))
            is_old = union(self.edits[count:]) >> at & 1
            if moves and not is_old and not any(_rests_on_others(self.around, way) for way in moves.ways):
                yield at, moves


@dataclass(frozen=True, slots=True)
class Trial:
    """What taking one statement away would cut, weighed by how sure the paths were.

    ``asked`` counts who was looked at anew; ``moves`` are those of all who may have fewer.
    """

    place: Place
    gain: int
    asked: int
    around: Surroundings
    graph: Graph
    moves: Mapping[int, Moves]


def _moves(around: Surroundings, at: int) -> Moves:
    """Return the moves of one principal of an account."""
    actor = around.account.actors[around.decider.universe.arns[at]]
    return Moves.of(Finder(around, actor, only_open=True).ways())


def _leaning(around: Surroundings, universe: Universe, moves: Mapping[int, Moves]) -> int:
    """Return who has a way that rests on what others hold."""
    found = (at for at, own in moves.items() if any(_rests_on_others(around, way) for way in own.ways))
    return universe.packed(list(found))


def _rests_on_others(around: Surroundings, way: Way) -> bool:
    """Say whether a way rests on what others hold: a group that is joined first, or a target."""
    return way.rule.via is not None or _leans(around, way)


def _leans(around: Surroundings, way: Way) -> bool:
    """Say whether a way makes an administrator of its targets only by what these hold already.

    They lose a boundary, or get an older version of a policy; a new version of a policy gives all by itself,
    unless it is a boundary.
    """
    if not way.rule.is_about_policies:
        return way.rule.gives == "target without boundary"
    is_older = bool(way.rule.actions_on("older version of target"))
    return is_older or bool(way.targets & around.targets.bounded)


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
