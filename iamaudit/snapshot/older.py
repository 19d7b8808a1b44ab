"""The older snapshots of an account: beside one, beside one that was named, or carried by a report."""

from pathlib import Path

from iamaudit.errors import ParameterError, SnapshotError
from iamaudit.snapshot.read import Snapshot, read_snapshot

CARRIED = "previous"
"""The folder, in a copy of a snapshot that a report carries, of the older ones that it was compared with."""
_MONTHS = 12


def older_snapshots(snapshot: Snapshot, previous: Path | None = None) -> list[Snapshot]:
    """Return the snapshots with which one is compared, the oldest first; the last is the previous one.

    Before that there is one a month, the newest of each, up to a year: a trend needs no more.

    Parameters
    ----------
    previous
        The previous snapshot; unless given, the newest older one of the account that lies beside, or that a
        report carries with this one.

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
    """Return the complete older snapshots of the account beside one, or carried with it, the oldest first."""
    here, found = snapshot.manifest, []
    carried = snapshot.path.resolve() / CARRIED
    for manifest in (carried if carried.is_dir() else carried.parents[1]).glob("[!.]*/manifest.json"):
        try:
            other = read_snapshot(manifest.parent)
        except SnapshotError:
            continue  # another kind of folder, or one of a newer version: nothing to compare with
        theirs = other.manifest
        is_whole = (
            other.path == manifest.parent  # not a report, with a copy of one
            and theirs.finished_at is not None
            and theirs.account_id == here.account_id
        )
        if is_whole and theirs.started_at < here.started_at:
            found.append(other)
    return sorted(found, key=lambda other: other.manifest.started_at)


def _thinned(older: list[Snapshot]) -> list[Snapshot]:
    """Return the newest of each month, the last of all in any case."""
    months = {f"{each.manifest.started_at:%Y-%m}": each for each in older}
    return list(months.values())[-_MONTHS:]
