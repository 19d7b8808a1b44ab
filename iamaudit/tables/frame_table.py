"""A frame as a table: what is cut short says so, and names the file that has all of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd
from markupsafe import Markup

from iamaudit.tables.markup import Html, breakable, conclusion_mark, escaped, first_of, prose, severity_mark

_LISTED = 30
"""How many entries of a list one cell shows, before it says how many there are."""
_SENTENCE, _LOOKED_AT = 24, 50
"""A piece of more characters takes room; how many are looked at."""
_MISSING = "–"
_OURS = {"message", "reason", "remark"}
"""Columns of our own words, in which what stands in backticks is code."""
_CODE = {"arn", "resource", "principal", "policy", "evidence", "user", "boundary_arn", "check"}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FrameTable(Html):
    """Rows of a frame as a table, and the frame, of which a live notebook shows all rows."""

    frame: pd.DataFrame
    columns: Mapping[str, str]
    title: str

    @property
    def classes(self) -> dict[str, str]:
        """Return the class of each column."""
        return {column: _class(self.frame, column) for column in self.columns}

    def whole(self) -> "FrameTable":
        """Return the table with every row of its frame."""
        return table(self.frame, columns=self.columns, caption=self.title, limit=len(self.frame))


def table(
    frame: pd.DataFrame,
    *,
    columns: Sequence[str] | Mapping[str, str] | None = None,
    caption: str = "",
    limit: int = 50,
    file: str = "",
    empty: str = "No row.",
) -> FrameTable:
    """Return rows of ``frame`` as a table, an empty frame as the sentence ``empty``.

    In a live notebook it has all rows, which can be sorted and searched.

    Parameters
    ----------
    columns
        The columns to show, or a mapping from column to heading.
    limit
        How many rows are shown; the caption then says "first N of M" and names ``file``, which has all.
    """
    chosen = columns if isinstance(columns, Mapping) else {c: _heading(c) for c in columns or frame.columns}
    if not len(frame):
        return FrameTable(Markup('<p class="empty">{}</p>').format(empty), frame, chosen, caption)
    shown, title = frame.head(limit), caption
    if len(frame) > limit:
        where = f", all in data/{file}" if file else ""
        caption = f"{f'{caption}: first' if caption else 'First'} {limit:,} of {len(frame):,} rows{where}"
    classes = {column: _class(frame, column) for column in chosen}
    head = Markup("").join(
        Markup('<th scope="col"{}>{}</th>').format(_attribute(classes[column]), heading)
        for column, heading in chosen.items()
    )
    kinds = [(classes[column], heading) for column, heading in chosen.items()]
    body = [f"<tr>{''.join(map(_td, kinds, row))}</tr>" for row in cells(shown, chosen)]
    above = Markup("<caption>{}</caption>").format(caption) if caption else Markup("")
    whole = Markup('<div class="scroll"><table>{}<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>')
    rows = Markup("".join(body))  # noqa: S704 - `_td` escaped each cell
    return FrameTable(whole.format(above, head, rows), frame, chosen, title)


def cells(frame: pd.DataFrame, columns: Iterable[str]) -> Iterator[list[Any]]:
    """Yield the cells of each row: text, or HTML in which every value is escaped."""
    names = list(columns)
    for row in frame[names].to_dict("records"):
        yield [_cell(name, row[name]) for name in names]


def pieces(markup: Iterable[Markup], frame: pd.DataFrame) -> "pd.Series[Any]":
    """Return a column of pieces of HTML for the rows of ``frame``."""
    return pd.Series([Html(each) for each in markup], index=frame.index, dtype=object)


def _td(column: tuple[str, str], cell: Any) -> str:
    """Return a cell that knows its heading: on a phone a row is a list, without what is missing."""
    return "".join((_opening(*column, is_missing=cell == _MISSING), escaped(cell), "</td>"))


@cache
def _opening(kind: str, heading: str, *, is_missing: bool) -> str:
    kind = f"{kind} e".strip() if is_missing else kind
    return str(Markup('<td{} data-h="{}">').format(_attribute(kind), heading))


def _attribute(kind: str) -> Markup:
    return Markup(' class="{}"').format(kind) if kind else Markup("")


def _class(frame: pd.DataFrame, column: str) -> str:
    """Return the class of a column: numbers stand right and are not broken, nor are dates; text has room."""
    values = frame[column]
    if len(values) and isinstance(values.iloc[0], Html):
        return "t" if any(len(repr(piece)) > _SENTENCE for piece in values.head(_LOOKED_AT)) else ""
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return "d"
    is_number = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    return "n" if is_number else ""


def _cell(column: str, value: Any) -> Any:
    if column == "conclusion":
        return conclusion_mark(value)
    if column == "severity":
        return severity_mark(value)
    if isinstance(value, Html):
        return value.markup
    if column in _OURS and isinstance(value, str) and value.count("`") % 2 == 0:
        return prose(value)
    text = breakable(cell_text(value))
    is_code = column in _CODE and text != _MISSING
    return Markup(f"<code>{escaped(text)}</code>") if is_code else text  # noqa: S704 - escaped here


def cell_text(value: Any) -> str:
    """Return a value as a cell says it: what is missing as a dash, a time as its day."""
    if isinstance(value, (list, tuple)):
        return first_of(value, count=_LISTED)
    if value is None or value is pd.NA or value is pd.NaT or value != value:  # noqa: PLR0124 - NaN
        return _MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    return f"{value:,}" if isinstance(value, (int, float)) else str(value)


def _heading(column: str) -> str:
    return "conditions" if column == "words" else column.replace("_", " ").removesuffix(" at")
