"""``Escalation``: who can become whom in one account."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Any

from iamaudit.account import Account, administrator, find_actor
from iamaudit.escalation.census import Census
from iamaudit.escalation.choke import choke_points
from iamaudit.escalation.decider import Decider
from iamaudit.escalation.graph import ADMINISTRATOR, LEVELS, Graph, Path, Step
from iamaudit.escalation.outsiders import outsiders
from iamaudit.escalation.universe import Universe
from iamaudit.escalation.way import BLOCKED, CERTAIN, CONDITIONAL, Way
from iamaudit.escalation.ways import find_ways
from iamaudit.iam.evaluate import EffectivePermissions
from iamaudit.iam.policy import statement_place, write_statement

DATA = {
    "data in s3": ("s3:GetObject",),
    "data in dynamodb": ("dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"),
    "secrets": ("secretsmanager:GetSecretValue", "ssm:GetParameter"),
    "decryption": ("kms:Decrypt",),
}
"""The other ends beside administrator: to read all there is of one kind, by any of these actions."""
_LISTED = 50
_FEDERATED = {
    "web identity ": "sts:AssumeRoleWithWebIdentity",
    "SAML ": "sts:AssumeRoleWithSAML",
    "Identity Center ": "sts:AssumeRoleWithSAML",
}


class Escalation:
    """Who can become whom: ways, paths to an administrator and to data, and what blocks the others."""

    def __init__(self, account: Account, as_of: datetime) -> None:
        self.account = account
        own = (arn for arn, policy in account.policies.items() if policy.kind == "customer managed")
        universe = Universe.of([*account.actors, *account.groups, *own])
        self.census = Census(account, Decider(account, universe, as_of))

    @cached_property
    def ways(self) -> list[Way]:
        """Every way of every principal, the blocked ones too."""
        return list(find_ways(self.census))

    @cached_property
    def graph(self) -> Graph:
        """The graph of all ways."""
        return self.graph_of(self.ways)

    def graph_of(self, ways: list[Way]) -> Graph:
        """Return the graph of some ways, with the ends and outsiders of this account."""
        return Graph(self.census.universe, ways, self._ends, outsiders(self.census))

    @cached_property
    def _ends(self) -> Mapping[str, Mapping[str, int]]:
        catalogue, universe = self.account.catalogue, self.census.universe
        ends: dict[str, dict[str, list[str]]] = {end: {} for end in (ADMINISTRATOR, *DATA)}
        masks = {end: catalogue.expand_patterns(actions) for end, actions in DATA.items()}
        levels = {"yes": CERTAIN, "perhaps": CONDITIONAL}
        for principal in self.account.principals:
            level = levels.get(administrator(principal.sets, self.account.control))
            if level:
                ends[ADMINISTRATOR].setdefault(level, []).append(principal.arn)
            for end, mask in masks.items():
                level = _reads(principal.sets, mask)
                if level:
                    ends[end].setdefault(level, []).append(principal.arn)
        return {
            end: {level: universe.bits(arns) for level, arns in found.items()} for end, found in ends.items()
        }

    @cached_property
    def path_rows(self) -> list[dict[str, Any]]:
        """A row per principal, or outsider, and end that it can come to: the shortest of the surest paths."""
        found = dict(self.graph.paths())
        paths = list(found.values())
        for end in DATA:
            for principal, path in self.graph.paths(end).items():
                before = found.get(principal)
                if before is None or LEVELS.index(path.verdict) < LEVELS.index(before.verdict):
                    paths.append(path)
        ends = (ADMINISTRATOR, *DATA)
        paths.sort(key=lambda p: (ends.index(p.end), LEVELS.index(p.verdict), len(p.steps), p.principal))
        return [self._row(path) for path in paths]

    def way_rows(self) -> list[dict[str, Any]]:
        """Return a row per way: who can take it, to whom, how surely, and what blocks it."""
        valuable, rows = self.graph.reached(), []
        at = self._ends[ADMINISTRATOR].get(CERTAIN, 0)
        for way in self.ways:
            sources = way.sources & ~at
            targets = way.aims & valuable if way.is_takeover else way.aims
            if sources and (targets or not way.is_takeover):
                rows.append(self._way_row(way, sources, targets))
        return rows

    def some(self, bits: int) -> list[str]:
        """Return the first fifty of a set as they are called."""
        return [self.label(arn) for arn in islice(self.census.universe.names(bits), _LISTED)]

    def choke_point_rows(self) -> list[dict[str, Any]]:
        """Return a row per statement without which the most paths to an administrator are gone."""
        points = choke_points(self.census, self.ways, self.graph)
        return [
            {
                "rank": rank,
                "policy": point.policy,
                "index": point.statement.index,
                "sid": point.statement.sid,
                "paths_before": sum(point.before.values()),
                "paths_after": sum(point.after.values()),
                "certain_before": point.before[CERTAIN],
                "certain_after": point.after[CERTAIN],
                "cut": [self.label(arn) for arn in point.cut],
                "weakened": [self.label(arn) for arn in point.weakened],
                "text": json.dumps(write_statement(point.statement), ensure_ascii=False),
                "arn": point.policy,
                "evidence": statement_place(point.statement.index, policy=point.policy),
            }
            for rank, point in enumerate(points, start=1)
        ]

    def paths_of(self, name: str) -> list[Path]:
        """Return the paths of one principal to an administrator, one a way, the surest first."""
        actor = find_actor(self.account.actors, name)
        own = self.census.universe.bits([actor.arn])
        found = (self.graph.onward(w, actor.arn) for w in self.graph.open_ways if w.sources & own)
        paths = [path for path in found if path is not None]
        return sorted(paths, key=lambda p: (LEVELS.index(p.verdict), len(p.steps)))

    def worth(self, way: Way) -> int:
        """Return the targets of a way that lead to an administrator."""
        return way.aims & self.graph.reached() if way.is_takeover else way.aims

    def blocked_of(self, name: str) -> list[Way]:
        """Return the ways of one principal that something blocks, and that would lead to an administrator."""
        own = self.census.universe.bits([find_actor(self.account.actors, name).arn])
        reached = self.graph.reached()
        return [
            way
            for way in self.ways
            if way.verdict == BLOCKED and way.sources & own and (not way.is_takeover or way.aims & reached)
        ]

    def is_administrator(self, name: str) -> str:
        """Return whether a principal is an administrator as it stands: yes, perhaps or no."""
        return self.census.as_is(find_actor(self.account.actors, name))

    def statements(self, way: Way) -> list[str]:
        """Return the statements that a way rests on, or hangs on, as ``policy Statement[index]``.

        What only a Deny leaves open is allowed by somebody: that statement is named too.
        """
        names, found = self.account.names, []
        for action, decision in way.decisions.items():
            matches = [*decision.allowed_by, *decision.unknown]
            places = [(m.document, m.statement) for m in matches]
            if way.sources and not any(statement.effect == "Allow" for _, statement in places):
                actor = self.account.actors[self.census.universe.first(way.sources)]
                places = [*self.census.decider.mentions(actor, action)[:1], *places]
            found += [statement_place(s.index, policy=names.get(id(d), "a policy")) for d, s in places]
        return list(dict.fromkeys(found))

    def _row(self, path: Path) -> dict[str, Any]:
        first = path.steps[0].way
        actor = self.account.actors.get(path.principal)
        lives = [step.way.live for step in path.steps if step.way.live]
        return {
            "principal": path.principal,
            "principal_type": actor.type if actor else "outsider",
            "principal_name": actor.name if actor else path.principal,
            "end": path.end,
            "verdict": path.verdict,
            "hops": len(path.steps),
            "path": self.words(path),
            "nodes": [self.label(path.principal), *(self.label(step.target) for step in path.steps)],
            "arrows": [", ".join(actions_of(step)) for step in path.steps],
            "rules": [step.way.rule.id for step in path.steps],
            "references": [each for step in path.steps for each in step.way.rule.references],
            "permissions": [action for step in path.steps for action in step.way.rule.permissions],
            "conditions": list(self._conditions(path)),
            "needs": "; ".join(dict.fromkeys(lives)) or None,
            "arn": path.principal,
            "evidence": "; ".join(self.statements(first)) or f"{self.first_target(first)}@trust",
        }

    def words(self, path: Path) -> str:
        """Return a path in words: who, by which permissions, to whom."""
        words = self.label(path.principal)
        for step in path.steps:
            by = f" by way of {self.label(self.first_target(step.way))}" if self._is_bypass(step.way) else ""
            words += f" → {self.label(step.target)} ({', '.join(actions_of(step))}{by})"
        last = path.steps[-1]
        return words if last.target == path.end else f"{words}, {_reached(path.end)}"

    def _is_bypass(self, way: Way) -> bool:
        return bool(way.aims) and not way.is_takeover

    def first_target(self, way: Way) -> str:
        """Return one of the targets of a way."""
        return self.census.universe.first(way.aims)

    def label(self, node: str) -> str:
        """Return how a node is called: ``user/name``, a group, a policy, an outsider or an end."""
        actor = self.account.actors.get(node)
        if actor:
            return actor.label
        return node.split(":", 5)[5] if node.startswith("arn:") else node

    def _conditions(self, path: Path) -> Iterator[str]:
        seen = set()
        for step in path.steps:
            for decision in step.way.decisions.values():
                for match in decision.unknown:
                    for condition in match.statement.conditions:
                        if str(condition) not in seen:
                            seen.add(str(condition))
                            yield str(condition)

    def _way_row(self, way: Way, sources: int, targets: int) -> dict[str, Any]:
        universe = self.census.universe
        first = universe.first(sources)
        return {
            "rule": way.rule.id,
            "kind": way.rule.kind,
            "references": list(way.rule.references),
            "verdict": way.verdict,
            "principals": [self.label(arn) for arn in universe.names(sources)],
            "principal_count": sources.bit_count(),
            "targets": self.some(targets),
            "target_count": targets.bit_count(),
            "permissions": list(way.rule.permissions),
            "blocker_kind": way.blocker.partition(":")[0] if way.blocker else None,
            "blocker": way.blocker,
            "needs": way.live,
            "arn": first,
            "evidence": "; ".join(self.statements(way)) or way.blocker,
        }


def actions_of(step: Step) -> list[str]:
    """Return the actions of a step; who comes with a token or an assertion assumes a role by another name."""
    for begin, action in _FEDERATED.items():
        if step.source.startswith(begin):
            return [action]
    return list(step.way.rule.permissions)


def _reads(sets: EffectivePermissions, mask: int) -> str | None:
    """Return how surely a principal may do one of some actions on every resource."""
    if sets.certain & mask:
        return CERTAIN
    return CONDITIONAL if sets.everywhere & mask else None


def _reached(end: str) -> str:
    return "an administrator" if end == ADMINISTRATOR else f"who may read {end}"
