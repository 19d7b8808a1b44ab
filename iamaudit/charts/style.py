"""The house style of charts, and how one is displayed."""

import io
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
from IPython.display import display
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox, blended_transform_factory

from iamaudit.charts.colours import GRID, INK, MUTED, PAPER
from iamaudit.charts.svg import write_svg
from iamaudit.tables.markup import Html

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
    "text.hinting": "none",  # a label is as wide on the page as it was laid out
    "figure.dpi": 96,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
}
_WIDTH = 8.6  # inches: the text width of the report
_MARGIN = 0.1  # inches around the picture
_TITLE_LENGTH = 88  # characters that fit above a chart


def describe(ax: Axes) -> str:
    """Return the sentence that says what a chart of this module shows."""
    return str(ax.get_label())


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as a notebook displays it.

    A page shows the SVG. The PNG, in base64, is for a notebook that JupyterLab does not trust.
    """

    svg: str
    png: str
    text: str

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
        shown = {"image/svg+xml": self.svg, "image/png": self.png, "text/plain": self.text}
        return shown, {"image/png": {"alt": self.text}}

    @property
    def markup(self) -> Markup:
        """Return the chart as HTML in colours that follow the page; the class ``still`` is the PNG."""
        still = Markup('<img class="still" alt="{}" src="data:image/png;base64,{}">')
        return Markup(self.svg) + still.format(self.text, self.png)  # noqa: S704 - `write_svg` escaped it


def show(ax: Axes) -> None:
    """Display a chart with its description as alt text, and close its figure."""
    figure, text = ax.figure, describe(ax)
    whole = figure if isinstance(figure, Figure) else figure.figure
    if not ax.has_data():
        display(Html(Markup('<p class="empty">{}</p>').format(text)))
        plt.close(whole)
        return
    with plt.rc_context(_STYLE):
        whole.draw_without_rendering()
        whole.set_layout_engine("none")  # laid out; saving it need not do so again
        bounds = _bounds(whole)
        picture = io.BytesIO()
        whole.savefig(picture, format="png", bbox_inches=bounds, metadata={"Software": None})
        png = b64encode(picture.getvalue()).decode("ascii")
        chart = Chart(write_svg(whole, bounds, text), png, text)
    display(chart)
    plt.close(whole)


def _bounds(figure: Figure) -> Bbox:
    """Return what is shown of a figure, in inches: all of its width, and no empty rows."""
    drawn = figure.get_tightbbox().padded(_MARGIN)
    left, right = min(drawn.x0, 0), max(drawn.x1, figure.get_figwidth())
    return Bbox.from_extents(left, drawn.y0, right, drawn.y1)


@contextmanager
def drawing(ax: Axes | None, height: float, text: str) -> Iterator[Axes]:
    """Yield the axes to draw into, in the house style and labelled with what they will show."""
    with plt.rc_context(_STYLE):
        axes = plt.subplots(figsize=(_WIDTH, height), layout="constrained")[1] if ax is None else ax
        axes.set_label(text)
        yield axes


def write_title(axes: Axes, text: str) -> None:
    """Write the title at the left edge of the figure, over the labels too, when the chart is alone in it."""
    lines = _in_lines(text)
    if len(axes.figure.axes) > 1:
        axes.set_title(lines)
    else:
        axes.figure.suptitle(lines, x=0.005, ha="left", fontsize=11.5, fontweight="bold")


def write_legend(axes: Axes) -> None:
    """Write the legend in a line between title and bars, from the left edge of a chart that is alone.

    It then fits the figure, however long the labels beside the bars are.
    """
    handles, _ = axes.get_legend_handles_labels()
    across = axes.transAxes if len(axes.figure.axes) > 1 else axes.figure.transFigure
    axes.legend(
        ncol=len(handles),
        frameon=False,
        fontsize=8.5,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        bbox_transform=blended_transform_factory(across, axes.transAxes),
        borderaxespad=0.2,
        handlelength=1.4,
        columnspacing=1.4,
    )


def write_beside(axes: Axes, x: float, y: float, text: str) -> None:
    """Write a value at the end of its bar."""
    axes.annotate(text, (x, y), xytext=(4, 0), textcoords="offset points", va="center", fontsize=9)


def in_short(name: object, length: int = 40) -> str:
    """Return a name that fits beside its bar: a very long one with its middle left out."""
    text = str(name)
    return text if len(text) <= length else f"{text[: length * 2 // 3]}…{text[-(length // 3) :]}"


def empty_chart(sentence: str, ax: Axes | None) -> Axes:
    """Return axes that hold one sentence and no data."""
    with drawing(ax, 1.0, sentence) as axes:
        axes.text(0, 0.5, sentence, va="center", transform=axes.transAxes)
        axes.set_axis_off()
    return axes


def _in_lines(text: str) -> str:
    """Return a title in lines that fit the width of the figure."""
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= _TITLE_LENGTH:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)
