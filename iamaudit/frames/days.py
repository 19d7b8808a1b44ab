"""The days between a point in time and ``as_of``."""

from datetime import datetime

import pandas as pd


def days_between(earlier: datetime | None, as_of: datetime) -> int | None:
    """Return the whole days from ``earlier`` to ``as_of``, rounded down; unknown stays unknown."""
    return None if earlier is None or pd.isna(earlier) else (as_of - earlier).days


def newest(*moments: datetime | None) -> datetime | None:
    """Return the latest of the known moments."""
    return max((moment for moment in moments if moment is not None), default=None)
