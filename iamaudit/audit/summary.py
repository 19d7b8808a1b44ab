"""What stands on the first page of a report: what was looked at, in a line each."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from iamaudit.checks.observations.story import counted


def population(
    users: pd.DataFrame,
    roles: pd.DataFrame,
    groups: pd.DataFrame,
    policies: pd.DataFrame,
    sources: pd.DataFrame,
) -> str:
    """Return how many of each the account has, as far as the ``sources`` tell."""
    collected = set(sources.source[sources.status == "collected"])
    if not collected & {"credential_report", "authorization_details"}:
        return "not known: neither the authorization details nor a credential report were collected"
    people = f"{counted(int((~users.is_root).sum()), 'user')} and root"
    if "authorization_details" not in collected:
        return f"{people}; roles, groups and policies were not collected"
    own = int((policies.kind == "customer managed").sum())
    return (
        f"{people}, {counted(len(roles), 'role')}, {counted(len(groups), 'group')}, "
        f"{counted(own, 'customer managed policy', 'customer managed policies')}"
    )


def state(source: Mapping[Hashable, Any]) -> str:
    """Return in words why a row of ``sources`` is not evidence."""
    if source["status"] == "missing":
        return "not collected" if source["needs"] else "not handed over"
    return "not available" if source["status"] == "unavailable" else str(source["status"])


def evidence(sources: pd.DataFrame, report_age_hours: float | None) -> str:
    """Return how many sources were collected, and how old the credential report is."""
    collected = sources.source[sources.status == "collected"]
    if "credential_report" not in set(collected):
        report = "no credential report"
    elif report_age_hours is None:
        report = "credential report of unknown age"
    else:
        old = " (older than the 4 hours for which AWS keeps one)" if report_age_hours > 4 else ""
        report = f"credential report {report_age_hours:,.1f} hours old{old}"
    return f"{len(collected)} of {len(sources)} sources; {report}"
