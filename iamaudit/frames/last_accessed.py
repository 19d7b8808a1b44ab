"""When permissions were last used, and what was used of what is granted."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pandas as pd

from iamaudit.account import (
    TRACKED_DAYS,
    Account,
    Actor,
    Compared,
    LastAccessed,
    LastUse,
    Period,
    actions_since,
    compare_use,
)
from iamaudit.frames.columns import build_frame, empty_frame, frame_of_rows
from iamaudit.frames.days import days_between


def last_accessed_frame(account: Account, as_of: datetime) -> pd.DataFrame:
    """Return a row per principal and service that it may use, and one per action of it that AWS tracks.

    ``action`` is missing in the row of a service. ``is_tracked`` says whether AWS reports single actions of
    the service for this principal. Without ``last_used_at`` there was no attempt since ``tracked_since``: 400
    days for services, a day of the past for actions. A principal whose report failed has no row.
    """
    reports, actors = account.last_accessed or {}, account.actors
    return frame_of_rows(
        "last_accessed",
        (
            (*_named(actors.get(arn), arn), *row)
            for arn, report in sorted(reports.items())
            for row in _rows(report, as_of)
        ),
    )


def _named(actor: Actor | None, arn: str) -> tuple[str, str, str]:
    if actor is None:  # made or deleted while the account was collected
        kind, _, name = arn.rpartition(":")[2].partition("/")
        return arn, kind, name.rpartition("/")[2]
    return arn, actor.type, actor.name


def _rows(report: LastAccessed, as_of: datetime) -> Iterator[tuple[Any, ...]]:
    services_since = as_of - timedelta(days=TRACKED_DAYS)
    for service, use in sorted(report.services.items()):
        yield service, None, bool(use.actions), *_use(use.last, as_of), services_since
        for action, last in sorted(use.actions.items()):
            yield service, action, True, *_use(last, as_of), actions_since(service)


def _use(last: LastUse, as_of: datetime) -> tuple[Any, ...]:
    return last.at, days_between(last.at, as_of), last.region if last.at else None


def permission_use_frame(account: Account, period: Period) -> pd.DataFrame:
    """Return a row per user and role: the services and actions that it is granted, used and did not use.

    ``state`` is ``evaluated``, ``left out`` or ``not evaluated``, with the ``reason``; the counts of use are
    missing then. ``actions_untracked`` are granted actions of whose use nobody knows, ``untracked_services``
    the used services of which AWS tracks no single action, ``services_unknown`` those that the report lacks.
    Without the source there is no row.
    """
    if account.last_accessed is None:
        return empty_frame("permission_use")
    catalogue = account.catalogue

    @cache
    def services_in(actions: int) -> int:  # many are granted the same
        return sum(bool(catalogue.service_mask(service) & actions) for service in catalogue.services)

    rows = [
        _compared_row(compare_use(account, account.actors[p.arn], p.sets, period), period.as_of)
        | {
            "services_granted": services_in(p.sets.possible),
            "actions_granted": p.sets.possible.bit_count(),
        }
        for p in account.principals
    ]
    frame = build_frame("permission_use", rows)
    return frame.sort_values(["actions_unused", "principal"], ascending=[False, True], ignore_index=True)


def _compared_row(compared: Compared, as_of: datetime) -> dict[str, Any]:
    actor, use, accessed = compared.actor, compared.use, compared.accessed
    last = accessed.last_used_at if accessed else None
    row: dict[str, Any] = {
        "principal": actor.arn,
        "principal_type": actor.type,
        "principal_name": actor.name,
        "state": compared.state,
        "reason": compared.reason,
        "age_days": days_between(getattr(actor, "created_at", None), as_of),
        "last_used_at": last,
        "days_idle": days_between(last, as_of),
        "arn": actor.arn,
        "evidence": f"last_accessed.json {actor.arn}",
    }
    if use is None:
        return row
    used, unused = use.services_where(True), use.services_where(False)
    return row | {
        "services_used": len(used),
        "services_unused": len(unused),
        "services_unknown": len(use.services_where(None)),
        "actions_used": use.used.bit_count(),
        "actions_unused": use.unused.bit_count(),
        "actions_untracked": use.untracked.bit_count(),
        "used_services": used,
        "unused_services": unused,
        "untracked_services": compared.untracked_services,
    }
