"""Read a snapshot, and notice when a file is not what was collected."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iamaudit.errors import SnapshotError
from iamaudit.snapshot.manifest import Manifest, Status
from iamaudit.snapshot.sources import SOURCES


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
    single account is taken.

    Raises
    ------
    SnapshotError
        There is no complete snapshot, there are several accounts, or the manifest cannot be used.
    """
    folder = Path(path).expanduser()
    if not folder.is_dir():
        raise SnapshotError(f"no snapshot at `{folder}`: give the folder that `iamaudit collect` wrote")
    if not (folder / "manifest.json").is_file():
        folder = _newest(folder)
    where = folder / "manifest.json"
    try:
        data = json.loads(where.read_text(encoding="utf-8"))
    except OSError as error:
        raise SnapshotError(f"cannot read `{where}` ({error.strerror})") from error
    except ValueError as error:
        raise SnapshotError(f"`{where}` is not JSON ({error}): collect again") from error
    return Snapshot(folder, Manifest.from_json(data, where=str(where)))


def _is_finished(manifest: Path) -> bool:
    """Say whether a collection came to its end; one whose manifest cannot be read counts, and is refused."""
    try:
        data = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return True
    return not isinstance(data, dict) or data.get("finished_at", "") is not None


def _newest(folder: Path) -> Path:
    manifests = [*folder.glob("[!.]*/manifest.json"), *folder.glob("[!.]*/[!.]*/manifest.json")]
    complete = [manifest.parent for manifest in manifests if _is_finished(manifest)]
    if not complete:
        raise SnapshotError(
            f"`{folder}` has no manifest.json, so it is not a complete snapshot: collect again, or give its "
            "parent folder"
        )
    accounts = sorted({p.parent.name for p in complete})
    if len(accounts) > 1:
        raise SnapshotError(f"`{folder}` holds several accounts ({', '.join(accounts)}): give one of them")
    return max(complete, key=lambda p: p.name)
