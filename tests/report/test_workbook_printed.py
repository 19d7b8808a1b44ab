"""The workbook in LibreOffice: what an auditor opens and prints, which our own reader cannot tell."""

import re
import shutil
import subprocess

import pytest

import iamaudit
from iamaudit.report.workbook import write_workpapers

pytestmark = pytest.mark.libreoffice


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("printed")
    write_workpapers(iamaudit.open_snapshot(), folder / "w.xlsx")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    convert = ["soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", str(folder)]
    subprocess.run(  # noqa: S603 - LibreOffice, on a file of ours
        [shutil.which("soffice") or "soffice", *convert[1:], str(folder / "w.xlsx")],
        check=True,
        capture_output=True,
        timeout=180,
    )
    printed = subprocess.run(  # noqa: S603
        [shutil.which("pdftotext") or "pdftotext", "-layout", str(folder / "w.pdf"), "-"],
        check=True,
        capture_output=True,
        text=True,
    )
    return printed.stdout.split("\f")[:-1]


def sheets(pages):
    """Return the name of the sheet at the head of each page."""
    return [page.strip().splitlines()[0].rpartition("  ")[2].strip() for page in pages]


def test_every_sheet_is_printed_from_the_cover_to_the_columns(pages):
    found = list(dict.fromkeys(sheets(pages)))
    assert found[:2] == ["Cover", "Observations"]
    assert found[-4:] == ["Exceptions", "Samples", "Sign-off", "Columns"]
    assert {"CIS 7.0", "Workpapers", "WP credentials", "WP trust"} <= set(found)
    assert sheets(pages).count("Cover") == 1


def test_no_sheet_is_cut_into_columns_of_pages_and_headers_repeat(pages):
    assert len(pages) < 130
    exceptions = [page for page, sheet in zip(pages, sheets(pages), strict=True) if sheet == "Exceptions"]
    assert len(exceptions) > 1
    for page in exceptions:
        assert re.search(r"workpaper +severity +resource +exception +evidence +observation", page)
        assert "auditor's remark" in page


def test_pages_are_numbered(pages):
    assert f"page {len(pages)} of {len(pages)}" in pages[-1]
