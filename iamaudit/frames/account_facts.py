"""Facts about the account as a whole: its summary, its password policy, and the sources."""

from typing import Any

import pandas as pd

from iamaudit.account import Account
from iamaudit.frames.columns import build_frame
from iamaudit.snapshot import SOURCES, Snapshot


def account_facts_frame(account: Account, report_age_hours: float | None = None) -> pd.DataFrame:
    """Return the one row about the account.

    Not ``has_password_policy`` says that AWS's default holds, ``<NA>`` that nobody knows. ``reported_users``
    counts the credential report's users without root, the ``detailed_`` columns count the authorization
    details: what the two and the summary count alike must agree. ``root_credentials_managed`` says whether
    the organization manages the root credentials of its member accounts. The row has no ``evidence`` of its
    own, since it gathers what several sources say: that of an exception are the sources of its check.
    """
    reported, summary, features = account.credentials.values(), account.summary, account.root_features
    row: dict[str, Any] = {
        "account_id": account.account_id,
        "arn": f"arn:{account.partition}:iam::{account.account_id}:root",
        "alias": account.alias,
        "caller_arn": account.caller_arn,
        "reported_users": sum(not row.is_root for row in reported) if reported else None,
        "report_age_hours": report_age_hours,
        "root_mfa_enabled": summary.root_mfa_enabled,
        "root_access_keys": summary.root_access_keys,
        "root_credentials_managed": None if features is None else "RootCredentialsManagement" in features,
        "users": summary.users,
        "groups": summary.groups,
        "roles": summary.roles,
        "policies": summary.policies,
    }
    return build_frame("account_facts", [row | _detailed(account) | _password_rules(account)])


def _detailed(account: Account) -> dict[str, Any]:
    if not account.is_detailed:
        return {}
    own = [p for p in account.policies.values() if p.kind == "customer managed" and p.is_listed]
    return {
        "detailed_users": len(account.users),
        "detailed_groups": len(account.groups),
        "detailed_roles": len(account.roles),
        "detailed_policies": len(own),
    }


def _password_rules(account: Account) -> dict[str, Any]:
    rules = account.password_policy
    if rules is None:
        return {}
    return {
        "has_password_policy": rules.is_own,
        "min_password_length": rules.min_length,
        "password_reuse_prevention": rules.reuse_prevention,
        "max_password_age": rules.max_age,
        "require_uppercase": rules.require_uppercase,
        "require_lowercase": rules.require_lowercase,
        "require_numbers": rules.require_numbers,
        "require_symbols": rules.require_symbols,
        "users_may_change_password": rules.users_may_change,
    }


def sources_frame(snapshot: Snapshot) -> pd.DataFrame:
    """Return a row per source that this version knows: whether it is evidence, and if not, why.

    What only a thorough collection asks for is left out where nobody asked for it.
    """
    rows = []
    for name, source in SOURCES.items():
        if source.preset == "thorough" and snapshot.status(name) == "missing":
            continue
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
                "sha256": record.sha256_as_collected if record else None,
            }
        )
    return build_frame("sources", rows)
