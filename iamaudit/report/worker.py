"""What a process does with one notebook: execute it through papermill, make its page, say how it went.

A notebook counts as executed only when every cell was: papermill by itself is content with a cell that calls
``sys.exit(0)``, and with a dead kernel leaves a file that says nothing of it.

The job comes as a line of JSON. What it came through stays open as long as somebody waits for the outcome;
when it closes, kernel and worker end at once.
"""

import json
import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Thread
from typing import Any, Protocol

from iamaudit.errors import IamauditError, ReportError
from iamaudit.report.pages import Link, Site, page_name
from iamaudit.report.warm import SURROUNDINGS

MARK = "iamaudit: "
"""How the line begins in which a worker says how it went."""


@dataclass(frozen=True, slots=True)
class Job:
    """One notebook to execute: from where, to where, with what; with a ``site`` it also gets its page."""

    source: str
    output: str
    parameters: Mapping[str, Any]
    timeout: int | None
    site: Site | None = None

    @property
    def name(self) -> str:
        """The notebook's name without ending."""
        return Path(self.source).stem

    def to_line(self) -> bytes:
        """Return the job, and the surroundings it is done in, as a line of JSON."""
        place = {"environment": {**os.environ, **SURROUNDINGS}, "folder": str(Path.cwd())}
        return json.dumps({"job": asdict(self), **place}).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job went: why it failed in one line (nothing when it did not), and the seconds it took."""

    job: Job
    reason: str = ""
    executing_seconds: float = 0.0
    page_seconds: float = 0.0


class _Kernel(Protocol):
    def kill(self) -> None: ...


def obey(orders: int, kernel: _Kernel | None = None) -> int:
    """Do the job that comes through the descriptor ``orders``, end when it closes; return the exit code."""
    with os.fdopen(os.dup(orders), "rb") as file:
        order = json.loads(file.readline())
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    Thread(target=_end_with, args=(orders, kernel), daemon=True).start()
    outcome = do(_job(order["job"]))
    said = {"reason": outcome.reason, "seconds": [outcome.executing_seconds, outcome.page_seconds]}
    sys.stdout.write(f"\n{MARK}{json.dumps(said)}\n")
    sys.stdout.flush()
    return 1 if outcome.reason else 0


def do(job: Job) -> Outcome:
    """Do a job in this process."""
    begun = time.perf_counter()
    try:
        _execute(job)
        executed = time.perf_counter()
        if job.site:
            _make_page(job, job.site)
    except IamauditError as error:
        return Outcome(job, str(error), time.perf_counter() - begun)
    return Outcome(job, "", executed - begun, time.perf_counter() - executed)


def _end_with(orders: int, kernel: _Kernel | None) -> None:
    with suppress(OSError):
        while os.read(orders, 1):
            pass
    if kernel:
        kernel.kill()  # one that was started, not forked, notices within a second
    os._exit(1)


def _job(stored: Mapping[str, Any]) -> Job:
    site = stored["site"]
    links = site and [Link(**link) for link in site["links"]]
    return Job(**{**stored, "site": site and Site(**{**site, "links": links})})


def _execute(job: Job) -> None:
    import nbformat  # noqa: PLC0415 - the process that waits for us does without these
    import papermill  # noqa: PLC0415
    from nbclient.exceptions import CellTimeoutError, DeadKernelError  # noqa: PLC0415
    from papermill.exceptions import PapermillException, PapermillExecutionError  # noqa: PLC0415
    from traitlets.config import Config  # noqa: PLC0415

    try:
        papermill.execute_notebook(
            job.source,
            job.output,
            parameters=dict(job.parameters),
            kernel_name="python3",
            progress_bar=False,
            request_save_on_cell_execute=False,
            execution_timeout=job.timeout,
            cwd=str(Path(job.source).parent),
            config=Config(
                {
                    "KernelManager": {"transport_encryption": "required"},
                    "NotebookClient": {"shutdown_kernel": "immediate"},  # or some take 3 s to end
                }
            ),
        )
    except PapermillExecutionError as error:
        raise ReportError(
            f"cell {error.exec_count} raised {error.ename}: {_last_line(error.evalue)}"
        ) from error
    except CellTimeoutError as error:
        raise ReportError(f"a cell took longer than {job.timeout} seconds") from error
    except DeadKernelError as error:
        raise ReportError("the kernel died") from error
    except PapermillException as error:
        raise ReportError(_last_line(str(error)) or type(error).__name__) from error
    cells = [cell for cell in nbformat.read(job.output, as_version=4).cells if cell.cell_type == "code"]
    skipped = [n for n, cell in enumerate(cells, 1) if cell.source.strip() and cell.execution_count is None]
    if skipped:
        raise ReportError(
            f"code cell {skipped[0]} of {len(cells)} was never run: does a cell call `sys.exit`?"
        )


def _make_page(job: Job, site: Site) -> None:
    from iamaudit.report.carried import without_links  # noqa: PLC0415
    from iamaudit.report.html import export_html, name_parquet  # noqa: PLC0415 - loads nbconvert

    executed = Path(job.output)
    name_parquet(executed, list(site.parquet_only))
    if not site.evidence:
        without_links(executed)
    export_html(executed, executed.with_name(page_name(executed)), site)


def _last_line(text: str) -> str:
    lines = [line.strip() for line in str(text).splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""


if __name__ == "__main__":  # where processes are started instead of forked
    sys.exit(obey(sys.stdin.fileno()))
