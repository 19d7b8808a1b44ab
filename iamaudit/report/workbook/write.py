"""The order of the sheets: cover, observations, controls, workpapers, exceptions, samples, sign-off."""

from collections.abc import Collection, Iterable
from contextlib import closing
from pathlib import Path

from iamaudit.audit import Audit
from iamaudit.report.workbook.book import Book
from iamaudit.report.workbook.cover import write_cover, write_sign_off
from iamaudit.report.workbook.listed import (
    columns_of_all,
    write_controls,
    write_exceptions,
    write_observations,
    write_samples,
)
from iamaudit.report.workbook.places import Places
from iamaudit.report.workbook.record import write_areas, write_register


def write_workpapers(audit: Audit, path: Path, parquet_only: Collection[str] = ()) -> None:
    """Write the workbook of an audit.

    Every text of the account is written as text: a spreadsheet takes none of it for a formula, a link or a
    number; what leads anywhere leads within the workbook. The same audit gives the same bytes. A list ends at
    ``MAX_ROWS``; its sheet then names the file that has all. ``parquet_only`` names the frames of which there
    is not CSV.
    """
    places = Places(audit)
    title = f"IAM audit of {audit.account_name}"
    with closing(Book(path, title=title, made=audit.as_of)) as book:
        write_cover(book, audit, places)
        write_observations(book, audit, parquet_only)
        for framework in dict.fromkeys(audit.controls.framework):
            write_controls(book, audit, framework, places)
        write_register(book, audit, places)
        write_areas(book, audit, places)
        write_exceptions(book, audit, places, parquet_only)
        write_samples(book, audit, places)
        write_sign_off(book, audit, places)
        _write_legend(book, columns_of_all())


def _write_legend(book: Book, columns: Iterable[tuple[str, str, str]]) -> None:
    sheet = book.sheet("Columns", "What each column says", [18, 26, 100], about="")
    for number, heading in enumerate(("sheet", "column", "says")):
        sheet.write_string(2, number, heading, book.head)
    sheet.freeze_panes(3, 0)
    sheet.repeat_rows(2)
    for row, each in enumerate(columns, start=3):
        book.fit(sheet, row, [(each[2], 100)])
        for number, text in enumerate(each):
            sheet.write_string(row, number, text, book.ruled)
