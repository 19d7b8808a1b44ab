"""Who is asked about which user and role, and what they are told: a row per principal of the account."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from iamaudit.audit import Audit
from iamaudit.checks.signoff.owners import Owners
from iamaudit.errors import SnapshotError
from iamaudit.review.words import (
    Granted,
    can_do,
    fingerprints,
    granted_rows,
    role_credentials,
    user_credentials,
)

COLUMNS: Mapping[str, str] = {
    **dict.fromkeys(("owner", "principal", "principal_type", "principal_name"), "string"),
    **dict.fromkeys(("can_do", "last_used"), "string"),
    "idle_days": "Int64",
    **dict.fromkeys(("credentials", "fingerprint", "decision", "comment"), "string"),
}
"""The columns of a review, and their types."""
UNASSIGNED = "unassigned"


def review_frame(audit: Audit, *, owners: Owners, tag: str = "owner") -> pd.DataFrame:
    """Return a row per IAM user and role that somebody has to answer for.

    Root and service-linked roles are not among them: nobody can take their permissions away. A user that
    only a cached credential report still knows is not either.

    Parameters
    ----------
    audit
        The account at one moment.
    owners
        Who answers for whom.
    tag
        The tag that names the owner where no pattern matches; its key is compared without case.

    Returns
    -------
    pandas.DataFrame
        The columns ``COLUMNS``, by owner, whoever may do most first. ``last_used`` is a day, ``never`` (as
        far back as AWS keeps track) or ``unknown``. ``fingerprint`` changes with the effective permissions,
        the policies behind them, who may assume a role, and when a principal is made anew under its name.

    Raises
    ------
    SnapshotError
        There are no authorization details: nobody can say then who is in the account.
    """
    reason = audit.snapshot.why_not("authorization_details")
    if reason is not None:
        raise SnapshotError(f"no review without the authorization details ({reason}): collect them")
    granted = granted_rows(audit)
    marks = fingerprints(audit, granted)
    breadth = {row["principal"]: row for row in audit.breadth.to_dict("records")}
    order = {arn: number for number, arn in enumerate(breadth)}
    rows = [
        {
            **row,
            "owner": owners.owner(row["principal"], row["tags"], tag) or UNASSIGNED,
            "can_do": can_do(breadth[row["principal"]], granted.get(row["principal"], Granted())),
            "fingerprint": marks[row["principal"]],
            "decision": "",
            "comment": "",
        }
        for row in (*_users(audit), *_roles(audit))
    ]
    rows.sort(key=lambda row: (row["owner"].casefold(), row["owner"], order[row["principal"]]))
    return _typed(rows)


def _users(audit: Audit) -> Iterator[dict[str, Any]]:
    users = audit.users[~audit.users.is_root.fillna(False) & ~audit.users.is_gone.fillna(False)]
    inactive = audit.access_keys[audit.access_keys.is_active.eq(False).fillna(False)].arn.value_counts()
    for user in users.to_dict("records"):
        # Who was never used is idle since he was created.
        never = user["never_used"] is True
        yield {
            **_named("user", user),
            "last_used": _last_used(user["last_used_at"], never=never),
            "idle_days": user["age_days"] if never else user["days_idle"],
            "credentials": user_credentials(user, int(inactive.get(user["arn"], 0))),
        }


def _roles(audit: Audit) -> Iterator[dict[str, Any]]:
    roles = audit.roles[~audit.roles.is_service_linked.fillna(False)]
    trusted: dict[str, list[dict[str, Any]]] = {}
    for row in audit.trust.to_dict("records"):
        trusted.setdefault(row["role"], []).append({str(name): value for name, value in row.items()})
    policies = audit.policies[audit.policies.kind == "trust"]
    readable = dict(zip(policies.owner, policies.is_readable, strict=True))
    for role in roles.to_dict("records"):
        arn = role["arn"]
        yield {
            **_named("role", role),
            "last_used": _last_used(role["last_used_at"], never=True),
            "idle_days": role["days_idle"],
            "credentials": role_credentials(trusted.get(arn, ()), is_readable=bool(readable.get(arn, False))),
        }


def _named(kind: str, row: Mapping[Any, Any]) -> dict[str, Any]:
    names = {"principal": row["arn"], "principal_type": kind, "principal_name": row["name"]}
    return {**names, "tags": row["tags"]}


def _last_used(moment: Any, *, never: bool) -> str:
    if not pd.isna(moment):
        return f"{moment:%Y-%m-%d}"
    return "never" if never else "unknown"


def _typed(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    data = {name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in COLUMNS.items()}
    return pd.DataFrame(data, columns=list(COLUMNS), index=pd.RangeIndex(len(rows)))
