"""What an outside account may enter, as a frame."""

import pandas as pd

from iamaudit.escalation import BLOCKED, CERTAIN, Escalation
from iamaudit.frames.columns import build_frame


def outside_roles_frame(
    trust: pd.DataFrame, role_access: pd.DataFrame, escalation: Escalation, names: tuple[str, ...]
) -> pd.DataFrame:
    """Return a row per role whose trust policy names an outside account, or everybody, the gravest first.

    ``trust`` are the rows of the frame ``trust`` that let the account in, ``names`` what it is called among
    outsiders. ``verdict`` is ``certain``, ``conditional``, or ``blocked`` where something else keeps it out;
    ``conditions`` are those of the statements in words. The rest is of the frame ``role_access``.
    """
    sure = _sure(escalation, names)
    rows = {row["role"]: row for row in role_access.to_dict("records")}
    found = []
    for role, stands in trust.groupby("role", sort=True):
        row = rows.get(role, {})
        words = stands.words.dropna()
        found.append(
            {
                "role": role,
                "role_name": stands.role_name.iloc[0],
                "verdict": sure.get(str(role), BLOCKED),
                "conditions": "; or ".join(dict.fromkeys(words)) or None,
                **{name: row.get(name) for name in ("administrator", "reach", "path")},
                "evidence": "; ".join(stands.evidence),
            }
        )
    order = {verdict: number for number, verdict in enumerate((CERTAIN, "conditional", BLOCKED))}
    found.sort(key=lambda row: (order[row["verdict"]], row["role"]))
    return build_frame("outside_roles", found)


def _sure(escalation: Escalation, names: tuple[str, ...]) -> dict[str, str]:
    """Return how surely one of the names gets into each role."""
    sure: dict[str, str] = {}
    for name in names:
        for way in escalation.strangers.get(name, ()):
            for role in escalation.universe.names(way.targets):
                if sure.get(role) != CERTAIN:
                    sure[role] = way.verdict
    return sure
