"""The workbook is read back with another library than the one that wrote it."""

from datetime import datetime

import openpyxl
import pytest

import iamaudit
from iamaudit.report import workbook as workbook_module
from iamaudit.report.workbook import write_workpapers
from tests.accounts import AS_OF, key, report, snapshot

HOSTILE = ["=cmd|' /C calc'!A0", "+SUM(1)", "-1+1", "@x", "https://example.com/a", "0123"]


@pytest.fixture
def audit(tmp_path):
    rows = [{"user": name, **key(1, age=500)} for name in HOSTILE]
    taken = snapshot(tmp_path / "s", credential_report=report({"user": "<root_account>"}, *rows))
    return iamaudit.open_snapshot(taken, as_of=AS_OF)


@pytest.fixture
def book(audit, tmp_path):
    write_workpapers(audit, tmp_path / "w.xlsx")
    return openpyxl.load_workbook(tmp_path / "w.xlsx")


def rows(sheet):
    head, *others = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in others]


def test_there_is_a_summary_the_checks_a_sheet_a_framework_and_the_findings(audit, book):
    frameworks = list(dict.fromkeys(audit.controls.framework))
    assert book.sheetnames == ["Summary", "Observations", "Checks", *frameworks, "Findings"]
    assert book["Summary"]["A1"].value == audit.headline
    assert len(rows(book["Observations"])) == len(audit.observations)
    assert len(rows(book["Checks"])) == len(audit.checks)
    assert len(rows(book["Findings"])) == len(audit.findings)
    for framework in frameworks:
        assert len(rows(book[framework])) == (audit.controls.framework == framework).sum()


def test_the_summary_counts_the_controls_of_each_framework(audit, book):
    rows = [row for row in book["Summary"].iter_rows(values_only=True) if row[0] == "CIS 7.0"]
    counts = {level: sum(n for n in cells if n is not None) for _, level, *cells in rows}
    assert counts == {1: 17, 2: 9}
    assert (
        list(counts.values())
        == audit.controls[audit.controls.framework == "CIS 7.0"].level.value_counts().tolist()
    )


def test_no_text_of_the_account_is_a_formula_a_link_or_a_number(audit, book):
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n", "b"}
    assert all(cell.hyperlink is None for cell in cells)
    found = {row["message"] for row in rows(book["Findings"])}
    assert set(audit.findings.message) == found
    assert any("=cmd|' /C calc'!A0" in message for message in found)


def test_headers_stay_in_sight_and_filter(book):
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref.startswith("A1:")
        assert sheet["A1"].font.bold


def test_numbers_are_numbers_and_what_is_missing_is_empty(audit, book):
    first = rows(book["Findings"])[0]
    assert first["observation"] == audit.findings.observation[0]
    assert first["waiver"] is None
    observed = rows(book["Observations"])[0]
    assert (observed["rank"], observed["findings"]) == (1, audit.observations.findings[0])
    assert observed["recommendation"].startswith("1. ")
    assert {type(row["exceptions"]) for row in rows(book["Checks"])} == {int}


def test_the_same_audit_gives_the_same_bytes_and_no_other_date_than_its_own(audit, tmp_path):
    for name in ("one", "two"):
        write_workpapers(audit, tmp_path / f"{name}.xlsx")
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    made = openpyxl.load_workbook(tmp_path / "one.xlsx").properties.created
    assert made == datetime(2026, 11, 1, 8, 0)  # noqa: DTZ001 - spreadsheets know no offset


def test_a_sheet_that_is_full_names_the_file_that_has_all(audit, tmp_path, monkeypatch):
    monkeypatch.setattr(workbook_module, "MAX_ROWS", 3)
    write_workpapers(audit, tmp_path / "w.xlsx")
    values = [row[0] for row in openpyxl.load_workbook(tmp_path / "w.xlsx")["Findings"].values]
    assert len([value for value in values if value and value.startswith("obs-")]) == 3
    assert values[-1] == f"first 3 of {len(audit.findings):,} rows, all in data/findings.csv"


def test_a_text_that_is_longer_than_a_cell_is_cut_and_says_so(audit, tmp_path):
    audit.findings.loc[0, "message"] = "x" * 40_000
    write_workpapers(audit, tmp_path / "w.xlsx")
    first = rows(openpyxl.load_workbook(tmp_path / "w.xlsx")["Findings"])[0]
    assert first["message"] == "x" * 32_000 + "…"
