"""The wheel, unpacked, works in an empty folder: no checkout, no home, no moto, no UTF-8 locale."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from iamaudit.report.notebook import report_notebooks
from iamaudit.report.parameters import notebooks_to_run

ROOT = Path(__file__).parents[1]
MADE = (".*", "__pycache__", "*.egg-info", "snapshots", "reports", "lab", "dist", "build", "tests")
REFUSING = """\
import importlib.abc, sys

class NotInstalled(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"moto", "flask", "flask_cors", "jupyterlab", "itables", "ipywidgets"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NotInstalled())
"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """Build the wheel of a clean copy and unpack it; what the extras install is as if it were not there."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(ROOT, source, ignore=_made_at_the_top)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(command, cwd=source, check=True, capture_output=True)  # noqa: S603
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder / "site")
    shutil.rmtree(source)
    (folder / "site" / "sitecustomize.py").write_text(REFUSING)
    return folder / "site"


def _made_at_the_top(folder, names):
    ignored = shutil.ignore_patterns(*(MADE if Path(folder) == ROOT else ("__pycache__", ".*")))
    return ignored(folder, names)


@pytest.fixture
def ran(unpacked, tmp_path):
    """Return a function that runs iamaudit in an empty folder with next to no environment."""

    def run(*arguments, code=0):
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "POSIX", "PYTHONPATH": str(unpacked)}
        command = [sys.executable, "-m", "iamaudit", *arguments]
        done = subprocess.run(  # noqa: S603
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stderr
        return done

    return run


def test_without_arguments_it_says_what_to_do_next(ran):
    said = ran().stdout
    for command in ("demo", "init FOLDER", "doctor --profile NAME", "audit --params FILE", "--help"):
        assert f"\n  iamaudit {command} " in said


def test_demo_writes_the_report_of_the_demo_account_without_moto(ran, tmp_path):
    done = ran("demo", "--reports", "out", "--quiet")
    assert done.stdout == "out/111122223333/20261101T080000Z/index.html\n"
    assert done.stderr == ""
    bundle = tmp_path / "out" / "111122223333" / "20261101T080000Z"
    manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    assert "checks are not met" in manifest["headline"]
    pages = {path.stem for path in bundle.glob("*.html")}
    assert pages == {
        "index",
        *(path.stem[3:] for path in notebooks_to_run(report_notebooks(ROOT / "notebooks"), {})),
    }
    assert (bundle / "evidence" / "manifest.json").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_demo_account_is_collected_with_the_extra_alone(ran, tmp_path):
    ran("init", ".")
    done = ran("audit", "--params", "params/demo.yaml", code=1)
    assert done.stderr == (
        "iamaudit: the demo account runs on moto, which is not installed: pip install 'iamaudit[demo]', or "
        "take the snapshot that comes with iamaudit: iamaudit demo\n"
    )
    assert not (tmp_path / "reports").exists()


def test_a_workbook_is_laid_answers_and_is_upgraded_without_losing_an_edit(ran, tmp_path):
    assert ran("init", "mine").stdout.endswith(" files laid into mine: begin with mine/README.md\n")
    laid = {str(p.relative_to(tmp_path / "mine")) for p in (tmp_path / "mine").rglob("*") if p.is_file()}
    assert {"README.md", ".gitignore", ".iamaudit.json", "params/account.yaml"} < laid
    assert {f"notebooks/{path.name}" for path in (ROOT / "notebooks").glob("[0-9]*.ipynb")} < laid
    assert ran("init", "--upgrade", "mine").stdout.startswith("every file is that of iamaudit ")
    path = tmp_path / "mine" / "params" / "account.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("max_idle_days: 45", "max_idle_days: 30"))
    said = ran("init", "--upgrade", "mine").stdout
    assert said.startswith("params/account.yaml: edited by you, stays\n--- params/account.yaml\n")
    assert "\n-max_idle_days: 30" in said
    assert "max_idle_days: 30" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_names_the_command(ran, shell):
    assert "_IAMAUDIT_COMPLETE" in ran("completion", shell).stdout


@pytest.mark.parametrize(
    ("typed", "offered"), [("pr", "plain,prune"), ("audti --f", ""), ("run --fail", "plain,--fail-on")]
)
def test_completion_offers_commands_and_options(typed, offered):
    words = ["iamaudit", *typed.split()]
    asked = {"COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)}
    code = "from iamaudit.cli import main; main(prog_name='iamaudit')"
    environment = {**os.environ, **asked, "_IAMAUDIT_COMPLETE": "bash_complete"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == offered
