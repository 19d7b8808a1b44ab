"""Retention: which snapshots and reports are old enough to be deleted, and their deletion.

Only what iamaudit wrote is ever named for deletion, and only when there are enough newer complete ones.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from iamaudit.atomic import hidden_beside
from iamaudit.errors import ReportError, SnapshotError
from iamaudit.report.signature import DIGEST, MANIFEST, SIGNATURE
from iamaudit.snapshot import read_snapshot

_ACCOUNT, _TIME = re.compile(r"\d{12}"), re.compile(r"(\d{8}T\d{6}Z)(\.failed)?")

Kind = Literal["complete", "unfinished", "unknown"]


@dataclass(frozen=True, slots=True)
class Retention:
    """What a pruning would do: ``deleted`` goes, ``unknown`` is old enough but not ours alone, and stays."""

    deleted: tuple[Path, ...]
    unknown: tuple[Path, ...]

    @property
    def size(self) -> int:
        """Return the bytes in what would be deleted."""
        files = (path for folder in self.deleted for path in folder.rglob("*") if path.is_file())
        return sum(path.stat().st_size for path in files)


def plan_retention(snapshots: Path, reports: Path, keep: int) -> Retention:
    """Return what is older than the ``keep`` newest complete snapshots, and reports, of each account.

    A snapshot counts as one when its manifest can be read and it holds no other file; a report when every
    file is what its manifest says. A collection or a run that did not end is named when it is as old.

    Parameters
    ----------
    keep
        How many complete ones stay, at least 1; where there are fewer, nothing is named.
    """
    old = [
        *_old(snapshots, keep, _kind_of_snapshot, _is_snapshot),
        *_old(reports, keep, _kind_of_report, _is_report),
    ]
    return Retention(
        deleted=tuple(folder for folder, is_ours in old if is_ours),
        unknown=tuple(folder for folder, is_ours in old if not is_ours),
    )


def delete_folder(folder: Path) -> None:
    """Delete a folder: first out of sight, so that a half-deleted one is never read.

    Raises
    ------
    ReportError
        It cannot be deleted.
    """
    aside = hidden_beside(folder)
    try:
        folder.rename(aside)
        shutil.rmtree(aside)
    except OSError as error:
        raise ReportError(f"cannot delete `{folder}` ({error.strerror}): see who may write there") from error


def _old(
    root: Path, keep: int, kind: Callable[[Path], Kind], is_ours: Callable[[Path], bool]
) -> Iterator[tuple[Path, bool]]:
    """Yield what is older than the newest ``keep`` complete ones of its account, and whether it is ours."""
    accounts = [path for path in root.glob("[0-9]*") if _ACCOUNT.fullmatch(path.name) and _is_folder(path)]
    for account in sorted(accounts):
        dated = [path for path in account.iterdir() if _TIME.fullmatch(path.name) and _is_folder(path)]
        kinds = {path: kind(path) for path in sorted(dated)}
        complete = [path for path in kinds if kinds[path] == "complete"]
        if len(complete) < keep:
            continue
        oldest_kept = complete[-keep].name
        for path, found in kinds.items():
            if path.name[:16] < oldest_kept:
                yield path, found != "unknown" and is_ours(path)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _kind_of_snapshot(folder: Path) -> Kind:
    if not (folder / MANIFEST).is_file():
        return "unknown"
    try:
        found = read_snapshot(folder)
    except SnapshotError:
        return "unknown"
    if found.path != folder or found.manifest.account_id != folder.parent.name:
        return "unknown"
    return "complete" if found.manifest.finished_at else "unfinished"


def _is_snapshot(folder: Path) -> bool:
    sources = read_snapshot(folder).manifest.sources.values()
    return _files(folder) <= {MANIFEST, *(record.file for record in sources if record.file)}


def _kind_of_report(folder: Path) -> Kind:
    if folder.name.endswith(".failed"):
        return "unfinished"
    manifest = _manifest(folder)
    is_one = manifest.get("account_id") == folder.parent.name and isinstance(manifest.get("outputs"), dict)
    return "complete" if is_one else "unknown"


def _is_report(folder: Path) -> bool:
    if folder.name.endswith(".failed"):
        return all(name.endswith(".failed.ipynb") for name in _files(folder))
    outputs = _manifest(folder)["outputs"]
    beside = {MANIFEST, DIGEST, SIGNATURE}
    return all(_digest(folder / name) == outputs.get(name) for name in _files(folder) - beside)


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def _files(folder: Path) -> set[str]:
    """Return every file and link in a folder, by its path from there."""
    found = (path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())
    return {path.relative_to(folder).as_posix() for path in found}


def _digest(path: Path) -> str:
    if path.is_symlink():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
