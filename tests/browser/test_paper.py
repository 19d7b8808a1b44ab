"""The PDF of the bundle: what is in it, how long it is, and that it is the same every time."""

import re
import shutil
import subprocess
from datetime import UTC, datetime

import pytest

from iamaudit.report.pages import Link, Site
from iamaudit.report.pdf import PDF, write_pdf

pytestmark = pytest.mark.browser


def words(path):
    program = shutil.which("pdftotext")
    assert program, "pdftotext is missing: apt-get install poppler-utils"
    done = subprocess.run([program, "-layout", str(path), "-"], capture_output=True, text=True, check=True)  # noqa: S603
    return done.stdout


def test_the_pdf_is_short_numbered_and_holds_what_an_auditor_files(bundle):
    pages = words(bundle / PDF).rstrip("\f").split("\f")
    assert 10 < len(pages) < 60
    for number, page in enumerate(pages, start=1):
        assert "AWS IAM audit · example-prod (111122223333), 01 November 2026" in page.split("\n")[0]
        assert page.rstrip().endswith(f"{number} / {len(pages)}")
    text = "".join(pages)
    for section in (
        "What to do first",
        "What this audit does not see",
        "All observations",
        "CIS AWS Foundations",
    ):
        assert section in text
    assert len(re.findall(r"WP-[A-Z]{3}-\d+ · ", text)) > 60  # workpapers of what is not met
    assert text.count("Settings in force") == 1
    assert "file:///" not in text


def test_the_same_pages_give_the_same_pdf(bundle, browser_path, tmp_path):
    site = Site("example-prod (111122223333), 01 November 2026", _links(bundle))
    copies = []
    for name in ("one", "two"):
        shutil.copytree(bundle, tmp_path / name)
        write_pdf(tmp_path / name, site, datetime(2026, 11, 1, 8, tzinfo=UTC), browser_path)
        copies.append((tmp_path / name / PDF).read_bytes())
    assert copies[0] == copies[1]
    assert str(tmp_path).encode() not in copies[0]


def _links(bundle):
    return [Link(path.name, path.stem) for path in sorted(bundle.glob("*.html"))]
