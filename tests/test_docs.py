"""What the documentation shows works: its commands exist, its code runs, its words agree with the numbers."""

import re
import shlex
from pathlib import Path

import click
import pandas as pd
import pytest
import yaml

import iamaudit
from iamaudit.checks import CATALOGUE
from iamaudit.checks import catalogue as catalogue_module
from iamaudit.cli import main
from iamaudit.embedded import demo_snapshot
from iamaudit.snapshot import SOURCES, snapshot_from_files

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
COMMANDS = re.findall(r"^\$ (?:\.venv/bin/)?iamaudit (.*?)(?:\s+#.*)?$", README, re.MULTILINE)


def blocks(text):
    """Return the Python blocks of a page, those in a list without their indent."""
    return [
        re.sub(r"^ {3}", "", b, flags=re.MULTILINE)
        for b in re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_has_options_that_exist(command):
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


def test_the_check_of_the_contributing_page_runs(monkeypatch):
    monkeypatch.setattr(catalogue_module, "CATALOGUE", {})
    names = {"check": iamaudit.check, "Frame": pd.DataFrame, "Mask": pd.Series, "Settings": iamaudit.Settings}
    (code,) = blocks(CONTRIBUTING)
    exec(compile(code, "CONTRIBUTING.md", "exec"), names)  # noqa: S102 - our own page
    paper = iamaudit.open_snapshot().evaluate(names["role_unused"])
    assert paper.conclusion == "not met"
    assert "{" not in "".join(paper.exceptions.message)


def test_the_numbers_of_the_readme_are_those_of_the_demo():
    values = yaml.safe_load((ROOT / "params" / "demo.yaml").read_text())
    audit = iamaudit.open_snapshot(values.pop("snapshot"), **values)
    text = " ".join(README.replace("\n> ", " ").split())
    assert f"**{audit.headline}.**" in text
    facts = dict(audit.facts)
    assert facts["Population"] in text
    assert facts["Evidence"] in text


def test_the_changelog_counts_the_checks_and_sources():
    words = {12: "twelve", 101: "A hundred and one"}
    collected = [source for source in SOURCES.values() if source.permissions]
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert f"{words[len(collected)]} sources" in changelog
    assert f"{words[len(CATALOGUE)]} checks" in changelog


def test_the_organization_of_the_documentation_can_be_imported(tmp_path):
    (text,) = re.findall(r"```json\n(.*?)```", (ROOT / "docs" / "evaluation.md").read_text(), re.DOTALL)
    path = tmp_path / "organization.json"
    path.write_text(text)
    folder = snapshot_from_files(tmp_path / "s", organization_policies=path, account_id="111122223333")
    audit = iamaudit.open_snapshot(folder)
    left = audit.explain("root", "organizations:LeaveOrganization")
    assert left.lines[:2] == ["explicit deny", "denied by SCP NoLeaving on 111122223333 Statement[1], Deny"]
    assert audit.explain("root", "s3:ListAllMyBuckets").verdict == "allowed"
