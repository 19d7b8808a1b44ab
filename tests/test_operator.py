"""The recipes of docs/operator.md: commands exist, the script does what the page says, files parse."""

import ast
import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

from iamaudit.audit.given import KINDS
from iamaudit.cli import main
from iamaudit.workbench import lay_workbook

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "operator.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
LINES = [line for _, block in BLOCKS for line in block.splitlines()]
COMMANDS = sorted(
    {
        re.split(r"\)? \|\||\)?$| #|; ", found[1])[0]
        for line in LINES
        if (found := re.search(r"(?:^\$ |/bin/|report=\$\(|run: |^)iamaudit ((?!-0)[a-z-]+ .*)", line))
    }
)


def block(language, beginning):
    """Return the one block of a language with a line that begins so."""
    (found,) = [text for kind, text in BLOCKS if kind == language and beginning in text]
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page_has_options_that_exist(command):
    name, *arguments = shlex.split(command)
    assert main.commands[name].make_context(name, arguments)


def test_the_page_counts_the_files_of_a_workbook(tmp_path):
    (count,) = re.findall(r"^(\d+) files laid into", PAGE, re.MULTILINE)
    assert len(lay_workbook(tmp_path / "audit", "0")) == int(count)


def test_the_page_shows_the_commands_of_a_schedule():
    assert {command.split()[0] for command in COMMANDS} >= {"audit", "init", "prune"}


@pytest.fixture
def nightly(tmp_path):
    """Return a function that runs the script of the page with an iamaudit that ends with a code."""

    def run(code, hand_over=0):
        (tmp_path / "bin").mkdir(exist_ok=True)
        audits = f'case $1 in audit) echo "reports/1/2/index.html"; exit {code};; *) echo "$@";; esac'
        hands = f'echo "handed over $1"; exit {hand_over}'
        script = block("sh", "# nightly.sh").replace("/opt/iamaudit/bin", str(tmp_path / "bin"))
        for name, text in (
            ("bin/iamaudit", audits),
            ("hand-over.sh", hands),
            ("nightly.sh", script.partition("\n")[2]),
        ):
            (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
            (tmp_path / name).chmod(0o755)
        command = [str(tmp_path / "nightly.sh"), "params/account.yaml"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ))  # noqa: S603
        return done.returncode, done.stdout.splitlines()

    return run


PRUNED, HANDED = "prune --keep 24 --yes", "handed over reports/1/2/index.html"


@pytest.mark.parametrize(
    ("code", "hand_over", "ends_with", "said"),
    [
        (0, 0, 0, [PRUNED, HANDED]),
        (3, 0, 3, [PRUNED, HANDED]),
        (1, 0, 1, []),
        (2, 0, 2, []),
        (0, 7, 10, [PRUNED, HANDED]),
        (3, 7, 10, [PRUNED, HANDED]),
    ],
)
def test_the_script_hands_over_a_report_that_is_there(nightly, code, hand_over, ends_with, said):
    assert nightly(code, hand_over) == (ends_with, said)


def test_the_exit_codes_of_the_script_are_in_the_table():
    codes = re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)
    assert codes == ["0", "1", "2", "3", "10", "75", "130"]


def test_the_workflow_asks_for_a_token_and_stores_no_key():
    workflow = yaml.safe_load(block("yaml", "name: IAM audit"))
    assert workflow["permissions"] == {"id-token": "write", "contents": "read"}
    steps = workflow["jobs"]["audit"]["steps"]
    assert not [step for step in steps if "secrets." in json.dumps(step)]
    (access,) = [step for step in steps if "role-to-assume" in step.get("with", {})]
    assert access["with"]["role-to-assume"].startswith("arn:aws:iam::111122223333:role/")


def test_the_trust_policy_names_one_branch_of_one_repository():
    (statement,) = json.loads(block("json", "AssumeRoleWithWebIdentity"))["Statement"]
    assert list(statement["Condition"]) == ["StringEquals"]
    assert {key.rpartition(":")[2] for key in statement["Condition"]["StringEquals"]} == {"aud", "sub"}
    assert "*" not in json.dumps(statement)


def test_the_dag_runs_the_script_and_a_notebook_with_parameters_that_exist():
    dag = ast.parse(block("python", "DAG("))
    given = {each.arg: each.value for each in ast.walk(dag) if isinstance(each, ast.keyword)}
    parameters = ast.literal_eval(given["parameters"])
    assert set(parameters) <= {"params", *KINDS}
    notebook = Path(ast.literal_eval(given["input_nb"])).name
    assert (ROOT / "notebooks" / notebook).is_file()
    assert "/srv/audit/nightly.sh params/account.yaml" in ast.literal_eval(given["bash_command"])


def test_the_container_runs_as_nobody_in_particular():
    lines = block("dockerfile", "FROM").splitlines()
    assert lines.index("USER 10001") < lines.index('ENTRYPOINT ["iamaudit"]')
