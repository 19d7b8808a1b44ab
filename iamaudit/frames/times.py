"""Points in time as AWS writes them, and the days between them and ``as_of``."""

from datetime import UTC, datetime

import pandas as pd


def parse_time(text: str | None) -> datetime | None:
    """Read an ISO 8601 time; without an offset it is UTC. What is no time (``N/A``, text) gives ``None``."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def days_between(earlier: datetime | None, as_of: datetime) -> int | None:
    """Return the whole days from ``earlier`` to ``as_of``, rounded down; unknown stays unknown."""
    return None if earlier is None or pd.isna(earlier) else (as_of - earlier).days


def newest(*moments: datetime | None) -> datetime | None:
    """Return the latest of the known moments."""
    return max((moment for moment in moments if moment is not None), default=None)
