"""Frame in, ``Axes`` out: pictures whose title is the finding.

Every chart takes its data first, draws into ``ax`` or a figure of its own, and returns the ``Axes``. The
sentence that says what the picture shows is the label of the ``Axes`` (``describe``); ``show`` displays the
picture with it as alt text. Without data a chart holds that sentence and nothing else.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import HTML, Image, display
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from iamaudit.actions import ACCESS_LEVELS

INK, MUTED, GRID = "#1d2733", "#5b6b7b", "#e3e8ee"
BAD, WARN, OK, NONE = "#b3261e", "#c77700", "#2f6f9f", "#9fb0c0"  # told apart by luminance too
_LEVEL_COLOURS = dict(
    zip(ACCESS_LEVELS, ("#7a1f3d", "#c96a1b", "#b8a04a", "#5b8fb9", "#b9cfe0"), strict=True)
)
_LATE = {"hatch": "///", "edgecolor": "white", "linewidth": 0}
_STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",  # ships with matplotlib, so every machine draws the same
    "font.size": 10,
    "text.color": INK,
    "text.parse_math": False,  # names from an account are text
    "axes.labelcolor": MUTED,
    "xtick.color": MUTED,
    "ytick.color": INK,
    "axes.edgecolor": GRID,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11.5,
    "axes.titleweight": "bold",
    "axes.axisbelow": True,
    "figure.dpi": 144,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
}
_WIDTH = 8.6  # inches: the text width of the report
_KEY_SERVICES = (
    *("iam", "sts", "organizations", "kms", "secretsmanager", "s3", "dynamodb", "rds", "ec2", "lambda"),
    *("ssm", "cloudtrail", "logs", "cloudformation"),
)


def plot_key_age(keys: pd.DataFrame, *, max_age_days: int = 90, ax: Axes | None = None) -> Axes:
    """Draw the ages of active access keys as a distribution, with the line after which they are late.

    ``keys`` is the ``access_keys`` frame; inactive keys and those of users who are gone are left out, active
    keys of unknown age are counted in the description.
    """
    active = keys[(keys.is_active & ~keys.is_gone).fillna(False)]
    age = active.age_days.dropna().astype(int).to_numpy()
    if not len(age):
        return _empty("No active access key of known age: there is no age to show.", ax)
    late, unknown = int((age > max_age_days).sum()), len(active) - len(age)
    left_out = f"; {unknown} of unknown age are left out" if unknown else ""
    text = (
        f"Histogram of the age of {len(age)} active access keys: {len(age) - late} are at most "
        f"{max_age_days} days old, {late} are older; the oldest is {age.max()} days old{left_out}."
    )
    with _axes(ax, 2.9, text) as axes:
        step = max(1, round(max_age_days / 6)) if max_age_days else 15
        step *= max(1, -(-int(age.max()) // (step * 60)))  # at most some 60 bars
        bins = np.arange(0, max(age.max(), max_age_days) + 2 * step, step)
        axes.hist(age[age <= max_age_days], bins, color=OK)
        axes.hist(age[age > max_age_days], bins, color=BAD, **_LATE)
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
        _title(axes, f"{late:,} of {len(age):,} active keys {are} older than {max_age_days} days")
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
        return _empty("No console password and no access key is known: there is no state to show.", ax)
    text = (
        f"Bars of {total} credentials by state: " + "; ".join(f"{label}: {n}" for label, n, _ in bars) + "."
    )
    with _axes(ax, 3.0, text) as axes:
        labels, counts, colours = zip(*bars, strict=True)
        hatches = [_LATE["hatch"] if colour == BAD else "" for colour in colours]
        drawn = axes.barh(
            range(len(bars)), counts, color=colours, height=0.66, edgecolor="white", linewidth=0
        )
        for patch, hatch in zip(drawn, hatches, strict=True):
            patch.set_hatch(hatch)
        axes.bar_label(drawn, padding=4, fontsize=9, color=MUTED)
        axes.set_yticks(range(len(bars)), labels)
        axes.invert_yaxis()
        bad = sum(count for _, count, colour in bars if colour == BAD)
        _title(axes, f"{bad:,} of {total:,} credentials are idle, never used or without MFA")
        axes.set_xlabel("credentials")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(axis="x", color=GRID)
        axes.tick_params(length=0)
    return axes


def plot_breadth(
    permissions: pd.DataFrame, *, actions_known: int, top: int = 10, ax: Axes | None = None
) -> Axes:
    """Draw the possible actions of the broadest principals, stacked by access level.

    ``permissions`` is the frame of that name, ``actions_known`` the size of the catalogue.
    """
    counts = _by_principal(permissions, "access_level").reindex(columns=list(ACCESS_LEVELS), fill_value=0)
    if not len(counts):
        return _empty("No principal may do anything that is known here: there is no breadth to show.", ax)
    broad = int((counts.sum(axis=1) > actions_known / 2).sum())
    who = "principal" if broad == 1 else "principals"
    counts = _broadest(counts, top)
    total = counts.sum(axis=1)
    text = (
        f"Stacked bars of the possible actions of the {len(counts)} broadest principals by access level: "
        + ", ".join(f"{who} {_share(n, actions_known)}" for who, n in total.items())
        + f" of {actions_known:,} actions."
    )
    with _axes(ax, 0.9 + 0.28 * len(counts), text) as axes:
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
        _title(
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
    permissions: pd.DataFrame,
    *,
    services: Sequence[str] = _KEY_SERVICES,
    top: int = 12,
    ax: Axes | None = None,
) -> Axes:
    """Draw which share of each service's actions the broadest principals may possibly use.

    ``services`` are the columns; the default are those through which accounts are taken over and data lost.
    """
    counts = _by_principal(permissions, "service")
    if not len(counts):
        return _empty("No principal may do anything that is known here: there is no service to show.", ax)
    known = permissions.groupby("service").actions_in_service.first()
    chosen = [service for service in services if service in known.index]
    counts = _broadest(counts, top)
    share = (counts.reindex(columns=chosen, fill_value=0) / known.reindex(chosen)).astype(float)
    everything = [who for who, row in share.iterrows() if chosen and (row == 1).all()]
    text = (
        f"Heatmap of {len(share)} principals by {len(chosen)} services, share of each service's actions that "
        f"are possible. {len(everything)} of them may use every action of all these services"
        + (f": {', '.join(map(str, everything))}." if everything else ".")
    )
    with _axes(ax, 1.0 + 0.27 * len(share), text) as axes:
        _draw_cells(axes, share)
        _title(axes, "Share of each service's actions that are possible; blank means none")
    return axes


def describe(ax: Axes) -> str:
    """Return the sentence that says what a chart of this module shows."""
    return str(ax.get_label())


def show(ax: Axes) -> None:
    """Display a chart as a PNG with its description as alt text and below it, and close its figure."""
    figure = ax.figure
    text = describe(ax)
    if ax.has_data():
        picture = io.BytesIO()
        figure.savefig(picture, format="png", bbox_inches="tight", metadata={"Software": None})
        display(Image(data=picture.getvalue(), format="png", alt=text))
    display(HTML(Markup('<p class="caption">{}</p>').format(text)))
    plt.close(figure if isinstance(figure, Figure) else figure.figure)


@contextmanager
def _axes(ax: Axes | None, height: float, text: str) -> Iterator[Axes]:
    """Yield the axes to draw into, in the house style and labelled with what they will show."""
    with plt.rc_context(_STYLE):
        axes = plt.subplots(figsize=(_WIDTH, height), layout="constrained")[1] if ax is None else ax
        axes.set_label(text)
        yield axes


def _title(axes: Axes, text: str) -> None:
    """Write the title at the left edge of the figure, over the labels too, when the chart is alone in it."""
    if len(axes.figure.axes) > 1:
        axes.set_title(text)
    else:
        axes.figure.suptitle(text, x=0.005, ha="left", fontsize=11.5, fontweight="bold")


def _empty(sentence: str, ax: Axes | None) -> Axes:
    with _axes(ax, 1.0, sentence) as axes:
        axes.text(0, 0.5, sentence, va="center", transform=axes.transAxes)
        axes.set_axis_off()
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


def _by_principal(permissions: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return possible actions, principals x ``by``; a principal is shown as ``role/name``."""
    label = permissions.principal_type + "/" + permissions.principal_name
    table = permissions.assign(label=label).pivot_table(
        index="label", columns=by, values="actions_possible", aggfunc="sum", fill_value=0
    )
    return table.astype(int)


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
