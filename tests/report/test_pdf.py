"""What is printed, and with what; tests/browser looks at the paper."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from iamaudit.errors import ParameterError, ReportError
from iamaudit.report.pages import Link, Page, Site
from iamaudit.report.pdf import _document, find_browser, write_pdf

LINKS = [Link(f"{name}.html", name) for name in ("index", "observations", "02_credentials", "controls")]
SITE = Site('a </style> "b"\\', LINKS)


@pytest.fixture
def folder(tmp_path):
    """Return a bundle of pages that link to each other and to files."""
    for link in LINKS:
        body = (
            f'<h1>{link.title}</h1><a class="x" href="controls.html#wp-1">paper</a> <a href="#here">here</a>'
            '<a href="02_credentials.html">page</a><a href="data/findings.csv">file</a>'
            '<a href="observations.html">all</a><h2 id="Workpapers">W</h2><article class="paper">P</article>'
        )
        (tmp_path / link.href).write_text(
            f'<header>no</header><main id="main">{body}</main><footer>no</footer>'
        )
    return tmp_path


def test_the_document_holds_summary_observations_and_controls(folder):
    document = _document(folder, SITE)
    assert [document.count(f"<h1>{link.title}</h1>") for link in LINKS] == [1, 1, 0, 1]
    assert "<footer>" not in document
    assert "<header>no" not in document


def test_links_lead_to_a_place_in_the_document_or_nowhere(folder):
    document = _document(folder, SITE)
    assert '<a class="x" href="#wp-1">paper</a> <a href="#here">here</a>' in document
    assert "<a >page</a><a >file</a>" in document
    assert '<a href="#part-observations">all</a>' in document
    assert 'id="part-observations"' in document


def test_a_page_that_is_not_there_is_left_out(folder):
    (folder / "observations.html").unlink()
    document = _document(folder, SITE)
    assert 'id="part-observations"' not in document
    assert "<a >all</a>" in document


def test_the_running_head_is_a_string_of_css_whatever_the_account_is_called():
    head = Page("x.html", "x", SITE).running_head
    assert head == r'"AWS IAM audit \b7  a \3c \2f style\3e  \22 b\22 \5c "'


def test_without_a_browser_one_line_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    with pytest.raises(ParameterError, match="`--pdf` found no Chromium: install one"):
        find_browser()
    monkeypatch.setenv("CHROMIUM", "/no/such/browser")
    with pytest.raises(ParameterError, match="found no Chromium at `/no/such/browser`"):
        find_browser()


def test_the_browser_that_is_named_comes_before_those_on_the_path(monkeypatch, tmp_path):
    for name in ("mine", "chromium"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    assert find_browser() == str(tmp_path / "chromium")
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "mine"))
    assert find_browser() == str(tmp_path / "mine")


def stand_in(folder, script):
    """Return a program that is called as a browser is."""
    program = Path(folder, "browser")
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return str(program)


def test_the_moment_in_the_document_is_that_of_the_audit(folder, tmp_path):
    script = (
        'for a in "$@"; do case $a in --print-to-pdf=*) '
        "printf \"/CreationDate (D:20261124101112+00'00')/ModDate (D:20261124101112+00'00')\" "
        '> "${a#--print-to-pdf=}";; esac; done'
    )
    write_pdf(folder, SITE, datetime(2026, 11, 1, 8, tzinfo=UTC), stand_in(tmp_path, script))
    printed = (folder / "audit.pdf").read_bytes()
    assert printed == b"/CreationDate (D:20261101080000+00'00')/ModDate (D:20261101080000+00'00')"


@pytest.mark.parametrize("script", ["exit 1", "exit 0"])
def test_a_browser_that_prints_nothing_is_one_line(folder, tmp_path, script):
    with pytest.raises(ReportError, match=r"could not print `audit.pdf`: run without --pdf"):
        write_pdf(folder, SITE, datetime(2026, 11, 1, tzinfo=UTC), stand_in(tmp_path, script))
    assert not (folder / "audit.pdf").exists()
