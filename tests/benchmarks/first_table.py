"""How long an analyst waits for the first table of a notebook."""

import time
from pathlib import Path
from queue import Empty

import nbformat
from jupyter_client.manager import start_new_kernel

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
_WAIT = 60  # seconds, before the kernel counts as lost


def first_table(name, **parameters):
    """Run a notebook up to its first table; return the seconds to its kernel, and from there to the table."""
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    given = "\n".join(f"{parameter} = {value!r}" for parameter, value in parameters.items())
    started = time.perf_counter()
    manager, client = start_new_kernel()
    ready = time.perf_counter()
    try:
        for cell in (each for each in notebook.cells if each.cell_type == "code"):
            source = cell.source
            if "parameters" in cell.metadata.get("tags", []):
                source += f"\n{given}"
            if "<table" in _html(client, source):
                return ready - started, time.perf_counter() - ready
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    raise AssertionError(f"{name} has no table")


def _html(client, source):
    """Execute a cell and return what it shows as HTML."""
    asked, shown = client.execute(source), []
    while True:
        try:
            message = client.get_iopub_msg(timeout=_WAIT)
        except Empty:
            raise AssertionError(f"no answer to {source!r}") from None
        if message["parent_header"].get("msg_id") != asked:
            continue
        kind, content = message["msg_type"], message["content"]
        assert kind != "error", "\n".join(content["traceback"])
        if kind in ("display_data", "execute_result"):
            shown.append(content["data"].get("text/html", ""))
        if kind == "status" and content["execution_state"] == "idle":
            return "".join(shown)
