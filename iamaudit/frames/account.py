"""Facts about the account as a whole: its summary, its password policy, and the sources."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from iamaudit.frames.columns import build_frame
from iamaudit.snapshot import SOURCES, Snapshot

# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
_AWS_DEFAULT_PASSWORD_POLICY = {"MinimumPasswordLength": 8, "PasswordReusePrevention": 0}


def account_frame(
    *,
    account_id: str,
    alias: str | None,
    caller_arn: str | None,
    summary: Mapping[str, int] | None,
    password_policy: Mapping[str, Any] | None,
    details: Mapping[str, Any] | None = None,
    reported_users: int | None = None,
    report_age_hours: float | None = None,
) -> pd.DataFrame:
    """Return the one row about the account.

    ``password_policy`` is the stored answer: ``{"PasswordPolicy": null}`` says that the account has none and
    AWS's default holds (8 characters, no reuse prevention); ``None`` that nobody knows. ``reported_users``
    counts the credential report's users without root, the ``detailed_`` columns count the authorization
    details: what the two and the summary count alike must agree.
    """
    row: dict[str, Any] = {
        "account_id": account_id,
        "arn": f"arn:aws:iam::{account_id}:root",
        "alias": alias,
        "caller_arn": caller_arn,
        "reported_users": reported_users,
        "report_age_hours": report_age_hours,
        "evidence": "account_summary.json, password_policy.json",
    }
    if details is not None:
        written = [p for p in details["Policies"] if ":iam::aws:" not in p["Arn"]]
        row |= {
            "detailed_users": len(details["UserDetailList"]),
            "detailed_groups": len(details["GroupDetailList"]),
            "detailed_roles": len(details["RoleDetailList"]),
            "detailed_policies": len(written),
        }
    if password_policy is not None:
        own = password_policy.get("PasswordPolicy")
        rules = own or _AWS_DEFAULT_PASSWORD_POLICY
        row |= {
            "has_password_policy": own is not None,
            "min_password_length": rules.get("MinimumPasswordLength"),
            "password_reuse_prevention": rules.get("PasswordReusePrevention", 0),
            "max_password_age": rules.get("MaxPasswordAge") or None,
            "require_uppercase": rules.get("RequireUppercaseCharacters", False),
            "require_lowercase": rules.get("RequireLowercaseCharacters", False),
            "require_numbers": rules.get("RequireNumbers", False),
            "require_symbols": rules.get("RequireSymbols", False),
            "users_may_change_password": rules.get("AllowUsersToChangePassword", False),
        }
    if summary is not None:
        mfa = summary.get("AccountMFAEnabled")
        row |= {
            "root_mfa_enabled": None if mfa is None else mfa == 1,
            "root_access_keys": summary.get("AccountAccessKeysPresent"),
            "users": summary.get("Users"),
            "groups": summary.get("Groups"),
            "roles": summary.get("Roles"),
            "policies": summary.get("Policies"),
        }
    return build_frame("account", [row])


def sources_frame(snapshot: Snapshot) -> pd.DataFrame:
    """Return a row per source that this version knows: whether it is evidence, and if not, why."""
    rows = []
    for name, source in SOURCES.items():
        record = snapshot.manifest.sources.get(name)
        rows.append(
            {
                "source": name,
                "title": source.title,
                "status": snapshot.status(name),
                "needs": " and ".join(source.permissions),
                "reason": snapshot.why_not(name),
                "rows": ", ".join(f"{k} {v:,}" for k, v in record.rows.items()) if record else None,
                "calls": record.calls if record else 0,
                "generated_at": record.generated_at if record else None,
                "sha256": record.sha256 if record else None,
            }
        )
    return build_frame("sources", rows)
