"""The answer about one principal: its paths to an administrator, and what blocks others."""

from collections.abc import Iterator
from typing import Any

from iamaudit.account import find_actor
from iamaudit.escalation.graph import Path
from iamaudit.escalation.report import Escalation
from iamaudit.escalation.way import Way

_IS = {
    "yes": "{} is an administrator already",
    "perhaps": "{} is an administrator under a condition already",
    "no": "{} cannot become an administrator by any way that is known",
}


def paths_in_words(escalation: Escalation, principal: str) -> Iterator[str]:
    """Yield the answer a line each, the surest path first."""
    label = find_actor(escalation.account.actors, principal).label
    paths = escalation.paths_of(principal)
    state = escalation.is_administrator(principal)
    if state != "no" or not paths:
        yield _IS[state].format(label)
    for path in paths:
        hops = f"{len(path.steps)} hop" + ("s" if len(path.steps) > 1 else "")
        yield f"{path.verdict}, {hops}: {escalation.words(path)}"
        for step in path.steps:
            yield from (f"    {line}" for line in _because(escalation, step.way))
    for way in escalation.blocked_of(principal):
        yield f"blocked: {', '.join(way.rule.permissions)}{_aim(escalation, way)}"
        yield f"    {way.blocker}"


def paths_as_rows(escalation: Escalation, principal: str) -> dict[str, Any]:
    """Return the same for programs: ``administrator``, ``paths`` and ``blocked``."""
    actor = find_actor(escalation.account.actors, principal)
    return {
        "principal": actor.arn,
        "administrator": escalation.is_administrator(principal),
        "paths": [_path(escalation, path) for path in escalation.paths_of(principal)],
        "blocked": [
            {
                **_rule(way),
                "targets": list(escalation.census.universe.names(escalation.worth(way))),
                "blocker": way.blocker,
            }
            for way in escalation.blocked_of(principal)
        ],
    }


def _path(escalation: Escalation, path: Path) -> dict[str, Any]:
    return {
        "verdict": path.verdict,
        "hops": len(path.steps),
        "steps": [
            {
                "from": step.source,
                "to": step.target,
                **_rule(step.way),
                "targets": list(escalation.census.universe.names(step.way.aims)),
                "verdict": step.way.verdict,
                "needs": step.way.live,
                "statements": escalation.statements(step.way),
            }
            for step in path.steps
        ],
    }


def _rule(way: Way) -> dict[str, Any]:
    rule = way.rule
    return {"rule": rule.id, "references": list(rule.references), "permissions": list(rule.permissions)}


def _because(escalation: Escalation, way: Way) -> Iterator[str]:
    known = f" ({', '.join(way.rule.references)})" if way.rule.references else ""
    yield f"{way.rule.id}{known}: {way.verdict}"
    if way.live:
        yield f"needs {way.live}"
    conditions = {str(c) for d in way.decisions.values() for m in d.unknown for c in m.statement.conditions}
    yield from (f"depends on {condition}" for condition in sorted(conditions))
    yield from (f"by {statement}" for statement in escalation.statements(way))


def _aim(escalation: Escalation, way: Way) -> str:
    targets = escalation.worth(way)
    if not targets:
        return ""
    first = escalation.label(escalation.census.universe.first(targets))
    more = targets.bit_count() - 1
    return f" on {first}" + (f" and {more:,} more" if more else "")
