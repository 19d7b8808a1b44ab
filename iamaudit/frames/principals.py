"""Users, groups and roles: authorization details joined with the credential report."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from iamaudit.frames.columns import build_frame
from iamaudit.frames.credentials import ROOT_NAME, ReportRow, is_gone, report_fields
from iamaudit.frames.times import days_between, parse_time

Details = Mapping[str, Any]


def users_frame(
    details: Details | None,
    report: Sequence[ReportRow],
    as_of: datetime,
    *,
    account_id: str,
    summary: Mapping[str, int] | None = None,
) -> pd.DataFrame:
    """Return a row per IAM user, and one for root, which comes first.

    A user that only one of the two sources knows is kept; the other's columns are ``<NA>``. Without a
    credential report root's MFA and keys come from the account summary.
    """
    reported = {row.arn: row for row in report}
    detailed = {user["Arn"]: user for user in (details or {}).get("UserDetailList", ())}
    known = None if details is None else frozenset(detailed)
    root_arn = next((row.arn for row in report if row.is_root), f"arn:aws:iam::{account_id}:root")
    rows = [_root(root_arn, reported.get(root_arn), summary or {}, as_of)]
    order = {**detailed, **reported}
    for arn in sorted(order, key=lambda a: (a.rpartition("/")[2].lower(), a)):
        if arn != root_arn:
            rows.append(_user(arn, detailed.get(arn), reported.get(arn), known, as_of))
    extra = sorted({name for row in report for name in row.extra()})
    return build_frame("users", rows, extra=extra)


def _root(arn: str, row: ReportRow | None, summary: Mapping[str, int], as_of: datetime) -> dict[str, Any]:
    fields: dict[str, Any] = {"name": ROOT_NAME, "arn": arn, "is_root": True, "is_gone": False}
    if row is not None:
        fields |= {"created_at": row.time("user_creation_time"), "evidence": row.evidence}
        return fields | report_fields(row, as_of)
    if "AccountMFAEnabled" in summary:
        fields |= {"mfa_active": summary["AccountMFAEnabled"] == 1, "evidence": "account_summary.json"}
    if "AccountAccessKeysPresent" in summary:
        fields |= {"active_keys": summary["AccountAccessKeysPresent"], "evidence": "account_summary.json"}
    return fields


def _user(
    arn: str,
    detail: Mapping[str, Any] | None,
    row: ReportRow | None,
    known: frozenset[str] | None,
    as_of: datetime,
) -> dict[str, Any]:
    fields: dict[str, Any] = {"name": row.name if row else arn.rpartition("/")[2], "arn": arn}
    fields |= {"is_root": False, "is_gone": is_gone(row, known) if row else False}
    if row is not None:
        fields |= {"created_at": row.time("user_creation_time"), "evidence": row.evidence}
        fields |= report_fields(row, as_of)
    if detail is not None:
        fields |= {
            "name": detail["UserName"],
            "id": detail.get("UserId"),
            "path": detail.get("Path"),
            "created_at": parse_time(detail.get("CreateDate")),
            "tags": tags_text(detail.get("Tags")),
            "groups": detail.get("GroupList"),
            "boundary_arn": boundary_arn(detail),
        }
        fields.setdefault("evidence", f"authorization_details.json UserDetailList {detail['UserName']}")
    return fields | {"age_days": days_between(fields.get("created_at"), as_of)}


def groups_frame(details: Details | None) -> pd.DataFrame:
    """Return a row per group with its members, from the authorization details."""
    details = details or {}
    members: dict[str, list[str]] = {}
    for user in details.get("UserDetailList", ()):
        for group in user.get("GroupList", ()):
            members.setdefault(group, []).append(user["UserName"])
    rows = [
        {
            "name": group["GroupName"],
            "arn": group["Arn"],
            "id": group.get("GroupId"),
            "path": group.get("Path"),
            "created_at": parse_time(group.get("CreateDate")),
            "members": sorted(members.get(group["GroupName"], ())),
            "member_count": len(members.get(group["GroupName"], ())),
            "evidence": f"authorization_details.json GroupDetailList {group['GroupName']}",
        }
        for group in _by_name(details.get("GroupDetailList", ()), "GroupName")
    ]
    return build_frame("groups", rows)


def roles_frame(details: Details | None, as_of: datetime) -> pd.DataFrame:
    """Return a row per role; ``days_idle`` counts from the last use, or from creation when never used.

    AWS keeps a role's last use for 400 days and rounds it; a role idle for longer looks never used.
    """
    rows = []
    for role in _by_name((details or {}).get("RoleDetailList", ()), "RoleName"):
        created_at = parse_time(role.get("CreateDate"))
        last_used = role.get("RoleLastUsed") or {}
        used_at = parse_time(last_used.get("LastUsedDate"))
        rows.append(
            {
                "name": role["RoleName"],
                "arn": role["Arn"],
                "id": role.get("RoleId"),
                "path": role.get("Path"),
                "created_at": created_at,
                "tags": tags_text(role.get("Tags")),
                "boundary_arn": boundary_arn(role),
                "instance_profiles": [p["InstanceProfileName"] for p in role.get("InstanceProfileList", ())],
                "is_service_linked": str(role.get("Path", "")).startswith("/aws-service-role/"),
                "last_used_at": used_at,
                "last_used_region": last_used.get("Region"),
                "days_idle": days_between(used_at or created_at, as_of),
                "evidence": f"authorization_details.json RoleDetailList {role['RoleName']}",
            }
        )
    return build_frame("roles", rows)


def boundary_arn(principal: Mapping[str, Any]) -> str | None:
    """Return the ARN of a user's or role's permissions boundary."""
    boundary = principal.get("PermissionsBoundary") or {}
    arn: str | None = boundary.get("PermissionsBoundaryArn")
    return arn


def tags_text(tags: Iterable[Mapping[str, str]] | None) -> str | None:
    """Return tags as one JSON object in text, sorted by key; no tags is ``None``."""
    pairs = {tag["Key"]: tag["Value"] for tag in tags or ()}
    return json.dumps(pairs, sort_keys=True, ensure_ascii=False) if pairs else None


def _by_name(items: Iterable[Mapping[str, Any]], key: str) -> list[Mapping[str, Any]]:
    return sorted(items, key=lambda item: (item[key].lower(), item[key]))
