"""The workbook is read back with another library than the one that wrote it."""

from datetime import datetime

import openpyxl
import pytest

import iamaudit
from iamaudit.checks import CATALOGUE
from iamaudit.report.workbook import listed, write_workpapers
from iamaudit.report.workbook.book import HEAD
from tests.accounts import AS_OF, key, report, snapshot

HOSTILE = ["=cmd|' /C calc'!A0", "+SUM(1)", "-1+1", "@x", "https://example.com/a", "0123"]


@pytest.fixture(scope="module")
def audit(tmp_path_factory):
    rows = [{"user": name, **key(1, age=500)} for name in HOSTILE]
    folder = tmp_path_factory.mktemp("s")
    taken = snapshot(folder, credential_report=report({"user": "<root_account>"}, *rows))
    return iamaudit.open_snapshot(taken, as_of=AS_OF, sample_size=2)


@pytest.fixture(scope="module")
def book(audit, tmp_path_factory):
    path = tmp_path_factory.mktemp("w") / "w.xlsx"
    write_workpapers(audit, path)
    return openpyxl.load_workbook(path)


def rows(sheet):
    head, *others = sheet.iter_rows(min_row=HEAD + 1, values_only=True)
    return [dict(zip(head, row, strict=True)) for row in others]


def lists(book):
    """Return the sheets that are tables, apart from the cover and the records."""
    return [sheet for sheet in book if sheet.title != "Cover" and not sheet.title.startswith("WP ")]


def test_there_is_a_cover_lists_a_sheet_a_framework_and_a_sheet_an_area(audit, book):
    frameworks = list(dict.fromkeys(audit.controls.framework))
    areas = dict.fromkeys(f"WP {CATALOGUE[check].area}" for check in CATALOGUE)
    names = book.sheetnames
    assert names[: 2 + len(frameworks)] == ["Cover", "Observations", *frameworks]
    assert names[2 + len(frameworks)] == "Workpapers"
    assert set(names[3 + len(frameworks) : -4]) == set(areas)
    assert names[-4:] == ["Exceptions", "Samples", "Sign-off", "Columns"]
    assert book["Cover"]["A2"].value == f"{audit.headline}."
    assert len(rows(book["Observations"])) == len(audit.observations)
    assert len(rows(book["Workpapers"])) == len(audit.checks)
    assert len(rows(book["Exceptions"])) == len(audit.findings)
    assert len(rows(book["Samples"])) == len(audit.samples) > 0
    for framework in frameworks:
        assert len(rows(book[framework])) == (audit.controls.framework == framework).sum()


def test_every_link_leads_to_what_it_names(book):
    links = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    assert len(links) > len(CATALOGUE)
    for cell in links:
        sheet, _, place = cell.hyperlink.location.rpartition("!")
        target = book[sheet.strip("'")][place].value
        if str(cell.value).startswith("WP-"):
            assert target == cell.value
        elif cell.value.startswith("no. "):
            assert target == int(cell.value.removeprefix("no. "))
        else:
            assert target


def test_a_record_has_all_that_a_workpaper_has_and_lines_to_sign(book):
    sheet = book["WP credentials"]
    place = book["Workpapers"]
    (link,) = [row[0] for row in place.iter_rows() if row[0].value == "WP-CRE-01"]
    first = sheet[link.hyperlink.location.rpartition("!")[2]].row
    facts = {sheet.cell(row, 1).value: sheet.cell(row, 2).value for row in range(first, first + 16)}
    assert list(facts) == [
        *("WP-CRE-01", "Severity", "Objective", "Criterion", "Thresholds", "Population", "Completeness"),
        *("Procedure", "Sample", "Exceptions", "Conclusion", "Limits", "Evidence", "Prepared by"),
        *("Tested by, date", "Reviewed by, date"),
    ]
    assert facts["Objective"] == "Establish whether this holds: Access keys are rotated within 90 days."
    assert facts["Thresholds"].startswith("max_key_age_days = 90 days (default; source: CIS AWS Foundations")
    assert facts["Population"].startswith("6 rows of access_keys where is_active")
    assert facts["Completeness"].startswith("All 6 rows could be judged. WP-EVI-02")
    assert facts["Exceptions"] == "6 of 6 (100.0%)"
    assert "credential report (credential_report.csv): " in facts["Evidence"]
    assert facts["Prepared by"].startswith("iamaudit 0.1.0 as of 2026-11-01 08:00 UTC")
    assert facts["Reviewed by, date"] is None


def test_a_control_and_its_record_have_the_thresholds_of_the_framework(book):
    (control,) = [row for row in rows(book["PCI DSS 4.0.1"]) if row["control"] == "8.3.6"]
    assert control["tested as"].splitlines()[0] == "Passwords have at least 12 characters: not evaluated"
    texts = [cell.value for name in book.sheetnames if name.startswith("WP ") for cell in book[name]["B"]]
    lines = [line for text in texts for line in str(text).split("; ")]
    assert lines.count("PCI DSS 4.0.1 8.3.6: Passwords have at least 12 characters: not evaluated") == 1


def test_no_text_of_the_account_is_a_formula_a_link_or_a_number(audit, book):
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n", "b", "d"}
    assert all(cell.hyperlink.target is None for cell in cells if cell.hyperlink)
    found = {row["exception"] for row in rows(book["Exceptions"])}
    assert set(audit.findings.message) == found
    assert any("=cmd|' /C calc'!A0" in message for message in found)


def test_an_exception_shows_what_proves_it(book):
    shown = [row["evidence"] for row in rows(book["Exceptions"]) if row["workpaper"] == "WP-CRE-01"]
    assert "credential_report.csv user = 0123, access_key_1_last_rotated = 2025-06-19T08:00:00" in shown


def test_headers_stay_in_sight_filter_and_stand_on_every_page(book):
    for sheet in lists(book):
        assert sheet.cell(HEAD + 1, 1).font.bold
        assert sheet.print_title_rows == f"${HEAD + 1}:${HEAD + 1}"
        if sheet.title != "Columns":
            assert sheet.freeze_panes == f"B{HEAD + 2}"
            assert sheet.auto_filter.ref.startswith(f"A{HEAD + 1}:")
    for sheet in book:
        assert sheet.page_setup.orientation == "landscape"
        assert (sheet.page_setup.fitToWidth, sheet.sheet_properties.pageSetUpPr.fitToPage) == (None, True)


@pytest.mark.parametrize(
    ("name", "column", "first"),
    [("Observations", "status", "open"), ("Samples", "tick mark", "agrees")],
)
def test_what_may_be_entered_is_chosen_from_a_list(book, name, column, first):
    sheet = book[name]
    (validation,) = sheet.data_validations.dataValidation
    head = {cell.value: cell.column_letter for cell in sheet[HEAD + 1]}
    assert str(validation.sqref).startswith(head[column])
    assert validation.formula1.startswith(f'"{first},')


def test_every_column_is_explained(book):
    explained = {(row[0], row[1]) for row in book["Columns"].iter_rows(min_row=HEAD + 2, values_only=True)}
    for sheet in lists(book):
        if sheet.title == "Columns":
            continue
        kind = sheet.title if any(each == sheet.title for each, _ in explained) else "a framework"
        assert {(kind, cell.value) for cell in sheet[HEAD + 1]} <= explained


def test_numbers_are_numbers_and_what_is_missing_is_empty(audit, book):
    first = rows(book["Exceptions"])[0]
    assert first["waiver"] is None
    observed = rows(book["Observations"])[0]
    assert (observed["no."], observed["findings"]) == (1, audit.observations.findings[0])
    assert observed["recommendation"].startswith("1. ")
    assert observed["management response"] is None
    assert {type(row["exceptions"]) for row in rows(book["Workpapers"])} == {int}


def test_the_same_audit_gives_the_same_bytes_and_no_other_date_than_its_own(audit, tmp_path):
    for name in ("one", "two"):
        write_workpapers(audit, tmp_path / f"{name}.xlsx")
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    made = openpyxl.load_workbook(tmp_path / "one.xlsx").properties.created
    assert made == datetime(2026, 11, 1, 8, 0)  # noqa: DTZ001 - spreadsheets know no offset


def test_a_sheet_that_is_full_names_the_file_that_has_all(audit, tmp_path, monkeypatch):
    monkeypatch.setattr(listed, "MAX_ROWS", 3)
    write_workpapers(audit, tmp_path / "w.xlsx", parquet_only=["findings"])
    sheet = openpyxl.load_workbook(tmp_path / "w.xlsx")["Exceptions"]
    assert len(rows(sheet)) == 3
    assert sheet["B2"].value.startswith(
        f"First 3 of {len(audit.findings):,} rows, all in data/findings.parquet."
    )
    assert [row["evidence"] for row in rows(sheet)] == audit.findings.evidence.head(3).tolist()


def test_a_text_that_is_longer_than_a_cell_is_cut_and_says_so(audit, tmp_path, monkeypatch):
    monkeypatch.setitem(vars(audit), "findings", audit.findings.assign(message="x" * 40_000))
    write_workpapers(audit, tmp_path / "w.xlsx")
    first = rows(openpyxl.load_workbook(tmp_path / "w.xlsx")["Exceptions"])[0]
    assert first["exception"] == "x" * 32_000 + "…"


def test_wide_lists_are_for_larger_paper(book):
    a3, a4 = 8, 9
    sizes = {name: int(book[name].page_setup.paperSize) for name in book.sheetnames}
    assert {sizes[name] for name in ("Observations", "PCI DSS 4.0.1", "Workpapers", "Exceptions")} == {a3}
    assert {sizes[name] for name in ("Cover", "WP credentials", "Sign-off", "Columns")} == {a4}
