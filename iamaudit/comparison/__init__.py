"""Two snapshots of one account compared: what changed, for whom, and how grave that is.

Both are judged by the same code under the same thresholds, so that every difference is one of the account.
What another version judged otherwise of the same snapshot is told apart (``version_changes``).
What one of them has no evidence for is not compared: a source that AWS refused is not a change.
"""

from typing import Any

import pandas as pd

from iamaudit.comparison.change import MIRRORED, Change
from iamaudit.comparison.compare import changes_frame, frame_of_changes, not_compared
from iamaudit.comparison.observed import observation_changes_frame
from iamaudit.comparison.permissions import permission_changes_frame
from iamaudit.comparison.side import Side
from iamaudit.comparison.trend import trend_frame
from iamaudit.comparison.versions import COMPARED, table_changes, version_changes

__all__ = [
    "COMPARED",
    "MIRRORED",
    "Change",
    "Side",
    "changes_frame",
    "changes_in_sentences",
    "first_changes",
    "frame_of_changes",
    "not_compared",
    "observation_changes_frame",
    "permission_changes_frame",
    "table_changes",
    "trend_frame",
    "version_changes",
]


def first_changes(changes: pd.DataFrame, limit: int = 10) -> list[dict[str, Any]]:
    """Return the gravest changes for a summary.

    Parameters
    ----------
    changes
        The frame ``changes`` of an audit: it has no row when there is no older snapshot, or nothing changed.
    limit
        How many rows at most.

    Returns
    -------
    list of dict
        With the text of ``what`` (as ``administrator gained``), ``who`` (as ``user/ben.carter``), ``before``,
        ``after``, ``severity`` and ``sentence``, which says all of it.
    """
    columns = ["what", "who", "before", "after", "severity", "sentence"]
    rows = changes[columns].head(limit).astype(object).fillna("").to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def changes_in_sentences(changes: pd.DataFrame) -> str:
    """Return every change as a line, the gravest first."""
    lines = [f"{row.severity:<15}{row.sentence}" for row in changes.itertuples()]
    return "\n".join(lines or ["Nothing changed."])
