"""Who can become whom, as frames."""

import json
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

import pandas as pd

from iamaudit.account import Account
from iamaudit.escalation import (
    ADMINISTRATOR,
    CERTAIN,
    Escalation,
    Path,
    Remembered,
    Search,
    Step,
    Way,
    actions_of,
)
from iamaudit.frames.columns import build_frame, frame_of_rows
from iamaudit.iam.policy import write_statement

_LISTED, _SHOWN = 50, 10


def escalation_paths_frame(escalation: Escalation) -> pd.DataFrame:
    """Return a row per principal or outsider and end that it comes to: the shortest of the surest paths."""
    return build_frame("escalation_paths", [_path(escalation, path) for path in escalation.paths])


def escalation_ways_frame(escalation: Escalation) -> pd.DataFrame:
    """Return a row per rule, verdict, need and blocker: who can follow the rule so, and to whom.

    Each of the principals comes to at least one of the targets. Of both the first ten are listed;
    ``principal_set`` names the rows of the frame ``principal_sets`` that have all principals. ``arn`` and
    ``evidence`` are of the first of them.
    """
    sets, rows = _Sets(), []
    for way, sources, targets in gather_ways(escalation):
        first = escalation.universe.first(sources)
        rows.append(
            {
                "rule": way.rule.id,
                "kind": way.rule.kind,
                "references": list(way.rule.references),
                "verdict": way.verdict,
                "principals": escalation.some(sources, _SHOWN),
                "principal_count": sources.bit_count(),
                "principal_set": sets.name(sources),
                "targets": escalation.some(targets, _SHOWN),
                "target_count": targets.bit_count(),
                "permissions": list(way.rule.permissions),
                "blocker_kind": way.blocker.partition(":")[0] if way.blocker else None,
                "blocker": way.blocker,
                "needs": way.live,
                "arn": first,
                "evidence": way.blocker or "; ".join(escalation.statements_of(way, first)),
            }
        )
    return build_frame("escalation_ways", rows)


def principal_sets_frame(escalation: Escalation) -> pd.DataFrame:
    """Return a row per set of principals that ``escalation_ways`` names, and principal in it."""
    sets = _Sets()
    for _, sources, _ in gather_ways(escalation):
        sets.name(sources)
    rows = ((name, arn) for bits, name in sets.names.items() for arn in escalation.universe.names(bits))
    return frame_of_rows("principal_sets", rows)


def choke_points_frame(search: Search, label: Callable[[str], str]) -> pd.DataFrame:
    """Return a row per statement without which the most paths to an administrator are gone, in this order."""
    rows = [
        {
            "rank": rank,
            "policy": point.policy,
            "index": point.statement.index,
            "sid": point.statement.sid,
            "paths_before": sum(point.before.values()),
            "paths_after": sum(point.after.values()),
            "certain_before": point.before[CERTAIN],
            "certain_after": point.after[CERTAIN],
            "cut": [label(arn) for arn in point.cut],
            "weakened": [label(arn) for arn in point.weakened],
            "text": json.dumps(write_statement(point.statement), ensure_ascii=False),
            "arn": point.policy,
            "evidence": f"{point.policy} Statement[{point.statement.index}]",
        }
        for rank, point in enumerate(search.points, start=1)
    ]
    return build_frame("choke_points", rows)


def choke_search_frame(search: Search) -> pd.DataFrame:
    """Return the one row about the search for choke points: what it looked at, and its conclusion."""
    row = {
        "paths": search.paths,
        "candidates": search.candidates,
        "tried": search.tried,
        "is_complete": search.is_complete,
        "conclusion": search.conclusion,
    }
    return build_frame("choke_search", [row])


def role_access_frame(escalation: Escalation, breadth: pd.DataFrame) -> pd.DataFrame:
    """Return a row per role: who is trusted, who in the account may really assume it, what it may do.

    ``assumed_by`` and ``perhaps_by`` name users and roles, surely and under a condition, at most fifty;
    ``reach`` is one word for what the role may do, ``path`` how it becomes an administrator, if it can.
    """
    trusts: dict[str, list[str]] = {}
    for trusted in escalation.account.trusted:
        trusts.setdefault(trusted.role, []).append(trusted.principal)
    paths, assumed, rows = escalation.graph.paths(), escalation.assumed_by, []
    for row in breadth[breadth.principal_type == "role"].to_dict("records"):
        role = row["principal"]
        surely = assumed[role].surely if role in assumed else 0
        perhaps = assumed[role].perhaps if role in assumed else 0
        rows.append(
            {
                "role": role,
                "role_name": row["principal_name"],
                "trusts": trusts.get(role, []),
                "assumed_by": escalation.some(surely, _LISTED),
                "assumed_by_count": surely.bit_count(),
                "perhaps_by": escalation.some(perhaps, _LISTED),
                "perhaps_by_count": perhaps.bit_count(),
                "administrator": row["administrator"],
                "reach": reach_of(row),
                "path": escalation.words(paths[role]) if role in paths else None,
                "is_service_linked": ":role/aws-service-role/" in role,
                "arn": role,
                "evidence": f"{role}@trust",
            }
        )
    return build_frame("role_access", rows)


def reach_of(row: Mapping[Hashable, Any]) -> str:
    """Return one word for what a row of ``breadth`` may do, the gravest first."""
    if row["administrator"] != "no":
        return "administrator"
    if row["permissions_management"]:
        return "permissions"
    if row["write"]:
        return "changes"
    return "reads data" if row["reads_data"] else "reads" if row["actions_possible"] else "nothing"


def remembered_paths(frame: pd.DataFrame, account: Account) -> list[Remembered]:
    """Return what the frame ``escalation_paths`` keeps of each path."""
    arns = {actor.label: arn for arn, actor in account.actors.items()}
    return [
        Remembered(
            principal=row["principal"],
            end=row["end"],
            verdict=row["verdict"],
            nodes=tuple(arns.get(node, node) for node in row["nodes"]),
            rules=tuple(row["rules"]),
        )
        for row in frame[["principal", "end", "verdict", "nodes", "rules"]].to_dict("records")
    ]


class _Sets:
    """Names for sets of principals, in the order in which they are first asked for."""

    def __init__(self) -> None:
        self.names: dict[int, str] = {}

    def name(self, bits: int) -> str:
        """Return the name of a set."""
        return self.names.setdefault(bits, f"set {len(self.names) + 1}")


def gather_ways(escalation: Escalation) -> list[tuple[Way, int, int]]:
    """Return the ways that matter with all that is alike put together: an example, sources and targets.

    Who surely is an administrator has nothing to win, and a takeover matters where its target leads on. The
    example is a way of the first of the sources.
    """
    valuable = escalation.graph.reached()
    others = ~escalation.graph.at(ADMINISTRATOR, 0)
    gathered: dict[tuple[str, str, str | None, str | None], tuple[Way, int, int]] = {}
    for way in escalation.ways:
        sources = way.sources & others
        targets = way.aims & valuable if way.is_takeover else way.aims
        if not sources or (way.is_takeover and not targets):
            continue
        key = (way.rule.id, way.verdict, way.live, way.blocker)
        example, before, aims = gathered.get(key, (way, 0, 0))
        if before and sources & -sources < before & -before:
            example = way
        gathered[key] = example, before | sources, aims | targets
    return list(gathered.values())


def _proof(escalation: Escalation, step: Step) -> str:
    """Return the statements that a step rests on; the trust policy alone where none of them is stored."""
    return "; ".join(escalation.statements(step)) or f"{step.target}@trust"


def _path(escalation: Escalation, path: Path) -> dict[str, Any]:
    proofs = [_proof(escalation, step) for step in path.steps]
    actor = escalation.account.actors.get(path.principal)
    lives: Iterable[str] = (step.way.live for step in path.steps if step.way.live)
    return {
        "principal": path.principal,
        "principal_type": actor.type if actor else "outsider",
        "principal_name": actor.name if actor else path.principal,
        "end": path.end,
        "verdict": path.verdict,
        "hops": len(path.steps),
        "path": escalation.words(path),
        "nodes": [escalation.label(path.principal), *(escalation.label(step.target) for step in path.steps)],
        "arrows": [", ".join(actions_of(step)) for step in path.steps],
        "rules": [step.way.rule.id for step in path.steps],
        "references": [each for step in path.steps for each in step.way.rule.references],
        "permissions": [action for step in path.steps for action in step.way.rule.permissions],
        "conditions": escalation.conditions(path),
        "needs": "; ".join(dict.fromkeys(lives)) or None,
        "hop_evidence": [
            f"hop {number}, {escalation.label(step.source)} to {escalation.label(step.target)}: {places}"
            for number, (step, places) in enumerate(zip(path.steps, proofs, strict=True), start=1)
        ],
        "arn": path.principal,
        "evidence": proofs[0],
    }
