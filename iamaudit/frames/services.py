"""What somebody may do, a row a service."""

import pandas as pd

from iamaudit.frames.columns import build_frame
from iamaudit.iam.actions import ACCESS_LEVELS

_COUNTS = {level: level.lower().replace(" ", "_") for level in ACCESS_LEVELS}


def services_frame(permissions: pd.DataFrame) -> pd.DataFrame:
    """Return a row per service of rows by service and access level, the most that changes permissions first.

    ``permissions`` are the rows of one principal of ``permissions``, or of one permission set. A column per
    access level counts the actions that are possible; ``actions_possible`` and ``actions_certain`` are over
    all levels, of ``actions_in_service`` that AWS has. ``scope`` is ``all resources``, ``scoped`` or
    ``both``.
    """
    rows: dict[str, dict[str, object]] = {}
    for each in permissions.to_dict("records"):
        row = rows.setdefault(
            each["service"],
            {
                "service": each["service"],
                **dict.fromkeys([*_COUNTS.values(), "actions_possible", "actions_certain"], 0),
                "actions_in_service": each["actions_in_service"],
                "scope": each["scope"],
            },
        )
        row[_COUNTS[each["access_level"]]] = each["actions_possible"]
        for name in ("actions_possible", "actions_certain"):
            row[name] += each[name]
        row["scope"] = row["scope"] if row["scope"] == each["scope"] else "both"
    frame = build_frame("services", rows.values())
    order = ["permissions_management", "write", "actions_possible", "service"]
    return frame.sort_values(order, ascending=[False, False, False, True], ignore_index=True)
