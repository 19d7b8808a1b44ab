"""The frames of an audit as a list, and as a page of the documentation."""

from collections.abc import Iterator
from typing import TypedDict

from iamaudit.audit.judgement import Judgement
from iamaudit.frames import COLUMNS, SOURCES_OF

_INTRODUCTION = """\
# Frames

The tables of an audit as `iamaudit frames --markdown` prints them. Each is a pandas DataFrame:
`audit.users` in a notebook, `data/users.csv` or `data/users.parquet` in a report. `iamaudit frames users`
prints one of them.

`text` is pandas' `string`, `int` is `Int64`, `bool` is `boolean`, `time` is UTC, `list` is a list of texts,
and `category` is text that repeats. What the evidence does not say is `<NA>`, never `False` and never 0.
The column `evidence` names the place in the snapshot on which a row rests.
"""


class FrameFacts(TypedDict):
    """One frame: what it answers, the sources without which it is incomplete, and its columns with types."""

    name: str
    answers: str
    sources: list[str]
    columns: dict[str, str]


def frame_list() -> list[FrameFacts]:
    """Return the facts of every frame, by name."""
    return [
        FrameFacts(
            name=name,
            answers=(getattr(Judgement, name).__doc__ or "").strip().partition("\n")[0].replace("``", "`"),
            sources=list(SOURCES_OF.get(name, ())),
            columns=dict(COLUMNS[name]),
        )
        for name in sorted(COLUMNS)
    ]


def frames_page() -> str:
    """Return ``docs/frames.md``: every frame with its columns."""
    return "\n".join([_INTRODUCTION.rstrip(), *_sections()]) + "\n"


def _sections() -> Iterator[str]:
    for frame in frame_list():
        needs = (
            f" Sources: {', '.join(f'`{source}`' for source in frame['sources'])}."
            if frame["sources"]
            else ""
        )
        columns = ", ".join(f"`{column}` {kind}" for column, kind in frame["columns"].items())
        yield from ("", f"## {frame['name']}", "", f"{frame['answers']}{needs}", "", columns)
