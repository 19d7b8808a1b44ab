import json

import pytest

from iamaudit.errors import ParameterError
from iamaudit.workbench import laid, lay_workbook, upgrade_workbook


def notebook(*sources):
    return json.dumps({"cells": [{"cell_type": "code", "source": [each]} for each in sources]})


@pytest.fixture
def originals(monkeypatch):
    """Return what comes with iamaudit; a test changes it as a new version does."""
    texts = {
        "README.md": "read\n",
        "params/a.yaml": "days: 1\n",
        "notebooks/01_a.ipynb": notebook("one", "two"),
    }
    monkeypatch.setattr(laid, "_originals", lambda: texts)
    return texts


def states(found):
    return {each.name: each.state for each in found}


def test_a_workbook_has_every_file_and_other_files_stay(tmp_path, originals):
    (tmp_path / "notes.txt").write_text("mine")
    assert set(states(lay_workbook(tmp_path, "1")).values()) == {"new"}
    assert {name: (tmp_path / name).read_text() for name in originals} == originals
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_nothing_that_exists_is_overwritten(tmp_path, originals):
    (tmp_path / "README.md").write_text("mine")
    with pytest.raises(ParameterError, match="` exists and would be overwritten: give another"):
        lay_workbook(tmp_path, "1")
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]


def test_a_second_time_it_names_the_upgrade(tmp_path, originals):
    lay_workbook(tmp_path, "1")
    with pytest.raises(ParameterError, match="holds a workbook: iamaudit init --upgrade "):
        lay_workbook(tmp_path, "1")


def test_an_upgrade_writes_what_nobody_edited(tmp_path, originals):
    lay_workbook(tmp_path, "1")
    originals["params/a.yaml"] = "days: 2\n"
    originals["params/b.yaml"] = "days: 3\n"
    found = states(upgrade_workbook(tmp_path, "2"))
    assert (found["params/a.yaml"], found["params/b.yaml"], found["README.md"]) == ("updated", "new", "same")
    assert (tmp_path / "params/a.yaml").read_text() == "days: 2\n"
    assert set(states(upgrade_workbook(tmp_path, "2")).values()) == {"same"}
    assert json.loads((tmp_path / ".iamaudit.json").read_text())["iamaudit"] == "2"


def test_an_edited_file_stays_and_its_difference_is_shown(tmp_path, originals):
    lay_workbook(tmp_path, "1")
    (tmp_path / "params/a.yaml").write_text("days: 9\n")
    (mine,) = [each for each in upgrade_workbook(tmp_path, "1") if each.state != "same"]
    assert (mine.name, mine.state) == ("params/a.yaml", "yours")
    assert mine.difference[-2:] == ("-days: 9", "+days: 1")
    originals["params/a.yaml"] = "days: 2\n"
    for _ in range(2):  # it stays so until the analyst takes the new one over
        (mine,) = [each for each in upgrade_workbook(tmp_path, "2") if each.state != "same"]
        assert (mine.state, mine.difference[-2:]) == ("differs", ("-days: 9", "+days: 2"))
    assert (tmp_path / "params/a.yaml").read_text() == "days: 9\n"


def test_the_difference_of_a_notebook_is_one_of_its_cells(tmp_path, originals):
    lay_workbook(tmp_path, "1")
    (tmp_path / "notebooks/01_a.ipynb").write_text(notebook("one", "mine"))
    (mine,) = [each for each in upgrade_workbook(tmp_path, "1") if each.state != "same"]
    assert [line for line in mine.difference if line[0] in "+-"][2:] == ["-mine", "+two"]


def test_a_file_that_was_renamed_is_laid_again(tmp_path, originals):
    lay_workbook(tmp_path, "1")
    (tmp_path / "params/a.yaml").rename(tmp_path / "params/mine.yaml")
    assert states(upgrade_workbook(tmp_path, "1"))["params/a.yaml"] == "new"


def test_a_folder_without_a_workbook_is_not_upgraded(tmp_path, originals):
    with pytest.raises(ParameterError, match="holds no workbook: iamaudit init "):
        upgrade_workbook(tmp_path, "1")
    (tmp_path / ".iamaudit.json").write_text("[]")
    with pytest.raises(ParameterError, match="cannot be read"):
        upgrade_workbook(tmp_path, "1")
