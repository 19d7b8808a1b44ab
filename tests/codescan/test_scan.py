import base64
import json
import os
import subprocess
from pathlib import Path

import pytest

from iamaudit.codescan import Scan, Sighting, account_of_key, scan_paths
from iamaudit.errors import ParameterError
from iamaudit.frames import sightings_frame
from tests.accounts import ACCOUNT

KEY = "AKIA" + "Q" * 12 + "WXYZ"
OTHER = "AKIA" + "R" * 12 + "ABCD"
SESSION = "ASIA" + "Q" * 12 + "EFGH"
EXAMPLE = "AKIA" + "IOSFODNN7" + "EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG" + "/" + "bPxRfiCYzzzzzzzzzz"


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def found(scan):
    return [(each.key_id, each.path, each.line, each.where) for each in scan.sightings]


def git(folder, *arguments):
    who = ("-c", "user.name=ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(  # noqa: S603 - git in a temporary folder
        ["git", *who, "-C", folder, *arguments],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def commit(folder, message="change"):
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)
    return git(folder, "rev-parse", "HEAD")[:12]


@pytest.fixture
def repo(tmp_path):
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    return folder


def key_of(account, prefix="AKIA", low=77):
    value = (1 << 47 | int(account) << 7 | low).to_bytes(6, "big") + bytes(4)
    return prefix + base64.b32encode(value).decode()


@pytest.mark.parametrize(
    "line",
    [
        "{}",
        "AWS_ACCESS_KEY_ID={}",
        "aws_access_key_id = '{}'",
        '"AccessKeyId": "{}",',
        "https://bucket.s3.amazonaws.com/x?X-Amz-Credential={}/20261101/eu-west-1/s3/aws4_request",
        "X-Amz-Credential%3D{}%2F20261101",
        "Credential={}/20261101/eu-west-1/iam/aws4_request, SignedHeaders=host",
        r'text = "\n{}\n"',
        r"key\u003d{}",
        r"\u001b[38;5;31m{}\u001b[39m",
        "key_{}_old",
        "s/{}/removed/",
        "{}==>removed",
        "Schlüssel: {}…",
        "+{}",
    ],
)
def test_an_id_is_found_however_it_is_written(tmp_path, line):
    file = write(tmp_path / "a.txt", f"first\n{line.format(KEY)}\n")
    assert found(scan_paths([file])) == [(KEY, file.as_posix(), 2, "file")]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(KEY[:-1], id="shorter"),
        pytest.param(KEY + "A", id="longer"),
        pytest.param("A" + KEY, id="longer before"),
        pytest.param("x" + KEY + "=", id="in base64"),
        pytest.param(KEY + "a", id="in a word"),
        pytest.param(KEY.lower(), id="lower case"),
        pytest.param("AKIA" + "Q1" * 8, id="no base32"),
        pytest.param("AIDA" + "Q" * 16, id="a user's id"),
    ],
)
def test_what_is_shorter_longer_or_of_other_letters_is_no_id(tmp_path, text):
    assert found(scan_paths([write(tmp_path / "a.txt", text)])) == []


def test_a_sighting_says_kind_and_example_and_shows_the_id_masked():
    long, temporary, example = (Sighting(key, "a.py", 1, "file") for key in (KEY, SESSION, EXAMPLE))
    assert (long.masked, long.kind, long.is_example, long.commit) == ("AKIA…WXYZ", "long-term", False, None)
    assert (temporary.masked, temporary.kind, temporary.is_example) == ("ASIA…EFGH", "temporary", False)
    assert (example.masked, example.kind, example.is_example) == ("AKIA…MPLE", "long-term", True)
    assert KEY not in repr(long)


def test_secrets_beside_an_id_are_not_kept(repo):
    write(repo / "gone.env", f"id={KEY}\nsecret={SECRET}\n")
    commit(repo)
    write(repo / "gone.env", f"{OTHER} {SECRET}\n")
    scan = scan_paths([repo], history=True)
    frame = sightings_frame(scan.sightings, {})
    assert [each.key_id for each in scan.sightings] == [OTHER, KEY]
    for shown in (repr(scan), str(scan), frame.to_csv(), repr(vars_of(scan))):
        assert SECRET not in shown
        assert SECRET[:21] not in shown


def vars_of(scan):
    names = ("key_id", "path", "line", "where", "commit")
    return [tuple(getattr(each, name) for name in names) for each in scan.sightings]


def test_folders_are_walked_in_the_same_order_and_without_git(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("src/z.py", "src/b/c.py", "src/a.py", "src/.git/config", "src/b/.git", "src/.env"):
        write(Path(name), f"\r\n{KEY}\r\n")
    scan = scan_paths([Path("src")])
    names = ["src/.env", "src/a.py", "src/z.py", "src/b/c.py"]
    assert found(scan) == [(KEY, name, 2, "file") for name in names]
    assert (scan.files, scan.skipped, scan.binary) == (4, [], 0)
    assert [each.path for each in scan_paths([Path()]).sightings] == names


def test_a_file_that_is_given_twice_is_read_once(tmp_path):
    file = write(tmp_path / "a.txt", f"{KEY} {KEY}\n{KEY} {OTHER}\n")
    scan = scan_paths([file, tmp_path, file])
    assert scan.files == 1
    assert [(key, line) for key, _, line, _ in found(scan)] == [(KEY, 1), (KEY, 2), (OTHER, 2)]


def test_a_link_out_of_the_folder_is_skipped_and_one_within_is_read_in_its_place(tmp_path):
    out = write(tmp_path / "out" / "a.txt", KEY)
    real = write(tmp_path / "in" / "real.txt", OTHER)
    (tmp_path / "in" / "again").symlink_to(real)
    (tmp_path / "in" / "loop").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "self").symlink_to(tmp_path / "in" / "self")
    (tmp_path / "in" / "out").symlink_to(out)
    (tmp_path / "in" / "folder").symlink_to(out.parent)
    scan = scan_paths([tmp_path / "in"])
    assert found(scan) == [(OTHER, real.as_posix(), 1, "file")]
    assert scan.skipped == [
        ((tmp_path / "in" / "folder").as_posix(), "link out of the folder"),
        ((tmp_path / "in" / "out").as_posix(), "link out of the folder"),
        ((tmp_path / "in" / "self").as_posix(), "cannot be read (not a regular file)"),
    ]


def test_binary_files_are_counted_and_large_ones_named(tmp_path):
    write(tmp_path / "a.bin", b"x" * 8191 + b"\0" + KEY.encode())
    write(tmp_path / "b.bin", b"\0" * 6_000_000)
    write(tmp_path / "late.txt", b"x" * 8192 + b"\0 " + KEY.encode())
    write(tmp_path / "full.txt", KEY + "\n" * (5_000_000 - 20))
    large = write(tmp_path / "large.txt", KEY + "\n" * (5_000_001 - 20))
    scan = scan_paths([tmp_path])
    assert [Path(path).name for _, path, _, _ in found(scan)] == ["full.txt", "late.txt"]
    assert scan == Scan(scan.sightings, 2, [(large.as_posix(), "larger than 5 MB")], 2)


def test_what_cannot_be_read_is_named(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe")
    write(tmp_path / "closed.txt", KEY)
    opened = Path.open

    def refuse(path, *arguments):
        if path.name == "closed.txt":
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments)

    monkeypatch.setattr(Path, "open", refuse)
    scan = scan_paths([tmp_path])
    assert scan.files == 0
    assert scan.skipped == [
        ((tmp_path / "closed.txt").as_posix(), "cannot be read (permission denied)"),
        ((tmp_path / "pipe").as_posix(), "cannot be read (not a regular file)"),
    ]


def test_bytes_that_are_no_utf8_do_not_hide_an_id(tmp_path):
    folder = tmp_path / "data"
    write(folder / os.fsdecode(b"b\xe4d.txt"), b"\xff\xfe\xe4 " + KEY.encode())
    scan = scan_paths([folder])
    assert found(scan) == [(KEY, f"{folder.as_posix()}/b�d.txt", 1, "file")]
    assert sightings_frame(scan.sightings, {}).path.tolist() == [f"{folder.as_posix()}/b�d.txt"]


NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "metadata": {"note": KEY}, "source": f"# one string\n{KEY}"},
        {
            "cell_type": "code",
            "source": ["x = {'source': ']'}\n", f'id = "{OTHER}"\n'],
            "outputs": [
                {"output_type": "stream", "text": ["ok\n", f"{SESSION}\n"]},
                {"data": {"application/json": {"source": [KEY], KEY: 1}}, "metadata": {}},
            ],
            "metadata": {"source": [{}], "after": OTHER},
        },
    ],
    "metadata": {"outputs": KEY},
}


def test_a_notebook_says_whether_it_is_the_source_or_the_output(tmp_path):
    text = json.dumps(NOTEBOOK, indent=1)
    file = write(tmp_path / "a.ipynb", text)
    lines = text.split("\n")
    scan = scan_paths([file])
    assert [(each.key_id, each.where) for each in scan.sightings] == [
        (KEY, "file"),
        (KEY, "notebook source"),
        (OTHER, "notebook source"),
        (SESSION, "notebook output"),
        (KEY, "notebook output"),
        (KEY, "notebook output"),
        (OTHER, "file"),
        (KEY, "file"),
    ]
    assert all(each.key_id in lines[each.line - 1] for each in scan.sightings)
    assert len({each.line for each in scan.sightings}) == 8


def test_an_old_notebook_has_its_cells_in_a_worksheet(tmp_path):
    cell = {"input": [KEY], "outputs": [{"text": OTHER}], "language": SESSION}
    file = write(tmp_path / "a.ipynb", json.dumps({"worksheets": [{"cells": [cell]}]}))
    assert [each.where for each in scan_paths([file]).sightings] == [
        "notebook source",
        "notebook output",
        "file",
    ]


@pytest.mark.parametrize(
    "broken", ["{}<<<<<<< HEAD", "[" * 100_000 + "{}", ""], ids=["conflict", "deep", "text"]
)
def test_a_notebook_that_is_no_json_is_a_plain_file(tmp_path, broken):
    text = broken.format(json.dumps(NOTEBOOK)) if broken else f"id = {KEY}"
    scan = scan_paths([write(tmp_path / "a.ipynb", text)])
    assert {each.where for each in scan.sightings} == {"file"}


def test_the_history_has_what_the_files_no_longer_have(repo, monkeypatch):
    monkeypatch.chdir(repo)
    write(Path("a.env"), f"one\ntwo\nid={KEY}\n")
    write(Path("kept.env"), f"{SESSION}\n")
    first = commit(repo)
    write(Path("a.env"), f"one\ntwo\nnew\nid={OTHER} {OTHER}\n{OTHER}\n{KEY}\n")
    second = commit(repo)
    write(Path("a.env"), f"{KEY}\n")
    commit(repo)
    write(Path("a.env"), "none\n")
    commit(repo)
    scan = scan_paths([Path()], history=True)
    assert found(scan)[:1] == [(SESSION, "kept.env", 1, "file")]
    assert sorted(vars_of(scan)[1:], key=lambda each: (each[2], each[0])) == [
        (KEY, "a.env", 3, "git history", first),
        (OTHER, "a.env", 4, "git history", second),
        (KEY, "a.env", 6, "git history", second),
    ]
    assert {len(each.commit) for each in scan.sightings[1:]} == {12}
    assert scan.files == 2


def test_the_history_of_other_branches_and_deleted_files_is_read(repo):
    write(repo / "a.txt", "x\n")
    commit(repo)
    git(repo, "switch", "--quiet", "--create", "side")
    write(repo / "deep" / 'ä "b"\t.txt', f"x\n{KEY}\n")
    write(repo / "with space.txt", f"{OTHER}\n")
    side = commit(repo)
    git(repo, "switch", "--quiet", "main")
    assert sorted(vars_of(scan_paths([repo], history=True))) == [
        (KEY, f'{repo.as_posix()}/deep/ä "b"\t.txt', 2, "git history", side),
        (OTHER, f"{repo.as_posix()}/with space.txt", 1, "git history", side),
    ]


def test_only_the_history_of_what_was_given_is_read(repo, monkeypatch):
    monkeypatch.chdir(repo)
    for name in ("sub/a.txt", "sub/[a].txt", "sub/b.txt", "c.txt"):
        write(Path(name), f"{KEY}\n")
    commit(repo)
    for name in ("sub/a.txt", "sub/[a].txt", "sub/b.txt", "c.txt"):
        write(Path(name), "\n")
    in_folder = scan_paths([Path("sub"), Path("sub/b.txt")], history=True)
    of_file = scan_paths([Path("sub/[a].txt")], history=True)
    assert sorted(each.path for each in in_folder.sightings) == ["sub/[a].txt", "sub/a.txt", "sub/b.txt"]
    assert [each.path for each in of_file.sightings] == ["sub/[a].txt"]


def test_a_file_that_reads_like_a_patch_does_not_mislead(repo):
    write(repo / "a.txt", "-- b/old\nkeep\n")
    commit(repo)
    lines = ["keep", "++ b/other.txt", "@@ -1 +100 @@", "\0" + "f" * 40, f"+{KEY}"]
    write(repo / "a.txt", "\n".join(lines[:3] + lines[4:]))
    changed = commit(repo)
    write(repo / "a.txt", "")
    commit(repo)
    assert vars_of(scan_paths([repo], history=True)) == [
        (KEY, f"{repo.as_posix()}/a.txt", 4, "git history", changed)
    ]


def test_the_settings_of_a_person_or_a_repository_do_not_change_the_answer(repo, monkeypatch):
    write(repo / ".gitattributes", "*.txt diff=shown\n")
    write(repo / "a.txt", f"1\n2\n3\n4\n{KEY}\n")
    added = commit(repo)
    write(repo / "a.txt", "1\n2\n3\n4\n")
    commit(repo)
    for name, value in {
        "color.ui": "always",
        "diff.noprefix": "true",
        "diff.context": "9",
        "diff.external": "false",
        "diff.shown.textconv": "false",
        "log.showSignature": "true",
        "format.pretty": "full",
    }.items():
        git(repo, "config", name, value)
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert vars_of(scan_paths([repo], history=True)) == [
        (KEY, f"{repo.as_posix()}/a.txt", 5, "git history", added)
    ]


def test_a_repository_without_a_commit_has_no_history(repo):
    write(repo / "a.txt", KEY)
    assert [each.where for each in scan_paths([repo], history=True).sightings] == ["file"]


def test_a_shallow_clone_says_that_history_is_missing(repo, tmp_path):
    write(repo / "a.txt", KEY)
    commit(repo)
    write(repo / "a.txt", "none")
    commit(repo)
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth=1", repo.as_uri(), clone)
    scan = scan_paths([clone], history=True)
    assert scan.sightings == []
    assert scan.skipped == [(clone.as_posix(), "history before the shallow clone")]


def test_a_history_that_breaks_off_is_named(repo):
    write(repo / "a.txt", KEY)
    commit(repo)
    blob = git(repo, "rev-parse", "HEAD:a.txt")
    (repo / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    scan = scan_paths([repo], history=True)
    assert scan.skipped == [(repo.as_posix(), "history cannot be read to its end")]


def test_a_path_that_does_not_exist_is_an_error(tmp_path):
    with pytest.raises(ParameterError, match=r"^`.*gone` does not exist or cannot be read: give another$"):
        scan_paths([tmp_path, tmp_path / "gone"])
    with pytest.raises(ParameterError, match=r"^nothing to scan: give a file or a folder$"):
        scan_paths([])


def test_history_without_a_work_tree_or_without_git_is_an_error(tmp_path, repo, monkeypatch):
    plain = write(tmp_path / "plain" / "a.txt", "x")
    for given in (plain, plain.parent, repo / ".git"):
        with pytest.raises(ParameterError, match=r"is in no git work tree .*: leave out the history$"):
            scan_paths([repo, given], history=True)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        ParameterError, match=r"^git is not on this machine: install it, or leave out the history$"
    ):
        scan_paths([repo], history=True)
    assert scan_paths([repo]).files == 0


SIGHTINGS = [
    Sighting(KEY, "a.py", 3, "file"),
    Sighting(OTHER, f"keys/{OTHER}.csv", 1, "git history", "0123456789ab"),
    Sighting(SESSION, "b.ipynb", 9, "notebook output"),
    Sighting(EXAMPLE, "docs.md", 1, "file"),
]


def test_a_key_is_known_by_its_mask_where_the_snapshot_was_copied():
    whole = sightings_frame(SIGHTINGS, {KEY: ("ann", "Active")})
    masked = sightings_frame(SIGHTINGS, {"AKIA…WXYZ": ("ann", "Active")})
    assert masked.equals(whole)
    assert whole.user.dropna().unique().tolist() == ["ann"]


def test_the_frame_joins_sightings_to_the_keys_of_an_account():
    frame = sightings_frame(SIGHTINGS, {KEY: ("ann", "Active")})
    assert frame.astype(object).where(frame.notna(), None).to_numpy().tolist() == [
        ["AKIA…WXYZ", "long-term", "a.py", 3, "file", None, False, "Active", "ann", None],
        [
            *("AKIA…ABCD", "long-term", "keys/AKIA…ABCD.csv", 1, "git history", "0123456789ab", False),
            *("not of this account", None, account_of_key(OTHER)),
        ],
        [
            *("ASIA…EFGH", "temporary", "b.ipynb", 9, "notebook output", None, False),
            *(None, None, account_of_key(SESSION)),
        ],
        ["AKIA…MPLE", "long-term", "docs.md", 1, "file", None, True, "not of this account", None, None],
    ]
    assert not any(key in frame.to_csv() for key in (KEY, OTHER, SESSION, EXAMPLE))


@pytest.mark.parametrize("sightings", [SIGHTINGS, []], ids=["some", "none"])
def test_the_frame_has_its_columns_and_no_status_without_keys(sightings):
    frame = sightings_frame(sightings, {})
    assert frame.status.isna().all()
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        "key_id": "string",
        "kind": "string",
        "path": "string",
        "line": "Int64",
        "where": "string",
        "commit": "string",
        "is_example": "boolean",
        "status": "string",
        "user": "string",
        "account": "string",
    }
    assert len(frame) == len(sightings)


@pytest.mark.parametrize(
    ("key", "account"),
    [
        pytest.param(key_of(ACCOUNT), ACCOUNT, id="long-term"),
        pytest.param(key_of(ACCOUNT, "ASIA", low=0), ACCOUNT, id="temporary"),
        pytest.param(key_of("000000000000", low=127), "000000000000", id="zeros"),
        pytest.param(key_of("000000000001"), "000000000001", id="leading zeros"),
        pytest.param(key_of(10**12 - 1), "9" * 12, id="last account"),
        pytest.param(key_of(10**12), None, id="13 digits"),
        pytest.param("AKIAQ" + "A" * 15, "000000000000", id="first bit set"),
        pytest.param("AKIAP" + "7" * 15, None, id="first bit not set"),
        pytest.param(EXAMPLE, None, id="example"),
        pytest.param("AKIAQ", None, id="cut"),
        pytest.param("AIDA" + "Q" * 16, None, id="a user's id"),
        pytest.param("", None, id="empty"),
    ],
)
def test_the_account_is_inferred_from_an_id_that_holds_it(key, account):
    assert account_of_key(key) == account
