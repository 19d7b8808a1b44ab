"""Write a snapshot: all of it, or nothing."""

import hashlib
import json
import platform
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from iamaudit.atomic import clear_leftovers, hidden_beside, put_in_place
from iamaudit.errors import SnapshotError
from iamaudit.snapshot.manifest import SCHEMA_VERSION, Manifest, Origin, SourceRecord, SourceResult
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


def canonical_json(value: Any) -> str:
    """Return ``value`` as JSON text that is the same for equal values: sorted keys, two spaces, ISO times."""
    return json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, default=_json_value) + "\n"


def write_snapshot(  # noqa: PLR0913 - a manifest has this many facts
    root: Path,
    results: Mapping[str, SourceResult],
    *,
    account_id: str,
    account_alias: str | None = None,
    caller_arn: str | None = None,
    origin: Origin,
    started_at: datetime,
    finished_at: datetime,
    replace: bool = False,
) -> Path:
    """Write ``root/<account_id>/<UTC start>/`` and return it.

    A source without a result is recorded as ``missing``. Everything is written under a temporary name, the
    manifest last, and renamed once it is whole.

    Raises
    ------
    SnapshotError
        ``account_id`` is not 12 digits, the folder cannot be written, that snapshot exists already and
        ``replace`` is false, or a source holds what cannot be stored.
    """
    if not re.fullmatch(r"\d{12}", account_id, re.ASCII):
        raise SnapshotError(f"account id `{account_id}` is not 12 digits: no snapshot can be filed under it")
    name = started_at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    target = root / account_id / name
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        clear_leftovers(target.parent)
        partial = hidden_beside(target)
        partial.mkdir()
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        records = {
            source: _write_source(partial, source, results.get(source, SourceResult("missing")))
            for source in SOURCES
        }
        manifest = Manifest(
            schema_version=SCHEMA_VERSION,
            account_id=account_id,
            account_alias=account_alias,
            caller_arn=caller_arn,
            origin=origin,
            started_at=started_at,
            finished_at=finished_at,
            tool_versions=_tool_versions(),
            sources=records,
        )
        (partial / "manifest.json").write_text(canonical_json(manifest.to_json()), encoding="utf-8")
        if target.exists() and not replace:  # of two writers of one snapshot the first wins
            raise SnapshotError(f"`{target}` exists already: wait a second and collect again")
        put_in_place(partial, target)
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        with suppress(OSError):  # it holds a snapshot, ours or another
            target.parent.rmdir()
    return target


def _write_source(folder: Path, name: str, result: SourceResult) -> SourceRecord:
    source = SOURCES[name]
    digest = None
    if result.status == "collected":
        data = _bytes(source, result.content)
        digest = hashlib.sha256(data).hexdigest()
        (folder / source.file).write_bytes(data)
    return SourceRecord(
        status=result.status,
        file=source.file if digest else None,
        sha256=digest,
        rows=dict(result.rows),
        permissions=source.permissions,
        reason=result.reason,
        calls=result.calls,
        request_ids=result.request_ids,
        generated_at=result.generated_at,
    )


def _bytes(source: Source, content: Any) -> bytes:
    try:
        text = content if source.file.endswith(".csv") else canonical_json(_without_secrets(content))
        return text.encode("utf-8")
    except (UnicodeEncodeError, RecursionError) as error:
        raise SnapshotError(
            f"{source.title}: text that is no Unicode, or nested too deep ({error}): get it from AWS again"
        ) from error


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
