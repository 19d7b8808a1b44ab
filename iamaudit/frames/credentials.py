"""The credential report: read by header name, every sentinel with its own meaning.

``N/A`` says that there is no such thing, ``no_information`` that it was never used (or not since AWS keeps
track), ``not_supported`` that AWS does not say. The last one is missing evidence, never a ``False``.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from iamaudit.errors import SnapshotError
from iamaudit.frames.columns import build_frame
from iamaudit.frames.times import days_between, newest, parse_time

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
    """One access key slot in use of a credential-report row."""

    slot: int
    is_active: bool | None
    created_at: datetime | None
    last_used_at: datetime | None
    never_used: bool | None
    service: str | None
    region: str | None


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One row of the credential report; ``number`` counts from 1 below the header, as a person would."""

    number: int
    fields: Mapping[str, str]

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
        """Where to find this row again."""
        return f"credential_report.csv row {self.number}"

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
        rows.append(ReportRow(number, fields))
    return rows


def access_keys_frame(
    report: Sequence[ReportRow],
    as_of: datetime,
    *,
    known_users: frozenset[str] | None = None,
    listed: Sequence[Mapping[str, Any]] = (),
) -> pd.DataFrame:
    """Return a row per access key slot in use, root's included.

    A key that was never used is idle since it was created. The credential report tells no id: ``listed`` are
    the users' keys as AWS lists them, and ``access_key_id`` is that of the one made at the same time, masked,
    or ``<NA>``. ``known_users`` are the ARNs in the authorization details, ``None`` when those
    are missing: a user in a cached report who is no longer among them ``is_gone``.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
    """
    ids = {(key["UserName"], parse_time(key.get("CreateDate"))): key["AccessKeyId"] for key in listed}
    rows = [
        {
            "user": row.name,
            "arn": row.arn,
            "slot": key.slot,
            "access_key_id": masked(ids.get((row.name, key.created_at))),
            "is_root": row.is_root,
            "is_gone": is_gone(row, known_users),
            "status": None if key.is_active is None else "Active" if key.is_active else "Inactive",
            "is_active": key.is_active,
            "created_at": key.created_at,
            "age_days": days_between(key.created_at, as_of),
            "last_used_at": key.last_used_at,
            "never_used": key.never_used,
            "idle_days": days_between(key.created_at if key.never_used else key.last_used_at, as_of),
            "last_used_service": key.service,
            "last_used_region": key.region,
            "evidence": row.evidence,
        }
        for row in report
        for key in row.keys()  # noqa: SIM118 - a method, not a mapping
    ]
    return build_frame("access_keys", rows)


def masked(key_id: str | None) -> str | None:
    """Return an access key id as it may be shown: its first and last four characters."""
    return None if key_id is None else f"{key_id[:4]}…{key_id[-4:]}"


def report_fields(row: ReportRow, as_of: datetime) -> dict[str, Any]:
    """Return the credential columns of the ``users`` frame.

    A password that was never used is idle since it was last changed.
    """
    keys = list(row.keys())
    changed_at, used_at = row.time("password_last_changed"), row.time("password_last_used")
    has_password, never = row.flag("password_enabled"), row.never("password_last_used")
    certificates = [row.flag(f"cert_{slot}_active") for slot in (1, 2)]
    last_used_at = newest(used_at, *(key.last_used_at for key in keys))
    return {
        "has_password": has_password,
        "password_last_used_at": used_at,
        "password_changed_at": changed_at,
        "password_next_rotation_at": row.time("password_next_rotation"),
        "password_never_used": None if has_password is False else never,
        "password_age_days": days_between(changed_at, as_of),
        "password_idle_days": None
        if has_password is False
        else days_between((changed_at or row.time("user_creation_time")) if never else used_at, as_of),
        "mfa_active": row.flag("mfa_active"),
        "active_keys": sum(key.is_active is True for key in keys)
        if all(key.is_active is not None for key in keys)
        else None,
        "active_certificates": sum(map(bool, certificates)) if None not in certificates else None,
        "never_used": False if last_used_at else _all_true([never, *(key.never_used for key in keys)]),
        "last_used_at": last_used_at,
        "days_idle": days_between(last_used_at, as_of),
        **row.extra(),
    }


def is_gone(row: ReportRow, known_users: frozenset[str] | None) -> bool:
    """Say whether a user of the (cached) report is known to be gone: the authorization details lack them."""
    return not row.is_root and known_users is not None and row.arn not in known_users


def _all_true(values: Sequence[bool | None]) -> bool | None:
    return None if None in values else all(values)


def _known(text: str | None) -> str | None:
    return None if text in (None, "", "N/A", "not_supported", "no_information") else text
