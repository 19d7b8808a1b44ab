"""Read a snapshot, and notice when a file is not what was collected."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iamaudit.errors import SnapshotError
from iamaudit.snapshot.manifest import Manifest, Status
from iamaudit.snapshot.sources import SOURCES

CARRIED_BY_REPORT = "evidence"
"""The folder in a report with the copy of the snapshot that was judged."""
_MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A complete snapshot on disk; its files are read when they are asked for."""

    path: Path
    manifest: Manifest

    def status(self, source: str) -> Status:
        """Return the status of ``source``; one that this snapshot never heard of is ``missing``."""
        record = self.manifest.sources.get(source)
        return record.status if record else "missing"

    def why_not(self, source: str) -> str | None:
        """Return one line on why ``source`` is not evidence here, or ``None`` when it was collected."""
        status = self.status(source)
        if status == "collected":
            return None
        title, needs = SOURCES[source].title, " and ".join(SOURCES[source].permissions)
        if status == "missing" and not needs:
            return f"{title}: not handed over"  # no collection asks for it, whatever ended it
        record = self.manifest.sources.get(source)
        reason = f" ({record.reason})" if record and record.reason else ""
        match status:
            case "denied":
                return f"{title}: denied{reason}; needs {needs}"
            case "unavailable":
                return f"{title}: unavailable at this endpoint{reason}"
            case "failed":
                return f"{title}: could not be read{reason}"
            case _:
                return f"{title}: missing from this snapshot{reason}"

    def read(self, source: str) -> Any:
        """Return the content of ``source``: a JSON value, text for CSV, ``None`` when it is not evidence.

        Raises
        ------
        SnapshotError
            The file is gone, or is not what the manifest's sha-256 says.
        """
        if self.status(source) != "collected":
            return None
        record = self.manifest.sources[source]
        path = self.path / str(record.file)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise SnapshotError(f"cannot read `{path}` ({error.strerror}): collect again") from error
        if hashlib.sha256(data).hexdigest() != record.sha256:
            raise SnapshotError(f"`{path}` changed after it was collected (sha-256 differs): collect again")
        if path.suffix == ".csv":
            return data.decode("utf-8")
        return json.loads(data)

    def is_unchanged(self) -> bool:
        """Return whether the file of every source still is what the manifest's sha-256 says."""
        try:
            return all(
                hashlib.sha256((self.path / str(record.file)).read_bytes()).hexdigest() == record.sha256
                for record in self.manifest.sources.values()
                if record.status == "collected"
            )
        except OSError:
            return False


def read_snapshot(path: str | Path) -> Snapshot:
    """Open the snapshot folder ``path``, or the newest snapshot in it.

    ``path`` may be one snapshot, an account's folder or the folder above: the newest complete snapshot of a
    single account is taken. It may be a report, too, which carries the snapshot that was judged.

    Raises
    ------
    SnapshotError
        There is no complete snapshot, there are several accounts, or the manifest cannot be used.
    """
    try:
        folder = _folder(Path(path).expanduser())
        where = folder / _MANIFEST
        data = json.loads(where.read_text(encoding="utf-8"))
    except OSError as error:
        raise SnapshotError(
            f"cannot read `{error.filename or path}` ({error.strerror}): give a folder that you may read"
        ) from error
    except RuntimeError as error:  # of a `~` that is nobody's home
        raise SnapshotError(f"no snapshot at `{path}` ({error}): write the whole path") from error
    except ValueError as error:
        raise SnapshotError(f"`{where}` is not JSON ({error}): collect again") from error
    if _is_of_report(data):
        raise SnapshotError(f"`{folder}` is a report without evidence: give the snapshot that it was made of")
    return Snapshot(folder, Manifest.from_json(data, where=str(where)))


def _folder(given: Path) -> Path:
    """Return the folder of the snapshot that is meant."""
    if not given.is_dir():
        raise SnapshotError(f"no snapshot at `{given}`: give the folder that `iamaudit collect` wrote")
    if not (given / _MANIFEST).is_file():
        return _newest(given)
    carried = given / CARRIED_BY_REPORT
    return carried if (carried / _MANIFEST).is_file() else given


def _newest(folder: Path) -> Path:
    manifests = [*folder.glob("[!.]*/manifest.json"), *folder.glob("[!.]*/[!.]*/manifest.json")]
    read = {manifest.parent: _json(manifest) for manifest in manifests}
    if any(map(_is_of_report, read.values())):
        raise SnapshotError(f"`{folder}` holds reports: give one of them, or a snapshot")
    complete = [path for path, data in read.items() if _is_finished(data)]
    if not complete:
        raise SnapshotError(
            f"`{folder}` has no manifest.json, so it is not a complete snapshot: collect again, or give its "
            "parent folder"
        )
    accounts = sorted({p.parent.name for p in complete})
    if len(accounts) > 1:
        raise SnapshotError(f"`{folder}` holds several accounts ({', '.join(accounts)}): give one of them")
    return max(complete, key=lambda p: p.name)


def _json(manifest: Path) -> Any:
    """Return what a manifest says, ``None`` where it cannot be read."""
    try:
        return json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _is_finished(data: Any) -> bool:
    """Say whether a collection came to its end; one whose manifest cannot be read counts, and is refused."""
    return not isinstance(data, dict) or data.get("finished_at", "") is not None


def _is_of_report(data: Any) -> bool:
    return isinstance(data, dict) and "outputs" in data and "origin" not in data
