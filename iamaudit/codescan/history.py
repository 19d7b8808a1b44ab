"""Access key ids that git still knows, in commits on any branch, tag or stash."""

import ast
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from iamaudit.codescan.sighting import KEY_ID, Scan, Sighting, shown_path
from iamaudit.errors import ParameterError

_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
# The answer must not depend on anybody's settings, nor may a program run that a repository names.
_GIT = ("--no-pager", "--literal-pathspecs", "-c", "core.quotePath=true", "-c", "log.showSignature=false")
_LOG = (
    *("log", "-p", "--all", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--relative"),
    *("--unified=0", "--submodule=short", "--src-prefix=a/", "--dst-prefix=b/", "--format=%x00%H"),
)


def require_work_tree(given: Path, scan: Scan) -> None:
    """Refuse a path whose history git cannot read, and record what a shallow clone leaves out.

    Raises
    ------
    ParameterError
        There is no git, or the path is in no work tree.
    """
    with _git(given, "rev-parse", "--is-inside-work-tree", "--is-shallow-repository") as process:
        inside, shallow, *_ = [*process.communicate()[0].split(), b"", b""]
    if inside != b"true":
        raise ParameterError(f"`{given}` is in no git work tree that git can read: leave out the history")
    if shallow == b"true":
        scan.skip(given, "history before the shallow clone")


def scan_history(paths: Sequence[Path], scan: Scan) -> None:
    """Look for the ids that a commit added to a file that now lacks them."""
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
            for match in KEY_ID.finditer(raw.decode("utf-8", errors="replace")):
                yield Sighting(match[0], shown_path(folder / path), line, "git history", commit)
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


def git_answer(given: Path, *arguments: str) -> str | None:
    """Return what git says where a path is; ``None`` without git, out of a work tree or on a failure."""
    if shutil.which("git") is None:
        return None
    with _git(given, *arguments) as process:
        said = process.communicate()[0].decode("utf-8", errors="replace").strip()
    return said if process.returncode == 0 else None


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
