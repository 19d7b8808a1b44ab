import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from iamaudit.errors import SnapshotError
from iamaudit.snapshot import SOURCES, SourceResult, read_snapshot, write_snapshot

NOW = datetime(2026, 11, 1, 7, 55, tzinfo=UTC)
ALIASES = {"account_aliases": SourceResult("collected", {"AccountAliases": ["example-prod"]})}


def write(root, results=ALIASES, *, account_id="111122223333", started_at=NOW):
    return write_snapshot(
        root, results, account_id=account_id, origin="aws", started_at=started_at, finished_at=started_at
    )


def edit(folder, **fields):
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def message(path):
    with pytest.raises(SnapshotError) as caught:
        read_snapshot(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_was_written_is_read_back(tmp_path):
    report = 'user,arn\n"ü,b",x'
    results = {
        **ALIASES,
        "credential_report": SourceResult(
            "collected", report, rows={"users": 1}, calls=3, request_ids=("a",), generated_at=NOW
        ),
    }
    snapshot = read_snapshot(write(tmp_path, results))
    assert snapshot.read("account_aliases") == {"AccountAliases": ["example-prod"]}
    assert snapshot.read("credential_report") == report
    assert snapshot.read("saml_providers") is None
    record = snapshot.manifest.sources["credential_report"]
    assert (record.rows, record.calls, record.request_ids, record.generated_at) == (
        {"users": 1},
        3,
        ("a",),
        NOW,
    )
    assert (snapshot.manifest.started_at, snapshot.manifest.schema_version) == (NOW, 1)


def test_times_are_utc_whatever_their_offset(tmp_path):
    folder = write(tmp_path)
    edit(folder, started_at="2026-11-01T08:55:00+01:00", finished_at="2026-11-01T08:00:00")
    manifest = read_snapshot(folder).manifest
    assert manifest.started_at == NOW
    assert manifest.started_at.tzinfo is UTC
    assert manifest.finished_at == datetime(2026, 11, 1, 8, 0, tzinfo=UTC)


def test_unknown_fields_and_sources_are_left_alone(tmp_path):
    folder = write(tmp_path)
    sources = json.loads((folder / "manifest.json").read_text())["sources"]
    edit(folder, note="by hand", sources={**sources, "something_new": sources["saml_providers"]})
    assert read_snapshot(folder).read("account_aliases") == {"AccountAliases": ["example-prod"]}


@pytest.mark.parametrize("given", ["", "111122223333", "111122223333/20261101T075500Z"])
def test_the_newest_snapshot_is_taken_from_any_folder_above(given, tmp_path):
    for days in (3, 0, 1):
        write(tmp_path, started_at=NOW - timedelta(days=days))
    assert read_snapshot(tmp_path / given).path.name == "20261101T075500Z"


def test_a_snapshot_is_found_from_text_and_from_the_home_folder(tmp_path, monkeypatch):
    folder = write(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert read_snapshot(str(folder)).path == folder
    assert read_snapshot("~/111122223333").path == folder


def test_half_written_and_replaced_folders_are_not_taken(tmp_path):
    newest = write(tmp_path)
    later = write(tmp_path, started_at=NOW + timedelta(days=1))
    later.rename(later.parent / f".{later.name}-0a1b2c3d")
    replaced = write(tmp_path, started_at=NOW + timedelta(days=2))
    (replaced.parent / ".old").mkdir()
    replaced.rename(replaced.parent / ".old" / replaced.name)
    incomplete = write(tmp_path, started_at=NOW + timedelta(days=3))
    (incomplete / "manifest.json").unlink()
    assert read_snapshot(tmp_path).path == newest
    assert read_snapshot(tmp_path / "111122223333").path == newest


def test_several_accounts_are_named_and_none_is_chosen(tmp_path):
    write(tmp_path)
    write(tmp_path, account_id="444455556666")
    assert message(tmp_path) == (
        f"`{tmp_path}` holds several accounts (111122223333, 444455556666): give one of them"
    )
    assert read_snapshot(tmp_path / "444455556666").manifest.account_id == "444455556666"


def report_of(folder, place):
    """Make what a report has for whoever reads snapshots: its own manifest, and the evidence."""
    place.mkdir(parents=True)
    (place / "manifest.json").write_text('{"schema_version": 1, "account_id": "1", "outputs": {}}')
    folder.rename(place / "evidence")
    return place


def test_a_report_gives_the_snapshot_that_it_carries(tmp_path):
    made = report_of(write(tmp_path), tmp_path / "reports" / "111122223333" / "20261101T080000Z")
    assert read_snapshot(made).path == made / "evidence"
    for above in (made.parent, made.parents[1]):
        assert message(above) == f"`{above}` holds reports: give one of them, or a snapshot"
    (made / "evidence").rename(tmp_path / "aside")
    assert message(made) == f"`{made}` is a report without evidence: give the snapshot that it was made of"


@pytest.mark.parametrize("given", ["x" * 300, "~nobody-of-that-name/snapshots"])
def test_a_path_that_cannot_be_is_one_line(given):
    assert given in message(given)


def test_a_folder_that_is_not_there_is_named(tmp_path):
    missing = tmp_path / "missing"
    assert message(missing) == f"no snapshot at `{missing}`: give the folder that `iamaudit collect` wrote"


def test_a_file_is_no_snapshot(tmp_path):
    path = tmp_path / "manifest.json"
    path.write_text("{}")
    assert message(path).startswith(f"no snapshot at `{path}`")


def test_a_snapshot_without_manifest_is_not_complete(tmp_path):
    folder = write(tmp_path)
    (folder / "manifest.json").unlink()
    assert message(folder) == (
        f"`{folder}` has no manifest.json, so it is not a complete snapshot: collect again, or give its "
        "parent folder"
    )


def test_a_newer_schema_is_refused_with_the_cure(tmp_path):
    folder = write(tmp_path)
    edit(folder, schema_version=2)
    assert message(folder) == (
        f"`{folder / 'manifest.json'}` has schema 2 and this iamaudit reads up to 1: upgrade it"
    )


def test_a_newer_schema_is_refused_whatever_else_it_holds(tmp_path):
    folder = write(tmp_path)
    (folder / "manifest.json").write_text('{"schema_version": 7}')
    assert message(folder).endswith("has schema 7 and this iamaudit reads up to 1: upgrade it")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "is not JSON ("),
        ('{"schema_version": 1', "is not JSON ("),
        ("[]", "is not a snapshot manifest: it has no schema_version"),
        ("{}", "is not a snapshot manifest: it has no schema_version"),
        ('{"schema_version": "1"}', "is not a snapshot manifest: it has no schema_version"),
        ('{"schema_version": 1}', "is damaged (KeyError: 'account_id'): collect again"),
    ],
)
def test_a_manifest_that_is_none_is_named(text, expected, tmp_path):
    folder = write(tmp_path)
    (folder / "manifest.json").write_text(text)
    assert expected in message(folder)


def test_a_manifest_that_is_no_text_is_named(tmp_path):
    folder = write(tmp_path)
    (folder / "manifest.json").write_bytes(b"\xff\x00\xfe")
    assert "is not JSON (" in message(folder)


@pytest.mark.parametrize(
    "fields",
    [
        {"started_at": "yesterday"},
        {"started_at": None},
        {"sources": []},
        {"sources": {"saml_providers": {}}},
        {"sources": None},
        {"tool_versions": 1},
    ],
    ids=str,
)
def test_a_manifest_with_a_field_of_the_wrong_shape_is_damaged(fields, tmp_path):
    folder = write(tmp_path)
    edit(folder, **fields)
    assert message(folder).endswith("): collect again")


def test_an_unknown_status_is_no_evidence(tmp_path):
    folder = write(tmp_path)
    sources = json.loads((folder / "manifest.json").read_text())["sources"]
    sources["account_aliases"]["status"] = "guessed"
    edit(folder, sources=sources)
    assert "unknown status `guessed`" in message(folder)


def test_a_file_that_was_changed_is_noticed_when_it_is_read(tmp_path):
    folder = write(tmp_path)
    (folder / "account_aliases.json").write_text('{"AccountAliases": []}')
    snapshot = read_snapshot(folder)
    with pytest.raises(SnapshotError) as caught:
        snapshot.read("account_aliases")
    assert str(caught.value) == (
        f"`{folder / 'account_aliases.json'}` changed after it was collected (sha-256 differs): collect again"
    )


def test_a_file_that_is_gone_is_noticed_when_it_is_read(tmp_path):
    folder = write(tmp_path)
    (folder / "account_aliases.json").unlink()
    with pytest.raises(SnapshotError, match=r"^cannot read .* \(No such file or directory\): collect again$"):
        read_snapshot(folder).read("account_aliases")


@pytest.mark.parametrize(
    ("result", "why"),
    [
        (SourceResult("collected", {}), None),
        (
            SourceResult("denied", reason="AccessDenied: no"),
            "MFA devices: denied (AccessDenied: no); needs iam:ListVirtualMFADevices and iam:ListMFADevices",
        ),
        (
            SourceResult("unavailable", reason="404: Not yet implemented"),
            "MFA devices: unavailable at this endpoint (404: Not yet implemented)",
        ),
        (
            SourceResult("failed", reason="Throttling: slow"),
            "MFA devices: could not be read (Throttling: slow)",
        ),
        (SourceResult("missing"), "MFA devices: missing from this snapshot"),
    ],
)
def test_why_a_source_is_no_evidence_is_one_line(result, why, tmp_path):
    snapshot = read_snapshot(write(tmp_path, {"mfa_devices": result}))
    assert snapshot.why_not("mfa_devices") == why
    assert snapshot.status("mfa_devices") == result.status
    if why:
        assert snapshot.read("mfa_devices") is None


def test_a_source_that_the_snapshot_never_heard_of_is_missing(tmp_path):
    folder = write(tmp_path)
    edit(folder, sources={})
    snapshot = read_snapshot(folder)
    assert {snapshot.status(name) for name in SOURCES} == {"missing"}
    assert snapshot.why_not("saml_providers") == "SAML providers: missing from this snapshot"


def test_an_offset_does_not_change_which_snapshot_is_newest(tmp_path):
    write(tmp_path, started_at=datetime(2026, 11, 1, 9, 0, tzinfo=timezone(timedelta(hours=9))))
    newest = write(tmp_path, started_at=NOW)
    assert read_snapshot(tmp_path).path == newest
