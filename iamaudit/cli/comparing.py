"""Comparing: what changed between two snapshots."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from iamaudit.cli.group import main
from iamaudit.errors import ParameterError

if TYPE_CHECKING:
    from iamaudit.audit import Audit

_ANY = click.Path(path_type=Path)


@main.command()
@click.argument("before", type=_ANY)
@click.argument("after", type=_ANY)
@click.option("--json", "as_json", is_flag=True, help="JSON output: every change with all its fields.")
def diff(before: Path, after: Path, as_json: bool) -> None:
    """Show what changed from BEFORE to AFTER, the gravest change first.

    Each is the folder of a snapshot, or of a report that carries its evidence. Both are judged by this
    version, so that every difference is one of the account.
    """
    from iamaudit.comparison import changes_frame, changes_in_sentences, not_compared  # noqa: PLC0415
    from iamaudit.comparison import observation_changes_frame as observed  # noqa: PLC0415

    sides = [_opened(path) for path in (before, after)]
    if sides[0].account_id != sides[1].account_id:
        accounts = " and ".join(side.account_id for side in sides)
        raise ParameterError(f"the snapshots are of {accounts}: compare two of one account")
    changes = changes_frame(sides[0], sides[1], observed(sides))
    if as_json:
        click.echo(changes.to_json(orient="records", indent=1))
        return
    for said in not_compared(sides[0], sides[1]):
        click.echo(said, err=True)
    click.echo(changes_in_sentences(changes))


def _opened(path: Path) -> "Audit":
    """Open a snapshot, or the one that a report carries."""
    from iamaudit.audit import open_snapshot  # noqa: PLC0415

    carried = path / "evidence"
    return open_snapshot(carried if carried.is_dir() else path)
