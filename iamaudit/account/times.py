"""Points in time as AWS writes them."""

from datetime import UTC, datetime

_YEARS = range(1970, 2200)  # AWS knows no others; pandas cannot hold all of them


def parse_time(text: object) -> datetime | None:
    """Read an ISO 8601 time, UTC unless it has an offset; what is not one (``N/A``, a number) is ``None``."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.year not in _YEARS:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
