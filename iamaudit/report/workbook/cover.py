"""The first sheet, which says what there is and how to work with it, and the last one to sign."""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from xlsxwriter.worksheet import Worksheet

from iamaudit.audit import Audit
from iamaudit.checks import observation_counts
from iamaudit.report.workbook.book import Book, Column, Link
from iamaudit.report.workbook.places import Places

SIGN_OFF = (
    Column("area", 22, "The part of the audit; it leads to the workpapers."),
    Column("workpapers", 12, "How many tests the area has."),
    Column("not met", 10, "How many of them are not met."),
    Column("not evaluated", 14, "How many of them lack evidence."),
    Column("prepared by", 28, "The tool that prepared the workpapers."),
    Column("tested by", 22, "Who tested samples by hand.", to_fill=True),
    Column("tested on", 13, "The day of the last test by hand.", to_fill=True),
    Column("reviewed by", 22, "Who reviewed the workpapers.", to_fill=True),
    Column("reviewed on", 13, "The day of the review.", to_fill=True),
    Column("remark", 40, "What the review found.", to_fill=True),
)
_WIDTH = 110
_Line: TypeAlias = tuple[str | Link, str]
_STEPS = (
    "Agree owner, due date, response and status of each observation (Observations).",
    "Read the workpaper behind a control or an exception: every reference leads to it.",
    "Re-perform the samples, and mark each row: agrees, differs, or not applicable (Samples).",
    "Sign each workpaper, or an area as a whole (Sign-off). Fields to fill in are framed.",
)


def write_cover(book: Book, audit: Audit, places: Places) -> None:
    """Write what the workbook is, what it rests on, and links to its sheets."""
    sheet = book.sheet("Cover", f"IAM audit of {audit.account_name}", [26, _WIDTH])
    sheet.write_string(1, 0, f"{audit.headline}.", book.plain)
    at = 3
    for label, text in [*audit.facts, ("Prepared by", audit.basis.prepared)]:
        book.fit(sheet, at, [(text, _WIDTH)])
        sheet.write_string(at, 0, label, book.label)
        sheet.write_string(at, 1, text, book.ruled)
        at += 1
    for label in ("Audit reference", "Reviewed by, date"):
        sheet.write_string(at, 0, label, book.label)
        sheet.write_blank(at, 1, None, book.to_fill)
        at += 1
    at = _section(book, sheet, at + 1, "How to work with it", [(str(n), t) for n, t in enumerate(_STEPS, 1)])
    unseen = [(title, reason) for title, reason in audit.missing[["title", "reason"]].itertuples(index=False)]
    at = _section(
        book, sheet, at + 1, "What was not collected", unseen or [("Nothing", "Every source was collected.")]
    )
    _section(book, sheet, at + 1, "Sheets", _contents(audit, places))


def write_sign_off(book: Book, audit: Audit, places: Places) -> None:
    """Write a row an area, to be signed."""
    rows = []
    for area, checks in places.areas.items():
        found = [places.rows[check]["conclusion"] for check in checks]
        counts = [found.count("not met"), found.count("not evaluated")]
        rows.append([Link(area, places.sheet(area)), len(checks), *counts, audit.basis.tool])
    book.table(
        "Sign-off", "Sign-off", SIGN_OFF, rows, about="A row an area; sign when its workpapers are reviewed."
    )


def _section(book: Book, sheet: Worksheet, first: int, title: str, rows: Iterable[_Line]) -> int:
    """Write lines under a heading, and return the row behind them."""
    sheet.write_string(first, 0, title, book.head)
    sheet.write_blank(first, 1, None, book.head)
    at = first
    for at, (label, text) in enumerate(rows, start=first + 1):
        book.fit(sheet, at, [(text, _WIDTH)])
        book.write(sheet, at, 0, label, book.label)
        sheet.write_string(at, 1, text, book.ruled)
    return at + 1


def _contents(audit: Audit, places: Places) -> Iterator[_Line]:
    yield (
        Link("Observations", "Observations"),
        f"What to do, worst first. {observation_counts(audit.observations)}",
    )
    for framework, rows in audit.controls.groupby("framework", sort=False):
        missed = int(rows.conclusion.eq("not met").sum())
        yield Link(str(framework), str(framework)), f"{len(rows):,} controls, {missed:,} of them not met"
    yield Link("Workpapers", "Workpapers"), f"The register of the {len(places.rows):,} tests"
    for area, checks in places.areas.items():
        missed = sum(places.rows[check]["conclusion"] == "not met" for check in checks)
        yield Link(places.sheet(area), places.sheet(area)), f"{len(checks):,} workpapers, {missed:,} not met"
    yield Link("Exceptions", "Exceptions"), "Every exception with what proves it, to be filtered"
    yield Link("Samples", "Samples"), "Rows drawn for a test by hand, with fields for the result"
    yield Link("Sign-off", "Sign-off"), "Who tested and reviewed each area"
    yield Link("Columns", "Columns"), "What each column of each sheet says"
