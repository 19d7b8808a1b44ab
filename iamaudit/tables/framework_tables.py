"""What the controls of frameworks come to."""

import pandas as pd

from iamaudit.tables.frame_table import table
from iamaudit.tables.markup import MARKS, Html


def controls(frame: pd.DataFrame) -> Html:
    """Return the ``controls`` frame of one framework: what each control comes to, and why."""
    shown = frame.assign(
        rests=frame.checks.map(", ".join).where(frame.kind == "automated", frame.evidence.fillna("")),
        answer=(frame.answer + " (" + frame.answered_by + ", " + frame.answered_on + ")").fillna(""),
    )
    headings = {"title": "asks that", "rests": "rests on"}
    columns = ("control", "title", "conclusion", "exceptions", "rests", "answer")
    return table(shown, columns={name: headings.get(name, name) for name in columns}, limit=len(frame))


def frameworks(frame: pd.DataFrame) -> Html:
    """Return how many controls of each framework come to each conclusion."""
    counted = frame.groupby(["framework", "conclusion"], sort=False).size().unstack(fill_value=0)
    present = [name for name in (*MARKS, "not applicable") if name in counted.columns]
    return table(counted[present].reset_index(), limit=len(counted))
