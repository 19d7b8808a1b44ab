import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

import iamaudit
from iamaudit.errors import ParameterError
from iamaudit.report.bundle import run_report
from iamaudit.report.parameters import (
    check_parameters,
    declared_parameters,
    notebooks_to_run,
    own_parameters,
    read_parameters,
)
from iamaudit.settings import PARAMETERS
from tests.accounts import key, report, snapshot

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FIXTURES = Path(__file__).parent / "notebooks"
DECLARED = declared_parameters(NOTEBOOKS)


def test_a_run_takes_every_parameter_of_an_audit_whatever_the_cells_show():
    assert DECLARED["snapshot"] is str
    assert DECLARED["max_key_age_days"] is int
    assert {each.name for each in PARAMETERS} <= DECLARED.keys()
    assert "params" not in DECLARED


def test_what_a_notebook_alone_takes_is_taken_too(tmp_path):
    cell = {
        "cell_type": "code",
        "metadata": {"tags": ["parameters"]},
        "source": 'who: str = ""\nas_of: str = ""',
    }
    path = tmp_path / "10_one.ipynb"
    path.write_text(json.dumps({"cells": [cell]}))
    assert own_parameters(path) == {"who": str}
    declared = declared_parameters([path])
    assert check_parameters({"who": "ann", "max_idle_days": 3}, declared).notebook["who"] == "ann"
    assert notebooks_to_run([path], {"as_of": ""}) == []  # it must be told about whom
    assert notebooks_to_run([path], {"who": "ann"}) == [path]


def test_only_the_page_about_one_principal_waits_to_be_told():
    assert [path.stem for path in NOTEBOOKS if not notebooks_to_run([path], {})] == ["10_principal"]
    assert notebooks_to_run(NOTEBOOKS, {"principal": "user/ann"}) == NOTEBOOKS


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"max_key_age": 3}, "unknown parameter `max_key_age`: did you mean `max_key_age_days`?"),
        ({"Snapshot": "x"}, "unknown parameter `Snapshot`: did you mean `snapshot`?"),
        ({"zzz": 1}, "unknown parameter `zzz`: use one of account_id"),
        ({"max_key_age_days": "60"}, "`max_key_age_days` is `'60'`, a str, and must be a int"),
        ({"max_key_age_days": 60.0}, "must be a int: write a whole number without quotes"),
        ({"max_key_age_days": True}, "`max_key_age_days` is `True`, a bool"),
        ({"max_key_age_days": None}, "must be a int"),
        ({"snapshot": 3}, "must be a str: quote it in the YAML"),
        ({"account_id": 1402433619}, "account id `1402433619` has 10 digits, needs 12 in quotes: quote it"),
        ({"account_id": 111122223333}, "needs 12 in quotes: quote it in the YAML"),
        ({"account_id": "11112222333"}, "account id `11112222333` is not 12 digits"),
        ({"account_id": ["111122223333"]}, "needs 12 in quotes"),
        ({"as_of": "1 November"}, "`as_of` is `1 November`: write it like 2026-11-01T08:00:00Z"),
        ({"max_idle_days": -1}, "`max_idle_days` is `-1`: give a whole number from 0 to 1,000,000,000"),
        ({"profile": 7}, "`profile` is `7`, a int, and must be a str"),
    ],
)
def test_a_bad_value_is_refused_with_its_cure(values, message):
    with pytest.raises(ParameterError) as caught:
        check_parameters(values, DECLARED)
    assert message in str(caught.value)


def test_everything_wrong_is_said_at_once_in_one_line():
    with pytest.raises(ParameterError) as caught:
        check_parameters({"max_key_age": 3, "max_idle_days": "x", "account_id": 7}, DECLARED)
    text = str(caught.value)
    assert text.count(";") == 2
    assert "\n" not in text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no parameters"),
        ("- a\n- b\n", "holds no parameters"),
        ("just words\n", "holds no parameters"),
        ("snapshot: demo\nsnapshot: other\n", "line 1 is not valid YAML: `snapshot` stands twice"),
        ("snapshot: demo\nas_of: [\n", "line 3 is not valid YAML"),
        ("snapshot: !!python/object:os.system x\n", "is not valid YAML"),
        (
            "as_of: 2026-11-01\n",
            "`as_of` is `datetime.date(2026, 11, 1)`, a date, and must be a str: quote it",
        ),
        ("account_id: 012345670123\n", "account id `1402433619` has 10 digits"),
        (b"\xff\xfe", "is not UTF-8 text"),
    ],
)
def test_a_bad_file_is_refused_in_one_line(tmp_path, text, message):
    path = tmp_path / "params.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ParameterError) as caught:
        read_parameters(path, DECLARED)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_file_that_is_not_there_is_an_input_error(tmp_path):
    with pytest.raises(ParameterError, match="cannot read"):
        read_parameters(tmp_path / "none.yaml", DECLARED)


def test_overrides_are_read_as_the_declared_type(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text("max_key_age_days: 90\nprofile: audit\n")
    found = read_parameters(path, DECLARED, ["max_key_age_days=60", "as_of=2026-11-01", "snapshot=a=b"])
    assert found.notebook == {"max_key_age_days": 60, "as_of": "2026-11-01", "snapshot": "a=b"}
    assert set(found.given_by.values()) == {"this run"}
    assert read_parameters(path, DECLARED).given_by == {"max_key_age_days": "params file"}
    assert found.collection == {"profile": "audit"}
    assert found.everything == {**found.notebook, "profile": "audit"}


@pytest.mark.parametrize(
    ("override", "message"), [("max_idle_days", "has no value"), ("max_idle_days=x", "`'x'`")]
)
def test_a_bad_override_is_refused(tmp_path, override, message):
    path = tmp_path / "params.yaml"
    path.write_text("max_key_age_days: 90\n")
    with pytest.raises(ParameterError, match=message):
        read_parameters(path, DECLARED, [override])


@pytest.mark.parametrize(
    "path",
    [ROOT / "params" / f"{name}.yaml" for name in ("account", "demo", "strict")],
    ids=lambda path: path.name,
)
def test_every_params_file_of_the_project_is_accepted(path):
    assert read_parameters(path, DECLARED).notebook["max_key_age_days"] in (60, 90)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("without_parameters", "has 0 cells tagged `parameters`: it needs exactly one"),
        ("two_parameters", "has 2 cells tagged `parameters`"),
        ("untyped", "declares `limit` without a type"),
    ],
)
def test_a_notebook_without_one_typed_parameters_cell_is_refused(name, message):
    with pytest.raises(ParameterError) as caught:
        declared_parameters([FIXTURES / f"{name}.ipynb"])
    assert message in str(caught.value)


def test_what_is_no_notebook_is_refused(tmp_path):
    (tmp_path / "x.ipynb").write_text("not a notebook")
    with pytest.raises(ParameterError, match="cannot read the notebook"):
        declared_parameters([tmp_path / "x.ipynb"])


def papermill(folder, *arguments, notebook="02_credentials"):
    """Run a notebook by papermill alone, as a scheduler does; return how it went, and the outputs."""
    out = folder / "out.ipynb"
    command = (
        sys.executable,
        "-m",
        "papermill",
        "--no-progress-bar",
        str(ROOT / "notebooks" / f"{notebook}.ipynb"),
    )
    done = subprocess.run(  # noqa: S603 - this interpreter, our own files
        [*command, out.name, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    return done, outputs(out) if done.returncode == 0 else []


def outputs(path):
    """Return what the cells of an executed notebook show."""
    cells = nbformat.read(path, as_version=4).cells
    return [output.get("data") for cell in cells for output in cell.get("outputs", ())]


@pytest.mark.parametrize("way", [("-f",), ("-p", "params")], ids=["-f", "-p params"])
def test_plain_papermill_takes_the_demo_parameters_from_any_folder(tmp_path, way):
    done, shown = papermill(tmp_path, *way, str(ROOT / "params" / "demo.yaml"), notebook="01_observations")
    assert done.returncode == 0, done.stderr
    assert iamaudit.open_snapshot("demo").headline in str(shown)


def test_plain_papermill_fails_on_unknown_parameters_with_their_cures(tmp_path):
    done, _ = papermill(tmp_path, "-p", "max_key_age_dayz", "30", "-p", "max_pw_age", "30")
    assert done.returncode == 1
    one = "unknown parameter `max_key_age_dayz`: did you mean `max_key_age_days`?"
    assert f"ParameterError: {one}; unknown parameter `max_pw_age`: " in done.stderr


def test_plain_papermill_shows_what_a_run_shows(tmp_path):
    params = ROOT / "params" / "strict.yaml"
    taken = snapshot(tmp_path / "snapshots", credential_report=report({"user": "ann", **key(1, age=70)}))
    told = {"max_idle_days": "45", "snapshot": str(taken)}
    given = [text for name, value in told.items() for text in ("-p", name, value)]
    done, shown = papermill(tmp_path, "-p", "params", str(params), *given)
    assert done.returncode == 0, done.stderr
    assert "unknown parameter" not in done.stderr.lower()
    notebooks = [ROOT / "notebooks" / "02_credentials.ipynb"]
    given = read_parameters(params, DECLARED, [f"{name}={value}" for name, value in told.items()])
    made = run_report(given, notebooks=notebooks, reports=tmp_path / "reports", progress=False)
    assert shown == outputs(made / "02_credentials.ipynb")
    assert "key 1 of ann is 70 days old" in str(shown)
    table = next(data["text/html"] for data in shown if data and "comes from" in data.get("text/html", ""))
    for setting, value, origin in (
        ("max_key_age_days", "60 days", "params file"),
        ("max_idle_days", "45 days", "this run"),
        ("sample_seed", "1", "default"),
    ):
        assert re.search(f">{setting}<.*?>{value}<.*?>{origin}<", table)
