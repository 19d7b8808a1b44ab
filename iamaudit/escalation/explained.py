"""The answer about one principal: its paths to an administrator, and what blocks others."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from iamaudit.escalation.escalation import Escalation
from iamaudit.escalation.graph import Path, Step
from iamaudit.escalation.way import Way

_IS = {
    "yes": "{} is an administrator already",
    "perhaps": "{} is an administrator under a condition already",
    "no": "{} cannot become an administrator by any way that is known",
}


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step of a path, with what it rests on."""

    source: str
    target: str
    targets: tuple[str, ...]
    verdict: str
    rule: str
    permissions: tuple[str, ...]
    references: tuple[str, ...]
    needs: str | None
    conditions: tuple[str, ...]
    statements: tuple[str, ...]

    @property
    def lines(self) -> Iterator[str]:
        """The step in words: the rule, what it needs and depends on, and by which statements."""
        known = f" ({', '.join(self.references)})" if self.references else ""
        yield f"{self.rule}{known}: {self.verdict}"
        if self.needs:
            yield f"needs {self.needs}"
        yield from (f"depends on {condition}" for condition in self.conditions)
        yield from (f"by {statement}" for statement in self.statements)


@dataclass(frozen=True, slots=True)
class PathLine:
    """One path: how sure it is, in words, and step by step."""

    verdict: str
    words: str
    steps: tuple[StepLine, ...]

    @property
    def hops(self) -> str:
        """How many steps it has, in words."""
        return f"{len(self.steps)} hop" + ("s" if len(self.steps) != 1 else "")


@dataclass(frozen=True, slots=True)
class BlockedLine:
    """A way that something blocks: its permissions, on whom, and the blocker."""

    rule: str
    permissions: tuple[str, ...]
    references: tuple[str, ...]
    aim: str
    targets: tuple[str, ...]
    blocker: str


@dataclass(frozen=True, slots=True)
class PathsAnswer:
    """How one principal can become an administrator, and what blocks its other ways.

    ``administrator`` says whether it is one already: ``yes``, ``perhaps`` or ``no``; ``kept_away`` what a
    Deny keeps from such a one.
    """

    principal: str
    label: str
    administrator: str
    kept_away: tuple[str, ...]
    paths: tuple[PathLine, ...]
    blocked: tuple[BlockedLine, ...]

    @property
    def summary(self) -> str | None:
        """A sentence when it is an administrator already, or has no path."""
        is_worth_saying = self.administrator != "no" or not self.paths
        return _IS[self.administrator].format(self.label) if is_worth_saying else None


def explain_paths(escalation: Escalation, principal: str) -> PathsAnswer:
    """Answer for one principal, the surest path first.

    Raises
    ------
    ParameterError
        Nobody, or not just one, is called ``principal``.
    """
    actor = escalation.actor(principal)
    administrator = escalation.is_administrator(principal)
    return PathsAnswer(
        principal=actor.arn,
        label=actor.label,
        administrator=administrator,
        kept_away=() if administrator == "no" else tuple(escalation.account.kept_away(principal)),
        paths=tuple(_path(escalation, path) for path in escalation.paths_of(principal)),
        blocked=tuple(_blocked(escalation, actor.arn, way) for way in escalation.blocked_of(principal)),
    )


def paths_in_words(escalation: Escalation, principal: str) -> Iterator[str]:
    """Yield the answer a line each, the surest path first."""
    answer = explain_paths(escalation, principal)
    if answer.summary:
        yield answer.summary
        yield from (f"    {line}" for line in answer.kept_away)
    for path in answer.paths:
        yield f"{path.verdict}, {path.hops}: {path.words}"
        yield from (f"    {line}" for step in path.steps for line in step.lines)
    for blocked in answer.blocked:
        yield f"blocked: {', '.join(blocked.permissions)}{blocked.aim}"
        yield f"    {blocked.blocker}"


def paths_as_rows(escalation: Escalation, principal: str) -> dict[str, Any]:
    """Return the same for programs: ``administrator``, ``paths`` and ``blocked``."""
    answer = explain_paths(escalation, principal)
    return {
        "principal": answer.principal,
        "administrator": answer.administrator,
        "kept_away": list(answer.kept_away),
        "paths": [
            {
                "verdict": path.verdict,
                "hops": len(path.steps),
                "steps": [
                    {
                        "from": step.source,
                        "to": step.target,
                        "rule": step.rule,
                        "references": list(step.references),
                        "permissions": list(step.permissions),
                        "targets": list(step.targets),
                        "verdict": step.verdict,
                        "needs": step.needs,
                        "statements": list(step.statements),
                    }
                    for step in path.steps
                ],
            }
            for path in answer.paths
        ],
        "blocked": [
            {
                "rule": way.rule,
                "references": list(way.references),
                "permissions": list(way.permissions),
                "targets": list(way.targets),
                "blocker": way.blocker,
            }
            for way in answer.blocked
        ],
    }


def _path(escalation: Escalation, path: Path) -> PathLine:
    return PathLine(path.verdict, escalation.words(path), tuple(_step(escalation, s) for s in path.steps))


def _step(escalation: Escalation, step: Step) -> StepLine:
    rule, universe = step.way.rule, escalation.universe
    return StepLine(
        source=step.source,
        target=step.target,
        targets=tuple(universe.names(step.way.targets & ~universe.bit(step.source))),
        verdict=step.way.verdict,
        rule=rule.id,
        permissions=tuple(rule.permissions),
        references=rule.references,
        needs=step.way.live,
        conditions=tuple(sorted(escalation.conditions_of(step))),
        statements=tuple(escalation.statements(step)),
    )


def _blocked(escalation: Escalation, source: str, way: Way) -> BlockedLine:
    targets = escalation.worth(way) & ~escalation.universe.bit(source)
    names = tuple(escalation.universe.names(targets))
    aim = ""
    if names:
        more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
        aim = f" on {escalation.label(names[0])}{more}"
    return BlockedLine(
        rule=way.rule.id,
        permissions=tuple(way.rule.permissions),
        references=way.rule.references,
        aim=aim,
        targets=names,
        blocker=str(way.blocker),
    )
