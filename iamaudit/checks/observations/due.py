"""When somebody has to act on an observation: the time limit of its severity, as docs/severity.md has it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

TIME_LIMITS: Mapping[str, timedelta] = MappingProxyType(
    {
        "critical": timedelta(hours=24),
        "high": timedelta(days=7),
        "medium": timedelta(days=30),
        "low": timedelta(days=90),
    }
)
"""How long after the audit each severity may stay; an informational one may stay until it is convenient."""


def due_at(severity: str, as_of: datetime) -> datetime | None:
    """Return until when somebody has to act, or nothing when no time limit holds."""
    limit = TIME_LIMITS.get(severity)
    return None if limit is None else as_of + limit


def limit_in_words(severity: str) -> str:
    """Return the time limit of a severity as ``24 hours`` or ``7 days``."""
    limit = TIME_LIMITS.get(severity)
    if limit is None:
        return "when convenient"
    return f"{limit.days} days" if limit.days > 1 else f"{limit.total_seconds() / 3600:.0f} hours"
