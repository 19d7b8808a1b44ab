"""How pieces of a page look: one stylesheet, for a page of a report and for a live notebook."""

from functools import cache
from pathlib import Path

from markupsafe import Markup

_PIECE = "iamaudit"
_WITHIN = f".{_PIECE}.{_PIECE},.jp-RenderedSVG.jp-RenderedSVG"
"""What is ours in a live notebook, said twice: JupyterLab has a look of its own for tables."""
_DARK = ':is([data-jp-theme-light="false"],.vscode-dark) &'


@cache
def stylesheet() -> str:
    """Return the stylesheet of a report's pages."""
    return _read("style.css")


@cache
def live_look() -> str:
    """Return the stylesheet for a live notebook as HTML, which moves itself out of the cell.

    It holds for our pieces alone, and follows the theme of JupyterLab instead of that of the system. A cell
    that is scrolled away or cleared takes what stands in it along, so the head of the page keeps it.
    """
    css = stylesheet().replace(":root{", "&{").replace("--paper:", "--page:")
    css = css.replace("@media(prefers-color-scheme:dark)", _DARK)
    return (
        f'<style id="{_PIECE}-look">{_WITHIN}{{\n{css}{_read("live.css")}}}</style>'
        f"<script>(look=>{{document.querySelectorAll('head>#{_PIECE}-look').forEach(old=>old.remove());"
        f"look&&document.head.append(look)}})([...document.querySelectorAll('#{_PIECE}-look')].pop())</script>"
    )


def live(markup: Markup | str) -> str:
    """Return a piece as a live notebook holds it."""
    return f'<div class="{_PIECE}">{markup}</div>'


def _read(name: str) -> str:
    return Path(__file__).with_name(name).read_text("utf-8")
