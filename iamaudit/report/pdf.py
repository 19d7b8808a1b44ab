"""One PDF of the bundle: summary, observations, controls, and the workpapers of what is not met."""

import html
import os
import re
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from jinja2 import Environment, FileSystemLoader

from iamaudit.errors import ParameterError, ReportError
from iamaudit.report.pages import TEMPLATES, Page, Site

PDF = "audit.pdf"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_PARTS = re.compile(r"(?:^index|observations|controls)\.html$")
_FLAGS = (
    *("--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer", "--disable-extensions"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
_SECONDS = 180
_SETTINGS = '<h2 id="Settings-in-force"'
_MAIN = re.compile(r'<main id="main"[^>]*>(.*)</main>', re.DOTALL)
_LINK = re.compile(r'<a ([^>]*?)href="([^"#]*)(?:#([^"]*))?"')
_WRITTEN = re.compile(rb"/(CreationDate|ModDate) \(D:\d{14}([^)]*)\)")


def find_browser() -> str:
    """Return the Chromium that prints: the one that ``CHROMIUM`` names, or the first on the path.

    Raises
    ------
    ParameterError
        There is none.
    """
    named = os.environ.get("CHROMIUM")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        where = f" at `{named}`" if named else ""
        raise ParameterError(f"`--pdf` found no Chromium{where}: install one, or name it in CHROMIUM")
    return found


def write_pdf(folder: Path, site: Site, as_of: datetime, browser: str) -> None:
    """Print the parts of a bundle that an auditor files, as one document with numbered pages.

    One version of Chromium gives the same bytes for the same pages: the moment in the document is ``as_of``.
    """
    with TemporaryDirectory() as scratch:
        source, printed = Path(scratch, "audit.html"), Path(scratch, PDF)
        source.write_text(_document(folder, site), encoding="utf-8")
        root = (
            ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        )  # it refuses root else
        command = [browser, *_FLAGS, *root, f"--user-data-dir={scratch}/profile", f"--print-to-pdf={printed}"]
        try:
            subprocess.run(  # noqa: S603 - the browser of this machine, no text of the account
                [*command, source.as_uri()], capture_output=True, timeout=_SECONDS, check=True
            )
            data = printed.read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise ReportError(f"`{browser}` could not print `{PDF}`: run without --pdf") from error
    moment = f"{as_of:%Y%m%d%H%M%S}".encode()
    data = _WRITTEN.sub(lambda found: b"/%b (D:%b%b)" % (found[1], moment, found[2]), data)
    (folder / PDF).write_bytes(data)


def _document(folder: Path, site: Site) -> str:
    """Return the parts one after the other, with links that stay inside."""
    files = [link.href for link in site.links if _PARTS.search(link.href) and (folder / link.href).exists()]
    mains = {file: _main(folder / file).partition(_SETTINGS) for file in files}
    parts = [
        {"id": _anchor(file), "body": _inside(_in_columns(main), set(files)), "papers": "controls" in file}
        for file, (main, _, _) in mains.items()
    ]
    settings = [f"{heading}{rest}" for _, heading, rest in mains.values() if heading]
    parts += [
        {"id": "part-settings", "body": each, "papers": False} for each in settings[:1]
    ]  # all are alike
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    page = Page(PDF, "Audit", site)
    return environment.get_template("pdf.html.j2").render(page=page, parts=parts)


def _main(page: Path) -> str:
    """Return what stands between header and footer of a page."""
    found = _MAIN.search(page.read_text(encoding="utf-8"))
    if not found:
        raise ReportError(f"`{page.name}` has no main part to print: run without --pdf")
    return found[1]


def _in_columns(body: str) -> str:
    """Return a part of the document, its workpapers in columns."""
    before, papers, after = body.partition('<h2 id="Workpapers"')
    return f'{before}<div class="columns">{papers}{after}</div>' if papers else body


def _inside(body: str, files: set[str]) -> str:
    """Return a page whose links lead to a place in the document, or nowhere."""

    def led(found: re.Match[str]) -> str:
        other, file, place = found[1], html.unescape(found[2]), found[3]
        if file and file not in files:
            return f"<a {other}"
        return f'<a {other}href="#{place or _anchor(file)}"'

    return _LINK.sub(led, body)


def _anchor(file: str) -> str:
    return f"part-{file.removesuffix('.html')}"
