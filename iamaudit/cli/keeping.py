"""Keeping: how many snapshots and reports stay on disk."""

from pathlib import Path

import click

from iamaudit.cli.group import REPORTS, SNAPSHOTS, main


@main.command()
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    required=True,
    help="Number of complete snapshots and reports of each account to keep.",
)
@click.option("--yes", is_flag=True, help="Delete; without it the command only shows what it would delete.")
@SNAPSHOTS
@REPORTS
def prune(keep: int, yes: bool, snapshots: Path, reports: Path) -> None:
    """Delete snapshots and reports that are older than the newest of each account.

    What iamaudit did not write, or somebody added to or changed, stays and is named.
    """
    from iamaudit.report.retention import delete_folder, plan_retention  # noqa: PLC0415

    plan = plan_retention(snapshots, reports, keep)
    size = f"{plan.size / 1e6:,.1f} MB"
    for folder in plan.unknown:
        click.echo(f"stays, as it holds more than iamaudit wrote: {folder}", err=True)
    for folder in plan.deleted:
        if yes:
            delete_folder(folder)
        click.echo(f"{'deleted' if yes else 'would delete'} {folder}")
    count = len(plan.deleted)
    folders = "1 folder" if count == 1 else f"{count:,} folders"
    if count and not yes:
        click.echo(f"{folders}, {size}: give --yes to delete", err=True)
    else:
        click.echo(f"{folders} deleted, {size}" if count else "nothing is old enough to delete", err=True)
