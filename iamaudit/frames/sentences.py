"""Frames that answer a question, in sentences for a terminal."""

import pandas as pd

_SHOWN = 5


def changes_in_words(changes: pd.DataFrame) -> str:
    """Return a paragraph per principal of a ``what_if`` frame, with the first actions of each change."""
    if not len(changes):
        return "nobody's effective permissions change"
    lines = []
    for row in changes.to_dict("records"):
        lines.append(f"{row['principal_type']}/{row['principal_name']}")
        for name in ("gained", "lost", "became_conditional", "became_certain"):
            actions = row[name]
            if actions:
                more = f" and {len(actions) - _SHOWN:,} more" if len(actions) > _SHOWN else ""
                heading = f"{name.replace('_', ' ')} {len(actions):,}"
                lines.append(f"  {heading}: {', '.join(actions[:_SHOWN])}{more}")
        if not row["is_complete"]:
            lines.append("  a policy of it was not collected: nothing is certain")
    return "\n".join(lines)


def sightings_in_words(found: pd.DataFrame) -> str:
    """Return a line per row of ``Audit.sightings``."""
    if not len(found):
        return "no access key id found"
    lines = []
    for row in found.to_dict("records"):
        place = f"{row['path']}:{row['line']}" + ("" if pd.isna(row["commit"]) else f" in {row['commit']}")
        if pd.notna(row["user"]):
            whose = f"{row['status']} key of {row['user']}, {row['age_days']} days old, "
            whose += f"{row['actions_possible']} actions possible (administrator: {row['administrator']})"
        elif row["is_example"]:
            whose = "an example of AWS's documentation"
        else:
            whose = "whose it is is not known" if pd.isna(row["status"]) else str(row["status"])
        lines.append(f"{row['key_id']} {place} ({row['where']}): {whose}")
    return "\n".join(lines)
