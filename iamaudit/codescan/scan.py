"""Find AWS access key ids in files, in git history and in notebook outputs."""

import ast
import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from iamaudit.errors import ParameterError

_MAX_BYTES = 5_000_000
# Only letters and digits make a longer run: ids stand in `KEY=<id>` and in the `<id>/<date>` of a signed URL.
# The end of an escape is no part of it (`\n`, `\u003d`, `%3D`, a colour's `31m`).
_KEY_ID = re.compile(
    r"(?=A[KS]IA)(?:(?<![A-Za-z0-9])|(?<=\\[abfnrtv])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2})|(?<=[0-9]m))"
    r"(A[KS]IA)[A-Z2-7]{12}([A-Z2-7]{4})(?![A-Za-z0-9])"
)
_JSON_TOKEN = re.compile(r'(?P<text>"[^"\\]*+(?:\\.[^"\\]*+)*+")(?P<colon>\s*:)?|[{}\[\]]')
_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_PLACES = {"outputs": "notebook output", "source": "notebook source", "input": "notebook source"}
# The answer must not depend on anybody's settings, nor may a program run that a repository names.
_GIT = ("--no-pager", "--literal-pathspecs", "-c", "core.quotePath=true", "-c", "log.showSignature=false")
_LOG = (
    *("log", "-p", "--all", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--relative"),
    *("--unified=0", "--submodule=short", "--src-prefix=a/", "--dst-prefix=b/", "--format=%x00%H"),
)
_COLUMNS = ("key_id", "kind", "path", "line", "where", "commit", "is_example", "status", "user", "account")
_DTYPES = dict.fromkeys(_COLUMNS, "string") | {"line": "Int64", "is_example": "boolean"}


@dataclass(frozen=True, slots=True)
class Sighting:
    """One place where an access key id stands, without the text around it: a secret may be in that.

    ``path`` is as given, ``line`` counts from 1 (of a notebook's JSON, or of the file in the commit) and
    ``where`` is ``file``, ``notebook output``, ``notebook source`` or, with a ``commit``, ``git history``.
    """

    key_id: str = field(repr=False)
    path: str
    line: int
    where: str
    commit: str | None = None

    @property
    def masked(self) -> str:
        """The id as it may be shown: its first and its last four characters."""
        return f"{self.key_id[:4]}…{self.key_id[-4:]}"

    @property
    def is_example(self) -> bool:
        """Whether this is an id of AWS's documentation, which belongs to nobody."""
        return "EXAMPLE" in self.key_id

    @property
    def kind(self) -> str:
        """``long-term`` for a user's access key, ``temporary`` for a session's."""
        return "long-term" if self.key_id.startswith("AKIA") else "temporary"


@dataclass(slots=True)
class Scan:
    """What was found, in how many files, and what was not looked at: ``skipped`` has a path and a reason."""

    sightings: list[Sighting] = field(default_factory=list)
    files: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)
    binary: int = 0

    def skip(self, path: Path | str, reason: str | OSError) -> None:
        """Record that a path was not looked at."""
        if isinstance(reason, OSError):
            reason = f"cannot be read ({(reason.strerror or 'no reason given').lower()})"
        self.skipped.append((_shown(Path(path)), reason))


def scan_paths(paths: Sequence[Path], *, history: bool = False) -> Scan:
    """Look for access key ids in files and folders, and on request in what git knows of them.

    Parameters
    ----------
    paths
        Files, and folders with all in them but ``.git``. A link out of the folder is skipped, and what a link
        within it points to is read in its own place.
    history
        Also report the ids that a commit on any branch, tag or stash added to a file that now lacks them.

    Not seen: what is compressed, encoded or in UTF-16; in history, what only a merge added, what a repository
    within holds, and files that git or ``.gitattributes`` calls binary.

    Raises
    ------
    ParameterError
        A path does not exist, or the history was asked for without git or outside of a work tree.
    """
    if not paths:
        raise ParameterError("nothing to scan: give a file or a folder")
    scan = Scan()
    for given in paths:
        _check(given, scan, history=history)
    seen: set[str] = set()
    for path in (path for given in paths for path in _walk(given, scan)):
        if (real := os.path.realpath(path)) not in seen:
            seen.add(real)
            _scan_file(path, scan)
    if history:
        _scan_history(paths, scan)
    return scan


def sightings_frame(
    sightings: Iterable[Sighting], keys: Mapping[str, tuple[str | None, str | None]]
) -> pd.DataFrame:
    """Return a row per sighting, joined to the keys of an account; no full key id is in it.

    Columns: ``key_id`` (masked), ``kind``, ``path``, ``line``, ``where``, ``commit``, ``is_example``,
    ``status`` and ``user`` of the account's key; for others ``account``, an inference (``account_of_key``).
    ``keys`` gives ``(user, status)`` for each full id of the account; without any, ``status`` is ``<NA>``.
    Else a long-term id that is not in it is ``not of this account``; a session's id is in no such list.
    """
    rows = []
    for each in sightings:
        unknown = "not of this account" if keys and each.kind == "long-term" else None
        user, status = keys.get(each.key_id, (None, unknown))
        path = _KEY_ID.sub(r"\1…\2", each.path)  # a file may be named after its key
        found = (each.masked, each.kind, path, each.line, each.where, each.commit, each.is_example)
        rows.append((*found, status, user, account_of_key(each.key_id) if user is None else None))
    return pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_DTYPES)


def account_of_key(key_id: str) -> str | None:
    """Return the account that an access key id seems to hold, or ``None``.

    This is an inference and is shown as one: AWS does not document that ids made since about 2019 hold the
    account in the 40 bits after the first. Older ids have that bit unset (a fifth character below ``Q``).
    """
    if not _KEY_ID.fullmatch(key_id) or key_id[4] in "ABCDEFGHIJKLMNOP":
        return None
    account = (int.from_bytes(base64.b32decode(key_id[4:])[:6], "big") & 0x7FFFFFFFFF80) >> 7
    return f"{account:012d}" if account < 10**12 else None


def _shown(path: Path) -> str:
    """Return a path as text that can be written, whatever bytes are in the name."""
    return os.fsencode(path.as_posix()).decode("utf-8", errors="replace")


def _check(given: Path, scan: Scan, *, history: bool) -> None:
    try:
        given.stat()
    except OSError as error:
        raise ParameterError(f"`{given}` does not exist or cannot be read: give another") from error
    if not history:
        return
    with _git(given, "rev-parse", "--is-inside-work-tree", "--is-shallow-repository") as process:
        inside, shallow, *_ = [*process.communicate()[0].split(), b"", b""]
    if inside != b"true":
        raise ParameterError(f"`{given}` is in no git work tree that git can read: leave out the history")
    if shallow == b"true":
        scan.skip(given, "history before the shallow clone")


def _walk(given: Path, scan: Scan) -> Iterator[Path]:
    """Yield the files of a folder in the same order every time, or the file itself."""
    if not given.is_dir():
        yield given
        return
    top = os.path.realpath(given)
    for folder, folders, names in os.walk(given, onerror=lambda error: scan.skip(error.filename, error)):
        folders[:] = sorted(name for name in folders if name != ".git")
        here, below = os.path.realpath(folder), set(folders)
        for name in sorted([*folders, *names]):
            path, real = Path(folder, name), Path(os.path.realpath(Path(folder, name)))
            if real != Path(here, name):  # a link
                if not real.is_relative_to(top):
                    scan.skip(path, "link out of the folder")
            elif name not in below and name != ".git":
                yield path


def _scan_file(path: Path, scan: Scan) -> None:
    try:
        if not path.is_file():  # to open a pipe would wait for its other end
            scan.skip(path, "cannot be read (not a regular file)")
            return
        with path.open("rb") as stream:
            raw = stream.read(8192)
            if b"\0" in raw:
                scan.binary += 1
                return
            raw += stream.read(_MAX_BYTES + 1 - len(raw))
    except OSError as error:
        scan.skip(path, error)
        return
    if len(raw) > _MAX_BYTES:
        scan.skip(path, "larger than 5 MB")
        return
    scan.files += 1
    text = raw.decode("utf-8", errors="replace")
    places = _notebook_places(text) if path.suffix == ".ipynb" else {}
    line, end, found = 1, 0, []
    for match in _KEY_ID.finditer(text):
        line += text.count("\n", end, match.start())
        end = match.start()
        found.append(Sighting(match[0], _shown(path), line, places.get(end, "file")))
    scan.sightings += dict.fromkeys(found)


def _notebook_places(text: str) -> dict[int, str]:
    """Return the positions of ids in the text and what of a cell they are in; none if this is no JSON."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return {}
    places: dict[int, str] = {}
    names: list[str] = []  # of the objects and lists around a token; a list's items have the name ""
    name = ""
    for token in _JSON_TOKEN.finditer(text):
        if token["text"]:
            name = token["text"][1:-1] if token["colon"] else name
            for match in _KEY_ID.finditer(text, *token.span("text")):
                places[match.start()] = _cell_place([each for each in (*names, name) if each])
        elif token[0] in "{[":
            names.append(name)
            name = ""
        else:
            name = names.pop()
    return places


def _cell_place(names: list[str]) -> str:
    match names:
        case ["cells", part, *_] | ["worksheets", "cells", part, *_]:  # the second is nbformat 3
            return _PLACES.get(part, "file")
    return "file"


def _git(given: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Start git where a path is, in an environment that no hook around us has set up."""
    program = shutil.which("git")
    if program is None:
        raise ParameterError("git is not on this machine: install it, or leave out the history")
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.Popen(  # noqa: S603 - git, with options of ours; a path comes after `-C` or `--`
        [program, *_GIT, "-C", str(given if given.is_dir() else given.parent), *arguments],
        env={**plain, "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _scan_history(paths: Sequence[Path], scan: Scan) -> None:
    current = {(each.key_id, os.path.realpath(each.path)) for each in scan.sightings}
    found: dict[tuple[str, str, str | None], Sighting] = {}
    for each in (each for given in paths for each in _history(given, scan)):
        real = os.path.realpath(each.path)
        if (each.key_id, real) not in current:
            found.setdefault((each.key_id, real, each.commit), each)
    scan.sightings += found.values()


def _history(given: Path, scan: Scan) -> Iterator[Sighting]:
    folder, name = (given, ".") if given.is_dir() else (given.parent, given.name)
    with _git(given, *_LOG, "--", name) as process:
        for commit, path, line, raw in _added_lines(process.stdout or ()):
            for match in _KEY_ID.finditer(raw.decode("utf-8", errors="replace")):
                yield Sighting(match[0], _shown(folder / path), line, "git history", commit)
    if process.returncode:
        scan.skip(given, "history cannot be read to its end")


def _added_lines(patches: Iterable[bytes]) -> Iterator[tuple[str, str, int, bytes]]:
    """Yield commit, path, line and text of the added lines that may hold an id."""
    commit = path = ""
    line = old = new = 0
    for raw in patches:
        if old or new:  # in a hunk, whose head said how long it is: a line of it may look like a head
            kind = raw[:1]
            if kind == b"+" and (b"AKIA" in raw or b"ASIA" in raw):
                yield commit, path, line, raw[1:]
            if kind not in (b"-", b"\\"):
                line, new = line + 1, new - 1
            if kind not in (b"+", b"\\"):
                old -= 1
        elif raw.startswith(b"\0"):
            commit = raw[1:13].decode("ascii")
        elif raw.startswith(b"+++ "):
            name = raw[4:].strip(b"\t\n")
            name = ast.literal_eval(f"b{name.decode('ascii')}") if name.startswith(b'"') else name
            path = os.fsdecode(name.removeprefix(b"b/"))
        elif hunk := _HUNK.match(raw):
            old, line, new = int(hunk[1] or 1), int(hunk[2]), int(hunk[3] or 1)
