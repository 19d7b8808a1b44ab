"""Execute notebooks, several at a time, each in a process of its own with a kernel of its own."""

import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import IO, Protocol

from iamaudit.report.warm import warm_server
from iamaudit.report.worker import MARK, Job, Outcome

_POLL_SECONDS = 0.05
_GRACE_SECONDS = 10
_NOTHING = object()


def execute_notebooks(
    jobs: Sequence[Job],
    *,
    workers: int | None = None,
    on_done: Callable[[Outcome], object] | None = None,
    meanwhile: Iterable[object] = (),
) -> list[Outcome]:
    """Execute every notebook and return how each went, in the order in which they ended.

    ``workers`` at a time, the number of processors unless given; the first have begun when ``meanwhile`` is
    iterated over: between its pieces notebooks that have ended make room for the next. Ctrl-C ends them all,
    kernels included, before it is raised here.
    """
    # The first has the longest page, the last ones rest on most checks: begun first, none runs alone later.
    waiting, running, outcomes = [*jobs[:1], *reversed(jobs[1:])], list[_Running](), list[Outcome]()
    limit, pieces, is_left = workers or os.cpu_count() or 1, iter(meanwhile), True
    try:
        while waiting or running or is_left:
            while waiting and len(running) < limit:
                running.append(_Running(waiting.pop(0)))
            is_left = next(pieces, _NOTHING) is not _NOTHING
            for each in [each for each in running if each.process.has_ended]:
                running.remove(each)
                outcomes.append(each.outcome())
                if on_done:
                    on_done(outcomes[-1])
            if not is_left and running:
                time.sleep(_POLL_SECONDS)
    finally:
        for each in running:
            each.process.stop()
        for each in running:
            each.close()
    return outcomes


class _Running:
    """A job that is being done; what its worker says goes to a file, so that it never has to wait."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._said = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - closed in `close`
        self.process = _begin(job, self._said)

    def outcome(self) -> Outcome:
        """Return how it went; what a worker that was killed said last stands for a reason."""
        self._said.seek(0)
        lines = [line.strip() for line in self._said if line.strip()]
        self.close()
        marked = [line.removeprefix(MARK) for line in lines if line.startswith(MARK)]
        if marked:
            said = json.loads(marked[-1])
            return Outcome(self.job, said["reason"], *said["seconds"])
        return Outcome(self.job, f"its process ended before it was done: {lines[-1] if lines else 'no word'}")

    def close(self) -> None:
        """Wait for its end."""
        self.process.close()
        self._said.close()


class _Process(Protocol):
    """A worker as seen from here."""

    @property
    def has_ended(self) -> bool: ...

    def stop(self) -> None: ...

    def close(self) -> None: ...


def _begin(job: Job, said: IO[str]) -> _Process:
    server = warm_server()
    if server:
        try:
            return _Forked(server.fork(job.to_line(), said))
        except OSError:
            pass  # it is gone
    return _Started(job, said)


class _Forked:
    """A worker that was forked: it never sends, so that an end that can be read means that it is gone."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    @property
    def has_ended(self) -> bool:
        return self._is_gone(0)

    def stop(self) -> None:
        """Let it end, with its kernel."""
        with suppress(OSError):  # it has ended
            self._connection.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self._is_gone(_GRACE_SECONDS)
        self._connection.close()

    def _is_gone(self, seconds: float) -> bool:
        return bool(select.select([self._connection], [], [], seconds)[0])


class _Started:
    """A worker that was started as a process of this interpreter."""

    def __init__(self, job: Job, said: IO[str]) -> None:
        command = [sys.executable, "-m", "iamaudit.report.worker"]
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            command, stdin=subprocess.PIPE, stdout=said, stderr=said, start_new_session=True
        )
        assert self._process.stdin  # noqa: S101 - it is a pipe
        self._orders = self._process.stdin
        with suppress(OSError):  # it could not even begin: what it said says why
            self._orders.write(job.to_line())
            self._orders.flush()

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def stop(self) -> None:
        """Let it end; its kernel notices within a second."""
        with suppress(OSError):
            self._orders.close()

    def close(self) -> None:
        self.stop()
        try:
            self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
