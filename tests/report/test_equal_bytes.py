"""The same snapshot and parameters give the same bytes, whatever the cache holds."""

import json
import re
from pathlib import Path

import nbformat
import pytest

from iamaudit.demo.collected import collect_demo
from iamaudit.report.bundle import run_report
from iamaudit.report.notebook import report_notebooks
from iamaudit.report.parameters import Parameters

NOTEBOOKS = report_notebooks(Path(__file__).parents[2] / "notebooks")


@pytest.fixture(scope="module")
def bundles(tmp_path_factory):
    """Return two reports of one snapshot: with an empty cache, then with what the first left there."""
    folder = tmp_path_factory.mktemp("equal")
    given = {"snapshot": str(collect_demo(folder / "snapshots")), "as_of": "2026-11-01T08:00:00Z"}
    given["principal"] = "user/alice.moreau"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        return [
            run_report(
                Parameters(given, {}, {"exports": "asff, ocsf"}),
                notebooks=NOTEBOOKS,
                reports=folder / name,
                progress=False,
            )
            for name in ("empty", "warm")
        ]


def files(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_everything_but_what_says_when_it_was_made_has_the_same_bytes(bundles):
    first, second = bundles
    assert files(first) == files(second)
    differ = {name for name in files(first) if (first / name).read_bytes() != (second / name).read_bytes()}
    assert differ <= {"manifest.json", "manifest.sha256", *(path.name for path in NOTEBOOKS)}


def test_executed_notebooks_differ_in_their_times_alone(bundles):
    for path in NOTEBOOKS:
        first, second = (_timeless(nbformat.read(made / path.name, as_version=4)) for made in bundles)
        assert first == second


def test_manifests_differ_in_their_times_and_the_digests_of_executed_notebooks_alone(bundles):
    first, second = (json.loads((made / "manifest.json").read_text()) for made in bundles)
    for manifest in (first, second):
        assert {manifest.pop("started_at") < manifest.pop("finished_at")} == {True}
        for path in NOTEBOOKS:
            assert re.fullmatch("[0-9a-f]{64}", manifest["outputs"].pop(path.name))
    assert first == second


def _timeless(notebook):
    """Return a notebook without the times and ids that every execution makes."""
    notebook.metadata.pop("papermill")
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", ()):
            cell.pop("id")
    return notebook
