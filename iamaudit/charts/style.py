"""The house style of charts, and how one is displayed."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib.pyplot as plt
from IPython.display import HTML, Image, display
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK, MUTED, GRID = "#1d2733", "#5b6b7b", "#e3e8ee"
BAD, WARN, OK, NONE = "#b3261e", "#c77700", "#2f6f9f", "#9fb0c0"  # told apart by luminance too
LATE = {"hatch": "///", "edgecolor": "white", "linewidth": 0}

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
def drawing(ax: Axes | None, height: float, text: str) -> Iterator[Axes]:
    """Yield the axes to draw into, in the house style and labelled with what they will show."""
    with plt.rc_context(_STYLE):
        axes = plt.subplots(figsize=(_WIDTH, height), layout="constrained")[1] if ax is None else ax
        axes.set_label(text)
        yield axes


def write_title(axes: Axes, text: str) -> None:
    """Write the title at the left edge of the figure, over the labels too, when the chart is alone in it."""
    if len(axes.figure.axes) > 1:
        axes.set_title(text)
    else:
        axes.figure.suptitle(text, x=0.005, ha="left", fontsize=11.5, fontweight="bold")


def empty_chart(sentence: str, ax: Axes | None) -> Axes:
    """Return axes that hold one sentence and no data."""
    with drawing(ax, 1.0, sentence) as axes:
        axes.text(0, 0.5, sentence, va="center", transform=axes.transAxes)
        axes.set_axis_off()
    return axes
