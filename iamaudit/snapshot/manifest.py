"""What a snapshot says about itself: who collected what, when, and what could not be had."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from iamaudit.errors import SnapshotError

SCHEMA_VERSION = 1

Status = Literal["collected", "denied", "unavailable", "failed", "missing"]
"""``denied``: AWS refused. ``unavailable``: the endpoint does not have the operation. ``failed``: another
error. ``missing``: nobody handed it over. Only ``collected`` is evidence."""

Origin = Literal["aws", "demo", "files"]


@dataclass(frozen=True, slots=True)
class SourceResult:
    """What asking for one source gave.

    ``content`` is what AWS said (a JSON value; text for the credential report), ``None`` unless collected.
    ``rows`` counts the items by name, ``reason`` says in one line why there is no content, or not all of it.
    ``generated_at`` is when AWS made the evidence, where that differs from when it was fetched.
    """

    status: Status
    content: Any = None
    reason: str | None = None
    rows: Mapping[str, int] = field(default_factory=dict)
    calls: int = 0
    request_ids: tuple[str, ...] = ()
    generated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One source in the manifest: its status, and the file with its sha-256 when it was collected.

    In a copy that masks the ids of keys ``collected_sha256`` is that of the file before.
    """

    status: Status
    file: str | None
    sha256: str | None
    rows: Mapping[str, int]
    permissions: tuple[str, ...]
    reason: str | None
    calls: int
    request_ids: tuple[str, ...]
    generated_at: datetime | None
    collected_sha256: str | None = None

    @property
    def sha256_as_collected(self) -> str | None:
        """The sha-256 of the file as it was collected, also in a copy that masks it."""
        return self.collected_sha256 or self.sha256


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot holds; times are UTC. One without ``finished_at`` was not collected to the end."""

    schema_version: int
    account_id: str
    account_alias: str | None
    caller_arn: str | None
    origin: Origin
    started_at: datetime
    finished_at: datetime | None
    tool_versions: Mapping[str, str]
    sources: Mapping[str, SourceRecord]

    def to_json(self) -> dict[str, Any]:
        """Return the manifest as JSON values, times in ISO 8601."""
        written = asdict(self)
        for record in written["sources"].values():
            if record["collected_sha256"] is None:
                del record["collected_sha256"]
        return written

    @classmethod
    def from_json(cls, data: Any, *, where: str) -> "Manifest":
        """Read a manifest back; unknown fields are left alone.

        Raises
        ------
        SnapshotError
            A newer schema, or a field that is absent or of the wrong shape. ``where`` names the file.
        """
        version = data.get("schema_version") if isinstance(data, dict) else None
        if not isinstance(version, int):
            raise SnapshotError(f"`{where}` is not a snapshot manifest: it has no schema_version")
        if version > SCHEMA_VERSION:
            raise SnapshotError(
                f"`{where}` has schema {version} and this iamaudit reads up to {SCHEMA_VERSION}: upgrade it"
            )
        try:
            return cls(
                schema_version=version,
                account_id=str(data["account_id"]),
                account_alias=data.get("account_alias"),
                caller_arn=data.get("caller_arn"),
                origin=data["origin"],
                started_at=_utc(data["started_at"]),
                finished_at=None if data["finished_at"] is None else _utc(data["finished_at"]),
                tool_versions=dict(data["tool_versions"]),
                sources={name: _record(record) for name, record in data["sources"].items()},
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SnapshotError(
                f"`{where}` is damaged ({type(error).__name__}: {error}): collect again"
            ) from error


def _record(data: Mapping[str, Any]) -> SourceRecord:
    if data["status"] not in get_args(Status):
        raise ValueError(f"unknown status `{data['status']}`")
    generated_at = data.get("generated_at")
    return SourceRecord(
        status=data["status"],
        file=data["file"],
        sha256=data["sha256"],
        rows=dict(data["rows"]),
        permissions=tuple(data["permissions"]),
        reason=data["reason"],
        calls=int(data["calls"]),
        request_ids=tuple(data["request_ids"]),
        generated_at=None if generated_at is None else _utc(generated_at),
        collected_sha256=data.get("collected_sha256"),
    )


def _utc(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
