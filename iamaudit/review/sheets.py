"""The workbook that owners fill in, with one sheet for each owner: written and read back."""

import re
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import openpyxl
import pandas as pd
from openpyxl.utils.exceptions import InvalidFileException
from xlsxwriter import Workbook
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.format import Format

from iamaudit.atomic import hidden_beside, put_in_place
from iamaudit.errors import ParameterError, ReportError

DECISIONS = ("keep", "remove", "change")
"""What an owner may decide."""
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_COLUMNS = {
    "type": ("principal_type", 8),
    "name": ("principal_name", 32),
    "may do": ("can_do", 70),
    "credentials": ("credentials", 40),
    "last used": ("last_used", 12),
    "idle days": ("idle_days", 10),
    "decision": ("decision", 12),
    "comment": ("comment", 50),
    "arn": ("principal", 60),
    "fingerprint": ("fingerprint", 20),
}
_HIDDEN = ("arn", "fingerprint")
_NEEDED = ("decision", "comment", *_HIDDEN)
_INSTRUCTION = (
    "Choose keep, remove or change for every row. For change, describe the change in the comment. "
    "Do not edit the hidden columns. Scoped means: on some resources only. "
    "Never used means: no use is recorded. For a role AWS records 400 days."
)
_HEADER = 5  # the row of the column names, counted from 0
_SEARCHED = 50  # rows in which the column names are looked for
_READ = ("sheet", "row", "owner", "principal", "decision", "text", "comment", "fingerprint", "evidence")
_CURE = "give the .xlsx that `iamaudit review export` wrote, with its hidden columns"
_BROKEN = (OSError, BadZipFile, zlib.error, KeyError, ValueError, SyntaxError, InvalidFileException)


def write_review(frame: pd.DataFrame, path: Path, *, account: str, as_of: datetime) -> None:
    """Write a workbook with one sheet for each owner and a column for the decisions.

    Every text of the account is written as text: a spreadsheet takes none of it for a formula, a link or a
    number. The same frame gives the same bytes. The file is put in place when it is whole.

    Parameters
    ----------
    frame
        What ``review_frame`` returned.
    path
        The ``.xlsx`` to write; its folder must exist.
    account, as_of
        What the head of every sheet says.

    Raises
    ------
    ReportError
        The file is there already (decisions may be in it), cannot be written, or there is nobody to review.
    """
    if path.exists():
        raise ReportError(f"`{path}` is there already and may hold decisions: choose another name")
    if frame.empty:
        raise ReportError("there is no user and no role to review: check which snapshot this is")
    partial = hidden_beside(path)
    moment = as_of.astimezone(UTC)
    try:
        with Workbook(str(partial), _OPTIONS) as workbook:
            workbook.set_properties(
                {"title": f"Access review of {account}", "created": moment.replace(tzinfo=None)}
            )
            _write_sheets(workbook, frame, [("Account", account), ("As of", f"{moment:%Y-%m-%d %H:%M} UTC")])
        put_in_place(partial, path)
    except (OSError, XlsxWriterException) as error:
        with suppress(OSError):
            partial.unlink()
        raise ReportError(f"cannot write `{path}`: choose a folder that exists and has room") from error


def _write_sheets(workbook: Workbook, frame: pd.DataFrame, facts: Sequence[tuple[str, str]]) -> None:
    head = workbook.add_format({"bold": True, "bottom": 1, "valign": "top"})
    text = workbook.add_format({"text_wrap": True, "valign": "top"})
    used: set[str] = set()
    for owner, rows in frame.groupby("owner", sort=False):
        sheet = workbook.add_worksheet(_sheet_name(str(owner), used))
        for number, (label, value) in enumerate([*facts, ("Owner", str(owner))]):
            sheet.write_string(number, 0, label, head)
            sheet.write_string(number, 1, value)
        sheet.write_string(3, 0, _INSTRUCTION)
        _write_rows(sheet, rows, head, text)


def _write_rows(sheet: Any, rows: pd.DataFrame, head: Format, text: Format) -> None:
    for number, (title, (column, width)) in enumerate(_COLUMNS.items()):
        sheet.set_column(number, number, width, None, {"hidden": True} if title in _HIDDEN else {})
        sheet.write_string(_HEADER, number, title, head)
        for row, value in enumerate(rows[column], start=_HEADER + 1):
            if pd.isna(value) or value == "":
                sheet.write_blank(row, number, None, text)
            elif isinstance(value, str):
                sheet.write_string(row, number, value, text)
            else:
                sheet.write_number(row, number, value, text)
    last, decision = _HEADER + len(rows), list(_COLUMNS).index("decision")
    sheet.freeze_panes(_HEADER + 1, 2)
    sheet.autofilter(_HEADER, 0, last, len(_COLUMNS) - 1)  # the hidden ones too: sorting keeps rows whole
    asked = {"validate": "list", "source": list(DECISIONS)}
    message = {"error_title": "Decision", "error_message": f"Choose one of {', '.join(DECISIONS)}."}
    sheet.data_validation(_HEADER + 1, decision, last, decision, {**asked, **message})


def _sheet_name(owner: str, used: set[str]) -> str:
    """Return a name that spreadsheets accept: short, of allowed characters, and not used, in any case."""
    plain = "".join(char if char.isprintable() else " " for char in owner)
    base = re.sub(r"[\[\]:*?/\\\U00010000-\U0010ffff]", "-", plain).strip(" '") or "owner"
    base = f"{base} -" if base.casefold() == "history" else base  # Excel keeps that name for itself
    name, number = base[:31].strip(" '"), 2
    while name.casefold() in used:
        ending = f" ({number})"
        name, number = f"{base[: 31 - len(ending)].rstrip()}{ending}", number + 1
    used.add(name.casefold())
    return name


def read_decisions(path: Path) -> pd.DataFrame:
    """Read a workbook back that owners filled in.

    Rows may be sorted, moved or taken away: every one is known by its ARN. A sheet without the column names
    is somebody's notes, and left alone.

    Parameters
    ----------
    path
        The ``.xlsx`` file.

    Returns
    -------
    pandas.DataFrame
        A row per filled row of a sheet: ``sheet``, ``row`` (as the spreadsheet counts), ``owner``,
        ``principal``, ``decision``, ``text`` (what the cell says), ``comment``, ``fingerprint`` and
        ``evidence``. ``decision`` is ``keep``, ``remove``, ``change``, ``undecided`` or ``unclear``.

    Raises
    ------
    ParameterError
        It is not such a workbook.
    """
    try:
        with warnings.catch_warnings():
            # openpyxl warns about styles and extensions of other programs, which nobody needs here.
            warnings.simplefilter("ignore", UserWarning)
            rows = list(_read_book(path))
    except FileNotFoundError as error:
        raise ParameterError(f"there is no file `{path}`: {_CURE}") from error
    except _BROKEN as error:
        raise ParameterError(f"`{path}` cannot be read as a workbook: {_CURE}") from error
    if not rows:
        raise ParameterError(f"`{path}` has no sheet with the columns of a review: {_CURE}")
    found = pd.DataFrame([row for row in rows if row], columns=list(_READ))
    return found.astype({name: "Int64" if name == "row" else "string" for name in _READ})


def _read_book(path: Path) -> Iterator[dict[str, Any]]:
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # some programs write them wrong
            yield from _read_sheet(path.name, sheet.title, sheet.iter_rows(values_only=True))
    finally:
        book.close()


def _read_sheet(file: str, sheet: str, rows: Iterator[Sequence[Any]]) -> Iterator[dict[str, Any]]:
    """Yield an empty row for the column names, and a row per filled one below them."""
    owner, columns = "", dict[str, int]()
    for number, values in enumerate(rows, start=1):
        cells = [_text(value) for value in values]
        if not columns:
            titles = {title.lower(): position for position, title in reversed([*enumerate(cells)])}
            if number > _SEARCHED:
                return
            if all(name in titles for name in _NEEDED):
                columns = titles
                yield {}
            elif cells[:1] == ["Owner"]:
                owner = "".join(cells[1:2])
            continue
        got = {name: cells[at] if (at := columns[name]) < len(cells) else "" for name in _NEEDED}
        if any(got.values()):
            fields = {"principal": got["arn"], "comment": got["comment"], "fingerprint": got["fingerprint"]}
            place = {"sheet": sheet, "row": number, "owner": owner, "evidence": f"{file} {sheet}!{number}"}
            yield {**place, **fields, "text": got["decision"], "decision": _decision(got["decision"])}


def _decision(text: str) -> str:
    if not text:
        return "undecided"
    return text.casefold() if text.casefold() in DECISIONS else "unclear"


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()
