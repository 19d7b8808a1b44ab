"""The register of workpapers, and a sheet an area with each of them as a record to sign."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from xlsxwriter.worksheet import Worksheet

from iamaudit.audit import Audit
from iamaudit.checks import (
    CATALOGUE,
    Check,
    completeness,
    criterion,
    exceptions_in_words,
    is_tested,
    objective,
    population_in_words,
    sample_rule,
)
from iamaudit.checks.catalogue import filled
from iamaudit.report.workbook.book import Book, Column
from iamaudit.report.workbook.places import BLOCK, Places

_WIDTH = 120
REGISTER = (
    Column("workpaper", 12, "The reference of the workpaper; it leads to its record."),
    Column("area", 12, "The part of the audit, which has a sheet of its own."),
    Column("title", 46, "The state that the test is to find."),
    Column("severity", 12, "How soon to act on an exception: likelihood x impact (docs/severity.md)."),
    Column("conclusion", 13, "met, not met, or not evaluated, which means that evidence is missing."),
    Column("population", 10, "How many rows were tested."),
    Column("exceptions", 10, "How many rows do not meet the criterion."),
    Column("waived", 8, "How many exceptions somebody accepted until a day."),
    Column("not judged", 9, "How many rows could not be judged: their evidence is missing."),
    Column("controls", 40, "The controls of frameworks that ask for it."),
    Column("remark", 32, "Why the conclusion is not simply met or not met."),
)


def write_register(book: Book, audit: Audit, places: Places) -> None:
    """Write the list of all workpapers, in the order of their references."""
    book.table(
        "Workpapers",
        "Register of workpapers",
        REGISTER,
        (_registered(places, check) for checks in places.areas.values() for check in checks),
        about=f"{len(audit.checks):,} tests; each reference leads to the record of its test.",
    )


def _registered(places: Places, check: str) -> list[Any]:
    row = places.rows[check]
    counts = [row[name] for name in ("population", "exceptions", "waived", "not_judged")]
    said = [row[name] for name in ("title", "severity", "conclusion")]
    return [places.link(check), CATALOGUE[check].area, *said, *counts, row["controls"], row["reason"]]


def write_areas(book: Book, audit: Audit, places: Places) -> None:
    """Write a sheet an area, a workpaper below the other."""
    for area, checks in places.areas.items():
        name = places.sheet(area)
        about = (
            "Each record stands alone: objective, criterion, population, procedure, result, limits, sign-off."
        )
        sheet = book.sheet(name, f"Workpapers: {area}", [16, _WIDTH, 16], about=about)
        sheet.freeze_panes(2, 0)
        breaks = []
        for check in checks:
            first = places.row(check)
            _write_record(book, sheet, first, audit, CATALOGUE[check], places.rows[check])
            breaks.append(first)
        sheet.set_h_pagebreaks([row for number, row in enumerate(breaks) if number and number % 2 == 0])


def _write_record(
    book: Book, sheet: Worksheet, first: int, audit: Audit, check: Check, row: Mapping[str, Any]
) -> None:
    sheet.write_string(first, 0, check.reference, book.head)
    sheet.write_string(first, 1, row["title"], book.head)
    book.write(sheet, first, 2, row["conclusion"])
    lines = list(_lines(audit, check, row))
    if len(lines) + 4 > BLOCK:
        raise AssertionError("a record is longer than its place")
    at = first
    for at, (label, text) in enumerate(lines, start=first + 1):
        book.fit(sheet, at, [(text, _WIDTH)])
        sheet.write_string(at, 0, label, book.label)
        book.write(sheet, at, 1, text.replace("`", ""), book.ruled)
    for number, label in enumerate(("Tested by, date", "Reviewed by, date"), start=at + 1):
        sheet.set_row(number, 22)
        sheet.write_string(number, 0, label, book.label)
        sheet.write_blank(number, 1, None, book.to_fill)


def _lines(audit: Audit, check: Check, row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    basis, not_judged = audit.basis, int(row["not_judged"])
    is_known = is_tested(row["conclusion"], int(row["population"]), not_judged)
    population = int(row["population"]) if is_known else None
    yield "Severity", row["severity"]
    yield "Objective", objective(row["title"])
    yield "Criterion", criterion(check)
    yield "Thresholds", "; ".join(basis.thresholds(check)) or "none"
    if others := basis.other_terms(check, row["title"]):
        yield "Other terms", "; ".join(others)
    yield "Population", population_in_words(check, population)
    yield "Completeness", completeness(population, not_judged)
    yield "Procedure", " ".join(filled(check.procedure, asdict(audit.settings)).split())
    yield "Sample", sample_rule(population, check.severity, audit.settings)
    yield "Exceptions", exceptions_in_words(int(row["exceptions"]), population, int(row["waived"]))
    remark = f" ({row['reason']})" if isinstance(row["reason"], str) else ""
    yield "Conclusion", f"{row['conclusion']}{remark}"
    yield "Limits", check.blind_spot or "none stated"
    yield "Evidence", "; ".join(map(str, basis.files(check))) or "nothing that tells was collected"
    yield "Prepared by", basis.prepared
