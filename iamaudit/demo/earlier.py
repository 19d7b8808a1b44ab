"""The demo account a month earlier: its snapshot with what happened since taken back.

What carries a date later than that is not there yet. Attachments, memberships and trust policies carry none,
so what happened to them is listed here.
"""

import copy
import csv
import io
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from iamaudit.demo.facts import ACCOUNT_ID, COLLECTED_AT, EXTERNAL_ACCOUNT_ID, identifier, moment
from iamaudit.snapshot import Snapshot, SnapshotWriter, SourceResult

MONTH_EARLIER = COLLECTED_AT - timedelta(days=31)
"""When the older snapshot says that it was taken."""

_LEFT = "paul.meyer"  # left the company in October; his key was never used for a year
_CLOSED = "partner-export"  # anybody could assume it; deleted in October
_PROMOTED, _PROMOTED_FROM = "marcus.lund", "Operations"
_LOST_MFA = "ines.duarte"
_ROTATED, _OLD_KEY = "chloe.tan", "2026-06-29"
_OPENED, _EXTERNAL_ID = "vendor-billing", "example-billing-7719"
_IAM = f"arn:aws:iam::{ACCOUNT_ID}"
_Json = Any


def write_earlier(root: Path, snapshot: Snapshot) -> Path:
    """Write the snapshot of a month earlier beside that of the demo account; an older one is replaced."""
    sources = {name: snapshot.read(name) for name in snapshot.manifest.sources}
    before = _taken_back({name: copy.deepcopy(content) for name, content in sources.items()})
    writer = SnapshotWriter.begin(
        root,
        account_id=ACCOUNT_ID,
        caller_arn=snapshot.manifest.caller_arn,
        origin="demo",
        started_at=MONTH_EARLIER,
        hidden=True,
    )
    try:
        for name, record in snapshot.manifest.sources.items():
            made = record.generated_at and MONTH_EARLIER - (COLLECTED_AT - record.generated_at)
            result = SourceResult(
                record.status,
                before[name],
                reason=record.reason,
                rows=_counted(record.rows, before[name]),
                calls=record.calls,
                request_ids=tuple(str(uuid.uuid5(uuid.NAMESPACE_OID, each)) for each in record.request_ids),
                generated_at=made,
            )
            writer.store(name, result)
        return writer.finish(MONTH_EARLIER, account_alias=snapshot.manifest.account_alias, replace=True)
    finally:
        writer.discard()


def _counted(rows: Mapping[str, int], content: _Json) -> dict[str, int]:
    if isinstance(content, str):
        return {"root": 1, "users": content.count("\n") - 1}
    return {name: len(content[name]) if name in content else count for name, count in rows.items()}


def _taken_back(sources: dict[str, _Json]) -> dict[str, _Json]:
    details, keys, devices = (
        sources[name] for name in ("authorization_details", "access_keys", "mfa_devices")
    )
    _take_back_details(details)
    keys["AccessKeyMetadata"] = [
        *filter(_was_there, keys["AccessKeyMetadata"]), *_old_keys()
    ]  # fmt: skip
    names = {user["UserName"] for user in details["UserDetailList"]}
    devices["MFADevices"] = [d for d in devices["MFADevices"] if d["UserName"] in names]
    devices["MFADevices"].append(
        {
            "EnableDate": moment("2025-08-12", _LOST_MFA).isoformat(),
            "SerialNumber": f"{_IAM}:mfa/{_LOST_MFA}-phone",
            "UserName": _LOST_MFA,
        }
    )
    sources["credential_report"] = _report(sources["credential_report"])
    if sources.get("last_accessed"):
        sources["last_accessed"] = _last_accessed(sources["last_accessed"], details)
    summary = sources["account_summary"]["SummaryMap"]
    summary |= {"Users": len(names), "Roles": len(details["RoleDetailList"])}
    return sources


def _last_accessed(used: _Json, details: _Json) -> _Json:
    """Return what was used by then: nobody who came later, no later time."""
    there = {item["Arn"] for name in ("UserDetailList", "RoleDetailList") for item in details[name]}
    return {arn: _not_used_later(answer) for arn, answer in used.items() if arn in there}


def _not_used_later(value: _Json) -> _Json:
    if isinstance(value, dict):
        return {key: _not_used_later(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_not_used_later(item) for item in value]
    is_time = isinstance(value, str) and value[:2] == "20" and value[4:5] == "-" and "T" in value
    return _not_later(value) if is_time else value


def _was_there(item: Mapping[str, Any]) -> bool:
    return datetime.fromisoformat(item["CreateDate"]) <= MONTH_EARLIER


def _take_back_details(details: _Json) -> None:
    for name in ("UserDetailList", "GroupDetailList", "RoleDetailList"):
        details[name] = [item for item in details[name] if _was_there(item)]
    for user in details["UserDetailList"]:
        if user["UserName"] == _PROMOTED:
            user["GroupList"] = [_PROMOTED_FROM]
    for role in details["RoleDetailList"]:
        used = role.get("RoleLastUsed") or {}
        if used.get("LastUsedDate"):
            used["LastUsedDate"] = _not_later(used["LastUsedDate"])
        if role["RoleName"] == _OPENED:
            (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
            statement["Condition"] = {"StringEquals": {"sts:ExternalId": _EXTERNAL_ID}}
    details["UserDetailList"].append(_user_who_left())
    details["RoleDetailList"].append(_role_that_was_closed())
    for name, key in (("UserDetailList", "UserName"), ("RoleDetailList", "RoleName")):
        details[name].sort(key=lambda item: item[key].lower())


def _user_who_left() -> _Json:
    return {
        "Arn": f"{_IAM}:user/{_LEFT}",
        "AttachedManagedPolicies": [],
        "CreateDate": moment("2025-02-17", _LEFT).isoformat(),
        "GroupList": ["Developers"],
        "Path": "/",
        "UserId": identifier("AIDA", _LEFT),
        "UserName": _LEFT,
        "UserPolicyList": [],
    }


def _role_that_was_closed() -> _Json:
    reads = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example-partner-export/*"}
    trusts = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": f"arn:aws:iam::{EXTERNAL_ACCOUNT_ID}:root"},
    }
    policy = {"Version": "2012-10-17", "Statement": [reads]}
    return {
        "Arn": f"{_IAM}:role/{_CLOSED}",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trusts]},
        "AttachedManagedPolicies": [],
        "CreateDate": moment("2025-09-30", _CLOSED).isoformat(),
        "InstanceProfileList": [],
        "Path": "/",
        "RoleId": identifier("AROA", _CLOSED),
        "RoleLastUsed": {},
        "RoleName": _CLOSED,
        "RolePolicyList": [{"PolicyName": "ReadExport", "PolicyDocument": policy}],
        "Tags": [],
    }


def _old_keys() -> list[_Json]:
    return [
        {
            "AccessKeyId": identifier("AKIA", f"{name}/earlier", 20),
            "CreateDate": moment(day, name, 11).isoformat(),
            "Status": "Active",
            "UserName": name,
        }
        for name, day in ((_LEFT, "2025-02-18"), (_ROTATED, _OLD_KEY))
    ]


def _report(text: str) -> str:
    """Return the credential report as it was: no later date, and the credentials that are gone since."""
    rows = list(csv.DictReader(io.StringIO(text)))
    columns = list(rows[0])
    kept = [row for row in rows if _report_time(row["user_creation_time"]) <= MONTH_EARLIER]
    for row in kept:
        _take_back_row(row)
    kept.append(_row_of_who_left(columns, kept[0]))
    root, *users = kept
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows([root, *sorted(users, key=lambda row: row["user"].lower())])
    return buffer.getvalue().removesuffix("\n")


def _take_back_row(row: dict[str, str]) -> None:
    for column in ("password_last_used", "access_key_1_last_used_date", "access_key_2_last_used_date"):
        if row[column][:1].isdigit():
            row[column] = _not_later(row[column])
    if (
        row["password_last_changed"][:1].isdigit()
        and _report_time(row["password_last_changed"]) > MONTH_EARLIER
    ):
        row["password_last_changed"] = row["user_creation_time"]
    for slot in (1, 2):
        made = f"access_key_{slot}_last_rotated"
        if row[made][:1].isdigit() and _report_time(row[made]) > MONTH_EARLIER:
            row |= _no_key(slot)
    if row["user"] == _ROTATED:
        row |= _key_row(_ROTATED, _OLD_KEY)
    if row["user"] == _LOST_MFA:
        row["mfa_active"] = "true"


def _no_key(slot: int) -> dict[str, str]:
    prefix = f"access_key_{slot}"
    parts = ("last_rotated", "last_used_date", "last_used_region", "last_used_service")
    return {f"{prefix}_active": "false", **{f"{prefix}_{part}": "N/A" for part in parts}}


def _key_row(name: str, day: str) -> dict[str, str]:
    return {
        "access_key_1_active": "true",
        "access_key_1_last_rotated": _written(moment(day, name, 11)),
        "access_key_1_last_used_date": _written(MONTH_EARLIER - timedelta(days=1)),
        "access_key_1_last_used_region": "eu-west-1",
        "access_key_1_last_used_service": "s3",
    }


def _row_of_who_left(columns: list[str], like: Mapping[str, str]) -> dict[str, str]:
    row = dict.fromkeys(columns, "N/A")
    row |= {name: "false" for name in columns if name.endswith("_active") and like[name] in ("true", "false")}
    return {
        **row,
        "user": _LEFT,
        "arn": f"{_IAM}:user/{_LEFT}",
        "user_creation_time": _written(moment("2025-02-17", _LEFT)),
        "password_enabled": "false",
        **_key_row(_LEFT, "2025-02-18"),
        "access_key_1_last_used_date": "2025-06-03T09:10:11Z",
    }


def _report_time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _not_later(text: str) -> str:
    """Return a time, or that of the evening before when it had not come yet."""
    if _report_time(text) <= MONTH_EARLIER:
        return text
    evening = MONTH_EARLIER - timedelta(hours=15)
    return _written(evening) if text.endswith("Z") else evening.isoformat()


def _written(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
