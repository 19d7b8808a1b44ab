"""The same snapshot and parameters give the same bytes, whatever the cache holds."""

import hashlib
import json
import re
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from pandas.testing import assert_frame_equal

from iamaudit.audit import open_snapshot
from iamaudit.demo.collected import demo_snapshot
from iamaudit.report.bundle import run_report
from iamaudit.report.notebook import report_notebooks
from iamaudit.report.pages import page_name
from iamaudit.report.parameters import Parameters
from tests.prose import disagreeing_in, forbidden_in
from tests.report.test_html import Page

NOTEBOOKS = report_notebooks(Path(__file__).parents[2] / "notebooks")


@pytest.fixture(scope="module")
def bundles(tmp_path_factory):
    """Return two reports of one snapshot: with an empty cache, then with what the first left there."""
    folder = tmp_path_factory.mktemp("equal")
    given = {"snapshot": str(demo_snapshot()), "as_of": "2026-11-01T08:00:00Z"}
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


def test_the_same_is_judged_from_the_evidence_in_a_bundle(bundles):
    demo, (made, _) = open_snapshot(), bundles
    given = made / "evidence" / "given" / "code_scan.json"
    again = open_snapshot(made / "evidence", code_scan=given)
    assert_frame_equal(again.findings, demo.findings)
    assert_frame_equal(again.access_keys, demo.access_keys)
    manifest = json.loads((made / "manifest.json").read_text())
    assert manifest["given"]["code_scan"]["sha256"] == hashlib.sha256(given.read_bytes()).hexdigest()
    for name in manifest["inputs"].keys() - {"manifest.json", "access_keys.json"}:
        assert manifest["outputs"][f"evidence/{name}"] == manifest["inputs"][name]


def dead_links(folder, pages):
    """Return the links of the pages of a folder whose file or place does not exist."""
    places = {
        name: {attrs["id"] for _, attrs in page.tags if "id" in attrs} | {None}
        for name, page in pages.items()
    }
    dead = []
    for name, page in pages.items():
        for href in {attrs["href"] for attrs in page.all("a") if "href" in attrs}:
            file, _, place = href.partition("#")
            file = file or name
            known = (folder / file).exists() and (place or None) in places.get(file, {None})
            dead += [] if known else [f"{name}: {href}"]
    return sorted(dead)


def test_the_notebooks_of_the_project_make_a_report_of_the_demo(bundles):
    made, _ = bundles
    pages = {page.name: page.read_text() for page in made.glob("*.html")}
    assert set(pages) == {"index.html", *(page_name(path) for path in NOTEBOOKS)}
    assert "observations.html" in pages
    parsed = {name: Page(text) for name, text in pages.items()}
    read = {name: page.text for name, page in parsed.items()}
    assert {name: forbidden_in(text) + disagreeing_in(text) for name, text in read.items()} == {
        name: [] for name in pages
    }
    audit = open_snapshot("demo")
    assert audit.headline in pages["index.html"]
    assert f"<h1>{audit.verdict}</h1>" in pages["index.html"]
    assert len(pages["index.html"].encode()) < 150_000
    assert dead_links(made, parsed) == []
    for name, page in parsed.items():
        ids = Counter(attrs["id"] for _, attrs in page.tags if "id" in attrs)
        assert [each for each, count in ids.items() if count > 1] == [], name
    assert len(parsed["permissions.html"].all("svg")) == 2
    assert "ComplianceScannerPolicy names vpc:Describe*" in parsed["permissions.html"].text
    assert "key 1 of asset-inventory is 270 days old" in parsed["credentials.html"].text
