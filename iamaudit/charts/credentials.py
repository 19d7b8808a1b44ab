"""How old access keys are, and in which state credentials."""

from itertools import pairwise
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from iamaudit.charts.colours import BAD, GRID, LATE, MUTED, NONE, OK, PAPER, WARN
from iamaudit.charts.style import drawing, empty_chart, write_title

_STEPS = (90, 180, 365)
"""Days at which an age is worse: a rotation missed, two missed, a year."""


def plot_key_age(keys: pd.DataFrame, *, max_age_days: int = 90, ax: Axes | None = None) -> Axes:
    """Draw how many active access keys are how old, in bands; those over ``max_age_days`` are late.

    ``keys`` is the ``access_keys`` frame; inactive keys and those of users who are gone are left out, active
    keys of unknown age are counted in the description.
    """
    active = keys[(keys.is_active & ~keys.is_gone).fillna(False)]
    age = active.age_days.dropna().astype(int)
    if not len(age):
        return empty_chart("No active access key has a known age.", ax)
    bands = _bands(max_age_days)
    counts = [int(age.between(first, last).sum()) for _, first, last in bands]
    late, unknown, ancient = sum(counts[1:]), len(active) - len(age), int((age > 365).sum())
    left_out = f" Left out: {unknown} of unknown age." if unknown else ""
    text = (
        f"Bars of active access keys by age, {len(age)} in all: "
        + "; ".join(f"{label}: {count}" for (label, _, _), count in zip(bands, counts, strict=True))
        + f". The oldest is {age.max()} days old.{left_out}"
    )
    with drawing(ax, 0.9 + 0.3 * len(bands), text) as axes:
        rows = range(len(bands))
        drawn = axes.barh(
            rows, counts, color=[OK, *[BAD] * (len(bands) - 1)], height=0.66, edgecolor=PAPER, lw=0
        )
        for patch in drawn[1:]:
            patch.set_hatch(LATE["hatch"])
        axes.bar_label(drawn, padding=4, fontsize=9, color=MUTED)
        axes.set_yticks(rows, [label for label, _, _ in bands])
        axes.invert_yaxis()
        are, noun = "is" if 1 in (late, len(age)) else "are", "key" if len(age) == 1 else "keys"
        older = f", {ancient:,} of them older than a year" if ancient and max_age_days < 365 else ""
        write_title(
            axes, f"{late:,} of {len(age):,} active {noun} {are} older than {max_age_days} days{older}"
        )
        axes.set_xlabel("active access keys")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(axis="x", color=GRID)
        axes.tick_params(length=0)
    return axes


def _bands(max_age_days: int) -> list[tuple[str, int, float]]:
    """Return the bands of age as label, first and last day; only the first is within the limit."""
    ends = [max_age_days, *(step for step in _STEPS if step > max_age_days)]
    bands: list[tuple[str, int, float]] = [(f"0 to {ends[0]} days", -1, ends[0])]
    bands += [(f"{one + 1} to {other} days", one + 1, other) for one, other in pairwise(ends)]
    last = "more than a year" if ends[-1] == 365 else f"more than {ends[-1]} days"
    return [*bands, (last, ends[-1] + 1, float("inf"))]


def plot_credential_status(
    users: pd.DataFrame, keys: pd.DataFrame, *, max_idle_days: int = 45, ax: Axes | None = None
) -> Axes:
    """Draw how many passwords and access keys are in which state; every credential is in one bar.

    ``users`` and ``keys`` are the frames of those names, root included.
    """
    bars = [*_password_states(users, max_idle_days), *_key_states(keys, max_idle_days)]
    bars = [(label, int(mask.fillna(False).sum()), colour) for label, mask, colour in bars]
    bars = [bar for bar in bars if bar[1]]
    total = sum(count for _, count, _ in bars)
    if not total:
        return empty_chart("No console password and no access key is known.", ax)
    text = (
        f"Bars of credentials by state, {total} in all: "
        + "; ".join(f"{label}: {n}" for label, n, _ in bars)
        + "."
    )
    with drawing(ax, 0.9 + 0.27 * len(bars), text) as axes:
        labels, counts, colours = zip(*bars, strict=True)
        hatches = [LATE["hatch"] if colour == BAD else "" for colour in colours]
        drawn = axes.barh(range(len(bars)), counts, color=colours, height=0.66, edgecolor=PAPER, linewidth=0)
        for patch, hatch in zip(drawn, hatches, strict=True):
            patch.set_hatch(hatch)
        axes.bar_label(drawn, padding=4, fontsize=9, color=MUTED)
        axes.set_yticks(range(len(bars)), labels)
        axes.invert_yaxis()
        bad = sum(count for _, count, colour in bars if colour == BAD)
        are, noun = "is" if 1 in (bad, total) else "are", "credential" if total == 1 else "credentials"
        write_title(axes, f"{bad:,} of {total:,} {noun} {are} idle, never used or without MFA")
        axes.set_xlabel("credentials")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(axis="x", color=GRID)
        axes.tick_params(length=0)
    return axes


def _password_states(users: pd.DataFrame, max_idle_days: int) -> list[tuple[str, Any, str]]:
    has, mfa = users.has_password & ~users.is_gone, users.mfa_active.fillna(False)
    idle = users.password_idle_days.ge(max_idle_days).fillna(False)
    return [
        ("passwords with MFA, in use", has & mfa & ~idle, OK),
        (f"passwords with MFA, idle {max_idle_days} days", has & mfa & idle, BAD),
        ("passwords without MFA", has & ~mfa & users.mfa_active.notna(), BAD),
        ("passwords, MFA unknown", has & users.mfa_active.isna(), WARN),
    ]


def _key_states(keys: pd.DataFrame, max_idle_days: int) -> list[tuple[str, Any, str]]:
    active, never = keys.is_active & ~keys.is_gone, keys.never_used.fillna(False)
    idle = keys.idle_days.ge(max_idle_days).fillna(False)
    return [
        ("active keys in use", active & ~never & ~idle, OK),
        (f"active keys, idle {max_idle_days} days", active & ~never & idle, BAD),
        ("active keys, never used", active & never, BAD),
        ("inactive keys", ~keys.is_active & ~keys.is_gone, NONE),
    ]
