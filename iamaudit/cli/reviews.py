"""The access review: export to the owners of principals, and import of their decisions."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from iamaudit.cli.group import FILE, SNAPSHOT, main

_OWNERS = click.option("--owners", type=FILE, help="YAML file that names the owner of each principal.")
_TAG = click.option(
    "--tag", default="owner", show_default=True, help="Tag that names the owner if the file does not."
)


@main.group()
def review() -> None:
    """Let the owners of users and roles review their access."""


@review.command("export")
@click.argument("file", type=FILE)
@_OWNERS
@_TAG
@SNAPSHOT
def export_review(file: Path, owners: Path | None, tag: str, snapshot: str) -> None:
    """Write FILE, a workbook with one sheet for each owner: permissions, and a column for the decision."""
    from iamaudit.audit import open_snapshot  # noqa: PLC0415
    from iamaudit.review import review_frame, write_review  # noqa: PLC0415

    audit = open_snapshot(snapshot, owners=owners or "")
    frame = review_frame(audit, owners=audit.owners, tag=tag)
    write_review(frame, file, account=audit.account_name, as_of=audit.as_of)
    click.echo(f"{file}: {len(frame):,} principals for {frame.owner.nunique():,} owners")


@review.command("import")
@click.argument("files", nargs=-1, required=True, type=FILE)
@_OWNERS
@_TAG
@SNAPSHOT
@click.option("--json", "as_json", is_flag=True, help="JSON output: each row as it was decided.")
def import_review(files: Sequence[Path], owners: Path | None, tag: str, snapshot: str, as_json: bool) -> None:
    """Read the decisions in FILES, compare them with the snapshot, and print the commands for removals.

    The command removes nothing: an administrator runs what it prints.
    """
    import pandas as pd  # noqa: PLC0415

    from iamaudit.audit import open_snapshot  # noqa: PLC0415
    from iamaudit.review import (  # noqa: PLC0415
        judge_decisions,
        read_decisions,
        removal_commands,
        review_frame,
    )

    audit = open_snapshot(snapshot, owners=owners or "")
    now = review_frame(audit, owners=audit.owners, tag=tag)
    judged = judge_decisions(pd.concat([read_decisions(file) for file in files], ignore_index=True), now)
    commands = removal_commands(judged, audit)
    if as_json:
        rows = json.loads(judged.to_json(orient="records"))
        click.echo(json.dumps({"decisions": rows, "removal": commands}, indent=1, ensure_ascii=False))
        return
    for state, count in judged.state.value_counts(sort=False).items():
        click.echo(f"{count:,} {state}", err=True)
    for row in judged[judged.state != "decided"].to_dict("records"):
        click.echo(f"{row['state']}: {row['principal']} ({row['evidence']}): {row['note']}", err=True)
    click.echo("\n".join(commands))
