"""Who is asked about which user and role, and what they are told: a row per principal of the account."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from iamaudit.audit import Audit
from iamaudit.checks.signoff.read_yaml import Entries
from iamaudit.errors import SnapshotError
from iamaudit.iam.policy import has_wildcard, matches_pattern
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


def read_owners(path: Path) -> dict[str, str]:
    """Read who answers for whom: a pattern on an ARN or a name, and the owner.

    Parameters
    ----------
    path
        A YAML file: ``owners:`` and a list of entries with ``principal`` and ``owner``.

    Returns
    -------
    dict
        Pattern to owner, in the order of the file: the first that matches wins.

    Raises
    ------
    ParameterError
        With every problem and its line: a field that is missing or unknown, a pattern that is there twice.
    """
    entries = Entries(path, "owners", required=("principal", "owner"), optional=())
    owners: dict[str, str] = {}
    for entry in entries.entries:
        pattern, owner = (str(entry.fields.get(name) or "").strip() for name in ("principal", "owner"))
        if pattern and pattern in owners:
            entries.problem(entry, f"`{pattern}` is there twice: keep one owner, the first would win")
        owners.setdefault(pattern, owner)
    entries.check()
    return owners


def review_frame(audit: Audit, *, owners: Mapping[str, str], tag: str = "owner") -> pd.DataFrame:
    """Return a row per IAM user and role that somebody has to answer for.

    Root and service-linked roles are not among them: nobody can take their permissions away. A user that
    only a cached credential report still knows is not either.

    Parameters
    ----------
    audit
        The account at one moment.
    owners
        Pattern on an ARN or a name to owner; the first that matches wins.
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
    owner_of = _Owners(owners, tag)
    rows = [
        {
            **row,
            "owner": owner_of(row),
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


class _Owners:
    """The owner of a principal: by pattern, else by tag."""

    def __init__(self, owners: Mapping[str, str], tag: str) -> None:
        self._entries: Sequence[tuple[str, str]] = tuple(owners.items())
        self._tag = tag.casefold()
        self._exact = {
            pattern: n for n, (pattern, _) in enumerate(self._entries) if not has_wildcard(pattern)
        }
        self._wild = [n for n, (pattern, _) in enumerate(self._entries) if has_wildcard(pattern)]

    def __call__(self, row: Mapping[str, Any]) -> str:
        names = (row["principal"], row["principal_name"])
        found = min((self._exact[name] for name in names if name in self._exact), default=len(self._entries))
        for number in self._wild:
            if number > found:
                break
            if any(matches_pattern(name, self._entries[number][0]) for name in names):
                found = number
        return self._entries[found][1] if found < len(self._entries) else self._tagged(row["tags"])

    def _tagged(self, tags: Any) -> str:
        pairs = {} if pd.isna(tags) else json.loads(tags)
        values = (value.strip() for key, value in pairs.items() if key.casefold() == self._tag)
        return next((value for value in values if value), UNASSIGNED)


def _typed(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    data = {name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in COLUMNS.items()}
    return pd.DataFrame(data, columns=list(COLUMNS), index=pd.RangeIndex(len(rows)))
