"""``Escalation``: who can become whom in one account."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from iamaudit.account import Account, Actor, find_actor
from iamaudit.escalation.choke import Search, search_choke_points
from iamaudit.escalation.decider import Decider
from iamaudit.escalation.ends import DATA, administrators_of, ends_of
from iamaudit.escalation.evidence import Evidence, Place, conditions_of
from iamaudit.escalation.finder import Finder, find_ways
from iamaudit.escalation.granting import Granting
from iamaudit.escalation.graph import ADMINISTRATOR, Graph, Moves, Path, Step
from iamaudit.escalation.onward import Onward
from iamaudit.escalation.outsiders import outsiders, ways_in
from iamaudit.escalation.own_resources import OwnResources
from iamaudit.escalation.remembered import Remembered, RememberedPaths
from iamaudit.escalation.surroundings import Surroundings
from iamaudit.escalation.takeover import Takeover, open_takeovers
from iamaudit.escalation.targets import Targets
from iamaudit.escalation.trusting import Trusting
from iamaudit.escalation.universe import Universe
from iamaudit.escalation.versions import Versions
from iamaudit.escalation.way import BLOCKED, CERTAIN, CONDITIONAL, LEVELS, Decisions, Way
from iamaudit.iam.policy import statement_place

_FEDERATED = {
    "web identity ": "sts:AssumeRoleWithWebIdentity",
    "SAML ": "sts:AssumeRoleWithSAML",
    "Identity Center ": "sts:AssumeRoleWithSAML",
}


@dataclass(frozen=True, slots=True)
class Assumed:
    """Who in the account may assume a role: surely, and under some condition."""

    surely: int
    perhaps: int


class Escalation:
    """Who can become whom: ways, paths to an administrator and to data, and what blocks the others.

    What is asked is worked out when it is first asked for. ``remembered`` are the paths of an equal account
    that were found before: then a question about one principal looks at those on its paths only. ``known``
    gives the takeovers that were found with them.
    """

    def __init__(
        self,
        account: Account,
        as_of: datetime,
        remembered: Sequence[Remembered] | None = None,
        known: Callable[[], Sequence[Takeover]] | None = None,
    ) -> None:
        self.account, self._remembered, self._known = account, remembered, known
        own = (p.arn for p in account.policies.values() if p.kind == "customer managed" and p.arn)
        self.universe = Universe.of([*account.actors, *account.groups, *own])
        self.around = surroundings(account, Decider(account, self.universe, as_of))
        self.evidence = Evidence(self.around)

    @cached_property
    def ways(self) -> list[Way]:
        """Every way of every principal, the blocked ones too."""
        return find_ways(self.around, self.around.actors)

    @cached_property
    def graph(self) -> Graph:
        """The graph of all ways."""
        return Graph.of(self.universe, self.ways, self.ends, outsiders(self.around))

    @cached_property
    def takeovers(self) -> Sequence[Takeover]:
        """Every open way to another's permissions."""
        return open_takeovers(self.ways) if self._known is None else self._known()

    @cached_property
    def strangers(self) -> Mapping[str, Sequence[Way]]:
        """The ways into a role of each outsider that a trust policy names, by the outsider's name."""
        return ways_in(self.around)

    @cached_property
    def ends(self) -> Mapping[str, Mapping[str, int]]:
        """Who is at each end already, by how surely."""
        return {ADMINISTRATOR: self._administrators, **ends_of(self.account, self.universe)}

    @cached_property
    def _administrators(self) -> Mapping[str, int]:
        return administrators_of(self.account, self.universe)

    @cached_property
    def paths(self) -> list[Path]:
        """The shortest of the surest paths of each principal or outsider and end, the surest first.

        Who becomes an administrator comes to all data as well: another end counts only where it is surer.
        """
        found = dict(self.graph.paths())
        paths = list(found.values())
        ends = tuple(self.ends)
        for end in ends[1:]:
            for principal, path in self.graph.paths(end).items():
                before = found.get(principal)
                if before is None or LEVELS.index(path.verdict) < LEVELS.index(before.verdict):
                    paths.append(path)
        return sorted(
            paths,
            key=lambda p: (ends.index(p.end), LEVELS.index(p.verdict), len(p.steps), p.principal),
        )

    @cached_property
    def choke_points(self) -> Search:
        """The statements without which the most paths are gone, and how they were found."""
        return search_choke_points(self.around, self.graph, self.evidence)

    @cached_property
    def assumed_by(self) -> Mapping[str, Assumed]:
        """Who in the account may assume each role, itself aside."""
        surely: dict[str, int] = {}
        perhaps: dict[str, int] = {}
        for way in self.ways:
            if way.rule.id == "sts-assume-role" and way.verdict in (CERTAIN, CONDITIONAL):
                found = surely if way.verdict == CERTAIN else perhaps
                for role in self.universe.names(way.targets):
                    found[role] = found.get(role, 0) | way.sources
        return {
            role: Assumed(sure := surely.get(role, 0) & ~own, perhaps.get(role, 0) & ~own & ~sure)
            for role in sorted(surely.keys() | perhaps.keys())
            for own in (self.universe.bit(role),)
        }

    # one principal

    @cached_property
    def to_administrator(self) -> Mapping[str, Path]:
        """The path of each principal and outsider to an administrator."""
        if self._remembered is None:
            return self.graph.paths()
        kept = (each for each in self._remembered if each.end == ADMINISTRATOR)
        return RememberedPaths(self.around, kept)

    @cached_property
    def _onward(self) -> Onward:
        paths = self.to_administrator
        outlines = paths.outlines if isinstance(paths, RememberedPaths) else paths
        return Onward(self.universe, outlines, paths.__getitem__, self._administrators)

    @property
    def with_a_path(self) -> list[str]:
        """The users and roles with a path to an administrator, the surest and shortest first."""
        known = self.paths if self._remembered is None else self._remembered
        found = (each.principal for each in known if each.end == ADMINISTRATOR)
        return [principal for principal in found if principal in self.account.actors]

    @cached_property
    def _reached(self) -> int:
        """Who is an administrator or has a path to one."""
        found = self.universe.bits(self.to_administrator)
        for bits in self._administrators.values():
            found |= bits
        return found

    def ways_of(self, name: str) -> list[Way]:
        """Return the ways of one principal, the blocked ones too."""
        return list(Finder(self.around, self.actor(name)).ways())

    def actor(self, name: str) -> Actor:
        """Return the user or role that a name or ARN means."""
        return find_actor(self.account.actors, name)

    def paths_of(self, name: str) -> list[Path]:
        """Return the paths of one principal to an administrator, one a way, the surest first."""
        arn = self.actor(name).arn
        found = (self._onward.by(way, arn) for way in Moves.of(self.ways_of(name)).ways)
        paths = [path for path in found if path is not None]
        return sorted(paths, key=lambda p: (LEVELS.index(p.verdict), len(p.steps)))

    def worth(self, way: Way) -> int:
        """Return the targets of a way that lead to an administrator."""
        return way.targets & self._reached if way.is_takeover else way.targets

    def blocked_of(self, name: str) -> list[Way]:
        """Return the ways of one principal that something blocks, and that would lead to an administrator."""
        return [
            way
            for way in self.ways_of(name)
            if way.verdict == BLOCKED and (not way.is_takeover or way.aims & self._reached)
        ]

    def is_administrator(self, name: str) -> str:
        """Return whether a principal is an administrator as it stands: yes, perhaps or no."""
        return self.around.standing.as_is(self.actor(name))

    # words

    def statements_of(self, way: Way, source: str) -> list[str]:
        """Return the same for a way of one principal, to the first of its targets that leads on."""
        targets = self.worth(way) & ~self.universe.bit(source)
        target = self.universe.first(targets) if targets else None
        return self._named(self.evidence.places(way, source, target))

    def statements(self, step: Step) -> list[str]:
        """Return the statements that a step rests on, or depends on, as ``policy Statement[index]``."""
        return self._named(self.evidence.places(step.way, step.source, self._aim(step)))

    def _named(self, places: Sequence[Place]) -> list[str]:
        names = self.account.names
        # what the principal would write itself, as a new trust policy, has no name yet
        found = (statement_place(s.index, policy=names[id(d)]) for d, s in places if id(d) in names)
        return list(dict.fromkeys(found))

    def conditions(self, path: Path) -> list[str]:
        """Return the conditions that a path depends on."""
        return list(dict.fromkeys(c for step in path.steps for c in self.conditions_of(step)))

    def conditions_of(self, step: Step) -> list[str]:
        """Return the conditions that a step depends on; a password needs the MFA device of its user, too."""
        found, target = conditions_of(self.decisions(step).values()), self._aim(step)
        if target and step.way.rule.needs_mfa and self.universe.bit(target) & self.around.targets.with_mfa:
            found.append(f"the MFA device of {self.label(target)}")
        return found

    def decisions(self, step: Step) -> Decisions:
        """Return the decision on each permission of a step."""
        return self.evidence.decisions(step.way, step.source, self._aim(step))

    def words(self, path: Path) -> str:
        """Return a path in words: who, by which permissions, to whom."""
        words = self.label(path.principal)
        for step in path.steps:
            by = (
                f" by way of {self.label(target)}"
                if (target := step.way.rule.via or self.bypass(step))
                else ""
            )
            words += f" → {self.label(step.target)} ({', '.join(actions_of(step))}{by})"
        last = path.steps[-1]
        return words if last.target == path.end else f"{words}, {_reached(path.end)}"

    def bypass(self, step: Step) -> str | None:
        """Return by way of whom, or of which group, a step makes an administrator."""
        aims = 0 if step.way.is_takeover else step.way.targets & ~self.universe.bit(step.source)
        return self.universe.first(aims) if aims else None

    def _aim(self, step: Step) -> str | None:
        """Return whom the requests of a step are about, ``None`` when it is only the source."""
        return step.target if step.way.is_takeover else self.bypass(step)

    def label(self, node: str) -> str:
        """Return how a node is called: ``user/name``, a group, a policy, an outsider or an end."""
        actor = self.account.actors.get(node)
        if actor:
            return actor.label
        return node.split(":", 5)[5] if node.startswith("arn:") else node

    def some(self, bits: int, count: int = 50) -> list[str]:
        """Return the first of a set as they are called."""
        return [self.label(arn) for arn in self.universe.some(bits, count)]


def surroundings(account: Account, decider: Decider) -> Surroundings:
    """Return what is asked about every principal of an account; root and service-linked roles are none."""
    everybody = account.actors.values()
    actors = [a for a in everybody if a.type != "root" and not a.principal.is_service_linked]
    granting = Granting(account, decider.universe.partition)
    return Surroundings(
        account=account,
        actors=actors,
        decider=decider,
        targets=Targets(account, actors, decider.universe),
        standing=Versions(account, actors, decider.universe),
        granting=granting,
        trusting=Trusting(account, actors, decider),
        own_resources=OwnResources(decider, granting),
    )


def actions_of(step: Step) -> Sequence[str]:
    """Return the actions of a step; who comes with a token or an assertion assumes a role by another name."""
    for begin, action in _FEDERATED.items():
        if step.source.startswith(begin):
            return [action]
    return list(step.way.rule.permissions)


def _reached(end: str) -> str:
    if end == ADMINISTRATOR:
        return "an administrator"
    return f"who may {'read' if end in DATA else 'become'} {end}"
