"""Write a snapshot: source by source where it stands, or all of it at once."""

import hashlib
import json
import platform
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace as changed
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from iamaudit.atomic import clear_leftovers, hidden_beside, put_in_place, write_whole
from iamaudit.errors import SnapshotError
from iamaudit.snapshot.manifest import SCHEMA_VERSION, Manifest, Origin, SourceRecord, SourceResult
from iamaudit.snapshot.read import Snapshot
from iamaudit.snapshot.sources import SOURCES, Source

_TOOLS = ("iamaudit", "boto3", "botocore")
_SECRETS = {
    "Base32StringSeed",
    "QRCodePNG",
    "SecretAccessKey",
    "SessionToken",
    "ServicePassword",
    "PrivateKey",
}
"""Fields that are never stored, from whatever source: no read answers with them, stand-ins for AWS do."""

_NOT_ASKED = SourceResult("missing", reason="not asked: the collection was not finished")


def canonical_json(value: Any) -> str:
    """Return ``value`` as JSON text that is the same for equal values: sorted keys, two spaces, ISO times."""
    return json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, default=_json_value) + "\n"


class SnapshotWriter:
    """A snapshot that grows source by source: after each, the manifest says what is there by then.

    It is written in its place, so that a collection which ends early leaves what it has, marked as not
    finished; or, ``hidden``, beside its place, which it takes once it is whole. Nobody reads that before,
    so its manifest is written once, at the end.
    """

    def __init__(self, manifest: Manifest, place: Path, folder: Path) -> None:
        self.manifest, self.place, self.folder = manifest, place, folder
        self._records = dict(manifest.sources)

    @classmethod
    def begin(
        cls,
        root: Path,
        *,
        account_id: str,
        caller_arn: str | None = None,
        origin: Origin,
        started_at: datetime,
        hidden: bool = False,
    ) -> "SnapshotWriter":
        """Make ``root/<account_id>/<UTC start>/``.

        Raises
        ------
        SnapshotError
            ``account_id`` is not 12 digits, the folder cannot be made, or is there already.
        """
        if not re.fullmatch(r"\d{12}", account_id, re.ASCII):
            raise SnapshotError(
                f"account id `{account_id}` is not 12 digits: no snapshot can be filed under it"
            )
        place = root / account_id / started_at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        folder = hidden_beside(place) if hidden else place
        manifest = Manifest(
            schema_version=SCHEMA_VERSION,
            account_id=account_id,
            account_alias=None,
            caller_arn=caller_arn,
            origin=origin,
            started_at=started_at,
            finished_at=None,
            tool_versions=_tool_versions(),
            sources={name: _record(name, _NOT_ASKED) for name in SOURCES},
        )
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            clear_leftovers(place.parent)
            folder.mkdir()
        except FileExistsError as error:
            raise _exists(place) from error
        except OSError as error:
            raise _unwritable(place, error) from error
        return cls(manifest, place, folder)

    @classmethod
    def resume(cls, snapshot: Snapshot) -> "SnapshotWriter":
        """Go on with a snapshot that is not finished.

        Raises
        ------
        SnapshotError
            It is finished, or a file of it is not what was collected.
        """
        if snapshot.manifest.finished_at is not None:
            raise SnapshotError(f"`{snapshot.path}` is finished: collect a new snapshot")
        if not snapshot.is_unchanged():
            raise SnapshotError(f"a file of `{snapshot.path}` changed after it was collected: collect again")
        return cls(snapshot.manifest, snapshot.path, snapshot.path)

    def store(self, name: str, result: SourceResult) -> None:
        """Write the file of a source, if it was collected, and then the manifest, unless it is hidden.

        Raises
        ------
        SnapshotError
            It cannot be written, or holds what cannot be stored.
        """
        text = _text(SOURCES[name], result.content) if result.status == "collected" else None
        self._records[name] = _record(name, result, text)
        try:
            if text is not None:
                write_whole(self.folder / SOURCES[name].file, text)
            if self.folder == self.place:
                self._write_manifest()
            shutil.rmtree(self._parts(name), ignore_errors=True)
        except OSError as error:
            raise _unwritable(self.place, error) from error

    def keep(self, name: str, part: Mapping[str, Any]) -> None:
        """Store a part of what a source is made of, until all of it is stored.

        Raises
        ------
        SnapshotError
            It cannot be written.
        """
        text = canonical_json(_without_secrets(part))
        try:
            self._parts(name).mkdir(exist_ok=True)
            write_whole(self._parts(name) / f"{_digest(text)}.json", text)
        except OSError as error:
            raise _unwritable(self.place, error) from error

    def kept(self, name: str) -> dict[str, Any]:
        """Return the parts of a source that are stored, as one; what is not as it was written is left out."""
        found: dict[str, Any] = {}
        for path in sorted(self._parts(name).glob("[!.]*.json")):
            text = path.read_text(encoding="utf-8", errors="replace")
            if _digest(text) == path.stem:
                found |= json.loads(text)
        return found

    def finish(self, finished_at: datetime, *, account_alias: str | None, replace: bool = False) -> Path:
        """Mark the snapshot as finished, let it take its place, and return that.

        Raises
        ------
        SnapshotError
            It cannot be written, or another took its place and ``replace`` is false.
        """
        self.manifest = changed(self.manifest, finished_at=finished_at, account_alias=account_alias)
        for name in SOURCES:  # parts that a collection left which was killed once the whole was stored
            shutil.rmtree(self._parts(name), ignore_errors=True)
        try:
            self._write_manifest()
            if self.folder != self.place:
                if self.place.exists() and not replace:  # of two writers of one snapshot the first wins
                    raise _exists(self.place)
                put_in_place(self.folder, self.place)
        except OSError as error:
            raise _unwritable(self.place, error) from error
        return self.place

    def discard(self) -> None:
        """Take away what is hidden still; nothing, once it took its place."""
        if self.folder != self.place:
            shutil.rmtree(self.folder, ignore_errors=True)
        with suppress(OSError):  # it holds a snapshot, ours or another
            self.place.parent.rmdir()

    def _parts(self, name: str) -> Path:
        return self.folder / f".{name}"

    def _write_manifest(self) -> None:
        self.manifest = changed(self.manifest, sources=self._records)
        write_whole(self.folder / "manifest.json", canonical_json(self.manifest.to_json()))


def write_snapshot(
    root: Path,
    results: Mapping[str, SourceResult],
    *,
    account_id: str,
    account_alias: str | None = None,
    caller_arn: str | None = None,
    origin: Origin,
    started_at: datetime,
    finished_at: datetime,
) -> Path:
    """Write ``root/<account_id>/<UTC start>/``, all of it or nothing, and return it.

    A source without a result is recorded as ``missing``.

    Raises
    ------
    SnapshotError
        As ``SnapshotWriter`` says.
    """
    writer = SnapshotWriter.begin(
        root,
        account_id=account_id,
        caller_arn=caller_arn,
        origin=origin,
        started_at=started_at,
        hidden=True,
    )
    try:
        for source in SOURCES:
            writer.store(source, results.get(source, SourceResult("missing")))
        return writer.finish(finished_at, account_alias=account_alias)
    finally:
        writer.discard()


def _record(name: str, result: SourceResult, text: str | None = None) -> SourceRecord:
    return SourceRecord(
        status=result.status,
        file=None if text is None else SOURCES[name].file,
        sha256=None if text is None else _digest(text),
        rows=dict(result.rows),
        permissions=SOURCES[name].permissions,
        reason=result.reason,
        calls=result.calls,
        request_ids=result.request_ids,
        generated_at=result.generated_at,
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _exists(place: Path) -> SnapshotError:
    return SnapshotError(f"`{place}` exists already: wait a second and collect again")


def _text(source: Source, content: Any) -> str:
    try:
        text = content if source.file.endswith(".csv") else canonical_json(_without_secrets(content))
        text.encode("utf-8")
    except (UnicodeEncodeError, RecursionError) as error:
        raise SnapshotError(
            f"{source.title}: text that is not Unicode, or nested too deep ({error}): get it from AWS again"
        ) from error
    return str(text)


def _without_secrets(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_secrets(item) for key, item in value.items() if key not in _SECRETS}
    if isinstance(value, (list, tuple)):
        return [_without_secrets(item) for item in value]
    return value


def _unwritable(target: Path, error: OSError) -> SnapshotError:
    return SnapshotError(
        f"cannot write the snapshot `{target}` ({error.strerror or error}): choose a folder with room that "
        "you may write to"
    )


def _tool_versions() -> dict[str, str]:
    versions = {"python": platform.python_version()}
    for tool in _TOOLS:
        try:
            versions[tool] = version(tool)
        except PackageNotFoundError:
            versions[tool] = "not installed"
    return versions


def _json_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a snapshot")
