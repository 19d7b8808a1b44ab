"""``workpapers.xlsx``: the conclusions as an auditor files them, a sheet a framework."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from iamaudit.audit import Audit
from iamaudit.checks import count_controls
from iamaudit.report.data import data_file

MAX_ROWS = 10_000
"""Nobody files more rows than these by hand; the rest is under ``data/``, and the sheet says where."""
_MAX_TEXT = 32_000  # a cell ends at 32,767 characters
_OPTIONS = {
    **dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False),
    "constant_memory": True,  # a row is written when the next begins
}
_WIDTHS = {
    **dict.fromkeys(("title", "message", "evidence", "tests", "beyond"), 60),
    "remediation": 80,
    "resource": 55,
    "answer": 40,
    **dict.fromkeys(("condition", "cause", "effect", "recommendation", "why"), 60),
    **dict.fromkeys(("criteria", "resources"), 40),
}
_COLOURS = {
    **dict.fromkeys(("manual", "no exceptions noted", "inherited"), "#E7E7E4"),
    "not met": "#F6D5CF",
    "not evaluated": "#FBEBC8",
    "met": "#D9EBDD",
}
_CHECKS = ("check", "title", "severity", "conclusion", "population", "exceptions", "waived", "not_judged")
_CONTROLS = ("title", "kind", "conclusion", "population", "exceptions", "tests", "not_met", "beyond")
_ANSWERS = ("answered_by", "answered_on", "answer", "evidence", "source")
_OBSERVATIONS = (
    *("rank", "severity", "title", "owner", "why", "condition", "cause", "effect", "recommendation"),
    *("findings", "waived", "criteria", "checks", "resources", "evidence", "id"),
)
_FINDINGS = ("check", "severity", "title", "resource", "message", "evidence", "controls", "remediation")


def write_workpapers(audit: Audit, path: Path, parquet_only: Collection[str] = ()) -> None:
    """Write the summary, the observations, every check, a sheet a framework and the findings.

    Every text of the account is written as text: a spreadsheet takes none of it for a formula, a link or a
    number. The same audit gives the same bytes. ``parquet_only`` names the frames of which there is no CSV.
    """
    with Workbook(str(path), _OPTIONS) as workbook:
        workbook.set_properties(
            {"title": f"IAM audit of {audit.account_name}", "created": _naive(audit.as_of)}
        )
        sheets = _Sheets(workbook, parquet_only)
        controls = audit.controls
        sheets.summary(audit.headline, audit.facts, audit.tally, count_controls(controls))
        observed = audit.observations.assign(
            recommendation=audit.observations.recommendation.map(_numbered).astype("string")
        )
        sheets.table("Observations", observed, _OBSERVATIONS, "observations")
        sheets.table("Checks", audit.checks, (*_CHECKS, "controls", "reason"), "checks")
        for framework, rows in controls.groupby("framework", sort=False):
            levels = ("level",) if rows.level.notna().any() else ()
            sheets.table(str(framework), rows, ("control", *levels, *_CONTROLS, *_ANSWERS), "controls")
        sheets.table("Findings", audit.findings, ("observation", *_FINDINGS, "waiver"), "findings")


class _Sheets:
    """The sheets of one workbook, all alike: a bold header that stays, filters, wrapped text."""

    def __init__(self, workbook: Workbook, parquet_only: Collection[str]) -> None:
        self._workbook, self._parquet_only = workbook, parquet_only
        self._head = workbook.add_format({"bold": True, "bottom": 1, "valign": "top"})
        self._text = workbook.add_format({"text_wrap": True, "valign": "top"})
        self._date = workbook.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"})
        self._title = workbook.add_format({"bold": True, "font_size": 14})
        self._marks = {
            name: workbook.add_format({"bg_color": colour, "valign": "top"})
            for name, colour in _COLOURS.items()
        }

    def summary(
        self,
        headline: str,
        facts: Iterable[tuple[str, str]],
        tally: Mapping[str, int],
        frameworks: pd.DataFrame,
    ) -> None:
        """Write the conclusion, what it rests on, and the counts by framework."""
        sheet = self._workbook.add_worksheet("Summary")
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 18)
        sheet.write_string(0, 0, headline, self._title)
        lines = [*facts, *((f"Checks {name}", count) for name, count in tally.items())]
        for row, (label, value) in enumerate(lines, start=2):
            sheet.write_string(row, 0, label, self._head)
            self._cell(sheet, row, 1, value)
        self._rows(sheet, frameworks, list(frameworks.columns), first=len(lines) + 3)

    def table(self, name: str, frame: pd.DataFrame, columns: Sequence[str], of: str) -> None:
        """Write rows of the frame ``of`` under a header that stays and filters."""
        sheet = self._workbook.add_worksheet(name[:31])
        for number, column in enumerate(columns):
            sheet.set_column(number, number, _WIDTHS.get(column, 18))
        self._rows(sheet, frame.head(MAX_ROWS), columns)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(min(len(frame), MAX_ROWS), 1), len(columns) - 1)
        if len(frame) > MAX_ROWS:
            note = (
                f"first {MAX_ROWS:,} of {len(frame):,} rows, all in data/{data_file(of, self._parquet_only)}"
            )
            sheet.write_string(MAX_ROWS + 2, 0, note, self._head)

    def _rows(self, sheet: Worksheet, frame: pd.DataFrame, columns: Sequence[str], *, first: int = 0) -> None:
        for number, column in enumerate(columns):
            sheet.write_string(first, number, column.replace("_", " "), self._head)
        for row, values in enumerate(frame[list(columns)].itertuples(index=False), start=first + 1):
            for number, value in enumerate(values):
                self._cell(sheet, row, number, value)

    def _cell(self, sheet: Worksheet, row: int, column: int, value: Any) -> None:
        if isinstance(value, (list, tuple)):
            value = ", ".join(value)
        if isinstance(value, str):
            text = value if len(value) <= _MAX_TEXT else f"{value[:_MAX_TEXT]}…"
            sheet.write_string(row, column, text, self._format(text))
        elif value is None or pd.isna(value):
            sheet.write_blank(row, column, None, self._text)
        elif isinstance(value, datetime):
            sheet.write_datetime(row, column, _naive(value), self._date)
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value, self._text)
        else:
            sheet.write_number(row, column, value, self._text)

    def _format(self, text: str) -> Format:
        return self._marks.get(text, self._text)


def _numbered(steps: Iterable[str]) -> str:
    """Return steps a line each."""
    return "\n".join(f"{number}. {step}" for number, step in enumerate(steps, start=1))


def _naive(moment: datetime) -> datetime:
    """Return a moment in UTC without its offset: spreadsheets know none."""
    return moment.replace(tzinfo=None)
