"""The numbers that the whole demo account hangs on: its accounts, and when its story is told."""

import hashlib
from datetime import UTC, datetime, timedelta

ACCOUNT_ID = "111122223333"
"""The account that is audited."""

EXTERNAL_ACCOUNT_ID = "444455556666"
"""A vendor's account, which two roles trust."""

AS_OF = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
"""The moment at which the account is looked at; every date in it lies in the two years before."""

REPORTED_AT = AS_OF - timedelta(hours=2)
"""When AWS made the credential report, which it keeps for up to four hours."""

COLLECTED_AT = AS_OF - timedelta(minutes=5)
"""What the demo's clock says, so that a snapshot of it has the same bytes each time."""

REGION = "eu-west-1"


def moment(text: str, owner: str, minutes: int = 0) -> datetime:
    """Return the UTC time of an event on the day ``text``.

    A table of days reads better than one of seconds, and an account in which everything happens at midnight
    looks made up. So the time of day is worked out from ``owner`` (the same for all events of one owner, in
    office hours) and ``minutes`` puts the events of one day in order. A ``text`` with a time is taken as is.
    """
    if "T" in text:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    digest = hashlib.sha256(owner.encode()).digest()
    seconds = 7 * 3600 + int.from_bytes(digest[:4], "big") % (8 * 3600)
    return datetime.fromisoformat(text).replace(tzinfo=UTC) + timedelta(seconds=seconds, minutes=minutes)


def identifier(prefix: str, name: str, length: int = 21) -> str:
    """Return the unique id of ``name`` in AWS's form (``AIDA...``), the same in every run."""
    digest = hashlib.sha256(f"{prefix}/{name}".encode()).digest()
    letters = "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[byte % 32] for byte in digest)
    return prefix + letters[: length - len(prefix)]
