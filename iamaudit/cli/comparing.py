"""Comparing: two snapshots with each other, and a report with its evidence."""

import sys
from pathlib import Path
from typing import Any

import click

from iamaudit.cli.group import FILE, FOLDER, main

_ANY = click.Path(path_type=Path)


@main.command()
@click.argument("before", type=_ANY)
@click.argument("after", type=_ANY)
@click.option("--json", "as_json", is_flag=True, help="JSON output: every change with all its fields.")
def diff(before: Path, after: Path, as_json: bool) -> None:
    """Show what changed from BEFORE to AFTER, the gravest change first.

    Each is the folder of a snapshot, or of a report that carries its evidence. Both are judged by this
    version under the same thresholds, so that every change is one of the account. What a report says
    otherwise comes from the version that judged it, and is listed apart.
    """
    from iamaudit.comparison import changes_in_sentences  # noqa: PLC0415
    from iamaudit.report.compared import compare  # noqa: PLC0415

    found = compare(before, after)
    for said in found.limits:
        click.echo(said, err=True)
    if as_json:
        click.echo(found.everything.to_json(orient="records", indent=1))
        return
    click.echo(changes_in_sentences(found.account))
    for said in found.versions:
        click.echo(f"\n{said}")
    if len(found.version):
        click.echo(changes_in_sentences(found.version))


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
