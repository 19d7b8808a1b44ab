"""Users, groups and roles: authorization details joined with the credential report."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import pandas as pd

from iamaudit.account import ROOT_NAME, Account, Group, ReportRow, Role, User, is_break_glass
from iamaudit.frames.columns import build_frame
from iamaudit.frames.credentials import is_gone, report_fields
from iamaudit.frames.days import days_between
from iamaudit.frames.mfa_kinds import mfa_kinds

_Named = TypeVar("_Named", Group, Role)


def users_frame(account: Account, as_of: datetime, break_glass: Collection[str] = ()) -> pd.DataFrame:
    """Return a row per IAM user, and one for root, which comes first.

    A user that only one of the two sources knows is kept; the other's columns are ``<NA>``. Without a
    credential report root's MFA and keys come from the account summary. ``mfa_kinds`` says what ``mfa_kind``
    is. ``password_reset_required`` is that of the login profile, unknown where nobody asked or there is none.
    """
    report, users = account.credentials, account.users
    root = next((arn for arn, row in report.items() if row.is_root), None)
    root = root or f"arn:{account.partition}:iam::{account.account_id}:root"
    rows = [_root(root, account, as_of)]
    for arn in sorted({**users, **report}, key=lambda a: (a.rpartition("/")[2].lower(), a)):
        if arn != root:
            user = _user(arn, account, users.get(arn), report.get(arn), as_of)
            user["is_break_glass"] = is_break_glass(arn, users[arn].tags if arn in users else {}, break_glass)
            rows.append(user)
    kind_of = mfa_kinds(account)
    rows = [{**row, "mfa_kind": kind_of(row)} for row in rows]
    extra = sorted({name for row in report.values() for name in row.extra()})
    return build_frame("users", rows, extra=extra)


def _root(arn: str, account: Account, as_of: datetime) -> dict[str, Any]:
    fields: dict[str, Any] = {"name": ROOT_NAME, "arn": arn, "is_root": True, "is_gone": False}
    row, summary = account.credentials.get(arn), account.summary
    if row is not None:
        fields |= {"created_at": row.time("user_creation_time")}
        fields |= report_fields(row, as_of)
        if fields["has_password"] is None:  # `not_supported`: older reports do not say it
            fields["has_password"] = summary.root_has_password
        return fields
    fields["has_password"] = summary.root_has_password
    if summary.root_mfa_enabled is not None:
        fields |= {"mfa_active": summary.root_mfa_enabled, "evidence": "account_summary.json"}
    if summary.root_access_keys is not None:
        fields |= {"active_keys": summary.root_access_keys, "evidence": "account_summary.json"}
    return fields


def _user(
    arn: str, account: Account, user: User | None, row: ReportRow | None, as_of: datetime
) -> dict[str, Any]:
    fields: dict[str, Any] = {"name": row.name if row else arn.rpartition("/")[2], "arn": arn}
    fields |= {"is_root": False, "is_gone": is_gone(account, row) if row else False}
    if row is not None:
        fields |= {"created_at": row.time("user_creation_time"), **report_fields(row, as_of)}
    logins = account.later_facts.logins
    fields["password_reset_required"] = None if logins is None else logins.get(fields["name"])
    if user is not None:
        fields |= {
            "name": user.name,
            "id": user.id,
            "path": user.path,
            "created_at": user.created_at,
            "tags": tags_text(user.tags),
            "groups": user.group_names,
            "boundary_arn": user.boundary_policy,
        }
        fields.setdefault("evidence", f"authorization_details.json UserDetailList UserName = {user.name}")
    return fields | {"age_days": days_between(fields.get("created_at"), as_of)}


def groups_frame(groups: Mapping[str, Group]) -> pd.DataFrame:
    """Return a row per group with its members, from the authorization details."""
    rows = [
        {
            "name": group.name,
            "arn": group.arn,
            "id": group.id,
            "path": group.path,
            "created_at": group.created_at,
            "members": group.members,
            "member_count": len(group.members),
            "evidence": f"authorization_details.json GroupDetailList GroupName = {group.name}",
        }
        for group in _by_name(groups.values())
    ]
    return build_frame("groups", rows)


def roles_frame(
    roles: Mapping[str, Role], as_of: datetime, break_glass: Collection[str] = ()
) -> pd.DataFrame:
    """Return a row per role; ``days_idle`` counts from the last use, or from creation when never used.

    ``sso_permission_set`` is the permission set of a role that IAM Identity Center made and alone may change.
    ``is_break_glass`` says that the role is kept for an emergency: it is among ``break_glass``, or has a tag
    whose key or value is break-glass. AWS keeps a role's last use for 400 days and rounds it; a role idle for
    longer looks never used.
    """
    rows = [
        {
            "name": role.name,
            "arn": role.arn,
            "id": role.id,
            "path": role.path,
            "created_at": role.created_at,
            "tags": tags_text(role.tags),
            "boundary_arn": role.boundary_policy,
            "instance_profiles": role.instance_profiles,
            "is_service_linked": role.is_service_linked,
            "sso_permission_set": _permission_set(role.arn),
            "is_break_glass": is_break_glass(role.arn, role.tags, break_glass),
            "last_used_at": role.last_used_at,
            "last_used_region": role.last_used_region,
            "days_idle": days_between(role.last_used_at or role.created_at, as_of),
            "age_days": days_between(role.created_at, as_of),
            "evidence": f"authorization_details.json RoleDetailList RoleName = {role.name}",
        }
        for role in _by_name(roles.values())
    ]
    return build_frame("roles", rows)


def _permission_set(arn: str) -> str | None:
    """Return the permission set of a role ``AWSReservedSSO_NAME_DIGITS`` of IAM Identity Center."""
    found = re.search(
        r":role/aws-reserved/sso\.amazonaws\.com/(?:[^/]+/)?AWSReservedSSO_(.+)_[0-9a-f]{16}$", arn
    )
    return found[1] if found else None


def tags_text(tags: Mapping[str, str]) -> str | None:
    """Return tags as one JSON object in text, sorted by key; no tags is ``None``."""
    return json.dumps(tags, sort_keys=True, ensure_ascii=False) if tags else None


def _by_name(items: Iterable[_Named]) -> list[_Named]:
    return sorted(items, key=lambda item: (item.name.lower(), item.name))
