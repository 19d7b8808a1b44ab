import errno
import hashlib
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest

from iamaudit import atomic
from iamaudit.audit import Audit, open_snapshot
from iamaudit.errors import ParameterError, ReportError
from iamaudit.frames import COLUMNS
from iamaudit.report import bundle as bundle_module
from iamaudit.report import data as data_module
from iamaudit.report import files as files_module
from iamaudit.report.bundle import run_report
from iamaudit.report.carried import without_links
from iamaudit.report.notebook import report_notebooks
from iamaudit.report.pages import page_problems
from iamaudit.report.parameters import Parameters
from iamaudit.report.timings import Timings
from iamaudit.snapshot import read_snapshot
from tests.accounts import key, report, snapshot
from tests.hostile import TEXT as HOSTILE
from tests.hostile import hostile_snapshot
from tests.report.test_html import Page

ROOT = Path(__file__).parents[2]
FIXTURES = Path(__file__).parent / "notebooks"
CREATED = "2025-01-01T00:00:00+00:00"
MOMENT = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def taken(tmp_path_factory):
    rows = [{"user": HOSTILE, **key(1, age=500)}, {"user": "=cmd", **key(1, age=5, used=1)}]
    place = tmp_path_factory.mktemp("taken") / "snapshots"
    return snapshot(place, credential_report=report({"user": "<root_account>"}, *rows))


def parameters(path, *, exports="asff, ocsf", **collection):
    return Parameters({"snapshot": str(path), "max_key_age_days": 60}, collection, {"exports": exports})


def run(taken, reports, *names, **options):
    notebooks = [FIXTURES / f"{name}.ipynb" for name in names]
    return run_report(parameters(taken), notebooks=notebooks, reports=reports, progress=False, **options)


@pytest.fixture(scope="module")
def good(taken, tmp_path_factory):
    """A report with one notebook, how long its steps took, and what happened in which order."""
    timings, order = Timings(), []
    judge, execute = Audit.judge, bundle_module.execute_notebooks
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Audit, "judge", lambda *a, **k: order.append("judged") or judge(*a, **k))
        patch.setattr(
            bundle_module, "execute_notebooks", lambda *a, **k: order.append("started") or execute(*a, **k)
        )
        made = run(taken, tmp_path_factory.mktemp("good"), "good", timings=timings, clock=lambda: MOMENT)
    return made, timings, order


@pytest.fixture(scope="module")
def bare(taken, tmp_path_factory):
    """A report with one notebook, told to carry and to write nothing that it need not."""
    given = Parameters({"snapshot": str(taken), "trusted_accounts": "444455556666"}, {}, {"exports": ""})
    folder, notebooks = tmp_path_factory.mktemp("bare"), [FIXTURES / "good.ipynb"]
    return run_report(given, notebooks=notebooks, reports=folder, progress=False, evidence=False)


@pytest.fixture
def older(good, tmp_path):
    """A copy of the report, in the place of a new one."""
    return Path(shutil.copytree(good[0], tmp_path / "reports" / good[0].parent.name / good[0].name))


def everything(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_bundle_holds_what_it_promises_and_its_manifest_proves_it(taken, good):
    made, *_ = good
    assert made.parts[-2:] == ("111122223333", "20261101T080000Z")
    expected = {"index.html", "good.html", "good.ipynb", "findings.json", "manifest.json", "workpapers.xlsx"}
    expected |= {"findings.ocsf.json", "findings.asff.json", "manifest.sha256"}
    expected |= {f"data/{name}.{ending}" for name in COLUMNS for ending in ("csv", "parquet")}
    expected |= {f"evidence/{name}" for name in everything(taken)}
    assert everything(made) == expected
    manifest = json.loads((made / "manifest.json").read_text())
    for kind, folder in (("outputs", made), ("inputs", taken)):
        beside = {"manifest.json", "manifest.sha256"} if kind == "outputs" else set()
        assert set(manifest[kind]) == everything(folder) - beside
        for name, digest in manifest[kind].items():
            assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert manifest["parameters"]["max_key_age_days"] == 60
    assert manifest["started_at"] == "2026-11-02T00:00:00+00:00"
    assert manifest["versions"]["papermill"]
    findings = json.loads((made / "findings.json").read_text())
    assert {finding["resource"] for finding in findings} >= {f"arn:aws:iam::111122223333:user/{HOSTILE}"}


def test_no_id_of_an_access_key_leaves_with_a_bundle(tmp_path):
    ids = ["AKIAIOSFODNN7EXAMPLE", "ASIA234567ABCDEFGHIJ"]
    listed = [
        {"AccessKeyId": each, "UserName": "ada", "Status": "Active", "CreateDate": CREATED} for each in ids
    ]
    rows = [{"user": "ada", **key(1, age=500)}]
    taken = snapshot(
        tmp_path / "s", credential_report=report(*rows), access_keys={"AccessKeyMetadata": listed}
    )
    made = run(taken, tmp_path / "reports", "good")
    held = b"".join(path.read_bytes() for path in made.rglob("*") if path.is_file())
    assert all(each.encode() not in held for each in ids)
    stored = json.loads((made / "evidence" / "access_keys.json").read_text())
    assert [key["AccessKeyId"] for key in stored["AccessKeyMetadata"]] == ["AKIA…MPLE", "ASIA…GHIJ"]
    record = json.loads((made / "evidence" / "manifest.json").read_text())["sources"]["access_keys"]
    original = hashlib.sha256((taken / "access_keys.json").read_bytes()).hexdigest()
    assert record["collected_sha256"] == original != record["sha256"]
    assert read_snapshot(made / "evidence").is_unchanged()


def test_evidence_that_is_kept_apart_is_neither_carried_nor_linked(bare, tmp_path):
    assert not (bare / "evidence").exists()
    page = (bare / "good.html").read_text()
    assert "The evidence is kept apart from this report" in page
    assert json.loads((bare / "manifest.json").read_text())["carries_evidence"] is False
    notebook = tmp_path / "n.ipynb"
    notebook.write_text('<a href=\\"evidence/a.csv\\"><code>evidence/a.csv</code></a>: 3 users')
    without_links(notebook)
    assert notebook.read_text() == "<code>a.csv</code>: 3 users"


def test_hostile_names_stay_text_on_every_page(good):
    made, *_ = good
    for page in made.glob("*.html"):
        text = page.read_text()
        assert page_problems(text) == []
        assert all(image["src"].startswith("data:") for image in Page(text).all("img"))
    assert HOSTILE in Page((made / "index.html").read_text()).text
    assert "\n'=cmd," in (made / "data" / "access_keys.csv").read_text()


def test_no_page_of_the_project_runs_what_an_account_is_called(tmp_path):
    taken = hostile_snapshot(tmp_path / "snapshots")
    notebooks = report_notebooks(ROOT / "notebooks")
    given = Parameters({"snapshot": str(taken), "principal": "user/<script>alert(1)</script>"}, {})
    made = run_report(given, notebooks=notebooks, reports=tmp_path)
    pages = {page.name: page.read_text() for page in made.glob("*.html")}
    assert {name: page_problems(text) for name, text in pages.items()} == {name: [] for name in pages}
    assert HOSTILE in Page(pages["credentials.html"]).text
    assert "user/<script>alert(1)</script>" in Page(pages["principal.html"]).text
    cells = {
        cell for line in (made / "data" / "users.csv").read_text().splitlines() for cell in line.split(",")
    }
    assert {"NA", "'=cmd", "'+SUM@x", "'-1+1", "'@x"} <= cells
    assert cells.isdisjoint({"=cmd", "+SUM@x", "-1+1", "@x"})


def test_every_page_says_what_an_empty_table_does_not_prove(good):
    made, *_ = good
    pages = [Page(page.read_text()).text for page in made.glob("*.html")]
    assert len(pages) == 2
    for text in pages:
        assert "The account authorization details are not part of the evidence." in text
        assert "an empty table does not say that there are none" in text
        assert "The credential report is not part" not in text


def test_two_runs_give_the_same_findings_data_and_charts(taken, good, tmp_path):
    first, second = good[0], run(taken, tmp_path, "good")
    names = {"findings.json", "findings.ocsf.json", "findings.asff.json", "workpapers.xlsx"} | {
        name for name in everything(first) if name.startswith("data/")
    }
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
    assert _pictures(first) == _pictures(second) != []


def _pictures(made):
    cells = nbformat.read(made / "good.ipynb", as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    return [output.data["image/png"] for output in outputs if "image/png" in output.get("data", {})]


def test_a_notebook_that_fails_is_kept_and_the_older_report_stays(taken, older, tmp_path):
    before = {name: (older / name).read_bytes() for name in everything(older)}
    with pytest.raises(
        ReportError, match=r"`raises` failed: cell \d raised ValueError: no such thing; see"
    ) as caught:
        run(taken, tmp_path / "reports", "good", "raises")
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 1
    failed = older.with_name("20261101T080000Z.failed")
    assert everything(failed) == {"raises.failed.ipynb"}
    assert "no such thing" in (failed / "raises.failed.ipynb").read_text()
    assert {name: (older / name).read_bytes() for name in everything(older)} == before
    assert {path.name for path in older.parent.iterdir()} == {older.name, failed.name}


@pytest.mark.parametrize("name", ["exits", "dies"])
def test_whatever_ends_a_notebook_it_leaves_a_failed_one(taken, tmp_path, name):
    with pytest.raises(ReportError):
        run(taken, tmp_path / "reports", name)
    (left,) = (tmp_path / "reports").rglob("*.ipynb")
    assert left.name == f"{name}.failed.ipynb"
    nbformat.validate(nbformat.read(left, as_version=4))


def test_an_older_report_is_replaced_by_a_whole_one(taken, good, older, tmp_path):
    (older / "index.html").write_text("old")
    assert run(taken, tmp_path / "reports", "good") == older
    assert everything(older) == everything(good[0])
    assert (older / "index.html").read_text() == (good[0] / "index.html").read_text()
    assert [path.name for path in older.parent.iterdir()] == [older.name]


def test_another_account_is_refused_before_anything_runs(taken, tmp_path):
    with pytest.raises(
        ParameterError, match="the snapshot is of account 111122223333, `account_id` is `444455556666`"
    ):
        run_report(
            parameters(taken, account_id="444455556666"),
            notebooks=[FIXTURES / "dies.ipynb"],
            reports=tmp_path / "reports",
        )
    assert not (tmp_path / "reports").exists()


def test_a_folder_that_cannot_be_written_is_one_line(taken, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ReportError, match="cannot write the report") as caught:
        run(taken, tmp_path / "file", "good")
    assert "\n" not in str(caught.value)


def test_a_full_disk_leaves_nothing_half_written(taken, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(bundle_module, "export_frame", full)
    with pytest.raises(ReportError, match="No space left on device"):
        run(taken, tmp_path / "reports", "good")
    assert list((tmp_path / "reports" / "111122223333").iterdir()) == []


def test_a_report_that_cannot_take_its_place_leaves_the_older_one(taken, older, tmp_path, monkeypatch):
    before = {name: (older / name).read_bytes() for name in everything(older)}

    def refuse(self, target):
        if target == older:
            raise OSError(errno.ENOSPC, "No space left on device")
        return rename(self, target)

    rename = Path.rename
    monkeypatch.setattr(atomic, "_swap", lambda one, other: False)
    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(ReportError, match="No space left on device"):
        run(taken, tmp_path / "reports", "good")
    monkeypatch.undo()
    (aside,) = older.parent.iterdir()  # not even the way back was open
    assert {name: (aside / name).read_bytes() for name in everything(aside)} == before
    run(taken, tmp_path / "reports", "good")
    assert [path.name for path in older.parent.iterdir()] == [older.name]


def test_other_formats_are_written_when_they_are_asked_for(bare):
    assert {name for name in everything(bare) if name.startswith("findings")} == {"findings.json"}
    assert "findings.ocsf.json" not in (bare / "index.html").read_text()


def test_a_big_frame_is_parquet_only_and_every_page_says_so(taken, tmp_path, monkeypatch):
    for module in (data_module, files_module):
        monkeypatch.setattr(module, "MAX_CSV_ROWS", 2)
    made = run(taken, tmp_path / "reports", "good")
    assert (made / "data" / "access_keys.csv").exists()  # it has two rows
    assert not (made / "data" / "findings.csv").exists()
    index = (made / "index.html").read_text()
    rows = len(open_snapshot(taken, max_key_age_days=60).findings)
    assert 'href="data/findings.parquet"' in index
    assert "data/findings.csv" not in index
    assert (
        "in the order that is worth reading. As Parquet only: a CSV for spreadsheets ends at 2 rows or 10 MB."
        in index
    )
    assert f'<td class="n">{rows:,}</td>' in index


def test_each_step_says_how_long_it_took(good):
    _, timings, _ = good
    steps = [name for name, _ in timings.steps]
    assert steps[0] == "open"
    assert {"data", "findings.json", "findings.ocsf.json", "workpapers.xlsx"} < set(steps)
    assert steps[-5:] == ["notebook good", "page good", "index.html", "manifest.json", "put in place"]
    assert all(seconds >= 0 for _, seconds in timings.steps)
    assert len(timings.lines()) == len(steps)


def test_the_account_is_judged_before_the_first_notebook_starts(good):
    *_, order = good
    assert order == ["judged", "started"]


def test_accounts_of_ones_own_reach_the_notebooks(bare):
    cells = nbformat.read(bare / "good.ipynb", as_version=4).cells
    (injected,) = [cell.source for cell in cells if "injected-parameters" in cell.metadata.get("tags", ())]
    assert 'trusted_accounts = "444455556666"' in injected
