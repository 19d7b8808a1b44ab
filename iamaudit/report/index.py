"""``index.html``: the conclusion, what to do first, and every file of the bundle."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from iamaudit import tables
from iamaudit.audit import Audit
from iamaudit.checks import observation_counts
from iamaudit.report.carried import carried_files
from iamaudit.report.data import MAX_CSV_BYTES, MAX_CSV_ROWS, data_file
from iamaudit.report.exports import Export
from iamaudit.report.pages import TEMPLATES, Page, Site, write_page

_MARKS = {"not met": "bad", "not evaluated": "warn", "manual": "none", "met": "ok"}
_File = dict[str, str]


def write_index(
    audit: Audit, target: Path, site: Site, *, notebooks: Sequence[Path], exports: Sequence[Export]
) -> None:
    """Write the first page of a bundle."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    body = environment.get_template("bundle.html.j2").render(
        page=Page(target.name, "Audit", site),
        headline=audit.headline,
        tally=[(name, count, _MARKS[name]) for name, count in audit.tally.items()],
        facts=audit.facts,
        observed=observation_counts(audit.observations),
        observations=tables.observations(audit.observations).markup,
        missing=tables.not_seen(audit.missing).markup,
        files=list(_files(audit, notebooks, exports, site.parquet_only, target.parent)),
    )
    write_page(target, body)


def _files(
    audit: Audit,
    notebooks: Sequence[Path],
    exports: Sequence[Export],
    parquet_only: Collection[str],
    bundle: Path,
) -> Iterator[_File]:
    for name, frame in audit.frames.items():
        yield _frame_file(name, len(frame), parquet_only)
    yield _file(
        "workpapers.xlsx",
        "what an audit team works in: observations, controls, workpapers, samples, sign-off",
    )
    for export in exports:
        yield _file(export.file, export.about, f"{len(audit.findings):,}")
    for name, about in carried_files(bundle):
        yield _file(name, about)
    for path in notebooks:
        yield _file(path.name, "the notebook as it was executed")
    yield _file("manifest.json", "what this was made from, and with")


def _frame_file(name: str, rows: int, parquet_only: Collection[str]) -> _File:
    limits = f"{MAX_CSV_ROWS:,} rows or {MAX_CSV_BYTES / 1e6:,.0f} MB"
    only = f", as Parquet only: a CSV for spreadsheets ends at {limits}"
    also = only if name in parquet_only else "; also as .parquet"
    return _file(f"data/{data_file(name, parquet_only)}", f"every row of the frame {name}{also}", f"{rows:,}")


def _file(href: str, about: str, rows: str = "") -> _File:
    return {"href": href, "about": about, "rows": rows}
