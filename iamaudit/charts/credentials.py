"""How old access keys are, and in which state credentials."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from iamaudit.charts.style import (
    BAD,
    GRID,
    INK,
    LATE,
    MUTED,
    NONE,
    OK,
    WARN,
    drawing,
    empty_chart,
    write_title,
)


def plot_key_age(keys: pd.DataFrame, *, max_age_days: int = 90, ax: Axes | None = None) -> Axes:
    """Draw the ages of active access keys as a distribution, with the line after which they are late.

    ``keys`` is the ``access_keys`` frame; inactive keys and those of users who are gone are left out, active
    keys of unknown age are counted in the description.
    """
    active = keys[(keys.is_active & ~keys.is_gone).fillna(False)]
    age = active.age_days.dropna().astype(int).to_numpy()
    if not len(age):
        return empty_chart("No active access key has a known age.", ax)
    late, unknown = int((age > max_age_days).sum()), len(active) - len(age)
    left_out = f"; {unknown} of unknown age are left out" if unknown else ""
    text = (
        f"Histogram of the age of {len(age)} active access keys: {len(age) - late} are at most "
        f"{max_age_days} days old, {late} are older; the oldest is {age.max()} days old{left_out}."
    )
    with drawing(ax, 2.9, text) as axes:
        step = max(1, round(max_age_days / 6)) if max_age_days else 15
        step *= max(1, -(-int(age.max()) // (step * 60)))  # at most some 60 bars
        bins = np.arange(0, max(age.max(), max_age_days) + 2 * step, step)
        axes.hist(age[age <= max_age_days], bins, color=OK)
        axes.hist(age[age > max_age_days], bins, color=BAD, **LATE)
        axes.axvline(max_age_days, color=INK, lw=1.2)
        axes.annotate(
            f"{max_age_days} days: rotate",
            (max_age_days, 0.97),
            xycoords=axes.get_xaxis_transform(),
            xytext=(4, 0),
            textcoords="offset points",
            va="top",
            fontsize=9,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )
        are = "is" if late == 1 else "are"
        write_title(axes, f"{late:,} of {len(age):,} active keys {are} older than {max_age_days} days")
        axes.set_xlabel("age of active access key (days)")
        axes.set_ylabel("keys")
        axes.yaxis.get_major_locator().set_params(integer=True)
        axes.grid(axis="y", color=GRID)
    return axes


def plot_credential_status(
    users: pd.DataFrame, keys: pd.DataFrame, *, max_idle_days: int = 45, ax: Axes | None = None
) -> Axes:
    """Draw how many passwords and access keys are in which state; every credential is in one bar.

    ``users`` and ``keys`` are the frames of those names, root included.
    """
    bars = [*_password_states(users, max_idle_days), *_key_states(keys, max_idle_days)]
    bars = [(label, int(mask.fillna(False).sum()), colour) for label, mask, colour in bars]
    total = sum(count for _, count, _ in bars)
    if not total:
        return empty_chart("No console password and no access key is known.", ax)
    text = (
        f"Bars of {total} credentials by state: " + "; ".join(f"{label}: {n}" for label, n, _ in bars) + "."
    )
    with drawing(ax, 3.0, text) as axes:
        labels, counts, colours = zip(*bars, strict=True)
        hatches = [LATE["hatch"] if colour == BAD else "" for colour in colours]
        drawn = axes.barh(
            range(len(bars)), counts, color=colours, height=0.66, edgecolor="white", linewidth=0
        )
        for patch, hatch in zip(drawn, hatches, strict=True):
            patch.set_hatch(hatch)
        axes.bar_label(drawn, padding=4, fontsize=9, color=MUTED)
        axes.set_yticks(range(len(bars)), labels)
        axes.invert_yaxis()
        bad = sum(count for _, count, colour in bars if colour == BAD)
        write_title(axes, f"{bad:,} of {total:,} credentials are idle, never used or without MFA")
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
