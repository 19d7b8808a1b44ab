"""What every page of a report is: no script, no network, every picture with its words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from iamaudit import __version__
from iamaudit.errors import ReportError
from iamaudit.report.notebook import read_cells
from iamaudit.tables import stylesheet

TEMPLATES = Path(__file__).parent / "templates"
MAX_BYTES = 1_000_000

_FORBIDDEN_TAGS = {"script", "iframe", "frame", "object", "embed", "applet", "form", "link", "base"}
_SVG_TAGS = {"svg", "g", "path", "text", "tspan", "defs", "clippath", "rect", "pattern", "use"}
_ELSEWHERE = re.compile(r"url\((?!\s*#)", re.IGNORECASE)
_ADDRESSES = {"src", "href", "srcset", "action", "formaction", "data", "poster", "background", "xlink:href"}


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a page or a place in one; ``about`` says in a sentence what is there."""

    href: str
    title: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """What the pages of one report share.

    ``parquet_only`` names the frames that are too big for a CSV; ``evidence`` says whether the bundle carries
    what it was judged from. ``unknown`` says what no page can show, a sentence each.
    """

    subject: str
    links: Sequence[Link]
    parquet_only: Sequence[str] = ()
    evidence: bool = True
    unknown: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """What the frame around a page needs to know."""

    file: str
    title: str
    site: Site
    contents: Sequence[Link] = ()
    version: str = __version__
    css: str = field(default_factory=stylesheet)

    @property
    def running_head(self) -> str:
        """Return what stands on top of each printed page, as a string of CSS."""
        text = f"AWS IAM audit · {self.site.subject}"
        return '"' + "".join(c if c.isalnum() or c in " .,()-" else f"\\{ord(c):x} " for c in text) + '"'


def page_name(notebook: Path) -> str:
    """Return the file of a notebook's page: without its number, so that links outlive a new order."""
    return re.sub(r"^\d\d_", "", notebook.stem) + ".html"


def page_link(notebook: Path) -> Link:
    """Return the link to a notebook's page: its first heading, and the first sentence below it."""
    first = read_cells(notebook)[0].source
    heading, _, text = first.partition("\n")
    about = text.strip().partition(". ")[0].rstrip(".")
    title = heading.lstrip("# ").strip() or notebook.stem
    return Link(page_name(notebook), title, f"{about}." if about else "")


def write_page(target: Path, body: str) -> None:
    """Write a page after a look at whether it keeps what its footer promises."""
    problems = page_problems(body)
    if problems:
        raise ReportError(f"`{target.name}` {problems[0]}: escape it where the cell makes it")
    size = len(body.encode("utf-8"))
    if size > MAX_BYTES:
        raise ReportError(
            f"`{target.name}` has {size:,} bytes, over {MAX_BYTES:,}: show fewer rows in its tables"
        )
    target.write_text(body, encoding="utf-8")


def page_problems(body: str) -> list[str]:
    """Return what in a page would run, fetch, or stay silent to a reader who cannot see it."""
    reader = _Reader()
    reader.feed(body)
    reader.close()
    return reader.problems


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.problems: list[str] = []
        self._in_svg = 0  # how many pictures deep

    def handle_endtag(self, tag: str) -> None:
        self._in_svg = max(0, self._in_svg - (tag == "svg"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _FORBIDDEN_TAGS:
            self.problems.append(f"holds a <{tag}> element")
        self._in_svg += tag == "svg"
        if self._in_svg and tag not in _SVG_TAGS:
            self.problems.append(f"holds a <{tag}> element in a picture")
        values = {name: value or "" for name, value in attrs}
        for name, value in values.items():
            if name.startswith("on"):
                self.problems.append(f"holds the event handler `{name}`")
            if name in _ADDRESSES and not (value.startswith("#") if self._in_svg else _is_inside(value)):
                self.problems.append(f"would fetch `{value[:80]}`")
            if name not in _ADDRESSES and _ELSEWHERE.search(value) and (name == "style" or self._in_svg):
                self.problems.append("would fetch an address in a style")
        if tag == "meta" and values.get("http-equiv", "").lower() == "refresh":
            self.problems.append("would move on by itself")
        words = {"img": "alt", "svg": "aria-label"}.get(tag)
        if words and not values.get(words, "").strip():
            self.problems.append("holds a picture without alt text")


def _is_inside(address: str) -> bool:
    """Say whether an address is a picture in the page, a place in it, or a file beside it."""
    if address.startswith("data:image/png;base64,"):
        return True
    return ":" not in address and not address.lstrip().startswith(("//", "\\", "/"))
