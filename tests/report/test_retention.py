import hashlib
import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from iamaudit.cli import main
from iamaudit.report.retention import plan_retention
from iamaudit.snapshot import SourceResult, write_snapshot

ACCOUNT, OTHER = "111122223333", "444455556666"
ALIASES = {"account_aliases": SourceResult("collected", {"AccountAliases": []})}


def took(root, month, account=ACCOUNT):
    """Write a snapshot of the first of a month."""
    moment = datetime(2026, month, 1, tzinfo=UTC)
    return write_snapshot(
        root / "snapshots",
        ALIASES,
        account_id=account,
        account_alias=None,
        caller_arn=None,
        origin="files",
        started_at=moment,
        finished_at=moment,
    )


def unfinished(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"finished_at": None}))
    return folder


def reported(root, month):
    folder = root / "reports" / ACCOUNT / f"2026{month:02}01T000000Z"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("page")
    outputs = {"index.html": hashlib.sha256(b"page").hexdigest()}
    (folder / "manifest.json").write_text(json.dumps({"account_id": ACCOUNT, "outputs": outputs}))
    return folder


@pytest.fixture
def plan(tmp_path):
    """Return a function that says what is deleted and what stays as unknown when ``keep`` are kept."""

    def planned(keep):
        made = plan_retention(tmp_path / "snapshots", tmp_path / "reports", keep)
        names = [
            [path.relative_to(tmp_path).as_posix() for path in each] for each in (made.deleted, made.unknown)
        ]
        return tuple(names)

    return planned


def test_the_newest_of_each_account_stay(tmp_path, plan):
    for month in (1, 2, 3):
        took(tmp_path, month)
        reported(tmp_path, month)
    took(tmp_path, 1, OTHER)
    old = [
        f"{kind}/{ACCOUNT}/2026{month:02}01T000000Z" for kind in ("snapshots", "reports") for month in (1, 2)
    ]
    assert plan(1) == (old, [])
    assert plan(2) == ([old[0], old[2]], [])
    assert plan(3) == plan(24) == ([], [])


def test_what_did_not_end_counts_as_none_and_goes_when_it_is_as_old(tmp_path, plan):
    first = unfinished(took(tmp_path, 1))
    took(tmp_path, 2)
    unfinished(took(tmp_path, 3))
    failed = tmp_path / "reports" / ACCOUNT / "20260101T000000Z.failed"
    failed.mkdir(parents=True)
    (failed / "01_a.failed.ipynb").write_text("{}")
    assert plan(2) == ([], [])
    assert plan(1) == (
        [first.relative_to(tmp_path).as_posix()],
        [],
    )  # no report is complete: a failed one stays
    reported(tmp_path, 2)
    assert plan(1)[0][1:] == [f"reports/{ACCOUNT}/20260101T000000Z.failed"]


def _add(folder):
    (folder / "signed.pdf").write_text("by hand")


def _link(folder):
    (folder / "link").symlink_to(folder.parent)


def _break(folder):
    (folder / "manifest.json").write_text("{")


def _change(folder):
    (folder / "index.html").write_text("changed by hand")


@pytest.mark.parametrize("touch", [_add, _link, _break, _change])
def test_a_report_that_somebody_worked_in_stays(tmp_path, plan, touch):
    touch(reported(tmp_path, 1))
    reported(tmp_path, 2)
    assert plan(1) == ([], [f"reports/{ACCOUNT}/20260101T000000Z"])


@pytest.mark.parametrize("touch", [_add, _link, _break])
def test_a_snapshot_that_holds_more_than_was_collected_stays(tmp_path, plan, touch):
    touch(took(tmp_path, 1))
    took(tmp_path, 2)
    assert plan(1) == ([], [f"snapshots/{ACCOUNT}/20260101T000000Z"])


def test_other_folders_are_not_even_looked_at(tmp_path, plan):
    took(tmp_path, 2)
    for name in (f"snapshots/{ACCOUNT}/2026-01-01", "snapshots/notes/20260101T000000Z"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "snapshots" / ACCOUNT / "20260102T000000Z").symlink_to(took(tmp_path, 3))
    assert plan(2) == ([], [])


def test_the_command_deletes_when_it_is_told_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first, second = took(tmp_path, 1), took(tmp_path, 2)
    shown = CliRunner().invoke(main, ["prune", "--keep", "1"])
    assert shown.stdout == f"would delete snapshots/{ACCOUNT}/20260101T000000Z\n"
    assert shown.stderr == "1 folder, 0.0 MB: give --yes to delete\n"
    assert first.is_dir()
    done = CliRunner().invoke(main, ["prune", "--keep", "1", "--yes"])
    assert done.stdout == f"deleted snapshots/{ACCOUNT}/20260101T000000Z\n"
    assert [path.name for path in (tmp_path / "snapshots" / ACCOUNT).iterdir()] == [second.name]
    assert CliRunner().invoke(main, ["prune", "--keep", "1"]).stderr == "nothing is old enough to delete\n"
    assert CliRunner().invoke(main, ["prune", "--keep", "0"]).exit_code == 2
