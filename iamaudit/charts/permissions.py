"""How broad principals are, and in which services."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from iamaudit.charts.style import GRID, INK, drawing, empty_chart, write_title
from iamaudit.iam.actions import ACCESS_LEVELS

_LEVEL_COLOURS = dict(
    zip(ACCESS_LEVELS, ("#7a1f3d", "#c96a1b", "#b8a04a", "#5b8fb9", "#b9cfe0"), strict=True)
)
_KEY_SERVICES = (
    *("iam", "sts", "organizations", "kms", "secretsmanager", "s3", "dynamodb", "rds", "ec2", "lambda"),
    *("ssm", "cloudtrail", "logs", "cloudformation"),
)


def plot_breadth(breadth: pd.DataFrame, *, actions_known: int, top: int = 10, ax: Axes | None = None) -> Axes:
    """Draw the possible actions of the broadest principals, stacked by access level.

    ``breadth`` is the frame of that name, ``actions_known`` the size of the catalogue.
    """
    columns = {level.lower().replace(" ", "_"): level for level in ACCESS_LEVELS}
    counts = _by_label(breadth)[list(columns)].rename(columns=columns).astype(int)
    if not len(counts):
        return empty_chart(
            "No principal may do anything that is known here: there is no breadth to show.", ax
        )
    broad = int((counts.sum(axis=1) > actions_known / 2).sum())
    who = "principal" if broad == 1 else "principals"
    counts = _broadest(counts, top)
    total = counts.sum(axis=1)
    text = (
        f"Stacked bars of the possible actions of the {len(counts)} broadest principals by access level: "
        + ", ".join(f"{who} {_share(n, actions_known)}" for who, n in total.items())
        + f" of {actions_known:,} actions."
    )
    with drawing(ax, 0.9 + 0.28 * len(counts), text) as axes:
        left = np.zeros(len(counts))
        for level, column in counts.items():
            axes.barh(
                range(len(counts)),
                column,
                left=left,
                color=_LEVEL_COLOURS[str(level)],
                label=level,
                height=0.66,
            )
            left += column.to_numpy()
        for row, n in enumerate(total):
            label = _share(n, actions_known) if n >= actions_known / 100 else _actions(n)
            axes.annotate(label, (n, row), xytext=(4, 0), textcoords="offset points", va="center", fontsize=9)
        axes.set_yticks(range(len(counts)), _labels(counts))
        axes.invert_yaxis()
        axes.margins(x=0.08)
        write_title(
            axes,
            f"{broad} {who} may use more than half of AWS's {actions_known:,} actions",
        )
        axes.set_xlabel("possible actions, by access level")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axes.legend(
            ncol=5,
            frameon=False,
            fontsize=8.5,
            loc="upper center",
            bbox_to_anchor=(0.42, -0.5 / (0.28 * len(counts))),
        )
        axes.grid(axis="x", color=GRID)
        axes.tick_params(length=0)
    return axes


def plot_service_heatmap(
    breadth: pd.DataFrame,
    permission_sets: pd.DataFrame,
    *,
    services: Sequence[str] = _KEY_SERVICES,
    top: int = 12,
    ax: Axes | None = None,
) -> Axes:
    """Draw which share of each service's actions the broadest principals may possibly use.

    ``breadth`` and ``permission_sets`` are the frames of those names. ``services`` are the columns; the
    default are those through which accounts are taken over and data lost.
    """
    who = _by_label(breadth)
    if not len(who):
        return empty_chart(
            "No principal may do anything that is known here: there is no service to show.", ax
        )
    rows = permission_sets[permission_sets.service.isin(services)]
    rows = rows.astype({"permission_set": "string", "service": "string"})
    known = rows.groupby("service").actions_in_service.first()
    chosen = [service for service in services if service in known.index]
    sets = _broadest(who[["actions_possible"]].astype(int), top).join(who.permission_set).permission_set
    counts = rows[rows.permission_set.isin(sets)].pivot_table(
        index="permission_set", columns="service", values="actions_possible", aggfunc="sum"
    )
    counts = counts.reindex(index=sets, columns=chosen).set_axis(sets.index).fillna(0)
    share = (counts / known.reindex(chosen)).astype(float)
    everything = [who for who, row in share.iterrows() if chosen and (row == 1).all()]
    text = (
        f"Heatmap of {len(share)} principals by {len(chosen)} services, share of each service's actions that "
        f"are possible. {len(everything)} of them may use every action of all these services"
        + (f": {', '.join(map(str, everything))}." if everything else ".")
    )
    with drawing(ax, 1.0 + 0.27 * len(share), text) as axes:
        _draw_cells(axes, share)
        write_title(axes, "Share of each service's actions that are possible; blank means none")
    return axes


def _by_label(breadth: pd.DataFrame) -> pd.DataFrame:
    """Return whoever may do something under the name on the axis, as in ``role/name``, in their order."""
    able = breadth[breadth.actions_possible > 0]
    return able.set_axis(able.principal_type + "/" + able.principal_name).sort_index()


def _broadest(counts: pd.DataFrame, top: int) -> pd.DataFrame:
    order = counts.sum(axis=1).sort_values(ascending=False, kind="stable").index[:top]
    return counts.loc[order]


def _share(n: int, total: int) -> str:
    return "all" if n == total else f"{n / total:.1%}" if n < total / 10 else f"{min(n / total, 0.99):.0%}"


def _actions(n: int) -> str:
    return "1 action" if n == 1 else f"{n} actions"


def _labels(rows: pd.DataFrame) -> list[str]:
    """Return the names of the rows, very long ones with their middle left out."""
    names = [str(name) for name in rows.index]
    return [name if len(name) <= 40 else f"{name[:26]}…{name[-13:]}" for name in names]


def _draw_cells(axes: Axes, share: pd.DataFrame) -> None:
    axes.imshow(share.to_numpy(), cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (row, column), value in np.ndenumerate(share.to_numpy(dtype=float)):
        if value > 0:
            shown = "all" if value == 1 else f"{min(max(value, 0.01), 0.99):.0%}"
            colour = "white" if value > 0.55 else INK
            axes.text(column, row, shown, ha="center", va="center", fontsize=8, color=colour)
    axes.set_xticks(range(share.shape[1]), list(share.columns), rotation=35, ha="right")
    axes.set_yticks(range(share.shape[0]), _labels(share))
    axes.set_xticks(np.arange(-0.5, share.shape[1]), minor=True)
    axes.set_yticks(np.arange(-0.5, share.shape[0]), minor=True)
    axes.grid(which="minor", color="white", lw=2)
    axes.tick_params(which="both", length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
