import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest

from iamaudit.report.execute import Job, execute_notebooks

FIXTURES = Path(__file__).parent / "notebooks"


def job(name, folder, *, timeout=None, **parameters):
    return Job(str(FIXTURES / f"{name}.ipynb"), str(folder / f"{name}.ipynb"), parameters, timeout)


def kernels():
    """Return the Jupyter kernels that the running test has started; they inherit its environment."""
    test = os.environ["PYTEST_CURRENT_TEST"].rpartition(" ")[0]
    return {process.pid for process in psutil.process_iter() if _is_kernel_of(process, test)}


def _is_kernel_of(process, test):
    try:
        own = process.environ().get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0] == test
        return own and "ipykernel_launcher" in " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return False  # it is ending, or somebody else's


@pytest.fixture(autouse=True)
def no_kernel_stays():
    yield
    deadline = time.monotonic() + 10
    while kernels() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not kernels()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("raises", "cell 3 raised ValueError: no such thing"),
        ("exits", "was never run: does a cell call `sys.exit`?"),
        ("dies", "the kernel died"),
    ],
)
def test_a_notebook_that_fails_says_why_in_one_line(tmp_path, name, reason):
    (failure,) = execute_notebooks([job(name, tmp_path)])
    assert reason in failure.reason
    assert "\n" not in failure.reason


def test_a_cell_that_takes_too_long_ends_the_notebook(tmp_path):
    started = time.monotonic()
    (failure,) = execute_notebooks([job("hangs", tmp_path, timeout=3)])
    assert failure.reason == "a cell took longer than 3 seconds"
    assert time.monotonic() - started < 40


def test_notebooks_run_side_by_side_and_one_failure_does_not_stop_the_others(tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")  # would remove every chart
    monkeypatch.setenv("PYTHONWARNINGS", "default")
    done = []
    jobs = [job("good", tmp_path, as_of="2026-11-01"), job("raises", tmp_path), job("other_kernel", tmp_path)]
    failures = execute_notebooks(jobs, workers=2, on_done=lambda finished: done.append(finished.name))
    assert [failure.job.name for failure in failures] == ["raises"]
    assert sorted(done) == ["good", "other_kernel", "raises"]
    cells = nbformat.read(tmp_path / "good.ipynb", as_version=4).cells
    outputs = [output for cell in cells if cell.cell_type == "code" for output in cell.outputs]
    assert "as of 2026-11-01" in outputs[0].text
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert not any("encryption" in output.get("text", "") for output in outputs)


def test_an_interrupt_ends_the_kernels_and_is_passed_on(tmp_path):
    code = (
        "import json, sys\nfrom iamaudit.report.execute import Job, execute_notebooks\n"
        "execute_notebooks([Job(**json.loads(sys.argv[1]))])"
    )
    task = job("hangs", tmp_path)
    fields = {"source": task.source, "output": task.output, "parameters": {}, "timeout": None}
    process = subprocess.Popen(  # noqa: S603 - this interpreter, our own text
        [sys.executable, "-c", code, json.dumps(fields)], stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 30
    while not kernels() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert kernels()
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    assert "KeyboardInterrupt" in process.communicate(timeout=30)[1]
    assert process.returncode != 0
