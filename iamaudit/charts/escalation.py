"""Who can become an administrator, in how many hops, and by what."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch

from iamaudit.charts.colours import BAD, GRID, INK, LATE, MUTED, NONE, PAPER, WARN
from iamaudit.charts.style import drawing, empty_chart, in_short, write_beside, write_legend, write_title

_VERDICTS = {"certain": BAD, "conditional": WARN, "needs a live resource": NONE}
_NOBODY = "No path to administrator was found."


def plot_escalation(paths: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how many principals can become an administrator, by hops and how surely.

    ``paths`` is the frame ``escalation_paths``.
    """
    chosen = paths[paths.end == "administrator"]
    if not len(chosen):
        return empty_chart(_NOBODY, ax)
    counts = chosen.groupby(["hops", "verdict"]).size().unstack(fill_value=0)
    counts = counts.reindex(columns=list(_VERDICTS), fill_value=0)
    certain = int((chosen.verdict == "certain").sum())
    text = "Stacked bars of who can become an administrator by the number of hops: " + "; ".join(
        f"{hops} {'hop' if hops == 1 else 'hops'} "
        + ", ".join(f"{n} {verdict}" for verdict, n in row.items() if n)
        for hops, row in counts.iterrows()
    )
    with drawing(ax, 1.25 + 0.34 * len(counts), f"{text}.") as axes:
        left, rows = np.zeros(len(counts)), np.arange(len(counts))
        for verdict, colour in _VERDICTS.items():
            hatch = LATE if verdict == "certain" else {}
            axes.barh(rows, counts[verdict], left=left, color=colour, height=0.62, label=verdict, **hatch)
            left += counts[verdict].to_numpy()
        for row, total in enumerate(left):
            write_beside(axes, total, row, f"{total:,.0f}")
        axes.set_yticks(rows, [f"{hops} hop" + ("s" if hops != 1 else "") for hops in counts.index])
        axes.invert_yaxis()
        axes.margins(x=0.08)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.set_xlabel("users, roles and principals outside of the account")
        axes.grid(axis="x", color=GRID)
        axes.tick_params(length=0)
        write_legend(axes)
        paths_are = "path to administrator is" if len(chosen) == 1 else "paths to administrator are"
        direct = int((chosen[chosen.verdict == "certain"].hops == 1).sum())
        steps = f", {direct:,} of them in one hop" if direct else ""
        write_title(axes, f"{certain:,} of {len(chosen):,} {paths_are} certain{steps}")
    return axes


def plot_chains(paths: pd.DataFrame, *, top: int = 6, ax: Axes | None = None) -> Axes:
    """Draw the first ``top`` paths to an administrator as chains, with the permissions on each arrow.

    ``paths`` is the frame ``escalation_paths``, the surest and shortest first.
    """
    paths = paths[paths.end == "administrator"]
    chosen = paths.head(top)
    if not len(chosen):
        return empty_chart(_NOBODY, ax)
    longest = max(len(nodes) for nodes in chosen.nodes)
    text = f"Chains of paths, the first {len(chosen)} of {len(paths):,}: {'; '.join(chosen.path)}."
    with drawing(ax, 0.5 + 0.78 * len(chosen), text) as axes:
        for row, path in enumerate(chosen.to_dict("records")):
            _chain(axes, -row, path["nodes"], path["arrows"], _VERDICTS[path["verdict"]])
        axes.set_xlim(-0.42, max(longest, 3) - 0.55)
        axes.set_ylim(-len(chosen) + 0.42, 0.55)
        axes.set_axis_off()
        first, cut = chosen.iloc[0], len(paths) > len(chosen)
        hops = "one hop" if first.hops == 1 else f"{first.hops} hops"
        shown = f"the first {len(chosen)} of {len(paths):,} paths" if cut else f"all {len(chosen)} paths"
        shown = "the only path" if len(paths) == 1 else shown
        can = "can become" if first.verdict == "certain" else "may become"
        write_title(axes, f"{in_short(first.nodes[0])} {can} an administrator in {hops}; {shown}")
    return axes


def _chain(axes: Axes, y: float, nodes: list[str], arrows: list[str], colour: str) -> None:
    for x, node in enumerate(nodes):
        box = {"boxstyle": "round,pad=0.35", "fc": PAPER, "ec": colour, "lw": 1.3}
        axes.text(x, y, _short(node), ha="center", va="center", fontsize=8, color=INK, bbox=box)
    for x, words in enumerate(arrows):
        arrow = FancyArrowPatch((x + 0.3, y), (x + 0.7, y), arrowstyle="->", mutation_scale=9, color=colour)
        axes.add_patch(arrow)
        axes.text(x + 0.5, y + 0.12, _stacked(words), ha="center", va="bottom", fontsize=6.5, color=MUTED)


def _short(name: str) -> str:
    kind, slash, rest = name.rpartition("/")
    kind = kind.partition("/")[0]
    shown = f"{kind}{slash}\n{rest}" if slash else name.replace(" ", "\n", 1)
    return "\n".join(line if len(line) <= 22 else f"{line[:21]}…" for line in shown.split("\n"))


def _stacked(words: str) -> str:
    """Return the permissions of an arrow a line each, at most three."""
    lines = words.split(", ")
    return "\n".join(lines if len(lines) <= 3 else [*lines[:2], f"and {len(lines) - 2} more"])
