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

from iamaudit.report import execute as execute_module
from iamaudit.report.execute import execute_notebooks
from iamaudit.report.warm import Server, warm_server
from iamaudit.report.worker import Job
from tests.accounts import AS_OF, details, snapshot, user

FIXTURES = Path(__file__).parent / "notebooks"


def job(name, folder, *, timeout=None, **parameters):
    return Job(str(FIXTURES / f"{name}.ipynb"), str(folder / f"{name}.ipynb"), parameters, timeout)


def processes(of=None):
    """Return the workers and kernels that a process has: the children of its server, and theirs."""
    return [process for server in servers(of) for process in server.children(recursive=True)]


def servers(of=None):
    return [
        child
        for child in psutil.Process(of).children()
        if child.status() != psutil.STATUS_ZOMBIE and "iamaudit.report.warm" in child.cmdline()
    ]


def kernel_runs(of=None):
    """Say whether a worker has a kernel that has come up: it has threads then."""
    try:
        kernels = [child for process in processes(of) for child in process.children()]
        return any(kernel.num_threads() > 3 for kernel in kernels)
    except psutil.Error:
        return False  # one of them has just ended


def has_ended(process):
    """Say whether a process has ended; one that nobody waits for stays as a zombie."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def until(condition, seconds):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


@pytest.fixture(autouse=True)
def no_process_stays():
    yield
    assert until(lambda: not processes(), 10), processes()


@pytest.fixture(params=["forked", "started"])
def way(request, monkeypatch):
    """Run a test with workers and kernels that are forked, and as where a system cannot do that."""
    if request.param == "started":
        monkeypatch.setattr(execute_module, "warm_server", lambda: None)
    return request.param


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("raises", "cell 3 raised ValueError: no such thing"),
        ("exits", "was never run: does a cell call `sys.exit`?"),
        ("dies", "the kernel died"),
    ],
)
def test_a_notebook_that_fails_says_why_in_one_line(tmp_path, way, name, reason):
    (failure,) = execute_notebooks([job(name, tmp_path)])
    assert reason in failure.reason
    assert "\n" not in failure.reason


def test_a_cell_that_takes_too_long_ends_the_notebook(tmp_path, way):
    started = time.monotonic()
    (failure,) = execute_notebooks([job("hangs", tmp_path, timeout=3)])
    assert failure.reason == "a cell took longer than 3 seconds"
    assert time.monotonic() - started < 40


def test_notebooks_run_side_by_side_and_one_failure_does_not_stop_the_others(tmp_path, monkeypatch, way):
    monkeypatch.setenv("MPLBACKEND", "Agg")  # would remove every chart
    monkeypatch.setenv("PYTHONWARNINGS", "default")
    done = []
    jobs = [job("good", tmp_path, as_of="2026-11-01"), job("raises", tmp_path), job("other_kernel", tmp_path)]
    outcomes = execute_notebooks(jobs, workers=2, on_done=lambda outcome: done.append(outcome.job.name))
    assert [outcome.job.name for outcome in outcomes if outcome.reason] == ["raises"]
    assert all(outcome.executing_seconds > 0 for outcome in outcomes)
    assert sorted(done) == ["good", "other_kernel", "raises"]
    cells = nbformat.read(tmp_path / "good.ipynb", as_version=4).cells
    outputs = [output for cell in cells if cell.cell_type == "code" for output in cell.outputs]
    assert "as of 2026-11-01" in outputs[0].text
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert not any("encryption" in output.get("text", "") for output in outputs)


RUN = (
    "import json, sys\nfrom iamaudit.report.execute import execute_notebooks\n"
    "from iamaudit.report.worker import Job\nexecute_notebooks([Job(**json.loads(sys.argv[1]))])"
)  # a script without a guard, as people write them


@pytest.fixture
def hanging(tmp_path):
    """Return a run whose kernel sleeps for ten minutes, and its processes: server, worker and kernel."""
    task = job("hangs", tmp_path)
    fields = {"source": task.source, "output": task.output, "parameters": {}, "timeout": None}
    environment = {**os.environ, "TMPDIR": str(tmp_path / "temporary")}
    (tmp_path / "temporary").mkdir()
    run = subprocess.Popen(  # noqa: S603 - this interpreter, our own text
        [sys.executable, "-c", RUN, json.dumps(fields)], stderr=subprocess.PIPE, text=True, env=environment
    )
    try:
        assert until(lambda: kernel_runs(run.pid), 60)
        yield run, psutil.Process(run.pid).children(recursive=True)
    finally:
        run.kill()
        run.wait()
        run.stderr.close()


def test_an_interrupt_ends_the_kernels_and_is_passed_on(hanging):
    run, processes = hanging
    run.send_signal(signal.SIGINT)
    assert "KeyboardInterrupt" in run.communicate(timeout=30)[1]
    assert run.returncode != 0
    assert until(lambda: not any(process.is_running() for process in processes), 2), processes


def test_a_run_that_is_killed_leaves_no_process_and_no_connection_file(hanging, tmp_path):
    run, processes = hanging
    assert len(processes) == 3
    assert len(list(tmp_path.glob("temporary/*.json"))) == 1  # it holds the keys of the kernel
    run.kill()
    run.wait()
    assert until(lambda: not any(process.is_running() for process in processes), 2), processes
    assert list(tmp_path.glob("temporary/*.json")) == []


BEGINS = (
    "import time\nfrom iamaudit.report.warm import warm_server\n"
    "warm_server()\nprint('begun', flush=True)\ntime.sleep(600)"
)


@pytest.mark.parametrize("seconds", [0.1, 0.5, 1.5])
def test_a_server_that_is_still_loading_ends_when_its_run_is_killed(seconds):
    command = [sys.executable, "-c", BEGINS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:  # noqa: S603 - our own text
        assert run.stdout.readline() == "begun\n"
        time.sleep(seconds)
        (server,) = psutil.Process(run.pid).children()
        run.kill()
    assert until(lambda: has_ended(server), 3), server


def test_a_worker_that_is_killed_is_a_failure_and_its_kernel_ends(tmp_path):
    def kill_the_worker():
        assert until(kernel_runs, 60)
        yield next(process for process in processes() if process.children()).kill()

    (outcome,) = execute_notebooks([job("hangs", tmp_path)], meanwhile=kill_the_worker())
    assert outcome.reason.startswith("its process ended before it was done")


def test_a_server_that_is_gone_is_done_without(tmp_path, monkeypatch):
    server = Server()
    server._process.kill()
    server.close()
    monkeypatch.setattr(execute_module, "warm_server", lambda: server)
    (outcome,) = execute_notebooks([job("other_kernel", tmp_path)])
    assert outcome.reason == ""


def test_the_server_has_no_threads_so_that_forking_it_is_safe(tmp_path):
    warm_server()
    execute_notebooks([job("other_kernel", tmp_path)])
    (server,) = servers()
    assert server.num_threads() == 1


def test_what_the_server_was_told_to_read_is_there_for_every_kernel(tmp_path, monkeypatch):
    server = Server()
    monkeypatch.setattr(execute_module, "warm_server", lambda: server)
    made = snapshot(tmp_path / "s", authorization_details=details(users=[user("ann")]))
    server.read(made, AS_OF)
    notebook = nbformat.v4.new_notebook(metadata=nbformat.read(FIXTURES / "good.ipynb", 4).metadata)
    asked = "from iamaudit.account import held\nsorted(held._held.account.actors)"
    notebook.cells = [
        nbformat.v4.new_markdown_cell("# Held"),
        nbformat.v4.new_code_cell("", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(asked),
    ]
    nbformat.write(notebook, tmp_path / "held.ipynb")
    (outcome,) = execute_notebooks([Job(str(tmp_path / "held.ipynb"), str(tmp_path / "out.ipynb"), {}, None)])
    assert outcome.reason == ""
    assert server._process.poll() is None
    assert psutil.Process(server._process.pid).num_threads() == 1
    server.close()
    (output,) = nbformat.read(tmp_path / "out.ipynb", 4).cells[-1].outputs
    assert "user/ann" in output.data["text/plain"]


def test_a_run_loads_neither_nbformat_nor_papermill_itself():
    code = (
        "import sys, iamaudit.report.bundle, iamaudit.report.parameters\n"
        "print(sorted({'nbformat', 'papermill', 'nbconvert', 'jsonschema'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout == "[]\n"
