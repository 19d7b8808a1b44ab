import errno
import hashlib
import json
import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from iamaudit import atomic
from iamaudit.errors import SnapshotError
from iamaudit.snapshot import (
    SOURCES,
    SnapshotWriter,
    SourceResult,
    canonical_json,
    read_snapshot,
    write_snapshot,
)

ACCOUNT = "111122223333"
NOW = datetime(2026, 11, 1, 7, 55, tzinfo=UTC)
REPORT = "user,arn\n<root_account>,arn:aws:iam::111122223333:root"


def write(root, results=None, **options):
    results = (
        {"account_aliases": SourceResult("collected", {"AccountAliases": []})} if results is None else results
    )
    fixed = {"account_id": ACCOUNT, "origin": "aws", "started_at": NOW, "finished_at": NOW}
    return write_snapshot(root, results, **(fixed | options))


def everything_under(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_canonical_json_is_sorted_readable_and_the_same_for_equal_values():
    first = {
        "b": [2, 1],
        "a": {"ü": "<b>", "time": datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))},
    }
    second = {"a": {"time": datetime(2026, 1, 1), "ü": "<b>"}, "b": [2, 1]}  # noqa: DTZ001 - taken as UTC
    assert canonical_json(first) == canonical_json(second)
    assert canonical_json(first) == (
        '{\n  "a": {\n    "time": "2026-01-01T00:00:00+00:00",\n    "ü": "<b>"\n  },\n'
        '  "b": [\n    2,\n    1\n  ]\n}\n'
    )


def test_what_has_no_place_in_a_snapshot_is_a_fault_of_the_program():
    with pytest.raises(TypeError, match="bytes has no place in a snapshot"):
        canonical_json({"QRCode": b"png"})


def test_the_folder_is_named_by_account_and_utc_time_and_holds_no_more_than_was_collected(tmp_path):
    started = datetime(2026, 11, 1, 8, 55, tzinfo=timezone(timedelta(hours=1)))
    folder = write(tmp_path, started_at=started)
    assert everything_under(tmp_path) == [
        ACCOUNT,
        f"{ACCOUNT}/20261101T075500Z",
        f"{ACCOUNT}/20261101T075500Z/account_aliases.json",
        f"{ACCOUNT}/20261101T075500Z/manifest.json",
    ]
    assert folder == tmp_path / ACCOUNT / "20261101T075500Z"


def test_the_manifest_says_everything_about_each_source(tmp_path):
    folder = write(
        tmp_path,
        {
            "credential_report": SourceResult(
                "collected", REPORT, rows={"root": 1}, calls=2, request_ids=("a", "b"), generated_at=NOW
            ),
            "saml_providers": SourceResult("denied", reason="AccessDenied: no", calls=1, request_ids=("c",)),
        },
        account_alias="example-prod",
        caller_arn="arn:aws:iam::111122223333:user/x",
    )
    manifest = json.loads((folder / "manifest.json").read_text())
    versions = manifest.pop("tool_versions")
    assert set(versions) == {"python", "iamaudit", "boto3", "botocore"}
    sources = manifest.pop("sources")
    assert manifest == {
        "schema_version": 1,
        "account_id": ACCOUNT,
        "account_alias": "example-prod",
        "caller_arn": "arn:aws:iam::111122223333:user/x",
        "origin": "aws",
        "started_at": "2026-11-01T07:55:00+00:00",
        "finished_at": "2026-11-01T07:55:00+00:00",
    }
    assert set(sources) == set(SOURCES)
    assert sources["credential_report"] == {
        "status": "collected",
        "file": "credential_report.csv",
        "sha256": hashlib.sha256(REPORT.encode()).hexdigest(),
        "rows": {"root": 1},
        "permissions": ["iam:GenerateCredentialReport", "iam:GetCredentialReport"],
        "reason": None,
        "calls": 2,
        "request_ids": ["a", "b"],
        "generated_at": "2026-11-01T07:55:00+00:00",
    }
    assert sources["saml_providers"] == {
        "status": "denied",
        "file": None,
        "sha256": None,
        "rows": {},
        "permissions": ["iam:ListSAMLProviders"],
        "reason": "AccessDenied: no",
        "calls": 1,
        "request_ids": ["c"],
        "generated_at": None,
    }
    assert sources["password_policy"]["status"] == "missing"


def test_the_credential_report_stays_as_it_is(tmp_path):
    text = 'user,arn\r\n"a,b",x\n'
    folder = write(tmp_path, {"credential_report": SourceResult("collected", text)})
    assert (folder / "credential_report.csv").read_bytes() == text.encode()


SECRETS = (
    "Base32StringSeed",
    "QRCodePNG",
    "SecretAccessKey",
    "SessionToken",
    "ServicePassword",
    "PrivateKey",
)


@pytest.mark.parametrize("name", SECRETS)
def test_a_field_that_is_a_secret_is_dropped_wherever_it_is(name, tmp_path):
    content = {"Devices": [{"Serial": "s", "Deep": ({name: b"hush"},)}], name: "hush", "PasswordPolicy": None}
    folder = write(tmp_path, {"mfa_devices": SourceResult("collected", content)})
    assert json.loads((folder / "mfa_devices.json").read_text()) == {
        "Devices": [{"Serial": "s", "Deep": [{}]}],
        "PasswordPolicy": None,
    }


def test_a_tag_or_condition_that_is_called_like_a_secret_stays(tmp_path):
    content = {"Tags": [{"Key": "SecretAccessKey", "Value": "rotated"}], "PasswordLastUsed": "2026"}
    folder = write(tmp_path, {"authorization_details": SourceResult("collected", content)})
    assert json.loads((folder / "authorization_details.json").read_text()) == content


@pytest.mark.parametrize("hidden", [False, True])
def test_the_manifest_is_written_after_each_file_that_it_names_or_once_by_who_is_hidden(
    hidden, tmp_path, monkeypatch
):
    written = []
    plain = atomic.put_in_place

    def note(made, target):
        written.append(target.name)
        return plain(made, target)

    monkeypatch.setattr(atomic, "put_in_place", note)
    writer = SnapshotWriter.begin(tmp_path, account_id=ACCOUNT, origin="aws", started_at=NOW, hidden=hidden)
    for name in SOURCES:
        writer.store(name, SourceResult("collected", "" if name == "credential_report" else {}))
    writer.finish(NOW, account_alias=None)
    each = [name for source in SOURCES.values() for name in (source.file, "manifest.json")]
    files = [source.file for source in SOURCES.values()]
    assert written == [*(files if hidden else each), "manifest.json"]


@pytest.mark.parametrize("name", ["write_text", "replace"])
@pytest.mark.parametrize(
    ("number", "text"), [(errno.ENOSPC, "No space left on device"), (errno.EROFS, "Read-only file system")]
)
def test_a_full_disk_leaves_nothing(name, number, text, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, name, fail)
    with pytest.raises(SnapshotError) as caught:
        write(tmp_path)
    assert str(caught.value) == (
        f"cannot write the snapshot `{tmp_path / ACCOUNT / '20261101T075500Z'}` ({text}): choose a folder "
        "with room that you may write to"
    )
    assert everything_under(tmp_path) == []


def test_an_interruption_leaves_nothing(tmp_path, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_text", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path)
    assert everything_under(tmp_path) == []


def test_a_failure_leaves_other_snapshots_alone(tmp_path, monkeypatch):
    other = write(tmp_path, started_at=NOW - timedelta(days=1))

    def fail(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_text", fail)
    with pytest.raises(SnapshotError):
        write(tmp_path)
    assert everything_under(tmp_path / ACCOUNT) == [
        other.name,
        f"{other.name}/account_aliases.json",
        f"{other.name}/manifest.json",
    ]


def test_a_file_where_the_folder_should_be_is_named(tmp_path):
    (tmp_path / "snapshots").write_text("in the way")
    with pytest.raises(SnapshotError, match=r"^cannot write the snapshot .*: choose a folder with room"):
        write(tmp_path / "snapshots")
    assert (tmp_path / "snapshots").read_text() == "in the way"


@pytest.mark.parametrize("content", [{"Description": "\ud800"}, "nested"], ids=["half a character", "depth"])
def test_what_cannot_be_stored_is_refused_in_one_line(content, tmp_path):
    if content == "nested":
        content = []
        for _ in range(200_000):
            content = [content]
    with pytest.raises(SnapshotError, match=r"^account authorization details: text that is not Unicode, or"):
        write(tmp_path, {"authorization_details": SourceResult("collected", content)})
    assert everything_under(tmp_path) == []
    while isinstance(content, list) and content:
        (content,) = content  # from the outside in, or freeing it would recurse as well


def test_a_snapshot_is_never_overwritten_by_accident(tmp_path):
    folder = write(tmp_path)
    before = (folder / "manifest.json").read_bytes()
    with pytest.raises(SnapshotError, match="exists already: wait a second and collect again"):
        write(tmp_path, {})
    assert (folder / "manifest.json").read_bytes() == before
    assert [path.name for path in (tmp_path / ACCOUNT).iterdir()] == [folder.name]


def replaced(root):
    """Write a snapshot without any source in place of the one that is there."""
    writer = SnapshotWriter.begin(root, account_id=ACCOUNT, origin="demo", started_at=NOW, hidden=True)
    try:
        return writer.finish(NOW, account_alias=None, replace=True)
    finally:
        writer.discard()


def test_a_snapshot_is_replaced_when_that_is_asked_for(tmp_path):
    write(tmp_path)
    folder = replaced(tmp_path)
    assert [path.name for path in folder.iterdir()] == ["manifest.json"]
    assert [path.name for path in (tmp_path / ACCOUNT).iterdir()] == [folder.name]


def test_a_replacement_that_fails_leaves_the_old_one_in_place(tmp_path, monkeypatch):
    folder = write(tmp_path)
    plain, renamed = Path.rename, []

    def fail_the_second(self, target):
        renamed.append(self)
        if len(renamed) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return plain(self, target)

    monkeypatch.setattr(atomic, "_swap", lambda one, other: False)  # as where folders cannot be swapped
    monkeypatch.setattr(Path, "rename", fail_the_second)
    with pytest.raises(SnapshotError, match="No space left on device"):
        replaced(tmp_path)
    assert read_snapshot(folder).read("account_aliases") == {"AccountAliases": []}
    assert [path.name for path in (tmp_path / ACCOUNT).iterdir()] == [folder.name]


ANSWERS = {
    name: SourceResult("collected", "user,arn\n" if name == "credential_report" else {"of": name})
    for name in SOURCES
} | {"saml_providers": SourceResult("denied", reason="AccessDenied")}


def grown(root, snapshot=None):
    """Store every answer that is not there yet, and finish."""
    facts = {"account_id": ACCOUNT, "caller_arn": "c", "origin": "aws", "started_at": NOW}
    writer = SnapshotWriter.resume(snapshot) if snapshot else SnapshotWriter.begin(root, **facts)
    for name, result in ANSWERS.items():
        if snapshot is None or snapshot.status(name) != "collected":
            writer.store(name, result)
    return writer.finish(NOW, account_alias="a")


class Killed(BaseException):
    """The process ends here."""


def killed_at(step, monkeypatch, root):
    """Write a snapshot, and end at the ``step``th change of the disk; say whether it came so far."""
    count = iter(range(10**6))

    def until_then(plain, halfway):
        def act(self, *args, **kwargs):
            if next(count) == step:
                halfway(self, *args)
                raise Killed
            return plain(self, *args, **kwargs)

        return act

    write_text = Path.write_text
    half = lambda path, text: write_text(path, text[: len(text) // 2])  # noqa: E731
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", until_then(write_text, half))
        patch.setattr(Path, "replace", until_then(Path.replace, lambda *_: None))
        try:
            grown(root)
        except Killed:
            return True
    return False


def test_killed_at_any_moment_it_leaves_whole_files_and_can_be_resumed(tmp_path, monkeypatch):
    whole = contents(grown(tmp_path / "whole"))
    step = 0
    while killed_at(step, monkeypatch, tmp_path / str(step)):
        (folder,) = (tmp_path / str(step) / ACCOUNT).iterdir()
        if (folder / "manifest.json").exists():
            snapshot = read_snapshot(folder)
            assert snapshot.manifest.finished_at is None
            assert snapshot.is_unchanged()
            assert contents(grown(None, snapshot)) == whole
        step += 1
    assert step == 2 * 2 * len(SOURCES)  # a file and a manifest each, but one is denied; the last manifest


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")}


def test_what_is_finished_or_was_changed_is_not_resumed(tmp_path):
    snapshot = read_snapshot(grown(tmp_path))
    with pytest.raises(SnapshotError, match="is finished: collect a new snapshot"):
        SnapshotWriter.resume(snapshot)
    writer = SnapshotWriter.begin(
        tmp_path, account_id=ACCOUNT, origin="aws", started_at=NOW + timedelta(seconds=1)
    )
    writer.store("account_aliases", ANSWERS["account_aliases"])
    (writer.folder / "account_aliases.json").write_text("{}")
    with pytest.raises(SnapshotError, match="changed after it was collected"):
        SnapshotWriter.resume(read_snapshot(writer.folder))


def test_the_newest_finished_snapshot_is_taken(tmp_path):
    folder = grown(tmp_path)
    SnapshotWriter.begin(tmp_path, account_id=ACCOUNT, origin="aws", started_at=NOW + timedelta(days=1))
    assert read_snapshot(tmp_path).path == folder


def test_an_unfinished_snapshot_says_what_was_not_asked(tmp_path):
    writer = SnapshotWriter.begin(tmp_path, account_id=ACCOUNT, origin="aws", started_at=NOW)
    writer.store("account_aliases", ANSWERS["account_aliases"])
    snapshot = read_snapshot(writer.folder)
    assert snapshot.why_not("account_aliases") is None
    assert snapshot.why_not("access_keys") == (
        "access keys: missing from this snapshot (not asked: the collection was not finished)"
    )


def test_who_may_look_into_it_is_what_the_umask_says(tmp_path):
    before = os.umask(0o077)
    try:
        folder = write(tmp_path)
    finally:
        os.umask(before)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_parts_that_were_left_once_the_whole_was_stored_are_gone_when_it_is_finished(tmp_path):
    begun = SnapshotWriter.begin(tmp_path, account_id=ACCOUNT, origin="aws", started_at=NOW)
    begun.store("last_accessed", SourceResult("collected", {}))
    begun.keep("last_accessed", {"arn": {"JobStatus": "COMPLETED"}})  # as if killed before they were removed
    resumed = SnapshotWriter.resume(read_snapshot(begun.folder))
    taken = resumed.finish(NOW, account_alias=None)
    assert sorted(path.name for path in taken.iterdir()) == ["last_accessed.json", "manifest.json"]
