"""A kernel that is forked instead of started: it need not load what its parent has loaded.

``ReadyKernel`` is a process that its parent forks before it has threads or sockets of its own. It waits for
the order to be a kernel; when its parent ends before that, it ends too, and afterwards ipykernel itself
watches the parent. ``ForkedProvisioner`` is how Jupyter is told to take it: a *kernel provisioner* is the
place that jupyter_client has for another way to launch. All else, the connection file and its encryption too,
stays as it is.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, NoReturn

from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

_NAME = "iamaudit-forked"


class ReadyKernel:
    """A forked process that becomes a kernel; to Jupyter it looks like a ``subprocess.Popen``."""

    stdin = stdout = stderr = None

    def __init__(self, *, closing: int) -> None:
        """Fork; ``closing`` is a file descriptor that the kernel must not keep open."""
        orders, self._orders = os.pipe()
        self.returncode: int | None = None
        self._connection_file: Path | None = None
        self.pid = os.fork()
        if self.pid == 0:
            os.close(closing)
            os.close(self._orders)
            os.setsid()  # an interrupt comes from Jupyter, to the kernel and what it started
            _become(orders)
        os.close(orders)

    def begin(
        self,
        arguments: Sequence[str],
        *,
        connection_file: str,
        folder: str | None,
        environment: Mapping[str, str],
    ) -> None:
        """Let it be a kernel; ``arguments`` are those of ``python -m ipykernel_launcher``."""
        self._connection_file = Path(connection_file)
        order = {"arguments": list(arguments), "folder": folder, "environment": dict(environment)}
        with os.fdopen(self._orders, "w", encoding="utf-8") as orders:
            orders.write(json.dumps(order) + "\n")

    def poll(self) -> int | None:
        """Return its exit code, nothing while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self) -> int:
        """Wait for its end, and return its exit code."""
        while (code := self.poll()) is None:
            time.sleep(0.02)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel alone."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it and what it started, without asking; its connection file goes too."""
        with suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)
        if self._connection_file:
            self._connection_file.unlink(missing_ok=True)


class ForkedProvisioner(LocalProvisioner):
    """Launches the kernel that is ready, once; whatever it cannot be is started as Jupyter always does."""

    ready: ReadyKernel | None = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Launch a kernel; see :meth:`jupyter_client.provisioning.LocalProvisioner.launch_kernel`."""
        kernel, ForkedProvisioner.ready = ForkedProvisioner.ready, None
        manager = self.parent
        if kernel is None or manager is None or cmd[1:3] != ["-m", "ipykernel_launcher"]:
            return await super().launch_kernel(cmd, **kwargs)
        kernel.begin(
            cmd[3:],
            connection_file=manager.connection_file,
            folder=kwargs.get("cwd"),
            environment=kwargs.get("env", os.environ),
        )
        self.process = kernel  # type: ignore[assignment] # it can all that a Popen is asked for here
        self.pid = self.pgid = kernel.pid
        self.cwd = kwargs.get("cwd", Path.cwd())
        return self.connection_info


def offer(kernel: ReadyKernel) -> None:
    """Let the next kernel that this process launches be ``kernel``."""
    ForkedProvisioner.ready = kernel
    factory = KernelProvisionerFactory.instance()
    place = f"{ForkedProvisioner.__module__}:{ForkedProvisioner.__name__}"
    factory.provisioners[_NAME] = EntryPoint(_NAME, place, factory.GROUP_NAME)
    factory.default_provisioner_name = _NAME


def _become(orders: int) -> NoReturn:
    with os.fdopen(orders, encoding="utf-8") as file:
        line = file.readline()
    if not line:
        os._exit(0)  # whoever forked us has ended
    order = json.loads(line)
    os.environ.clear()
    os.environ.update(order["environment"])
    if order["folder"]:
        os.chdir(order["folder"])
    sys.argv = ["ipykernel_launcher", *order["arguments"]]
    from ipykernel.kernelapp import IPKernelApp  # noqa: PLC0415 - the server has loaded it, a worker need not

    app = IPKernelApp.instance(parent_handle=os.getppid())
    app.initialize(order["arguments"])
    app.start()
    sys.exit()
