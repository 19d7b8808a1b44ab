"""How answers look in a notebook: as in the report, and plain text in a terminal.

A notebook is *live* when somebody sits before it: JupyterLab and its like offer to ask for input, while
papermill, nbconvert, nbval and a scheduler say that they cannot. Only a live notebook gets scripts: its
tables sort and search. What runs headless holds the plain, whole table, and so does the report.
"""

import re
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from iamaudit.account import Answer
from iamaudit.checks import Workpaper
from iamaudit.frames import COLUMNS
from iamaudit.tables import FrameTable, Html, answer, live, live_look, table, workpaper

_ANSWERS: dict[type, Callable[[Any], Html]] = {Answer: answer, Workpaper: workpaper}
_REPORTED_ROWS = 1_000
"""How many rows of a frame a page shows; a page of 1 MB has room for them."""
_FILE = re.compile(rf"\b(?:data/)?({'|'.join(COLUMNS)})\.(?:csv|parquet)\b")
_LINK = re.compile(r'<a href="([\w./-]+)(#[^"]*)?">(.*?)</a>', re.DOTALL)


def is_live() -> bool:
    """Say whether somebody sits before the notebook that this runs in."""
    kernel = getattr(running_shell(), "kernel", None)
    message = kernel.get_parent() if kernel else {}
    return bool(message.get("content", {}).get("allow_stdin"))


def show_answers(*others: type) -> None:
    """Let the notebook that this runs in show frames, answers and workpapers as the report does.

    ``others`` are types that have an HTML of their own, which a live notebook shows in the same look.
    """
    shell = running_shell()
    if shell is None:
        return
    html, plain = (shell.display_formatter.formatters[kind] for kind in ("text/html", "text/plain"))
    shown = _live if is_live() else _headless
    kinds: dict[type, Callable[[Any], Html]] = {**_ANSWERS, pd.DataFrame: frame_table}
    for kind, made in kinds.items():
        html.for_type(kind, lambda given, made=made: shown(made(given)))
    for kind, made in _ANSWERS.items():
        plain.for_type(kind, lambda given, printer, _cycle, made=made: printer.text(repr(made(given))))
    if shown is _live:
        for kind in (Html, FrameTable):
            html.for_type(kind, shown)
        html.for_type_by_name("iamaudit.charts.style", "Chart", _live)
        for kind in others:
            html.for_type(kind, lambda given: live(_of_notebook(given._repr_html_())))
        _bring_look()


def frame_table(frame: pd.DataFrame) -> FrameTable:
    """Return a frame as it is shown by itself: every column, and an index that says something."""
    is_counted = isinstance(frame.index, pd.RangeIndex) and frame.index.name is None
    whole = frame if is_counted or set(frame.index.names) & set(frame.columns) else frame.reset_index()
    whole = whole.set_axis([str(each) for each in whole.columns], axis="columns")
    if not whole.columns.is_unique:
        numbered = [f"{name} ({place})" for place, name in enumerate(whole.columns, 1)]
        whole = whole.set_axis(numbered, axis="columns")
    return table(whole, limit=_REPORTED_ROWS)


def _headless(shown: Html) -> str:
    return str(shown.markup)


def _live(shown: Any) -> str:
    if isinstance(shown, FrameTable) and _has_itables():
        from iamaudit.tables.interactive import interactive  # noqa: PLC0415 - the extra `lab` brings it

        return live(_of_notebook(interactive(shown)))
    return live(_of_notebook(str(shown.markup)))


def _bring_look() -> None:
    from IPython.display import HTML, display  # noqa: PLC0415 - a notebook has it

    brought = live_look()
    if _has_itables():
        from iamaudit.tables.interactive import loading  # noqa: PLC0415 - the extra `lab` brings it

        brought += loading()
    display(HTML(brought))


def _of_notebook(markup: str) -> str:
    """Return a piece that names frames instead of the files of a report, and links to notebooks beside."""
    return _FILE.sub(r"audit.\1", _LINK.sub(_to_notebook, markup))


def _to_notebook(link: re.Match[str]) -> str:
    file, place, text = link.groups()
    beside = sorted(Path().glob(f"[0-9][0-9]_{file.removesuffix('.html')}.ipynb"))
    if not beside:
        return text  # a file of the report, which is not here
    return str(Markup('<a href="{}{}">').format(beside[0].name, place or "")) + f"{text}</a>"


def _has_itables() -> bool:
    return find_spec("itables") is not None


def running_shell() -> Any:
    """Return the shell of IPython that this runs in, ``None`` when it is none."""
    return getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
