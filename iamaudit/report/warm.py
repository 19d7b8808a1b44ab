"""A process that has loaded what notebooks need, and forks a worker for each.

Loading papermill, IPython, pandas, matplotlib and iamaudit takes three seconds of a processor. A worker and a
kernel for each notebook would pay that a dozen times; this process pays it once, while the account is
collected and judged. It has no threads of its own, so that forking it is safe. Told of which snapshot the
notebooks will ask, it reads the account once for all, too.

For every notebook it is sent two file descriptors: the connection through which the worker gets its job, and
the file that takes what it says. The worker forks its kernel before it does anything else. Closing the
connection ends worker and kernel; when whoever started this process is gone, even killed, all connections
close, and so everything ends. While it loads, which takes seconds, a timer looks whether that is so.

Only Linux does this; elsewhere, and when this process cannot be had, workers and kernels are started anew.
"""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO

from iamaudit.collector import freeze
from iamaudit.errors import IamauditError

SURROUNDINGS = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",  # another backend would drop every chart
    "JUPYTER_PREFER_ENV_PATH": "1",  # the kernel of this interpreter, not one the user has elsewhere
}
"""Environment variables of every worker and kernel."""

_LOADED = (
    *("papermill", "nbclient", "nbconvert", "iamaudit.report.html"),  # for workers
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.debugger"),
    *("matplotlib_inline", "pyarrow.dataset"),
    *("matplotlib.pyplot", "matplotlib.backends.backend_agg"),
    *("iamaudit.audit", "iamaudit.charts", "iamaudit.tables"),
)
_ONE_THREAD = {
    **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
"""Settings with which numpy and pyarrow start no thread when they are loaded."""

_GIVES_BACK = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    **dict.fromkeys(("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"), "262144"),  # bytes, of glibc
}
"""Settings with which a kernel's memory is given back once a large frame is gone: several run at once."""

_GRAMMAR = "rfc3987_syntax"
"""With it jsonschema builds a grammar of internationalized addresses, for a second and a half.

No notebook has such an address, and without the package jsonschema does without.
"""

_LOOK_SECONDS = 0.2
_ORDER_BYTES = 65_536


class Server:
    """The running process, as seen by whoever started it."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter, our own module
                [sys.executable, "-P", "-m", __name__, str(os.getpid())],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **SURROUNDINGS, **_ONE_THREAD, **_GIVES_BACK},
                start_new_session=True,  # Ctrl-C comes to us alone
            )

    def close(self) -> None:
        """Let it end, and wait for that."""
        self._control.close()
        self._process.wait()

    def read(self, snapshot: Path, as_of: datetime) -> None:
        """Let it read an account, for all workers that are forked from then on."""
        with suppress(OSError):  # it is gone: who needs it to fork says so
            self._control.send(json.dumps([str(snapshot.resolve()), as_of.isoformat()]).encode())

    def fork(self, order: bytes, said: IO[str]) -> socket.socket:
        """Return the connection to a new worker that obeys ``order``, and whose output goes to ``said``.

        Raises
        ------
        OSError
            The process is gone.
        """
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._control, [b"+"], [theirs.fileno(), said.fileno()])
            ours.sendall(order)
        except OSError:
            ours.close()
            raise
        return ours


@cache
def warm_server() -> Server | None:
    """Start the process, once; nothing where the system cannot fork safely."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        server = Server()
    except OSError:
        return None
    atexit.register(server.close)
    return server


def _serve(parent: int) -> Callable[[], int]:
    """Fork for whoever asks; return what a fork has to do."""
    control = socket.socket(fileno=0)
    # A worker says what is wrong when it needs it.
    with _ending_with(parent), _missing(_GRAMMAR), suppress(ImportError):
        for module in _LOADED:
            import_module(module)
        import_module("iamaudit.report.html").prepare()
        import_module("iamaudit.iam.actions").load_catalogue()  # half a second, once
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for workers
    freeze()
    while True:
        order, received, _, _ = socket.recv_fds(control, _ORDER_BYTES, 2)
        if not order:
            os._exit(0)  # whoever started us is gone
        if not received:
            _read(*json.loads(order))
            continue
        connection, said = received
        if os.fork() == 0:
            control.detach()
            return lambda: _work(connection, said)
        os.close(connection)
        os.close(said)


def _read(snapshot: str, as_of: str) -> None:
    """Read an account; a worker says what is wrong when it needs it."""
    from iamaudit.account import hold_account  # noqa: PLC0415 - this starts before that is loaded
    from iamaudit.snapshot import read_snapshot  # noqa: PLC0415

    with suppress(IamauditError):
        hold_account(read_snapshot(snapshot), datetime.fromisoformat(as_of))
    freeze()


@contextmanager
def _missing(module: str) -> Iterator[None]:
    """Let a module seem not to be installed while others are loaded."""
    sys.modules[module] = None  # type: ignore[assignment] # as Python itself marks what cannot be imported
    try:
        yield
    finally:
        del sys.modules[module]


@contextmanager
def _ending_with(parent: int) -> Iterator[None]:
    """End at once when ``parent`` is gone; a timer looks, as a thread would make forking unsafe."""

    def look(*_: object) -> None:
        if os.getppid() != parent:
            os._exit(0)

    signal.signal(signal.SIGALRM, look)
    signal.siginterrupt(signal.SIGALRM, False)
    signal.setitimer(signal.ITIMER_REAL, _LOOK_SECONDS, _LOOK_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


def _work(connection: int, said: int) -> int:
    """Be a worker, with a kernel of its own that is ready."""
    from iamaudit.report.kernel import ReadyKernel, offer  # noqa: PLC0415 - loads Jupyter
    from iamaudit.report.worker import obey  # noqa: PLC0415 - loads pandas: this starts before that

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, place in ((nothing, 0), (said, 1), (said, 2)):
        os.dup2(source, place)
    os.close(nothing)
    os.close(said)
    kernel = ReadyKernel(closing=connection)
    offer(kernel)
    return obey(connection, kernel)


if __name__ == "__main__":
    sys.exit(_serve(int(sys.argv[1]))())
