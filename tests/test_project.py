"""The house itself: environment, floors, documentation and notebooks keep what they promise."""

import json
import re
import tomllib
from importlib.metadata import distributions
from itertools import chain
from pathlib import Path

import nbformat
import pytest
import yaml
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from trove_classifiers import classifiers

from iamaudit.report.notebook import report_notebooks

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
REQUIREMENTS = [
    each
    for each in [*PROJECT["dependencies"], *chain(*EXTRAS.values())]
    if not each.startswith("iamaudit[")  # dev has the other extras
]
CI = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
EXAMPLE = "example"  # tags the cell that shows how to write a check
CONDA_NAMES = {"matplotlib-base": "matplotlib", "jupyter_client": "jupyter-client"}  # the first without Qt


def bare(requirement):
    """Return name and bound, without extras."""
    return re.sub(r"\[[^]]*\]", "", requirement)


def test_conda_and_pip_have_the_same_names_and_bounds():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    conda = [entry for entry in listed if isinstance(entry, str)]
    from_pip = next(entry["pip"] for entry in listed if isinstance(entry, dict))
    assert conda[:2] == [f"python{PROJECT['requires-python']}", "pip"]
    names = [re.sub(r"^[a-z0-9_-]+", lambda m: CONDA_NAMES.get(m[0], m[0]), entry) for entry in conda[2:]]
    assert sorted(map(bare, [*names, *from_pip])) == sorted(map(bare, REQUIREMENTS))


def test_the_lock_pins_every_requirement_and_names_no_index():
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pins = {line.partition("==")[0].lower().replace("_", "-") for line in lines if not line.startswith("#")}
    assert {re.match(r"[a-z0-9-]+", requirement)[0] for requirement in REQUIREMENTS} <= pins
    assert all(re.fullmatch(r"[\w.-]+==[\w.+!]+", line) for line in lines if not line.startswith("#"))


def test_every_pin_admits_the_oldest_python_that_is_promised_and_the_newest_that_is_tried():
    promised, newest = (
        PROJECT["requires-python"].removeprefix(">="),
        max(CI["test"]["strategy"]["matrix"]["python"]),
    )
    pins = {line for line in (ROOT / "requirements.lock").read_text().lower().splitlines() if "==" in line}
    pins = {f"{canonicalize_name(pin.partition('==')[0])}=={pin.partition('==')[2]}" for pin in pins}
    asked = {
        pin: SpecifierSet(one.metadata.get("Requires-Python", ""))
        for one in distributions()
        if (pin := f"{canonicalize_name(one.metadata['Name'])}=={one.version.lower()}") in pins
    }
    assert len(asked) > 100
    for python in (f"{promised}.0", f"{newest}.0"):
        assert [pin for pin, admitted in asked.items() if python not in admitted] == []


def test_the_oldest_python_is_promised_alike_everywhere_and_tried_on_debian():
    oldest = PROJECT["requires-python"].removeprefix(">=")
    assert f"Python {oldest} or newer" in (ROOT / "README.md").read_text()
    makefile = (ROOT / "Makefile").read_text()
    assert f"needs Python {oldest} or newer" in makefile
    assert f"sys.version_info < ({oldest.replace('.', ', ')})" in makefile
    assert CI["test"]["strategy"]["matrix"]["python"][0] == oldest
    assert CI["debian"]["container"] == "debian:12"  # its own Python is 3.11.2


def test_the_classifiers_are_known_and_name_pythons_that_are_tried():
    assert set(PROJECT["classifiers"]) <= set(classifiers)
    named = {name.rpartition(" ")[2] for name in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", name)}
    assert {"3.11", "3.12", "3.13"} <= named <= set(CI["test"]["strategy"]["matrix"]["python"])


def test_every_action_of_the_workflow_is_pinned_to_a_commit_whose_version_it_says():
    used = re.findall(r"uses: (.+)", (ROOT / ".github" / "workflows" / "ci.yml").read_text())
    assert len(used) >= 5
    assert [each for each in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each)] == []


def test_the_top_level_holds_only_what_the_readme_and_the_ecosystem_expect():
    tracked = {path.name for path in ROOT.iterdir()}
    expected = {"notebooks", "iamaudit", "params", "tests", "environment.yml", "README.md", "pyproject.toml"}
    expected |= {"Makefile", "requirements.lock", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "docs"}
    expected |= {"hatch_build.py", "SECURITY.md"}
    made = {"snapshots", "reports", "lab", "dist", "build", "__pycache__"}
    assert {name for name in tracked if not name.startswith(".")} - made <= expected
    assert expected - {"docs"} <= tracked


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_thin_parameterized_and_has_no_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.cells[0].source.startswith("# ")
    tagged = [n for n, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", [])]
    assert tagged == [1]
    for cell in notebook.cells[2:]:
        if cell.cell_type == "code" and EXAMPLE not in cell.metadata.get("tags", []):
            assert len([line for line in cell.source.splitlines() if not line.startswith("#")]) <= 3
            assert not re.search(r"\b(def|class|boto3|for|if)\b", cell.source)
            checked = "NBVAL_CHECK_OUTPUT" in cell.source
            assert bool(cell.outputs) is checked
            assert not checked or "workbook" in cell.metadata.tags  # a report does not show it
            assert cell.execution_count == (1 if checked else None)  # nbval wants a count with an output


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_parameters_cell_shows_what_its_reader_changes_in_eight_lines(path):
    lines = nbformat.read(path, as_version=4).cells[1].source.splitlines()
    assert [line.partition(":")[0] for line in lines[:3]] == ["snapshot", "as_of", "params"]
    assert len(lines) <= 8
    assert all(re.fullmatch(r'\w+: (str = ""|int = None)  # [A-Z].+', line) for line in lines)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_every_notebook_shows_the_settings_in_force(path):
    shown = [cell.source for cell in nbformat.read(path, as_version=4).cells]
    at = shown.index("tables.table(audit.settings_in_force)")
    assert shown[at - 1].startswith("## Settings in force\n")


def test_only_the_first_notebook_is_no_page_of_a_report_and_shows_code_to_copy():
    assert [path.name for path in NOTEBOOKS if path not in report_notebooks(ROOT / "notebooks")] == [
        "00_start.ipynb"
    ]
    tagged = [
        path.name
        for path in NOTEBOOKS
        for cell in nbformat.read(path, as_version=4).cells
        if EXAMPLE in cell.metadata.get("tags", [])
    ]
    assert tagged == ["00_start.ipynb"]


def test_the_readme_names_every_notebook_and_every_make_target():
    readme = (ROOT / "README.md").read_text()
    targets = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert not [
        target for target in targets if f"make {target}" not in readme and target not in ("help", "clean")
    ]
    assert not [path.stem for path in NOTEBOOKS if path.stem not in readme]


def test_the_target_of_a_marker_looks_into_every_folder_that_has_it():
    runs = dict(re.findall(r"pytest .*-m (\w+)(.* tests/.+)", (ROOT / "Makefile").read_text()))
    pytest_options = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    assert runs.keys() == {marker.partition(":")[0] for marker in pytest_options["markers"]}
    for marker, arguments in runs.items():
        marked = [p for p in (ROOT / "tests").rglob("test_*.py") if f"pytest.mark.{marker}" in p.read_text()]
        found = {f"tests/{path.relative_to(ROOT / 'tests').parts[0]}" for path in marked}
        assert found == {word for word in arguments.split() if word.startswith("tests/")}


def test_no_file_holds_an_access_key_or_an_account_that_is_not_invented():
    invented = {"111122223333", "444455556666", "123456789012", "000000000000"}
    for folder in ("iamaudit", "notebooks", "params"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in {".py", ".ipynb", ".yaml", ".j2"}:
                text = path.read_text()
                assert not re.search(r"\bAKIA[A-Z0-9]{16}\b", text), path
                assert set(re.findall(r"(?<![\w.])\d{12}(?![\w.])", text)) <= invented, path


def test_notebook_files_are_canonical_json():
    for path in NOTEBOOKS:
        text = path.read_text()
        assert text == json.dumps(json.loads(text), indent=1, ensure_ascii=False) + "\n"
