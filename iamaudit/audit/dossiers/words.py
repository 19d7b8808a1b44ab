"""Values of an audit in words: what is missing reads as such."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from iamaudit.checks import SEVERITIES
from iamaudit.tables.markup import count_of

_STANDS = {
    "yes": "yes, already",
    "perhaps": "already, under a condition",
    "no": "not by its own permissions",
}

Row = Mapping[Any, Any]


def is_known(value: Any) -> bool:
    """Say whether a cell has a value."""
    return value is not None and value is not pd.NA and value is not pd.NaT


def day(value: Any, otherwise: str = "unknown") -> str:
    """Return a time as its day."""
    return f"{value:%Y-%m-%d}" if is_known(value) else otherwise


def used(row: Row, at: str = "last_used_at", idle: str = "days_idle", never: str = "no use is known") -> str:
    """Return when something was last used."""
    if not is_known(row[at]):
        return never
    days = int(row[idle]) if is_known(row[idle]) else 0
    return f"{day(row[at])}, {count_of(days, 'day')} before"


def yes_no(value: Any, yes: str, no: str, otherwise: str) -> str:
    """Return one of three words for a flag that may be missing."""
    return otherwise if not is_known(value) else yes if value else no


def actions_of(row: Row, everything: int) -> str:
    """Return how much a row of ``breadth`` may do."""
    services = count_of(int(row["services"]), "service")
    return (
        f"{row['actions_possible']:,} of {everything:,} actions "
        f"{'is' if row['actions_possible'] == 1 else 'are'} possible, in {services}; "
        f"{row['actions_certain']:,} {'is' if row['actions_certain'] == 1 else 'are'} certain"
    )


def worst(severities: Any) -> str:
    """Return how many observations or findings there are, and how grave the first is."""
    known = sorted(severities, key=SEVERITIES.index)
    if len(known) == 1:
        return f"1, {known[0]}"
    return f"{len(known):,}, the gravest is {known[0]}" if known else "none"


def sign_in(row: Row) -> str:
    """Return how a user signs in."""
    password = yes_no(row["has_password"], "password", "no password", "unknown")
    mfa = yes_no(row["mfa_active"], "MFA", "no MFA", "MFA unknown")
    idle = ""
    if is_known(row["password_last_used_at"]):
        idle = f", last used {day(row['password_last_used_at'])}"
    return f"{password}{idle}; {mfa}"


def keys(slots: pd.DataFrame) -> str:
    """Return how many access keys there are, and how old."""
    active = slots[slots.is_active.fillna(value=False)]
    if not len(active):
        return f"none active, {len(slots)} inactive" if len(slots) else "none"
    ages: Any = active.age_days.max()
    if not is_known(ages):
        return f"{len(active)} active"
    return (
        f"{len(active)} active, {'the oldest is ' if len(active) > 1 else ''}{count_of(int(ages), 'day')} old"
    )


def administrator(standing: str, paths: pd.DataFrame) -> str:
    """Return whether a principal is an administrator, or can become one."""
    ways = paths[paths.end == "administrator"].verdict.tolist()
    if not ways:
        return _STANDS[standing]
    sure = "certain" in ways
    return f"{_STANDS[standing]}; it {'can become one' if sure else f'may become one ({ways[0]})'}"
