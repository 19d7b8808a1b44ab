"""Execute notebooks through papermill, several at a time, each in a process of its own.

A notebook counts as executed only when every cell was: papermill by itself is content with a cell that calls
``sys.exit(0)``, and with a dead kernel leaves a file that says nothing of it.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from iamaudit.errors import ReportError

_POLL_SECONDS = 0.05
_GRACE_SECONDS = 10
_MARK = "iamaudit: "
_ENVIRONMENT = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",  # another backend would drop every chart
    "JUPYTER_PREFER_ENV_PATH": "1",  # the kernel of this interpreter, not one the user has elsewhere
}


@dataclass(frozen=True, slots=True)
class Job:
    """One notebook to execute: from where, to where, with what."""

    source: str
    output: str
    parameters: Mapping[str, Any]
    timeout: int | None

    @property
    def name(self) -> str:
        """The notebook's name without ending."""
        return Path(self.source).stem


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a notebook failed, in one line."""

    job: Job
    reason: str


def execute_notebooks(
    jobs: Sequence[Job], *, workers: int | None = None, on_done: Callable[[Job], object] | None = None
) -> list[Failure]:
    """Execute every notebook and return those that failed.

    ``workers`` at a time, the number of processors unless given. Ctrl-C ends them all, kernels included,
    before it is raised here.
    """
    # The last notebooks rest on most checks: begun first, they do not run alone at the end.
    waiting, running, failures = list(reversed(jobs)), list[_Worker](), list[Failure]()
    limit = workers or os.cpu_count() or 1
    try:
        while waiting or running:
            while waiting and len(running) < limit:
                running.append(_Worker(waiting.pop(0)))
            for worker in [worker for worker in running if worker.process.poll() is not None]:
                running.remove(worker)
                reason = worker.reason()
                failures += [Failure(worker.job, reason)] if reason else []
                if on_done:
                    on_done(worker.job)
            time.sleep(_POLL_SECONDS)
    finally:
        for worker in running:
            worker.process.send_signal(signal.SIGINT)  # papermill then ends its kernel
        for worker in running:
            worker.stop()
    return failures


class _Worker:
    """A process that executes one notebook; what it says goes to a file, so that it never has to wait."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.said = tempfile.TemporaryFile("w+")  # noqa: SIM115 - lives as long as the process
        self.process = subprocess.Popen(  # noqa: S603 - this interpreter, this module
            [sys.executable, "-m", "iamaudit.report.execute", json.dumps(asdict(job))],
            stdin=subprocess.DEVNULL,
            stdout=self.said,
            stderr=self.said,
            env=os.environ | _ENVIRONMENT,
            start_new_session=True,  # Ctrl-C comes to us, and we pass it on
        )

    def reason(self) -> str:
        """Return why the process failed, in one line; nothing when it did not."""
        with self.said:
            self.said.seek(0)
            lines = [line.strip() for line in self.said if line.strip()]
        if self.process.returncode == 0:
            return ""
        marked = [line.removeprefix(_MARK) for line in lines if line.startswith(_MARK)]
        ended = f"its process ended with status {self.process.returncode}"
        return (marked or [f"{ended}: {lines[-1]}" if lines else ended])[-1]

    def stop(self) -> None:
        """Wait for the process to end, and end it if it does not."""
        try:
            self.process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()  # the kernel notices that its parent is gone
            self.process.wait()
        self.said.close()


def execute_notebook(job: Job) -> None:
    """Execute one notebook in this process.

    Raises
    ------
    ReportError
        A cell raised, was never run, or took too long; the kernel died or could not be started.
    """
    import nbformat  # noqa: PLC0415 - only the worker process needs these
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
            config=Config({"KernelManager": {"transport_encryption": "required"}}),
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


def _last_line(text: str) -> str:
    lines = [line.strip() for line in str(text).splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""


def main(job: str) -> int:
    """Execute the job that is given as JSON; say on stdout why it failed."""
    try:
        execute_notebook(Job(**json.loads(job)))
    except ReportError as error:
        sys.stdout.write(f"{_MARK}{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stdout.write(f"{_MARK}interrupted\n")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
