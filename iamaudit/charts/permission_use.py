"""What principals used of what they are granted."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from iamaudit.charts.colours import BAD, GRID, LATE, NONE, OK
from iamaudit.charts.style import drawing, empty_chart, in_short, write_beside, write_legend, write_title

_PARTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("actions_used", "used", {"color": OK}),
    ("actions_untracked", "use not tracked by AWS", {"color": NONE}),
    ("actions_unused", "unused", {"color": BAD, **LATE}),
)
_COUNTS = ["actions_granted", *(name for name, *_ in _PARTS)]
NOT_COLLECTED = (
    "The use of permissions is not known: the source last_accessed is missing. Collect it with "
    "iamaudit collect --preset thorough."
)


def plot_permission_use(
    permission_use: pd.DataFrame, *, days: int = 400, top: int = 15, ax: Axes | None = None
) -> Axes:
    """Draw the gap between granted and used actions, of the principals with the most unused ones.

    ``permission_use`` is the frame of that name. A bar is all that a principal is granted. Principals with
    the same counts share a bar; the title counts every principal that was evaluated.
    """
    evaluated = permission_use[permission_use.state.eq("evaluated")]
    known = evaluated[evaluated.actions_granted.gt(0)]
    if not len(known):
        return empty_chart(NOT_COLLECTED if permission_use.empty else "No principal was evaluated.", ax)
    rows = _alike(known)
    more, rows = len(rows) - top, rows.head(top)
    told = [
        f"{who} used {n.actions_used:,} of {n.actions_granted:,} and left {n.actions_unused:,} unused"
        for who, n in rows.iterrows()
    ]
    text = f"Stacked bars of the granted actions by use: {'; '.join(told)}."
    with drawing(ax, 1.2 + 0.27 * len(rows), text) as axes:
        left = pd.Series(0.0, index=rows.index)
        for column, label, style in _PARTS:
            share = rows[column] / rows.actions_granted * 100
            axes.barh(range(len(rows)), share, left=left, height=0.66, label=label, **style)
            left += share
        for row, (granted, unused) in enumerate(zip(rows.actions_granted, rows.actions_unused, strict=True)):
            write_beside(axes, 100, row, f"{unused:,} of {granted:,} unused")
        axes.set_yticks(range(len(rows)), [str(who) for who in rows.index])
        axes.invert_yaxis()
        axes.set_xlim(0, 128)
        axes.set_xticks(range(0, 101, 25), [f"{share}%" for share in range(0, 101, 25)])
        left_out = f"; {more:,} more bars left out" if more > 0 else ""
        axes.set_xlabel(f"share of the granted actions{left_out}")
        write_title(axes, _title(known, len(evaluated), days))
        write_legend(axes)
        axes.grid(axis="x", color=GRID)
        axes.tick_params(length=0)
    return axes


def _alike(known: pd.DataFrame) -> pd.DataFrame:
    """Return the counts, the most unused actions first, with a row for principals that have the same."""
    labels = known.principal_type + "/" + known.principal_name
    counts = known[_COUNTS].astype(int).assign(who=labels.map(lambda name: in_short(name, 34)))
    grouped = counts.groupby(_COUNTS, sort=False).who.agg(["first", "size"]).reset_index()
    others = grouped["size"].sub(1).map(lambda n: "" if not n else f" + {n:,} alike")
    rows = grouped.set_axis(grouped["first"] + others)[_COUNTS]
    return rows.sort_values("actions_unused", ascending=False, kind="stable")


def _title(known: pd.DataFrame, total: int, days: int) -> str:
    wide = int((known.actions_unused * 10 >= known.actions_granted * 9).sum())
    do = "principal left" if total == 1 else "principals left"
    return f"{wide:,} of {total:,} {do} at least 90% of the granted actions unused for {days} days"
