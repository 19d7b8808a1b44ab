"""The sheets of one workbook, all alike: headers that stay and repeat, links, lists to choose from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

HEAD = 2
"""The row of a table's header, from 0: above it stand the title, the way back and what the sheet is."""
_LAST_ROW = 1_048_575
_MAX_TEXT = 32_000  # a cell ends at 32,767 characters
_OPTIONS = {
    **dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False),
    "constant_memory": True,  # a row is written when the next begins
}
_COLOURS = {
    **dict.fromkeys(("manual", "no exceptions noted", "inherited", "not applicable"), "#E7E7E4"),
    **dict.fromkeys(("not met", "critical", "high"), "#F6D5CF"),
    **dict.fromkeys(("not evaluated", "medium"), "#FBEBC8"),
    "met": "#D9EBDD",
}
_FONT = {"font_name": "Arial", "font_size": 9, "valign": "top"}
_A3, _A4, _WIDEST_ON_A4 = 8, 9, 200  # paper sizes of a spreadsheet, and how many characters fit legibly
_LINE, _TALLEST = 12.5, 400.0  # points: of a line, and of a row, which ends at 409
_RULE = {"text_wrap": True, "bottom": 1, "bottom_color": "#D5DBE1"}


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads to a cell of a sheet."""

    text: str
    sheet: str
    row: int = 0


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, its width in characters, and what it says.

    One to fill in is empty, and framed; ``choices`` are what may be entered there.
    """

    heading: str
    width: int
    about: str
    to_fill: bool = False
    choices: Sequence[str] = ()


class Book:
    """A workbook that is being written, a row after the other; the same values give the same bytes."""

    def __init__(self, path: Path, *, title: str, made: datetime) -> None:
        self._workbook = Workbook(str(path), _OPTIONS)
        self._workbook.set_properties({"title": title, "created": naive(made)})
        self._subject = title.replace("&", "&&")
        add = self._workbook.add_format
        self.title = add({**_FONT, "bold": True, "font_size": 14})
        self.head = add(
            {**_FONT, "bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF", "text_wrap": True}
        )
        self.label = add({**_FONT, **_RULE, "bold": True, "bg_color": "#F1F4F7"})
        self.text = add({**_FONT, "text_wrap": True})
        self.plain = add(_FONT)
        self.ruled = add({**_FONT, **_RULE})
        self.to_fill = add(
            {**_FONT, "text_wrap": True, "border": 1, "border_color": "#8B97A5", "bg_color": "#FFFDF2"}
        )
        self.link = add({**_FONT, "font_color": "#1F5F93", "underline": 1})
        self._number = add({**_FONT, "align": "right", "indent": 1})
        self._date = add({**_FONT, "num_format": "yyyy-mm-dd", "align": "left"})
        self._marks = {name: add({**_FONT, "bg_color": colour}) for name, colour in _COLOURS.items()}

    def close(self) -> None:
        """Write what is left, and end the file."""
        self._workbook.close()

    def sheet(self, name: str, title: str, widths: Sequence[int], *, about: str = "") -> Worksheet:
        """Start a sheet that prints on as many pages in landscape as it needs, none of them cut.

        A wide list is for A3: on A4 its text would be four points high.
        """
        sheet = self._workbook.add_worksheet(name)
        for number, width in enumerate(widths):
            sheet.set_column(number, number, width)
        sheet.set_landscape()
        sheet.set_paper(_A3 if sum(widths) > _WIDEST_ON_A4 else _A4)
        sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        sheet.fit_to_pages(1, 1 if name == "Cover" else 0)
        sheet.hide_gridlines(2)
        sheet.set_header(f"&L&9{self._subject}&R&9&A")
        sheet.set_footer("&C&9page &P of &N")
        sheet.write_string(0, 0, title, self.title)
        if name != "Cover":
            self.write(sheet, 1, 0, Link("Cover", "Cover"))
            sheet.write_string(1, 1, about, self.plain)
        return sheet

    def table(
        self, name: str, title: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]], *, about: str
    ) -> None:
        """Write a table whose header stays in sight, filters, and stands on every printed page.

        A row has the values of the columns that are not to be filled in, in their order.
        """
        sheet = self.sheet(name, title, [column.width for column in columns], about=about)
        sheet.repeat_rows(HEAD)
        sheet.freeze_panes(HEAD + 1, 1)
        for number, column in enumerate(columns):
            sheet.write_string(HEAD, number, column.heading, self.head)
        last, widths = HEAD, [column.width for column in columns if not column.to_fill]
        for last, row in enumerate(rows, start=HEAD + 1):
            self.fit(sheet, last, zip(row, widths, strict=True))
            values = iter(row)
            for number, column in enumerate(columns):
                if column.to_fill:
                    sheet.write_blank(last, number, None, self.to_fill)
                else:
                    self.write(sheet, last, number, next(values))
        sheet.autofilter(HEAD, 0, max(last, HEAD + 1), len(columns) - 1)
        for number, column in enumerate(columns):
            if column.choices:
                choice = {"validate": "list", "source": list(column.choices)}
                sheet.data_validation(HEAD + 1, number, max(last, HEAD + 1), number, choice)

    def fit(self, sheet: Worksheet, row: int, cells: Iterable[tuple[Any, int]]) -> None:
        """Make a row as tall as its texts need in their widths: not every spreadsheet does so by itself."""
        lines = max((_lines(value, width) for value, width in cells), default=1)
        sheet.set_row(row, min(_LINE * lines + 2, _TALLEST))

    def write(self, sheet: Worksheet, row: int, column: int, value: Any, form: Format | None = None) -> None:
        """Write a value as what it is: a text of the account is never a formula, a link or a number."""
        if isinstance(value, str):
            text = value if len(value) <= _MAX_TEXT else f"{value[:_MAX_TEXT]}…"
            sheet.write_string(row, column, text, form or self._marks.get(text, self.text))
        elif isinstance(value, Link):
            place = f"internal:'{value.sheet}'!A{min(value.row, _LAST_ROW) + 1}"
            sheet.write_url(row, column, place, self.link, value.text)
        elif isinstance(value, (list, tuple)):
            self.write(sheet, row, column, "\n".join(map(str, value)), form)
        elif value is None or pd.isna(value):
            sheet.write_blank(row, column, None, form or self.text)
        elif isinstance(value, datetime):
            sheet.write_datetime(row, column, naive(value), form or self._date)
        else:
            sheet.write_number(row, column, value, form or self._number)


def _lines(value: Any, width: int) -> int:
    """Return how many lines a value takes in a column of this width."""
    if isinstance(value, (list, tuple)):
        return sum(_lines(each, width) for each in value) or 1
    if not isinstance(value, str):
        return 1
    if "\n" not in value:
        return -(-len(value) * 5 // (width * 6)) or 1
    return sum(_lines(line, width) for line in value.split("\n"))


def naive(moment: datetime) -> datetime:
    """Return a moment in UTC without its offset: spreadsheets know none."""
    return moment.replace(tzinfo=None)
