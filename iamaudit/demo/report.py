"""The credential report as AWS writes it; moto's lacks the root row, most sentinels and the quoting.

The columns and sentinels follow
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
"""

import csv
import io
from datetime import datetime
from typing import Any

from iamaudit.demo.facts import ACCOUNT_ID, moment
from iamaudit.demo.people import ROOT

_KEY_COLUMNS = ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")

COLUMNS = (
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    *(f"access_key_1_{column}" for column in _KEY_COLUMNS),
    *(f"access_key_2_{column}" for column in _KEY_COLUMNS),
    "cert_1_active",
    "cert_1_last_rotated",
    "cert_2_active",
    "cert_2_last_rotated",
)

_NO_KEY = ("false", "N/A", "N/A", "N/A", "N/A")
_NO_CERTIFICATES = ("false", "N/A", "false", "N/A")


def credential_report(backend: Any) -> str:
    """Return the report on the users of moto's IAM ``backend``: root first, then by name, no last newline."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerow(_root_row())
    for user in sorted(backend.users.values(), key=lambda user: user.name.lower()):
        writer.writerow(_user_row(user))
    return buffer.getvalue().removesuffix("\n")


def _root_row() -> tuple[str, ...]:
    day, service, region = ROOT.key.used or ("", "", "")
    key = (moment(ROOT.key.created, "root"), moment(day, "root", 2), region, service)
    return (
        "<root_account>",
        f"arn:aws:iam::{ACCOUNT_ID}:root",
        _time(moment(ROOT.created, "root")),
        "true",
        _time(moment(ROOT.password_used, "root")),
        "not_supported",
        "not_supported",
        "false",
        *("true", _time(key[0]), _time(key[1]), region, service),
        *_NO_KEY,
        *_NO_CERTIFICATES,
    )


def _user_row(user: Any) -> tuple[str, ...]:
    password = ("false", "N/A", "N/A", "N/A")
    if user.password:
        used = user.password_last_used
        # The password policy lets passwords live for ever, so there is no next rotation.
        password = (
            "true",
            _time(used) if used else "no_information",
            _time(user.password_last_changed),
            "N/A",
        )
    first, second = ([*map(_key_columns, user.access_keys), _NO_KEY, _NO_KEY])[:2]
    return (
        user.name,
        user.arn,
        _time(user.create_date),
        *password,
        _flag(bool(user.mfa_devices)),
        *first,
        *second,
        *_NO_CERTIFICATES,
    )


def _key_columns(key: Any) -> tuple[str, ...]:
    columns = (_flag(key.status == "Active"), _time(key.create_date))
    if key.last_used is None:
        return (*columns, "N/A", "N/A", "N/A")
    return (*columns, _time(key.last_used.timestamp), key.last_used.region, key.last_used.service)


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _time(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")
