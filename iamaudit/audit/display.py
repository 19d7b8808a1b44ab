"""How answers look in a live notebook: the same HTML as in the report, and plain text in a terminal."""

import sys
from collections.abc import Callable
from typing import Any

from iamaudit.account import Answer
from iamaudit.checks import Workpaper
from iamaudit.tables import Html, answer, workpaper

_SHOWN: tuple[tuple[type, Callable[[Any], Html]], ...] = ((Answer, answer), (Workpaper, workpaper))


def show_answers() -> None:
    """Let a notebook that this runs in show answers and workpapers as the report does."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None:
        return
    formatters = shell.display_formatter.formatters
    for kind, shown in _SHOWN:
        formatters["text/html"].for_type(kind, lambda given, shown=shown: str(shown(given).markup))
        formatters["text/plain"].for_type(
            kind, lambda given, printer, _cycle, shown=shown: printer.text(repr(shown(given)))
        )
