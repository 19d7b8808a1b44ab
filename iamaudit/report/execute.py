"""Execute notebooks through papermill, several at a time, each in a process of its own.

A notebook counts as executed only when every cell was: papermill by itself is content with a cell that calls
``sys.exit(0)``, and with a dead kernel leaves a file that says nothing of it.
"""

import multiprocessing
import multiprocessing.forkserver
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
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
    jobs: Sequence[Job],
    *,
    workers: int | None = None,
    on_done: Callable[[Job], object] | None = None,
    meanwhile: Callable[[], object] | None = None,
) -> list[Failure]:
    """Execute every notebook and return those that failed.

    ``workers`` at a time, the number of processors unless given; ``meanwhile`` is called once the first have
    begun. Ctrl-C ends them all, kernels included, before it is raised here.
    """
    # The last notebooks rest on most checks: begun first, they do not run alone at the end.
    waiting, running, failures = list(reversed(jobs)), list[_Worker](), list[Failure]()
    limit = workers or os.cpu_count() or 1
    try:
        while waiting or running:
            while waiting and len(running) < limit:
                running.append(_Worker(waiting.pop(0)))
            if meanwhile is not None:
                meanwhile()
                meanwhile = None
            for worker in [worker for worker in running if worker.process.exitcode is not None]:
                running.remove(worker)
                reason = worker.reason()
                failures += [Failure(worker.job, reason)] if reason else []
                if on_done:
                    on_done(worker.job)
            time.sleep(_POLL_SECONDS)
    finally:
        for worker in running:
            worker.interrupt()
        for worker in running:
            worker.stop()
    return failures


class _Worker:
    """A process that executes one notebook; what it says goes to a file, so that it never has to wait.

    It is forked from a server that has papermill loaded already, where the system can do that.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.said = tempfile.NamedTemporaryFile("w+", prefix="iamaudit-")  # noqa: SIM115 - as long as the process
        surroundings = {**os.environ, **_ENVIRONMENT}
        self.process = _processes().Process(
            target=_work, args=(job, self.said.name, surroundings, str(Path.cwd()))
        )
        with _nothing_of_ours():
            self.process.start()

    def reason(self) -> str:
        """Return why the process failed, in one line; nothing when it did not."""
        with self.said:
            self.said.seek(0)
            lines = [line.strip() for line in self.said if line.strip()]
        if self.process.exitcode == 0:
            return ""
        marked = [line.removeprefix(_MARK) for line in lines if line.startswith(_MARK)]
        ended = f"its process ended with status {self.process.exitcode}"
        return (marked or [f"{ended}: {lines[-1]}" if lines else ended])[-1]

    def interrupt(self) -> None:
        """Do what Ctrl-C does: papermill then ends its kernel."""
        if self.process.pid is not None and self.process.exitcode is None:
            os.kill(self.process.pid, signal.SIGINT)

    def stop(self) -> None:
        """Wait for the process to end, and end it if it does not."""
        self.process.join(_GRACE_SECONDS)
        if self.process.exitcode is None:
            self.process.kill()  # the kernel notices that its parent is gone
            self.process.join()
        self.said.close()


def warm_up() -> None:
    """Start the server that workers are forked from, so that it is ready when they are needed."""
    if _processes().get_start_method() == "forkserver":
        with _nothing_of_ours():
            multiprocessing.forkserver.ensure_running()


@contextmanager
def _nothing_of_ours() -> Iterator[None]:
    """Keep a process that starts from importing the script that runs this one: it needs nothing of it."""
    script = sys.modules["__main__"]
    hidden = {name: vars(script)[name] for name in ("__file__", "__spec__") if name in vars(script)}
    for name in hidden:
        setattr(script, name, None)
    try:
        yield
    finally:
        for name, value in hidden.items():
            setattr(script, name, value)


@lru_cache(maxsize=1)
def _processes() -> Any:
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["iamaudit.report.execute", "nbclient", "nbformat", "papermill"])
    return context


def _work(job: Job, said: str, surroundings: Mapping[str, str], folder: str) -> None:
    """Execute a job in a process of its own, whose output goes to a file."""
    if hasattr(os, "setsid"):
        os.setsid()  # Ctrl-C comes to who started us, and is passed on
    os.environ.clear()
    os.environ.update(surroundings)
    os.chdir(folder)
    with open(os.devnull) as nothing, open(said, "w") as out:  # noqa: PTH123 - file descriptors
        os.dup2(nothing.fileno(), 0)
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    sys.exit(main(job))


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


def main(job: Job) -> int:
    """Execute a job; say on stdout why it failed."""
    try:
        execute_notebook(job)
    except ReportError as error:
        sys.stdout.write(f"{_MARK}{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stdout.write(f"{_MARK}interrupted\n")
        return 130
    return 0
