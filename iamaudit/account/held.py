"""The account of a snapshot, read once for all that open the snapshot in copies of one process."""

from dataclasses import dataclass
from datetime import datetime

from iamaudit.account.account import Account
from iamaudit.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class _Held:
    snapshot: Snapshot
    as_of: datetime | None
    account: Account


_held: _Held | None = None


def read_account(snapshot: Snapshot, as_of: datetime | None = None) -> Account:
    """Return the account that a snapshot holds; a file of it is read when it is first asked for.

    What is effectively allowed is that at ``as_of``; unless given, conditions on the time may hold or not.

    Raises
    ------
    SnapshotError
        Later, when a file is gone or is not what was collected.
    """
    if _held and (_held.snapshot, _held.as_of) == (snapshot, as_of) and snapshot.is_unchanged():
        return _held.account
    return Account(snapshot, as_of)


def hold_account(snapshot: Snapshot, as_of: datetime) -> None:
    """Read an account now, with what each principal may do, for whoever asks for it from here on.

    Raises
    ------
    SnapshotError
        A file is gone or is not what was collected.
    """
    global _held  # noqa: PLW0603 - it is about this process
    account = Account(snapshot, as_of)
    _ = account.principals
    _held = _Held(snapshot, as_of, account)
