"""Points in time as AWS writes them."""

from datetime import UTC, datetime


def parse_time(text: str | None) -> datetime | None:
    """Read an ISO 8601 time; without an offset it is UTC. What is no time (``N/A``, text) gives ``None``."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
