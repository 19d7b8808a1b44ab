"""The older snapshots of an account: what lies beside one, or in the folder of one that was named."""

from pathlib import Path

from iamaudit.errors import ParameterError, SnapshotError
from iamaudit.snapshot.read import Snapshot, read_snapshot

_MONTHS = 12


def older_snapshots(snapshot: Snapshot, previous: Path | None = None) -> list[Snapshot]:
    """Return the snapshots with which one is compared, the oldest first; the last is the previous one.

    Before that there is one a month, the newest of each, up to a year: a trend needs no more.

    Parameters
    ----------
    previous
        The previous snapshot; unless given, the newest older one of the account that lies beside.

    Raises
    ------
    SnapshotError
        ``previous`` cannot be read.
    ParameterError
        It is of another account, or not older.
    """
    if previous is None:
        beside = _beside(snapshot)
        return _thinned(beside)
    named = read_snapshot(previous)
    account = snapshot.manifest.account_id
    if named.manifest.account_id != account:
        raise ParameterError(
            f"`{previous}` is of account {named.manifest.account_id}, the snapshot of {account}: compare two "
            "of one account"
        )
    if named.manifest.started_at >= snapshot.manifest.started_at:
        raise ParameterError(f"`{previous}` is not older than `{snapshot.path}`: give an older snapshot")
    return _thinned([*_beside(named), named])


def _beside(snapshot: Snapshot) -> list[Snapshot]:
    """Return the complete snapshots of the account beside one that are older, the oldest first."""
    here, found = snapshot.manifest, []
    for manifest in snapshot.path.resolve().parent.glob("[!.]*/manifest.json"):
        try:
            other = read_snapshot(manifest.parent)
        except SnapshotError:
            continue  # another kind of folder, or one of a newer version: nothing to compare with
        theirs = other.manifest
        is_whole = theirs.finished_at is not None and theirs.account_id == here.account_id
        if is_whole and theirs.started_at < here.started_at:
            found.append(other)
    return sorted(found, key=lambda other: other.manifest.started_at)


def _thinned(older: list[Snapshot]) -> list[Snapshot]:
    """Return the newest of each month, the last of all in any case."""
    months = {f"{each.manifest.started_at:%Y-%m}": each for each in older}
    return list(months.values())[-_MONTHS:]
