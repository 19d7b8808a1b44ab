"""An executed notebook becomes a page, without its code."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import HTMLExporter, TemplateExporter

from iamaudit.report.notebook import WORKBOOK
from iamaudit.report.pages import TEMPLATES, Link, Page, Site, page_link, write_page


def export_html(notebook: Path, target: Path, site: Site) -> None:
    """Write the page of an executed notebook; cells tagged ``workbook`` are not part of it.

    They are for whoever runs the notebook: exercises, and numbers that tests compare.

    Raises
    ------
    ReportError
        An output would run or fetch something, a picture has no alt text, or the page is over 1 MB.
    """
    executed = nbformat.read(notebook, as_version=4)
    executed.cells = [c for c in executed.cells if WORKBOOK not in c.metadata.get("tags", ())]
    page = Page(target.name, page_link(notebook).title, site, _contents(executed))
    body, _ = _exporter().from_notebook_node(executed, resources={"iamaudit": page})
    write_page(target, body)


def prepare() -> None:
    """Read the templates of a page and the format of notebooks, so that forks of this process need not."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Nothing")])
    page = Page("nothing.html", "Nothing", Site("nobody", []))
    _exporter().from_notebook_node(notebook, resources={"iamaudit": page})
    nbformat.validate(notebook)


def name_parquet(notebook: Path, frames: list[str]) -> None:
    """Let an executed notebook name the Parquet file of the frames that have no CSV."""
    if frames:
        csv = re.compile(rf"\b({'|'.join(map(re.escape, frames))})\.csv\b")
        text = notebook.read_text(encoding="utf-8")
        notebook.write_text(csv.sub(r"\1.parquet", text), encoding="utf-8")


class _Exporter(HTMLExporter):  # type: ignore[misc] # nbconvert has no types
    """Takes the page as the template makes it.

    nbconvert parses a page once more to fill in missing alt texts and the focus of its own cells: ours has no
    such cells, ``write_page`` refuses a picture without words, and a page of 1 MB takes a second to parse.
    """

    from_notebook_node = TemplateExporter.from_notebook_node


@cache
def _exporter() -> HTMLExporter:
    return _Exporter(
        template_name="iamaudit",
        extra_template_basedirs=[str(TEMPLATES)],
        extra_template_paths=[str(TEMPLATES)],
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )


def _contents(notebook: Any) -> list[Link]:
    headings = [
        line.removeprefix("## ").strip()
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()
        if line.startswith("## ")
    ]
    return [Link("#" + heading.replace(" ", "-"), heading) for heading in headings]
