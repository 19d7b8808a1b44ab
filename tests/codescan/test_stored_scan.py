import hashlib
import json
import re
import subprocess
from datetime import UTC, datetime

import pytest

import iamaudit
from iamaudit.codescan import read_scan, scanned_code, write_scan
from iamaudit.demo.collected import DEMO_CODE
from iamaudit.errors import ParameterError
from tests.accounts import ACCOUNT, report, snapshot

ROW = {
    "key_id": "AKIA…WXYZ",
    "path": "a.py",
    "line": 3,
    "where": "file",
    "commit": None,
    "is_example": False,
    "status": "Active",
    "user": "ann",
    "account": None,
}


def test_what_is_written_is_read_back(tmp_path):
    scanned = [
        {
            "path": ".",
            "repository": "https://git.example.com/a.git",
            "revision": "0123456789abcdef",
            "is_changed": True,
            "scanned_at": "2026-11-01T06:30:00+00:00",
        }
    ]
    write_scan(tmp_path / "scan.json", [ROW], account_id=ACCOUNT, files=7, scanned=scanned)
    account, found, words = read_scan(tmp_path / "scan.json")
    assert words == [
        "https://git.example.com/a.git at revision 0123456789ab, with changes that are not committed, "
        "scanned 2026-11-01T06:30:00+00:00"
    ]
    assert account == ACCOUNT
    assert found == [ROW]
    assert json.loads((tmp_path / "scan.json").read_text())["files"] == 7
    assert [path.name for path in tmp_path.iterdir()] == ["scan.json"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no json", r"cannot read the scan `.+`: make it with `iamaudit scan-code"),
        ('{"sightings": []}', r"`.+` is not a scan: make it with"),
        ('{"account_id": "1", "sightings": [{"path": 1}]}', "is not a scan"),
        ("[]", "is not a scan"),
    ],
)
def test_another_file_is_refused(tmp_path, text, message):
    (tmp_path / "scan.json").write_text(text)
    with pytest.raises(ParameterError, match=message):
        read_scan(tmp_path / "scan.json")


def test_a_scan_says_which_revision_of_which_repository_it_read(tmp_path):
    at = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)

    def git(*arguments):
        named = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-C", str(tmp_path))
        subprocess.run(["git", *named, *arguments], check=True, capture_output=True)  # noqa: S603, S607

    (outside,) = scanned_code([tmp_path], at)
    assert (outside["revision"], outside["repository"], outside["is_changed"]) == (None, None, None)
    git("init", "-q")
    git("remote", "add", "origin", "https://ann:secret@git.example.com/a.git")
    (tmp_path / "a.py").write_text("1")
    git("add", "a.py")
    git("commit", "-q", "-m", "a")
    (clean,) = scanned_code([tmp_path], at)
    assert re.fullmatch("[0-9a-f]{40}", clean["revision"])
    assert clean["repository"] == "https://git.example.com/a.git"
    assert clean["scanned_at"] == "2026-11-01T06:30:00+00:00"
    assert clean["is_changed"] is False
    (tmp_path / "a.py").write_text("2")
    assert scanned_code([tmp_path / "a.py"], at)[0]["is_changed"] is True


def test_a_scan_that_cannot_be_written_says_so(tmp_path):
    with pytest.raises(ParameterError, match="cannot write"):
        write_scan(tmp_path / "none" / "scan.json", [ROW], account_id=ACCOUNT, files=1)


def test_a_scan_of_another_account_is_refused(tmp_path):
    write_scan(tmp_path / "scan.json", [ROW], account_id="444455556666", files=1)
    taken = snapshot(tmp_path / "s", credential_report=report({"user": "ann"}))
    with pytest.raises(ParameterError, match="is of account 444455556666, the snapshot of 111122223333"):
        iamaudit.open_snapshot(taken, code_scan=tmp_path / "scan.json")


def test_the_scan_of_the_embedded_account_names_keys_that_it_has():
    audit = iamaudit.open_snapshot()
    keys = audit.access_keys.set_index("access_key_id")
    own = audit.code_keys[audit.code_keys.user.notna()]
    assert len(own) == 3
    assert own.user.tolist() == [keys.user[each] for each in own.key_id]
    assert own.status.tolist() == [keys.status[each] for each in own.key_id]
    assert own.age_days.tolist() == [keys.age_days[each] for each in own.key_id]
    assert audit.workpapers["access-key-in-code"].exceptions.user.tolist() == ["ci-deployer", "backup-agent"]
    assert len(json.loads(DEMO_CODE.read_text())["sightings"]) == len(audit.code_keys) == 4


def test_a_workpaper_names_the_scan_with_its_hash_as_the_bundle_carries_it(tmp_path):
    taken = snapshot(tmp_path / "s", credential_report=report({"user": "<root_account>"}))
    file = tmp_path / "october.txt"
    write_scan(file, [ROW], account_id=ACCOUNT, files=7)
    paper = iamaudit.open_snapshot(taken, code_scan=file).workpapers["access-key-in-code"]
    (scan,) = (each for each in paper.basis.files(paper.check) if each.title == "scan of the code")
    assert (scan.file, scan.holds) == ("given/code_scan.txt", "what was scanned is not recorded")
    assert scan.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()


def test_where_no_code_was_scanned_the_evidence_names_no_file(tmp_path):
    taken = snapshot(tmp_path / "s", credential_report=report({"user": "<root_account>"}))
    paper = iamaudit.open_snapshot(taken).workpapers["access-key-in-code"]
    (scan,) = (each for each in paper.basis.files(paper.check) if each.title == "scan of the code")
    assert (scan.file, scan.holds, scan.sha256) == ("", "not given", "")
