"""A figure as SVG that a page can hold: text stays text, colours follow the page, nothing in it can run."""

import io
import re
from xml.etree import ElementTree

import matplotlib.pyplot as plt
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from iamaudit.charts.colours import VARIABLES

SAVING = {"svg.fonttype": "none"}  # text as text
_SPACE = "{http://www.w3.org/2000/svg}"
_POINTS = 72  # to an inch
_LINK = "{http://www.w3.org/1999/xlink}href"
_KEPT = {"g", "path", "text", "tspan", "defs", "clipPath", "rect", "pattern", "use"}
_ATTRIBUTES = {
    *("id", "d", "style", "transform", "clip-path", "x", "y", "width", "height", "viewBox"),
    *("patternUnits", "href"),
}
_FONTS = "font-family: 'DejaVu Sans', Verdana, sans-serif"  # both are as wide: the layout holds
_NUMBER = re.compile(r"-?\d+\.\d{3,}")


def write_svg(figure: Figure, bounds: Bbox, text: str) -> str:
    """Return what is within ``bounds``, in inches, as one ``<svg>`` with ``text`` as its alternative text.

    The whole figure is written, which is laid out: the part that is seen is the view box's.
    """
    drawn = io.StringIO()
    with plt.rc_context({**SAVING, "svg.hashsalt": text}):  # ids of its own, the same every time
        FigureCanvasSVG(figure).print_svg(drawn, metadata={"Date": None})
    root = ElementTree.fromstring(drawn.getvalue())  # noqa: S314 - matplotlib wrote it a line ago
    used = set(re.findall(r"#([\w-]+)", " ".join(_references(root))))
    left, top = bounds.x0 * _POINTS, (figure.get_figheight() - bounds.y1) * _POINTS
    width, height = bounds.width * _POINTS, bounds.height * _POINTS
    picture = ElementTree.Element("svg", {"xmlns": _SPACE.strip("{}")})
    picture.attrib |= {
        "viewBox": f"{left:.2f} {top:.2f} {width:.2f} {height:.2f}",
        "width": f"{width:.2f}pt",
        "height": f"{height:.2f}pt",
        "class": "chart",
        "role": "img",
        "aria-label": text,
        "style": "stroke-linejoin: round; stroke-linecap: butt",
    }
    picture.extend(_tidied(root, used))
    return ElementTree.tostring(picture, encoding="unicode")


def _references(root: ElementTree.Element) -> list[str]:
    """Return the texts that may name an id of the picture."""
    named = ("clip-path", "style", _LINK)
    return [value for element in root.iter() for name in named if "#" in (value := element.get(name, ""))]


def _tidied(parent: ElementTree.Element, used: set[str]) -> list[ElementTree.Element]:
    """Return what is seen of the children; a group that only holds others gives way to them."""
    kept: list[ElementTree.Element] = []
    for old in parent:
        tag = str(old.tag).removeprefix(_SPACE)
        if tag not in _KEPT:
            continue
        inner = _tidied(old, used)
        attributes = _attributes(old, used)
        if tag in {"g", "defs"} and (not inner or (tag == "g" and not attributes)):
            kept += inner
            continue
        new = ElementTree.Element(tag, attributes)
        new.text = (old.text or "").strip() or None
        new.extend(inner)
        kept.append(new)
    return kept


def _attributes(element: ElementTree.Element, used: set[str]) -> dict[str, str]:
    """Return the attributes that a picture needs: short numbers, the page's colours, ids that are used."""
    kept = {}
    for name, given in element.attrib.items():
        name, value = ("href" if name == _LINK else name), given  # noqa: PLW2901
        if name == "fill":
            name, value = "style", f"fill: {value}"  # noqa: PLW2901 - only a style knows variables
        if name not in _ATTRIBUTES or (name == "id" and value not in used):
            continue
        if name == "transform" and value.startswith("rotate(-0 "):
            continue
        if name in {"d", "x", "y", "transform", "width", "height"}:
            value = " ".join(_NUMBER.sub(lambda found: f"{float(found[0]):.2f}", value).split())
        if name == "style":
            value = re.sub(r"font-family: [^;]*", _FONTS, _coloured(value))
        kept[name] = value
    return kept


def _coloured(style: str) -> str:
    """Return a style whose colours are the page's, with those of the chart where there is no page."""
    return re.sub(
        r"#[0-9a-f]{6}\b",
        lambda found: f"var({VARIABLES[found[0]]}, {found[0]})" if found[0] in VARIABLES else found[0],
        style,
    )
