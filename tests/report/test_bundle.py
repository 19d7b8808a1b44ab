import errno
import hashlib
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest
from pandas.testing import assert_frame_equal

from iamaudit import atomic
from iamaudit.audit import Audit, open_snapshot
from iamaudit.demo.collected import demo_snapshot
from iamaudit.errors import ParameterError, ReportError
from iamaudit.frames import COLUMNS
from iamaudit.report import bundle as bundle_module
from iamaudit.report import data as data_module
from iamaudit.report import files as files_module
from iamaudit.report.bundle import run_report
from iamaudit.report.carried import without_links
from iamaudit.report.notebook import report_notebooks
from iamaudit.report.pages import page_name, page_problems
from iamaudit.report.parameters import Parameters
from iamaudit.report.timings import Timings
from iamaudit.snapshot import read_snapshot
from tests.accounts import key, report, snapshot
from tests.hostile import TEXT as HOSTILE
from tests.hostile import hostile_snapshot
from tests.prose import disagreeing_in, forbidden_in
from tests.report.test_html import Page

ROOT = Path(__file__).parents[2]
FIXTURES = Path(__file__).parent / "notebooks"
CREATED = "2025-01-01T00:00:00+00:00"


@pytest.fixture
def taken(tmp_path):
    rows = [{"user": HOSTILE, **key(1, age=500)}, {"user": "=cmd", **key(1, age=5, used=1)}]
    return snapshot(tmp_path / "snapshots", credential_report=report({"user": "<root_account>"}, *rows))


def parameters(path, *, exports="asff, ocsf", **collection):
    return Parameters({"snapshot": str(path), "max_key_age_days": 60}, collection, {"exports": exports})


def run(taken, reports, *names, **options):
    notebooks = [FIXTURES / f"{name}.ipynb" for name in names]
    return run_report(parameters(taken), notebooks=notebooks, reports=reports, progress=False, **options)


def everything(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_bundle_holds_what_it_promises_and_its_manifest_proves_it(taken, tmp_path):
    moment = datetime(2026, 11, 2, tzinfo=UTC)
    made = run(taken, tmp_path / "reports", "good", clock=lambda: moment)
    assert made == tmp_path / "reports" / "111122223333" / "20261101T080000Z"
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


def test_the_same_is_judged_from_the_evidence_in_a_bundle(tmp_path):
    demo = open_snapshot()
    made = run_report(
        Parameters({"snapshot": str(demo.snapshot.path)}, {}, {}),
        notebooks=[FIXTURES / "good.ipynb"],
        reports=tmp_path,
        progress=False,
    )
    given = made / "evidence" / "given" / "code_scan.json"
    again = open_snapshot(made / "evidence", code_scan=given)
    assert_frame_equal(again.findings, demo.findings)
    assert_frame_equal(again.access_keys, demo.access_keys)
    manifest = json.loads((made / "manifest.json").read_text())
    assert manifest["given"]["code_scan"]["sha256"] == hashlib.sha256(given.read_bytes()).hexdigest()
    for name in manifest["inputs"].keys() - {"manifest.json", "access_keys.json"}:
        assert manifest["outputs"][f"evidence/{name}"] == manifest["inputs"][name]


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


def test_evidence_that_is_kept_apart_is_neither_carried_nor_linked(taken, tmp_path):
    made = run(taken, tmp_path / "reports", "good", evidence=False)
    assert not (made / "evidence").exists()
    page = (made / "good.html").read_text()
    assert "The evidence is kept apart from this report" in page
    assert json.loads((made / "manifest.json").read_text())["carries_evidence"] is False
    notebook = tmp_path / "n.ipynb"
    notebook.write_text('<a href=\\"evidence/a.csv\\"><code>evidence/a.csv</code></a>: 3 users')
    without_links(notebook)
    assert notebook.read_text() == "<code>a.csv</code>: 3 users"


def test_hostile_names_stay_text_on_every_page(taken, tmp_path):
    made = run(taken, tmp_path / "reports", "good")
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


def test_two_runs_give_the_same_findings_data_and_charts(taken, tmp_path):
    first, second = run(taken, tmp_path / "one", "good"), run(taken, tmp_path / "two", "good")
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


def test_a_notebook_that_fails_is_kept_and_the_older_report_stays(taken, tmp_path):
    made = run(taken, tmp_path / "reports", "good")
    before = {name: (made / name).read_bytes() for name in everything(made)}
    with pytest.raises(
        ReportError, match=r"`raises` failed: cell \d raised ValueError: no such thing; see"
    ) as caught:
        run(taken, tmp_path / "reports", "good", "raises")
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 1
    failed = made.with_name("20261101T080000Z.failed")
    assert everything(failed) == {"raises.failed.ipynb"}
    assert "no such thing" in (failed / "raises.failed.ipynb").read_text()
    assert {name: (made / name).read_bytes() for name in everything(made)} == before
    assert {path.name for path in made.parent.iterdir()} == {made.name, failed.name}


@pytest.mark.parametrize("name", ["exits", "dies"])
def test_whatever_ends_a_notebook_it_leaves_a_failed_one(taken, tmp_path, name):
    with pytest.raises(ReportError):
        run(taken, tmp_path / "reports", name)
    (left,) = (tmp_path / "reports").rglob("*.ipynb")
    assert left.name == f"{name}.failed.ipynb"
    nbformat.validate(nbformat.read(left, as_version=4))


def test_an_older_report_is_replaced_by_a_whole_one(taken, tmp_path):
    made = run(taken, tmp_path / "reports", "good")
    (made / "index.html").write_text("old")
    assert run(taken, tmp_path / "reports", "good") == made
    assert (made / "index.html").read_text() != "old"
    assert [path.name for path in made.parent.iterdir()] == [made.name]


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


def test_a_report_that_cannot_take_its_place_leaves_the_older_one(taken, tmp_path, monkeypatch):
    made = run(taken, tmp_path / "reports", "good")
    before = {name: (made / name).read_bytes() for name in everything(made)}

    def refuse(self, target):
        if target == made:
            raise OSError(errno.ENOSPC, "No space left on device")
        return rename(self, target)

    rename = Path.rename
    monkeypatch.setattr(atomic, "_swap", lambda one, other: False)
    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(ReportError, match="No space left on device"):
        run(taken, tmp_path / "reports", "good")
    monkeypatch.undo()
    (aside,) = made.parent.iterdir()  # not even the way back was open
    assert {name: (aside / name).read_bytes() for name in everything(aside)} == before
    run(taken, tmp_path / "reports", "good")
    assert [path.name for path in made.parent.iterdir()] == [made.name]


def test_other_formats_are_written_when_they_are_asked_for(taken, tmp_path):
    made = run_report(
        parameters(taken, exports=""),
        notebooks=[FIXTURES / "good.ipynb"],
        reports=tmp_path / "reports",
        progress=False,
    )
    assert {name for name in everything(made) if name.startswith("findings")} == {"findings.json"}
    assert "findings.ocsf.json" not in (made / "index.html").read_text()


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


def test_each_step_says_how_long_it_took(taken, tmp_path):
    timings = Timings()
    run(taken, tmp_path / "reports", "good", timings=timings)
    steps = [name for name, _ in timings.steps]
    assert steps[0] == "open"
    assert {"data", "findings.json", "findings.ocsf.json", "workpapers.xlsx"} < set(steps)
    assert steps[-5:] == ["notebook good", "page good", "index.html", "manifest.json", "put in place"]
    assert all(seconds >= 0 for _, seconds in timings.steps)
    assert len(timings.lines()) == len(steps)


def test_the_account_is_judged_before_the_first_notebook_starts(taken, tmp_path, monkeypatch):
    order = []
    judge, execute = Audit.judge, bundle_module.execute_notebooks
    monkeypatch.setattr(Audit, "judge", lambda *a, **k: order.append("judged") or judge(*a, **k))
    monkeypatch.setattr(
        bundle_module, "execute_notebooks", lambda *a, **k: order.append("started") or execute(*a, **k)
    )
    run(taken, tmp_path / "reports", "good")
    assert order == ["judged", "started"]


def test_accounts_of_ones_own_reach_the_notebooks(taken, tmp_path):
    given = Parameters({"snapshot": str(taken), "trusted_accounts": "444455556666"}, {})
    made = run_report(
        given, notebooks=[FIXTURES / "good.ipynb"], reports=tmp_path / "reports", progress=False
    )
    cells = nbformat.read(made / "good.ipynb", as_version=4).cells
    (injected,) = [cell.source for cell in cells if "injected-parameters" in cell.metadata.get("tags", ())]
    assert 'trusted_accounts = "444455556666"' in injected


def dead_links(folder):
    """Return the links of all pages whose file or place does not exist."""
    pages = {path.name: Page(path.read_text()) for path in folder.glob("*.html")}
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


def test_the_notebooks_of_the_project_make_a_report_of_the_demo(tmp_path):
    notebooks = report_notebooks(ROOT / "notebooks")
    told = {"principal": "user/alice.moreau"}
    given = Parameters({"snapshot": str(demo_snapshot()), "as_of": "2026-11-01T08:00:00Z", **told}, {})
    made = run_report(given, notebooks=notebooks, reports=tmp_path, progress=False)
    pages = {page.name: page.read_text() for page in made.glob("*.html")}
    assert set(pages) == {"index.html", *(page_name(path) for path in notebooks)}
    assert "observations.html" in pages
    read = {name: Page(text).text for name, text in pages.items()}
    assert {name: forbidden_in(text) + disagreeing_in(text) for name, text in read.items()} == {
        name: [] for name in pages
    }
    audit = open_snapshot("demo")
    assert audit.headline in pages["index.html"]
    assert f"<h1>{audit.verdict}</h1>" in pages["index.html"]
    assert len(pages["index.html"].encode()) < 150_000
    assert dead_links(made) == []
    for name, text in pages.items():
        ids = Counter(attrs["id"] for _, attrs in Page(text).tags if "id" in attrs)
        assert [each for each, count in ids.items() if count > 1] == [], name
    assert len(Page(pages["permissions.html"]).all("svg")) == 2
    assert "ComplianceScannerPolicy names vpc:Describe*" in Page(pages["permissions.html"]).text
    assert "key 1 of asset-inventory is 270 days old" in Page(pages["credentials.html"]).text
