"""Figures of an account over a series of snapshots."""

from typing import Any

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes

from iamaudit.charts.colours import BAD, GRID, INK, MUTED, NONE, OK, REACHES, WARN
from iamaudit.charts.style import drawing, empty_chart, write_legend, write_title

_TOO_FEW = "A trend needs two snapshots of the account in which these figures are known."
_SEVERITIES = {"critical": BAD, "high": REACHES[1], "medium": WARN, "low": OK, "informational": NONE}


def plot_key_age_trend(trend: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the oldest and the median age of active access keys over time, with the limit."""
    known = trend.dropna(subset=["oldest_key_age_days", "median_key_age_days"])
    if len(known) < 2:
        return empty_chart(_TOO_FEW, ax)
    first, last = known.iloc[0], known.iloc[-1]
    limit = int(last.max_key_age_days)
    text = (
        f"Ages of active access keys in {len(known)} snapshots from {first.as_of:%Y-%m-%d} to "
        f"{last.as_of:%Y-%m-%d}: the median went from {first.median_key_age_days} to "
        f"{last.median_key_age_days}, the oldest from {first.oldest_key_age_days} to "
        f"{last.oldest_key_age_days}; the limit is {limit}. All are in days."
    )
    with drawing(ax, 2.6, text) as axes:
        _line(axes, known, "oldest_key_age_days", BAD, "oldest key")
        _line(axes, known, "median_key_age_days", OK, "median")
        axes.axhline(limit, color=INK, lw=1.2)
        axes.annotate(f"{limit} days: rotate", (0, limit), xycoords=("axes fraction", "data"), va="bottom")
        was, now = int(first.late_keys), int(last.late_keys)
        keys_are = "active key is" if now == 1 else "active keys are"
        write_title(axes, f"{now:,} {keys_are} older than {limit} days ({was:,} in {first.as_of:%B %Y})")
        axes.set_ylabel("age (days)")
        _finish(axes, known)
    return axes


def plot_administrator_trend(trend: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how many users and roles were administrators over time."""
    known = trend.dropna(subset=["administrators"])
    if len(known) < 2:
        return empty_chart(_TOO_FEW, ax)
    first, last = known.iloc[0], known.iloc[-1]
    text = (
        f"Administrators among users and roles in {len(known)} snapshots: {first.administrators} on "
        f"{first.as_of:%Y-%m-%d}, {last.administrators} on {last.as_of:%Y-%m-%d}."
    )
    with drawing(ax, 2.0, text) as axes:
        _line(axes, known, "administrators", BAD, "administrators")
        was, now = int(first.administrators), int(last.administrators)
        are = "user or role is an administrator" if now == 1 else "users and roles are administrators"
        write_title(axes, f"{now:,} {are} ({was:,} in {first.as_of:%B %Y})")
        axes.set_ylabel("users and roles")
        _finish(axes, known)
    return axes


def plot_observation_trend(trend: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how many observations of each severity were open over time."""
    if len(trend) < 2:
        return empty_chart(_TOO_FEW, ax)
    first, last = trend.iloc[0], trend.iloc[-1]
    said = ", ".join(f"{name} {first[name]} to {last[name]}" for name in _SEVERITIES)
    text = (
        f"Open observations by severity in {len(trend)} snapshots from {first.as_of:%Y-%m-%d} to "
        f"{last.as_of:%Y-%m-%d}: {said}."
    )
    with drawing(ax, 2.9, text) as axes:
        below = pd.Series(0, index=trend.index)
        for name, colour in _SEVERITIES.items():
            counts = trend[name].astype(int)
            axes.bar(range(len(trend)), counts, bottom=below, color=colour, width=0.5, label=name)
            below += counts
        was, now = (int(row.critical) + int(row.high) for row in (first, last))
        are = "critical or high observation is" if now == 1 else "critical and high observations are"
        write_title(axes, f"{now:,} {are} open ({was:,} in {first.as_of:%B %Y})")
        write_legend(axes)
        axes.set_ylabel("observations")
        axes.set_xticks(range(len(trend)), [f"{when:%Y-%m-%d}" for when in trend.as_of])
        axes.yaxis.get_major_locator().set_params(integer=True)
        axes.grid(axis="y", color=GRID)
    return axes


def _line(axes: Axes, trend: pd.DataFrame, column: str, colour: str, name: str) -> None:
    values: Any = trend[column].astype(int).to_numpy()
    axes.plot(trend.as_of.to_numpy(), values, color=colour, marker="o", lw=1.8, label=name, clip_on=False)
    axes.annotate(
        f"{name}: {values[-1]:,}",
        (trend.as_of.iloc[-1], values[-1]),
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        fontsize=9,
        color=MUTED,
        annotation_clip=False,
    )


def _finish(axes: Axes, trend: pd.DataFrame) -> None:
    axes.set_ylim(bottom=0)
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.grid(axis="y", color=GRID)
    days = trend.as_of.to_numpy()
    axes.set_xticks(days if len(days) <= 6 else days[:: -(-len(days) // 6)])
    axes.xaxis.set_major_formatter(mdates.DateFormatter("%Y-%m-%d"))
    axes.margins(x=0.05)
    axes.set_xlim(right=days[-1] + (days[-1] - days[0]) * 0.22)
