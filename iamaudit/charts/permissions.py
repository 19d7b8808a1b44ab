"""How broad principals are, and in which services."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from iamaudit.charts.colours import FULL, GRID, INK, LEVELS, ON_DARK, ON_LIGHT, SHARES
from iamaudit.charts.style import drawing, empty_chart, in_short, write_beside, write_legend, write_title
from iamaudit.iam.actions import ACCESS_LEVELS

_LEVEL_COLOURS = dict(zip(ACCESS_LEVELS, LEVELS, strict=True))
_LEVEL_COLUMNS = [level.lower().replace(" ", "_") for level in ACCESS_LEVELS]
_KEY_SERVICES = (
    *("iam", "sts", "organizations", "kms", "secretsmanager", "s3", "dynamodb", "rds", "ec2", "lambda"),
    *("ssm", "cloudtrail", "logs", "cloudformation"),
)
_IN_BAR = 48
"""How many characters surely fit into the bar of all of them."""
_NEARLY_ALL = 0.9
"""Who may use more of AWS's actions than this is one of many alike: one line tells of all."""


def plot_breadth(breadth: pd.DataFrame, *, actions_known: int, top: int = 12, ax: Axes | None = None) -> Axes:
    """Draw the possible actions of principals, stacked by access level, the broadest first.

    Principals that may use nearly all actions are one line, and so are principals whose bars would be equal:
    the bars leave room for those in between. ``breadth`` is the frame of that name, ``actions_known`` the
    size of the catalogue.
    """
    able = _by_label(breadth)
    if not len(able):
        return empty_chart(
            "No principal may do anything that is known here: there is no breadth to show.", ax
        )
    is_full = able.actions_possible > _NEARLY_ALL * actions_known
    full, rows = able[is_full], _alike(able[~is_full], _LEVEL_COLUMNS)
    more, rows = rows.iloc[top:], rows.head(top)
    told = [f"{in_short(who)} {_share(n, actions_known)}" for who, n in full.actions_possible.items()]
    told += [f"{who} {_share(n, actions_known)}" for who, n in rows.actions_possible.items()]
    text = (
        "Stacked bars of the possible actions of the broadest principals by access level: "
        f"{', '.join(told[:40])} of {actions_known:,} actions."
    )
    with drawing(ax, 1.15 + 0.27 * (len(rows) + bool(len(full))), text) as axes:
        first = int(bool(len(full)))
        _draw_levels(axes, rows, first, actions_known)
        if first:
            longest = int(rows.actions_possible.iloc[0]) if len(rows) else actions_known
            _draw_full(axes, full, longest, actions_known)
        names = [f"{len(full):,} {_principals(len(full))}"] * first + [
            _short_label(who) for who in rows.index
        ]
        axes.set_yticks(range(len(names)), names)
        axes.invert_yaxis()
        axes.margins(x=0.12)
        write_title(axes, _breadth_title(len(full), len(breadth), rows, actions_known))
        axes.set_xlabel("possible actions" + _left_out(more))
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        if len(rows):
            write_legend(axes)
        axes.grid(axis="x", color=GRID)
        axes.tick_params(length=0)
    return axes


def plot_service_heatmap(
    breadth: pd.DataFrame,
    permission_sets: pd.DataFrame,
    *,
    services: Sequence[str] = _KEY_SERVICES,
    top: int = 14,
    ax: Axes | None = None,
) -> Axes:
    """Draw which share of each service's actions principals may possibly use, the broadest first.

    Principals with equal shares are one row. ``breadth`` and ``permission_sets`` are the frames of
    those names. ``services`` are the columns; the default are those through which accounts are taken over and
    data lost.
    """
    able = _by_label(breadth)
    if not len(able):
        return empty_chart(
            "No principal may do anything that is known here: there is no service to show.", ax
        )
    able, chosen = _shares(able, permission_sets, services)
    groups = _alike(able, chosen)
    share = groups[chosen]
    shown = share.head(top)
    title = _heatmap_title(share == 1, groups.alike, len(breadth))
    text = (
        f"Heatmap of the share of actions that are possible, by {len(chosen)} services, for "
        f"{', '.join(shown.index)}. {title}."
    )
    with drawing(ax, 1.0 + 0.27 * len(shown), text) as axes:
        _draw_cells(axes, shown)
        write_title(axes, title)
        axes.set_xlabel(
            "share of the service's actions that are possible; blank: none" + _left_out(groups.iloc[top:])
        )
    return axes


def _by_label(breadth: pd.DataFrame) -> pd.DataFrame:
    """Return whoever may do something under the name on the axis, as in ``role/name``, in their order."""
    able = breadth[breadth.actions_possible > 0]
    return able.set_axis(able.principal_type + "/" + able.principal_name).sort_index()


def _alike(able: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return one row for principals with the same values, named after the first; broadest first."""
    keys = columns or ["actions_possible"]
    alike = able.groupby(keys, dropna=False)[keys[0]].transform("size").astype(int)
    rows = able.assign(alike=alike).drop_duplicates(keys)
    labels = [f"{who} + {n - 1:,} alike" if n > 1 else str(who) for who, n in rows.alike.items()]
    return rows.set_axis(labels).sort_values("actions_possible", ascending=False, kind="stable")


def _shares(
    able: pd.DataFrame, permission_sets: pd.DataFrame, services: Sequence[str]
) -> tuple[pd.DataFrame, list[str]]:
    """Add which share of each service's actions is possible; return the services that are known too."""
    rows = permission_sets[permission_sets.service.isin(services)]
    rows = rows.astype({"permission_set": "string", "service": "string"})
    known = rows.groupby("service").actions_in_service.first()
    chosen = [service for service in services if service in known.index]
    counts = rows.pivot_table(
        index="permission_set", columns="service", values="actions_possible", aggfunc="sum"
    )
    counts = counts.reindex(index=able.permission_set, columns=chosen).fillna(0)
    share = (counts / known.reindex(chosen)).astype(float).set_axis(able.index)
    return pd.concat([able[["actions_possible"]], share], axis=1), chosen


def _draw_levels(axes: Axes, rows: pd.DataFrame, first: int, actions_known: int) -> None:
    """Draw the bars by access level, and how many actions each bar has."""
    left, places = np.zeros(len(rows)), range(first, first + len(rows))
    for (level, colour), name in zip(_LEVEL_COLOURS.items(), _LEVEL_COLUMNS, strict=True):
        column = rows[name].astype(int).to_numpy()
        axes.barh(places, column, left=left, color=colour, label=level, height=0.66)
        left += column
    for row, n in zip(places, left, strict=True):
        share = f" ({_share(n, actions_known)})" if n >= actions_known / 100 else ""
        write_beside(axes, n, row, f"{n:,.0f}{share}")


def _draw_full(axes: Axes, full: pd.DataFrame, longest: int, actions_known: int) -> None:
    """Draw one bar for all that may use nearly everything, cut where the longest of the others ends."""
    least, most = (
        _share(n, actions_known) for n in (full.actions_possible.min(), full.actions_possible.max())
    )
    share = most if least == most else f"{least} to {most}"
    cut = "" if longest >= actions_known else ", bar cut"
    axes.barh([0], [longest], color=FULL, height=0.66)
    text = f"{share} of {actions_known:,} actions{cut}"
    named = f"{text}: {_some(full)}"
    axes.annotate(
        named if len(named) <= _IN_BAR else text,
        (0, 0), xytext=(5, 0), textcoords="offset points", va="center", fontsize=8.5, color=ON_DARK,
    )  # fmt: skip


def _some(full: pd.DataFrame) -> str:
    names = [in_short(name, 18) for name in full.principal_name]
    return ", ".join(names) if len(names) <= 2 else f"{names[0]} and {len(names) - 1:,} more"


def _breadth_title(full: int, total: int, rows: pd.DataFrame, actions_known: int) -> str:
    """Say how many may use nearly everything, and how far the next are from them."""
    following = ""
    if len(rows):
        n = int(rows.actions_possible.iloc[0])
        who = _short_label(rows.index[0])
        following = f"{who}, {_share(n, actions_known) if n >= actions_known / 100 else _actions(n)}"
    if not full:
        return f"The broadest of {total:,} principals is {following}"
    over = f"{full:,} of {total:,} {_principals(total)} may use over {_NEARLY_ALL:.0%} of AWS's actions"
    return f"{over}; the next is {following}" if following else over


def _heatmap_title(is_all: pd.DataFrame, alike: pd.Series, total: int) -> str:
    """Say how many principals have every action of all services, or else of the service that most have."""
    services = is_all.shape[1]
    full = int(alike[is_all.all(axis=1)].sum()) if services else 0
    if full:
        return f"{full:,} of {total:,} principals may use every action of these {services} services"
    by_service = is_all.mul(alike, axis=0).sum()
    if not services or not by_service.max():
        return "No principal may use every action of a service shown here"
    return f"{int(by_service.max()):,} of {total:,} principals may use every action of {by_service.idxmax()}"


def _left_out(more: pd.DataFrame) -> str:
    """Say who stands below the last row."""
    if not len(more):
        return ""
    count, most = int(more.alike.sum()), _actions(int(more.actions_possible.max()))
    return f"\n{count:,} more {_principals(count)} with at most {most}: breadth.csv"


def _share(n: float, total: int) -> str:
    return "all" if n == total else f"{n / total:.1%}" if n < total / 10 else f"{min(n / total, 0.99):.0%}"


def _actions(n: int) -> str:
    return "1 action" if n == 1 else f"{n:,} actions"


def _principals(n: int) -> str:
    return "principal" if n == 1 else "principals"


def _short_label(label: object) -> str:
    name, plus, alike = str(label).partition(" + ")
    return f"{in_short(name)}{plus}{alike}"


def _draw_cells(axes: Axes, share: pd.DataFrame) -> None:
    """Draw a cell a share, in steps of colour that can be told apart."""
    for (row, column), value in np.ndenumerate(share.to_numpy(dtype=float)):
        if value > 0:
            step = sum(value > limit for limit in (0.1, 0.34, 0.67, 0.999_999))
            axes.add_artist(Rectangle((column - 0.47, row - 0.45), 0.94, 0.9, color=SHARES[step], lw=0))
            shown = "all" if value == 1 else f"{min(max(value, 0.01), 0.99):.0%}"
            colour = ON_DARK if step > 2 else ON_LIGHT
            axes.text(column, row, shown, ha="center", va="center", fontsize=8, color=colour)
    axes.set_xlim(-0.5, share.shape[1] - 0.5)
    axes.set_ylim(share.shape[0] - 0.5, -0.5)
    axes.set_xticks(range(share.shape[1]), list(share.columns), rotation=35, ha="right", color=INK)
    axes.set_yticks(range(share.shape[0]), [_short_label(who) for who in share.index])
    axes.tick_params(which="both", length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
