"""What the documentation shows works: its commands exist, its code runs, its words agree with the numbers."""

import csv
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml

import iamaudit
from iamaudit.checks import CATALOGUE, SEVERITIES
from iamaudit.checks import catalogue as catalogue_module
from iamaudit.cli import main
from iamaudit.demo.collected import demo_snapshot
from iamaudit.snapshot import SOURCES, snapshot_from_files

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
WORKBOOK = (ROOT / "iamaudit" / "workbench" / "README.md").read_text()
_COMMAND = re.compile(r"^ *\$ (?:\.venv/bin/)?iamaudit (.*?)(?:\s+#.*)?$", re.MULTILINE)
START = "\n".join(
    "".join(cell["source"])
    for cell in json.loads((ROOT / "notebooks" / "00_start.ipynb").read_text(encoding="utf-8"))["cells"]
)
COMMANDS = _COMMAND.findall(README)


def blocks(text):
    """Return the Python blocks of a page, those in a list without their indent."""
    return [
        re.sub(r"^ {3}", "", b, flags=re.MULTILINE)
        for b in re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    ]


@pytest.mark.parametrize("command", [*COMMANDS, *_COMMAND.findall(WORKBOOK), *_COMMAND.findall(START)])
def test_a_command_of_a_readme_has_options_that_exist(command):
    name, *arguments = shlex.split(command)
    found = main.commands[name]
    context = found.make_context(name, list(arguments), resilient_parsing=False)
    assert isinstance(context, click.Context)


def test_the_readme_shows_commands_of_every_kind():
    assert {shlex.split(command)[0] for command in COMMANDS} == set(main.commands)


def test_the_python_of_the_readme_runs(monkeypatch):
    monkeypatch.setattr(catalogue_module, "CATALOGUE", {})
    code = "\n".join(blocks(README)).replace('"snapshots/111122223333"', repr(str(demo_snapshot())))
    names = {}
    exec(compile(code, "README.md", "exec"), names)  # noqa: S102 - our own page
    exceptions = names["audit"].evaluate(names["role_unused"]).exceptions
    assert len(exceptions) > 0
    assert (exceptions.days_idle >= 45).all()


@pytest.fixture
def copy(tmp_path):
    """Return a copy of the project, without what is made."""
    unwanted = shutil.ignore_patterns(".*", "__pycache__", "snapshots", "reports", "lab")
    return Path(shutil.copytree(ROOT, tmp_path / "copy", ignore=unwanted))


def insert(path, before, text):
    """Put text in front of the one line that begins so."""
    lines = path.read_text().splitlines(keepends=True)
    (at,) = [number for number, line in enumerate(lines) if line.startswith(before)]
    path.write_text("".join([*lines[:at], text, *lines[at:]]))


def test_a_newcomer_adds_a_check_by_following_the_contributing_page(copy):
    code, cases, cell = blocks(CONTRIBUTING)
    with (copy / "iamaudit" / "checks" / "topics" / "roles.py").open("a") as module:
        module.write(f"\n\n{code}")
    insert(copy / "tests" / "checks" / "test_conclusions.py", "]  # fmt: skip", cases)
    insert(
        copy / "iamaudit" / "checks" / "frameworks" / "beyond.toml",
        '    "access-key-year",',
        '"role-unused",',
    )
    (line,) = re.findall(r"references.toml`: `(.+?)`", CONTRIBUTING)
    insert(copy / "iamaudit" / "checks" / "references.toml", "[trust]", f"{line}\n")
    for command, name in re.findall(r"^ +\$ iamaudit (.+) > (docs/\w+\.md)$", CONTRIBUTING, re.MULTILINE):
        page = ran(copy, "iamaudit", *command.split())
        (copy / name).write_text(page)
        assert "role-unused" in page
    assert "3 passed" in ran(
        copy, "pytest", "-q", "tests/checks/test_conclusions.py", "-k", "test_case and role-unused"
    )
    wide = ("tests/checks/test_conclusions.py", "tests/checks/frameworks", "tests/checks/test_controls.py")
    assert " passed" in ran(
        copy, "pytest", "-q", *wide, "-k", "every or refused or nobody or framework or page"
    )
    opening = "import iamaudit; from iamaudit import tables; audit = iamaudit.open_snapshot()"
    show = f"{opening}; print(repr({cell.strip()}))"
    shown = ran(copy, "-c", show)
    assert shown.startswith("WP-ROL-09 · Roles unused for 45 days are removed")
    assert "{" not in shown


def ran(folder, module, *arguments):
    """Run Python on the copy, and return what it printed."""
    command = [sys.executable, *([] if module == "-c" else ["-m"]), module, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)  # noqa: PLW1510, S603
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_numbers_of_the_readme_are_those_of_the_demo():
    values = yaml.safe_load((ROOT / "params" / "demo.yaml").read_text())
    audit = iamaudit.open_snapshot(values.pop("snapshot"), **values)
    text = " ".join(README.replace("\n> ", " ").split())
    assert f"**{audit.headline}.**" in text
    facts = dict(audit.facts)
    assert facts["Population"] in text
    assert facts["Evidence"] in text


def test_the_example_of_the_auditors_page_stands_in_the_evidence_of_the_demo():
    page = (ROOT / "docs" / "auditor.md").read_text()
    user, column, value = re.search(r"`credential_report.csv user = (\S+), (\w+) = (\S+?)`", page).groups()
    report = csv.DictReader(io.StringIO(iamaudit.open_snapshot().snapshot.read("credential_report")))
    (row,) = [row for row in report if row["user"] == user]
    assert row[column].startswith(value)


def test_the_changelog_counts_the_checks_and_sources():
    words = {20: "twenty"}
    collected = [source for source in SOURCES.values() if source.permissions]
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert f"{words[len(collected)]} sources" in changelog
    assert f"{len(CATALOGUE)} checks" in changelog


def test_the_organization_of_the_documentation_can_be_imported(tmp_path):
    (text,) = re.findall(r"```json\n(.*?)```", (ROOT / "docs" / "evaluation.md").read_text(), re.DOTALL)
    path = tmp_path / "organization.json"
    path.write_text(text)
    folder = snapshot_from_files(tmp_path / "s", organization_policies=path, account_id="111122223333")
    audit = iamaudit.open_snapshot(folder)
    left = audit.explain("root", "organizations:LeaveOrganization")
    assert left.lines[:2] == ["explicit deny", "denied by SCP NoLeaving on 111122223333 Statement[1], Deny"]
    assert audit.explain("root", "s3:ListAllMyBuckets").verdict == "allowed"


def test_the_scale_of_severity_names_each_severity_gravest_first():
    scale = (ROOT / "docs" / "severity.md").read_text().split("## Impact")[0]
    named = re.findall(r"^\| (\w+) \| [\w ]+ \| [A-Z].* \|$", scale, re.MULTILINE)
    assert tuple(named) == SEVERITIES
