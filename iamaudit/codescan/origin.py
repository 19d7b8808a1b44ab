"""Where scanned code comes from: the repository, its revision, and whether it was changed since."""

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from iamaudit.codescan.history import git_answer

_USER = re.compile(r"^(\w+://)[^/@]*@")


def scanned_code(paths: Iterable[Path], at: datetime) -> list[dict[str, Any]]:
    """Return for each path its repository and revision, if git knows them, and the time of the scan.

    A user and password in the address of a repository are left out.
    """
    return [_scanned(path, at) for path in paths]


def scanned_in_words(scanned: Iterable[dict[str, Any]]) -> list[str]:
    """Return what was scanned, a line each."""
    return [_words(each) for each in scanned]


def _scanned(path: Path, at: datetime) -> dict[str, Any]:
    revision = git_answer(path, "rev-parse", "HEAD")
    remote = git_answer(path, "config", "--get", "remote.origin.url")
    changes = (
        git_answer(path, "status", "--porcelain", "--untracked-files=no", "--", ".") if revision else None
    )
    return {
        "path": path.as_posix(),
        "repository": _USER.sub(r"\1", remote) if remote else None,
        "revision": revision,
        "is_changed": None if changes is None else bool(changes),
        "scanned_at": at.isoformat(timespec="seconds"),
    }


def _words(each: dict[str, Any]) -> str:
    revision = f" at revision {each['revision'][:12]}" if each["revision"] else ""
    changed = ", with changes that are not committed" if each["is_changed"] else ""
    return f"{each['repository'] or each['path']}{revision}{changed}, scanned {each['scanned_at']}"
