"""Nothing private leaves by accident: what a wheel and an sdist hold, and where JupyterLab works."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path
from urllib.request import Request, urlopen

import nbformat
import pytest
from jupyter_client import BlockingKernelClient

from iamaudit.demo.collected import demo_snapshot

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
PARAMS = sorted(f"params/{path.name}" for path in (ROOT / "params").iterdir() if path.is_file())
PRIVATE = "somebody-of-the-account"


@pytest.fixture
def checkout(tmp_path):
    """Return a copy of the project as git has it, with the environment of this test as its own."""
    made = (".*", "__pycache__", "*.egg-info", "snapshots", "reports", "lab", "dist", "build")
    copy = Path(shutil.copytree(ROOT, tmp_path / "checkout", ignore=shutil.ignore_patterns(*made)))
    shutil.copy(ROOT / ".gitignore", copy)
    (copy / ".venv").mkdir()
    (copy / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    (copy / ".venv" / "ready").touch()
    return copy


def execute(path):
    """Leave an output of the account in a notebook, as a run in place does."""
    notebook = nbformat.read(path, as_version=4)
    cell = next(cell for cell in notebook.cells[2:] if cell.cell_type == "code")
    cell.outputs = [nbformat.v4.new_output("stream", text=PRIVATE)]
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)


def build(folder):
    command = [sys.executable, "-m", "hatchling", "build", "-d", "dist"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)  # noqa: PLW1510, S603


def run(*command, cwd):
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True).stdout  # noqa: S603


def files(folder, part):
    """Return the files below a part of the project, in a clean copy those that git has."""
    return {str(path.relative_to(folder)) for path in (folder / part).rglob("*") if path.is_file()}


# What goes into a package


@pytest.mark.parametrize("ignored_by_git", [True, False])
def test_a_wheel_and_an_sdist_hold_the_package_its_params_and_clean_notebooks_only(checkout, ignored_by_git):
    package, notebooks = files(checkout, "iamaudit"), files(checkout, "notebooks")
    for name in (
        "notebooks/.ipynb_checkpoints/01_observations-checkpoint.ipynb",
        "lab/01_observations.ipynb",
        "mine.ipynb",
    ):
        (checkout / name).parent.mkdir(exist_ok=True)
        shutil.copy(checkout / "notebooks" / "01_observations.ipynb", checkout / name)
        execute(checkout / name)
    for folder in ("snapshots", "reports", "params", "iamaudit/.ipynb_checkpoints", "notebooks/snapshots"):
        (checkout / folder).mkdir(exist_ok=True)
        (checkout / folder / "private.json").write_text(PRIVATE)
    (checkout / "notebooks" / "01_observations.failed.ipynb").write_text('{"cells": []}')
    if not ignored_by_git:
        (checkout / ".gitignore").unlink()

    done = build(checkout)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(checkout / "dist" / "iamaudit-0.1.0-py3-none-any.whl") as wheel:
        held = {name for name in wheel.namelist() if ".dist-info/" not in name}
        assert held == package | {f"iamaudit/{name}" for name in (*notebooks, *PARAMS)}
        assert not [name for name in wheel.namelist() if PRIVATE.encode() in wheel.read(name)]
    with tarfile.open(checkout / "dist" / "iamaudit-0.1.0.tar.gz") as sdist:
        held = {name.removeprefix("iamaudit-0.1.0/") for name in sdist.getnames()}
        around = {"PKG-INFO", "README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml", "hatch_build.py"}
        assert held - {".gitignore"} == package | notebooks | set(PARAMS) | around
        members = [member for member in sdist.getmembers() if member.isfile()]
        assert not [file.name for file in members if PRIVATE.encode() in sdist.extractfile(file).read()]


def test_nothing_is_built_from_a_notebook_that_holds_outputs(checkout):
    execute(checkout / "notebooks" / "05_trust.ipynb")
    done = build(checkout)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "notebooks hold outputs: 05_trust.ipynb; clear them, and work in copies: make lab"
    )
    assert not list((checkout / "dist").glob("*.*"))


def test_nothing_is_built_from_params_that_name_an_account(checkout):
    path = checkout / "params" / "account.yaml"
    path.write_text(path.read_text().replace("111122223333", "999988887777"))
    (checkout / "params" / "mine.yaml").write_text('account_id: "999988887777"\n')  # is not packed
    done = build(checkout)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "not invented accounts in /params/account.yaml; undo that, and work in copies"
    )


def test_git_ignores_what_an_analyst_makes(checkout):
    run("git", "init", "-q", cwd=checkout)
    made = ["lab/01_observations.ipynb", "snapshots/1/a.json", "reports/1/index.html", "x.failed.ipynb"]
    made += ["notebooks/.ipynb_checkpoints/a.ipynb", "params/.ipynb_checkpoints/account.yaml"]
    assert run("git", "check-ignore", *made, cwd=checkout).split() == made


# What the Makefile installs


@pytest.mark.parametrize(
    ("target", "extra"), [("audit", "demo"), ("lab", "lab"), ("setup", "dev"), ("lint", "dev")]
)
def test_a_target_installs_what_it_needs_unless_all_is_there(checkout, target, extra):
    make = ("make", "-n", "--no-print-directory", target)
    assert ".venv/bin/pip" not in run(*make, cwd=checkout)
    (checkout / ".venv" / "ready").unlink()
    assert re.findall(r"pip install .* -e '\.\[(\w+)\]'", run(*make, cwd=checkout)) == [extra]


# Where JupyterLab works


def make_lab(folder, arguments=""):
    """Run `make lab` with a Jupyter that only says how it was called."""
    (folder / "bin").mkdir(exist_ok=True)
    jupyter = folder / "bin" / "jupyter"
    jupyter.write_text('#!/bin/sh\necho "$(pwd -P): $@"\n')
    jupyter.chmod(0o755)
    return run("make", "--no-print-directory", "lab", f"ARGS={arguments}", "BIN=bin", cwd=folder).splitlines()


def test_make_lab_opens_copies_with_the_arguments_it_is_given(checkout):
    (called,) = make_lab(checkout, "--no-browser --port 8899")
    as_root = [] if os.getuid() else ["--allow-root"]
    folder, _, arguments = called.partition(": ")
    assert Path(folder) == (checkout / "lab").resolve()
    assert arguments.split() == ["lab", "--ServerApp.root_dir=.", *as_root, "--no-browser", "--port", "8899"]
    assert [path.name for path in sorted((checkout / "lab").glob("*.ipynb"))] == NOTEBOOKS


def test_a_copy_follows_its_original_until_somebody_edits_it(checkout):
    make_lab(checkout)
    execute(checkout / "lab" / "02_credentials.ipynb")
    mine = (checkout / "lab" / "02_credentials.ipynb").read_bytes()
    assert len(make_lab(checkout)) == 1
    for name in ("01_observations.ipynb", "02_credentials.ipynb"):
        original = checkout / "notebooks" / name
        original.write_text(original.read_text().replace("# ", "# New: ", 1))

    said = make_lab(checkout)
    assert said[:-1] == [
        "lab/02_credentials.ipynb was edited and stays, notebooks/02_credentials.ipynb has changed: "
        "rename yours to get the new one"
    ]
    assert "# New: " in (checkout / "lab" / "01_observations.ipynb").read_text()
    assert (checkout / "lab" / "02_credentials.ipynb").read_bytes() == mine

    (checkout / "lab" / "02_credentials.ipynb").rename(checkout / "lab" / "mine.ipynb")
    assert len(make_lab(checkout)) == 1
    assert "# New: " in (checkout / "lab" / "02_credentials.ipynb").read_text()


@pytest.fixture
def lab(checkout, tmp_path, monkeypatch):
    """Start JupyterLab as `make lab` does; return its address and where its kernels say how to reach them."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("PYTHONPATH", str(checkout))
    shutil.copytree(demo_snapshot(), checkout / "snapshots" / "111122223333" / "20261101T075500Z")
    command = ["make", "lab", "ARGS=--no-browser --port=0 --IdentityProvider.token=t"]
    with (tmp_path / "log").open("w") as log:
        made = subprocess.Popen(command, cwd=checkout, stdout=log, stderr=log, start_new_session=True)  # noqa: S603
    try:
        yield _address(tmp_path / "log", made), tmp_path / "runtime"
    finally:
        os.killpg(made.pid, signal.SIGTERM)
        made.wait(20)


def _address(log, made):
    until = time.monotonic() + 60
    while not (found := re.search(r"(http://127\.0\.0\.1:\d+)/lab", log.read_text())):
        assert made.poll() is None and time.monotonic() < until, log.read_text()
        time.sleep(0.1)
    return found[1]


def test_the_python_of_the_readme_runs_in_a_notebook_of_the_lab(lab, checkout):
    address, runtime = lab
    session = {"path": "01_observations.ipynb", "type": "notebook", "name": "", "kernel": {"name": "python3"}}
    headers = {"Authorization": "token t", "Content-Type": "application/json"}
    request = Request(f"{address}/api/sessions", json.dumps(session).encode(), headers)  # noqa: S310 - loopback
    with urlopen(request) as response:  # noqa: S310
        kernel = json.load(response)["kernel"]["id"]
    client = BlockingKernelClient(connection_file=str(runtime / f"kernel-{kernel}.json"))
    client.load_connection_file()
    client.start_channels(hb=False)  # on a busy machine a late heartbeat is not a dead kernel
    try:
        client.wait_for_ready(timeout=60)
        said = []
        cells = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
        for cell in [
            *cells,
            "audit.findings.to_csv('mine.csv'); len(audit.evaluate(role_unused).exceptions)",
        ]:
            reply = client.execute_interactive(cell, timeout=120, output_hook=said.append)
            assert reply["content"]["status"] == "ok", reply["content"]
    finally:
        client.stop_channels()
    shown = [message["content"]["data"]["text/plain"] for message in said if "data" in message["content"]]
    assert int(shown[-1]) > 0
    assert (checkout / "lab" / "mine.csv").is_file()  # what a cell writes lands where git does not look
