"""The roles of an account: who is trusted, who may really come in, and what they may do then."""

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from iamaudit.escalation.report import Escalation
from iamaudit.escalation.way import CERTAIN, CONDITIONAL


def role_access(escalation: Escalation, breadth: Iterable[Mapping[Hashable, Any]]) -> list[dict[str, Any]]:
    """Return a row per role in ``breadth``: who is trusted, who may really assume it, what it may do.

    ``assumed_by`` and ``perhaps_by`` name users and roles, surely and under a condition, at most fifty;
    ``reach`` is one word for what the role may do, ``path`` how it becomes an administrator, if it can.
    """
    trusts: dict[str, list[str]] = {}
    for trusted in escalation.account.trusted:
        trusts.setdefault(trusted.role, []).append(trusted.principal)
    surely, perhaps = _assumed(escalation, CERTAIN), _assumed(escalation, CONDITIONAL)
    paths, rows = escalation.graph.paths(), []
    for row in breadth:
        role = row["principal"]
        sure = surely.get(role, 0)
        maybe = perhaps.get(role, 0) & ~sure
        rows.append(
            {
                "role": role,
                "role_name": row["principal_name"],
                "trusts": trusts.get(role, []),
                "assumed_by": escalation.some(sure),
                "assumed_by_count": sure.bit_count(),
                "perhaps_by": escalation.some(maybe),
                "perhaps_by_count": maybe.bit_count(),
                "administrator": row["administrator"],
                "reach": reach_of(row),
                "path": escalation.words(paths[role]) if role in paths else None,
                "is_service_linked": ":role/aws-service-role/" in role,
                "arn": role,
                "evidence": f"{role}@trust",
            }
        )
    return rows


def _assumed(escalation: Escalation, verdict: str) -> Mapping[str, int]:
    """Return for each role the set of who may assume it with that verdict."""
    found: dict[str, int] = {}
    for way in escalation.ways:
        if way.rule.id == "sts-assume-role" and way.verdict == verdict:
            for role in escalation.census.universe.names(way.targets):
                found[role] = found.get(role, 0) | way.sources & ~escalation.census.universe.bits([role])
    return found


def reach_of(row: Mapping[Hashable, Any]) -> str:
    """Return one word for what a row of ``breadth`` may do, the gravest first."""
    if row["administrator"] != "no":
        return "administrator"
    if row["permissions_management"]:
        return "permissions"
    if row["write"]:
        return "changes"
    return "reads data" if row["reads_data"] else "reads" if row["actions_possible"] else "nothing"
