"""Comparing: two snapshots with each other, and a report with its evidence."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from iamaudit.cli.group import FILE, FOLDER, main
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


@main.command()
@click.argument("bundle", type=FOLDER())
@click.option("--snapshot", type=FOLDER(), help="The snapshot that was judged, unless the report has it.")
@click.option("--public-key", type=FILE, help="Ed25519 key in PEM with which the report must be signed.")
@click.option("--checks", type=FILE, help="Your own checks of that run; the command runs this file.")
@click.option(
    "--hashes-only", is_flag=True, help="Compare hashes and signature only; do not run the checks again."
)
def verify(bundle: Path, **options: Any) -> None:
    """Verify the report BUNDLE: hashes, signature, and the findings, judged anew from its evidence.

    Exit code 4 if something differs.
    """
    from iamaudit.report.verify import verify_bundle  # noqa: PLC0415

    found = verify_bundle(bundle, **options)
    for note in found.notes:
        click.echo(note, err=True)
    for problem in found.problems:
        click.echo(problem)
    if found.problems:
        sys.exit(4)
    click.echo(f"{bundle}: nothing differs")


@main.command()
@click.argument("bundle", type=FOLDER())
@click.option("--key", type=FILE, required=True, help="Ed25519 private key in PEM; it stays where it is.")
def sign(bundle: Path, key: Path) -> None:
    """Sign the report BUNDLE with a local key."""
    from iamaudit.report.signature import read_private_key, sign_bundle  # noqa: PLC0415

    click.echo(sign_bundle(bundle, read_private_key(key)))


def _opened(path: Path) -> "Audit":
    """Open a snapshot, or the one that a report carries."""
    from iamaudit.audit import open_snapshot  # noqa: PLC0415

    carried = path / "evidence"
    return open_snapshot(carried if carried.is_dir() else path)
