"""Questions to a snapshot, and the lists that answer them."""

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from iamaudit.cli.group import FILE, SNAPSHOT, main
from iamaudit.errors import UnknownNameError, did_you_mean


@main.command()
@click.argument("principal")
@click.argument("action")
@click.argument("resource", default="*")
@click.option(
    "--context", "context", multiple=True, metavar="KEY=VALUE", help="A condition key of the request."
)
@SNAPSHOT
def explain(principal: str, action: str, resource: str, context: Sequence[str], snapshot: str) -> None:
    """Explain whether PRINCIPAL may do ACTION on RESOURCE.

    The answer rests on the snapshot: identity policies, groups, boundaries, SCPs and trust policies.
    """
    from iamaudit.account import parse_context  # noqa: PLC0415
    from iamaudit.audit import open_snapshot  # noqa: PLC0415

    answer = open_snapshot(snapshot).explain(principal, action, resource, context=parse_context(context))
    click.echo("\n".join(answer.lines))


@main.command()
@click.argument("name")
@click.argument("resource", default="*")
@SNAPSHOT
@click.option("--json", "as_json", is_flag=True, help="JSON output: every row and column.")
def show(name: str, resource: str, snapshot: str, as_json: bool) -> None:
    """Show all that is known of NAME: a principal, a group, a policy, an action or an account.

    NAME is an ARN or a name (user/alice, role/deploy, group/Developers, policy/Deploy), an action such as
    s3:GetObject, or the 12 digits of an account. An inline policy is user/NAME#POLICY, a trust policy
    role/NAME@trust. After an action RESOURCE, an ARN, asks who can do it there.
    """
    from iamaudit.audit import open_snapshot  # noqa: PLC0415

    answer = open_snapshot(snapshot).show(name, resource)
    shown = json.dumps(answer.as_dict(), indent=1, ensure_ascii=False) if as_json else repr(answer)
    click.echo(shown)


@main.command("what-if")
@click.argument("policy")
@click.argument("document", type=FILE)
@SNAPSHOT
@click.option("--json", "as_json", is_flag=True, help="JSON output: every action by name.")
def what_if(policy: str, document: Path, snapshot: str, as_json: bool) -> None:
    """Show who would gain or lose permissions if the file DOCUMENT replaced POLICY.

    POLICY is an ARN, or PRINCIPAL_ARN#NAME for an inline policy. The command changes nothing.
    """
    from iamaudit.audit import open_snapshot  # noqa: PLC0415
    from iamaudit.frames import changes_in_words  # noqa: PLC0415
    from iamaudit.snapshot.reading import read_text  # noqa: PLC0415

    changes = open_snapshot(snapshot).what_if(policy, read_text(document))
    click.echo(changes.to_json(orient="records", indent=1) if as_json else changes_in_words(changes))


@main.command()
@click.option("--checks", "own", type=FILE, help="Python file with your own checks; the command runs it.")
@click.option("--json", "as_json", is_flag=True, help="JSON output: all facts of each check.")
@click.option("--markdown", is_flag=True, help="Print the page docs/checks.md.")
@click.option("--frameworks", is_flag=True, help="Print the page docs/frameworks.md.")
def checks(own: Path | None, as_json: bool, markdown: bool, frameworks: bool) -> None:
    """List every check: reference of its workpaper, id, severity and title, the gravest first."""
    from iamaudit.checks import check_list, checks_page, frameworks_page, load_checks  # noqa: PLC0415

    if own:
        load_checks(own)
    rows = check_list()
    if as_json:
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    if markdown:
        click.echo(checks_page(), nl=False)
        return
    if frameworks:
        click.echo(frameworks_page(), nl=False)
        return
    columns = ("reference", "id", "severity", "title")
    _echo_columns([columns, *([row[name] for name in columns] for row in rows)])


def _echo_columns(table: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for cells in table:
        click.echo("  ".join(map(str.ljust, cells, widths)).rstrip())


@main.command()
@click.argument("name", default="")
@click.option("--json", "as_json", is_flag=True, help="JSON output: all facts of each frame.")
@click.option("--markdown", is_flag=True, help="Print the page docs/frames.md.")
def frames(name: str, as_json: bool, markdown: bool) -> None:
    """List every frame and what it answers, or the columns of the frame NAME with their types."""
    from iamaudit.audit import frame_list, frames_page  # noqa: PLC0415

    if markdown:
        click.echo(frames_page(), nl=False)
        return
    found = {frame["name"]: frame for frame in frame_list()}
    if name and name not in found:
        raise UnknownNameError(
            f"no frame `{name}`: {did_you_mean(name, found, 'iamaudit frames lists them')}"
        )
    shown = [found[name]] if name else list(found.values())
    if as_json:
        click.echo(json.dumps(shown, indent=1, ensure_ascii=False))
        return
    rows = found[name]["columns"].items() if name else ((each["name"], each["answers"]) for each in shown)
    _echo_columns(list(rows))


@main.command("scan-code")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--history", is_flag=True, help="Search every commit of the git work tree as well.")
@SNAPSHOT
@click.option(
    "--json", "as_json", is_flag=True, help="JSON output: every key with the places where it was found."
)
@click.option("--write", type=FILE, help="Store the result for an audit (parameter `code_scan`).")
def scan_code(paths: Sequence[Path], history: bool, snapshot: str, as_json: bool, write: Path | None) -> None:
    """Find access key ids in files and show which are keys of the account.

    Ids are masked, and no other text of the files is stored. The exit code is 3 if an active key was found.
    """
    from iamaudit.audit import open_snapshot  # noqa: PLC0415
    from iamaudit.codescan import scan_paths, scanned_code, write_scan  # noqa: PLC0415
    from iamaudit.comparison.change import counted  # noqa: PLC0415
    from iamaudit.frames import sighting_rows, sightings_in_words  # noqa: PLC0415

    audit = open_snapshot(snapshot)
    scan = scan_paths(paths, history=history)
    found = audit.sightings(scan)
    click.echo(found.to_json(orient="records", indent=1) if as_json else sightings_in_words(found))
    click.echo(f"{counted(scan.files, 'file')} read, {counted(scan.binary, 'binary one')} not", err=True)
    is_demo = audit.snapshot.manifest.origin == "demo"
    invented = ", an invented account: give --snapshot for yours" if is_demo else ""
    click.echo(f"compared with the keys of {audit.account_name}{invented}", err=True)
    for path, reason in scan.skipped:
        click.echo(f"not read: {path} ({reason})", err=True)
    if write:
        write_scan(
            write,
            sighting_rows(found),
            account_id=audit.account_id,
            files=scan.files,
            scanned=scanned_code(paths, datetime.now(UTC)),
        )
    if found.status.eq("Active").any():
        sys.exit(3)


@main.command()
@click.argument("principal")
@SNAPSHOT
@click.option(
    "--json", "as_json", is_flag=True, help="JSON output: every path with its steps and statements."
)
def paths(principal: str, snapshot: str, as_json: bool) -> None:
    """Show how PRINCIPAL can escalate to administrator, and what blocks the other paths."""
    from iamaudit.audit import open_snapshot  # noqa: PLC0415
    from iamaudit.escalation import paths_as_rows, paths_in_words  # noqa: PLC0415

    escalation = open_snapshot(snapshot).escalation
    if as_json:
        click.echo(json.dumps(paths_as_rows(escalation, principal), indent=1, ensure_ascii=False))
    else:
        click.echo("\n".join(paths_in_words(escalation, principal)))


@main.command("right-size")
@click.argument("principal")
@SNAPSHOT
@click.option(
    "--json", "as_json", is_flag=True, help="JSON output: the new documents and what would be lost."
)
def right_size(principal: str, snapshot: str, as_json: bool) -> None:
    """Propose policies for PRINCIPAL that keep what it used, with the difference.

    The proposal never allows more than before. What AWS does not track stays. The command changes nothing.
    """
    from iamaudit.account import proposal_lines, proposal_rows  # noqa: PLC0415
    from iamaudit.audit import open_snapshot  # noqa: PLC0415

    sized = open_snapshot(snapshot).right_size(principal)
    if as_json:
        click.echo(json.dumps(proposal_rows(sized), indent=1, ensure_ascii=False))
    else:
        click.echo("\n".join(proposal_lines(sized)))
