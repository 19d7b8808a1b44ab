"""Progress: what is being judged, and how long the rest may take, once it has taken two seconds.

It is told in a live notebook, where it gives way to the answer, and on stderr when that is a terminal. A log
file gets none.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic
from typing import Any

from markupsafe import escape

from iamaudit.audit.display import is_live
from iamaudit.tables import live

PATIENCE_SECONDS = 2.0
_TICK_SECONDS = 0.5


class Progress:
    """The steps of one judgement: each may rest on others, which are made within it.

    ``total`` is how many steps there are; an answer may need fewer, so the estimate is a limit.
    """

    def __init__(self, total: int) -> None:
        self._total, self._done = total, 0
        self._under_way: list[str] = []
        self.is_told = True

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Do a step within; the outermost tells of itself when it takes long."""
        tell = _teller() if self.is_told and not self._under_way else None
        self._under_way.append(name)
        try:
            if tell is None:
                yield
            else:
                with self._told(tell):
                    yield
        finally:
            self._under_way.pop()
            self._done += 1

    @contextmanager
    def _told(self, tell: Callable[[str], None]) -> Iterator[None]:
        ended, begun, before = Event(), monotonic(), self._done

        def look() -> None:
            while not ended.wait(_TICK_SECONDS):
                if monotonic() - begun >= PATIENCE_SECONDS:
                    tell(self._words(monotonic() - begun, self._done - before))

        watch = Thread(target=look, daemon=True)
        watch.start()
        try:
            yield
        finally:
            ended.set()
            watch.join()
            if monotonic() - begun >= PATIENCE_SECONDS:
                tell("")

    def _words(self, seconds: float, done: int) -> str:
        name = (self._under_way or [""])[-1].replace("_", " ")
        said = f"judging {name}: {done:,} steps done in {seconds:.0f} seconds"
        if not done:
            return said
        left = seconds / done * max(0, self._total - self._done)
        return f"{said}, at most about {_length(left)} left"


def _length(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{max(1, round(seconds)):,} s" if seconds < 90 else f"{minutes:,} minutes"


def _teller() -> Callable[[str], None] | None:
    """Return what shows a line in place of the line before, ``None`` where nobody looks."""
    if is_live():
        return _Shown()
    return _write if sys.stderr.isatty() else None


def _write(line: str) -> None:
    sys.stderr.write(f"\r\x1b[K{line}")
    sys.stderr.flush()


class _Shown:
    """A line in the cell that runs."""

    def __init__(self) -> None:
        self._place: Any = None

    def __call__(self, line: str) -> None:
        from IPython.display import display  # noqa: PLC0415 - a notebook has it

        html = _Line(live(f'<p class="aside">{escape(line)}</p>') if line else "")
        if self._place is None and line:
            self._place = display(html, display_id=True)
        elif self._place is not None:
            self._place.update(html)


class _Line:
    def __init__(self, html: str) -> None:
        self._html = html

    def _repr_html_(self) -> str:
        return self._html

    def __repr__(self) -> str:
        return ""
