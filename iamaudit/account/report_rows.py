"""The credential report: read by header name, every sentinel with its own meaning.

``N/A`` says that there is no such thing, ``no_information`` that it was never used (or not since AWS keeps
track), ``not_supported`` that AWS does not say. The last one is missing evidence, never a ``False``.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from iamaudit.account.times import parse_time
from iamaudit.errors import SnapshotError

ROOT_NAME = "<root_account>"

_NEEDED = ("user", "arn", "user_creation_time", "password_enabled", "mfa_active")
_KNOWN = {
    *_NEEDED,
    *("password_last_used", "password_last_changed", "password_next_rotation", "additional_credentials_info"),
    *(f"access_key_{n}_{part}" for n in (1, 2) for part in ("active", "last_rotated")),
    *(f"access_key_{n}_last_used_{part}" for n in (1, 2) for part in ("date", "region", "service")),
    *(f"cert_{n}_{part}" for n in (1, 2) for part in ("active", "last_rotated")),
}


@dataclass(frozen=True, slots=True)
class ReportKey:
    """One access key slot in use of a credential-report row; ``is_later`` where its use was told later."""

    slot: int
    key_id: str | None
    is_later: bool
    is_active: bool | None
    created_at: datetime | None
    last_used_at: datetime | None
    never_used: bool | None
    service: str | None
    region: str | None


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One row of the credential report.

    ``key_ids`` are the ids of its keys by slot. Where AWS was asked after it made the report, ``fields`` hold
    the later answer: ``later_keys`` are the slots whose last use was told then, and ``has_later_password``
    says that the password was gone by then.
    """

    fields: Mapping[str, str]
    key_ids: Mapping[int, str] = field(default_factory=dict)
    later_keys: frozenset[int] = frozenset()
    has_later_password: bool = False

    @property
    def name(self) -> str:
        """The user's name, ``<root_account>`` for root."""
        return self.fields["user"]

    @property
    def arn(self) -> str:
        """The user's ARN."""
        return self.fields["arn"]

    @property
    def is_root(self) -> bool:
        """Whether this is the account root user."""
        return self.name == ROOT_NAME

    @property
    def evidence(self) -> str:
        """Where to find this row again: by its key, as spreadsheets count rows differently."""
        return f"credential_report.csv user = {self.name}"

    def time(self, column: str) -> datetime | None:
        """Return a column as a time; every sentinel is ``None``."""
        return parse_time(self.fields.get(column))

    def flag(self, column: str) -> bool | None:
        """Return a column as a boolean in any letter case; what is neither true nor false is ``None``."""
        return {"true": True, "false": False}.get(self.fields.get(column, "").lower())

    def never(self, column: str) -> bool | None:
        """Say whether a last-used column means *never*; a time says no, ``not_supported`` is unknown."""
        text = self.fields.get(column, "")
        if text in ("N/A", "no_information"):
            return True
        return False if self.time(column) is not None else None

    def keys(self) -> Iterator[ReportKey]:
        """Yield the access key slots in use: active ones, and inactive ones that have a date."""
        for slot in (1, 2):
            prefix = f"access_key_{slot}"
            created_at = self.time(f"{prefix}_last_rotated")
            is_active = self.flag(f"{prefix}_active")
            if is_active is False and created_at is None:
                continue
            yield ReportKey(
                slot=slot,
                key_id=self.key_ids.get(slot),
                is_later=slot in self.later_keys,
                is_active=is_active,
                created_at=created_at,
                last_used_at=self.time(f"{prefix}_last_used_date"),
                never_used=self.never(f"{prefix}_last_used_date"),
                service=_known(self.fields.get(f"{prefix}_last_used_service")),
                region=_known(self.fields.get(f"{prefix}_last_used_region")),
            )

    def extra(self) -> dict[str, str]:
        """Return the columns that this version does not know, under ``report_<column>``."""
        return {f"report_{name}": text for name, text in self.fields.items() if name not in _KNOWN}


def read_credential_report(text: str | None) -> list[ReportRow]:
    """Read the report's CSV as text, by header name; no report gives no row.

    Raises
    ------
    SnapshotError
        A column that every report has is not there, or a row has too few fields: the file is truncated.
    """
    if text is None:
        return []
    reader = csv.DictReader(io.StringIO(text), strict=True)
    absent = [name for name in _NEEDED if name not in (reader.fieldnames or ())]
    if absent:
        raise SnapshotError(f"the credential report has no column `{absent[0]}`: fetch the report again")
    rows: list[ReportRow] = []
    for number, fields in enumerate(reader, start=1):
        if None in fields or None in fields.values():
            raise SnapshotError(
                f"row {number} of the credential report does not fit its header: fetch the report again"
            )
        rows.append(ReportRow(fields))
    return rows


def _known(text: str | None) -> str | None:
    return None if text in (None, "", "N/A", "not_supported", "no_information") else text
