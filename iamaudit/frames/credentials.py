"""Passwords and access keys from the credential report, as of a moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from iamaudit.account import Account, ReportKey, ReportRow
from iamaudit.frames.columns import build_frame
from iamaudit.frames.days import days_between, newest

_NO_LOGIN = "login_profiles.json has no UserName ="


def access_keys_frame(account: Account, as_of: datetime) -> pd.DataFrame:
    """Return a row per access key slot in use, root's included.

    A key that was never used is idle since it was created. The credential report tells no id:
    ``access_key_id`` is that of the listed key made at the same time, masked, or ``<NA>``. A last use that
    AWS told after it made the report (source ``access_keys_last_used``) takes the place of the report's. A
    user in a cached report who is no longer in the authorization details ``is_gone``.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
    """
    rows = [
        {
            "user": row.name,
            "arn": row.arn,
            "slot": key.slot,
            "access_key_id": masked(key.key_id),
            "is_root": row.is_root,
            "is_gone": is_gone(account, row),
            "status": None if key.is_active is None else "Active" if key.is_active else "Inactive",
            "is_active": key.is_active,
            "created_at": key.created_at,
            "age_days": days_between(key.created_at, as_of),
            "last_used_at": key.last_used_at,
            "never_used": key.never_used,
            "idle_days": days_between(key.created_at if key.never_used else key.last_used_at, as_of),
            "last_used_service": key.service,
            "last_used_region": key.region,
            "evidence": f"{_later(key)}{row.evidence}, access_key_{key.slot}",
        }
        for row in account.credentials.values()
        for key in row.keys()  # noqa: SIM118 - a method, not a mapping
    ]
    return build_frame("access_keys", rows)


def _later(key: ReportKey) -> str:
    return f"access_keys_last_used.json AccessKeyId = {masked(key.key_id)}, " if key.is_later else ""


def _use_of(key: ReportKey) -> str:
    return f"{_later(key)}LastUsedDate" if key.is_later else f"access_key_{key.slot}_last_used_date"


def masked(key_id: str | None) -> str | None:
    """Return an access key id as it may be shown: its first and last four characters."""
    return None if key_id is None else f"{key_id[:4]}…{key_id[-4:]}"


def report_fields(row: ReportRow, as_of: datetime) -> dict[str, Any]:
    """Return the credential columns of the ``users`` frame, and the evidence for them.

    ``last_used_in`` is where the last use stands: a column of the report, or a later answer about a key.
    A password that was never used is idle since it was last changed. One that was gone when AWS was asked
    after it made the report (source ``login_profiles``) is none.
    """
    keys = list(row.keys())
    changed_at, used_at = row.time("password_last_changed"), row.time("password_last_used")
    has_password, never = row.flag("password_enabled"), row.never("password_last_used")
    certificates = [row.flag(f"cert_{slot}_active") for slot in (1, 2)]
    uses = {"password_last_used": used_at, **{_use_of(key): key.last_used_at for key in keys}}
    last_used_at = newest(*uses.values())
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
        "last_used_in": next((place for place, at in uses.items() if at and at == last_used_at), None),
        "days_idle": days_between(last_used_at, as_of),
        "evidence": f"{_NO_LOGIN} {row.name}, {row.evidence}" if row.has_later_password else row.evidence,
        **row.extra(),
    }


def is_gone(account: Account, row: ReportRow) -> bool:
    """Say whether a user of the (cached) report is known to be gone: the authorization details lack them."""
    return not row.is_root and account.is_detailed and row.arn not in account.users


def _all_true(values: Sequence[bool | None]) -> bool | None:
    return None if None in values else all(values)
