from datetime import UTC, datetime

import pytest

from iamaudit.errors import ParameterError
from iamaudit.snapshot import copy_snapshot, older_snapshots, read_snapshot, write_snapshot


def taken(root, day, account="111122223333"):
    when = datetime.fromisoformat(day).replace(tzinfo=UTC)
    made = write_snapshot(root, {}, account_id=account, origin="files", started_at=when, finished_at=when)
    return read_snapshot(made)


def days(snapshots):
    return [f"{each.manifest.started_at:%Y-%m-%d}" for each in snapshots]


def test_the_newest_older_one_beside_is_the_last_and_before_it_there_is_one_a_month(tmp_path):
    for day in ("2026-08-01", "2026-09-01", "2026-09-30", "2026-10-30", "2026-12-01"):
        taken(tmp_path, day)
    now = taken(tmp_path, "2026-11-01")
    assert days(older_snapshots(now)) == ["2026-08-01", "2026-09-30", "2026-10-30"]
    assert days(older_snapshots(read_snapshot(tmp_path / "111122223333" / "20260801T000000Z"))) == []


def test_the_one_that_is_named_is_the_last(tmp_path):
    named, now = taken(tmp_path / "other", "2026-09-01"), taken(tmp_path, "2026-11-01")
    taken(tmp_path, "2026-10-01")
    assert days(older_snapshots(now, named.path)) == ["2026-09-01"]


def test_a_newer_one_and_one_of_another_account_are_refused(tmp_path):
    now = taken(tmp_path, "2026-11-01")
    for other in (taken(tmp_path, "2026-12-01"), taken(tmp_path, "2026-10-01", "444455556666")):
        with pytest.raises(ParameterError):
            older_snapshots(now, other.path)


def test_those_that_a_copy_carries_are_found_with_it(tmp_path):
    named, now = taken(tmp_path / "other", "2026-09-01"), taken(tmp_path, "2026-11-01")
    taken(tmp_path, "2026-10-01")
    copy_snapshot(now, tmp_path / "copy")
    copy_snapshot(named, tmp_path / "copy" / "previous" / "20260901T000000Z")
    assert days(older_snapshots(read_snapshot(tmp_path / "copy"))) == ["2026-09-01"]


def test_a_report_that_lies_beside_is_no_snapshot(tmp_path):
    older, now = taken(tmp_path, "2026-10-01"), taken(tmp_path, "2026-11-01")
    made = older.path.parent / "20261002T000000Z"
    copy_snapshot(older, made / "evidence")
    (made / "manifest.json").write_text('{"outputs": {}}')
    assert [each.path for each in older_snapshots(now)] == [older.path]
