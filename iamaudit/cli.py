"""The command line; the only place that prints and exits."""

import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from iamaudit import __version__
from iamaudit.errors import IamauditError, ParameterError

# Heavy packages are imported by the command that needs them, so that --help answers at once.

_Command = TypeVar("_Command", bound=Callable[..., Any])
_FOLDER = partial(click.Path, path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)


class _Group(click.Group):
    """Turns what goes wrong on purpose into one line and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except IamauditError as error:
            click.echo(f"iamaudit: {error}", err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("iamaudit: interrupted, nothing was left half-written", err=True)
            ctx.exit(130)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="iamaudit")
def main() -> None:
    """Who can do what in an AWS account, and the evidence for it. AWS is only ever read."""


def _run_options(command: _Command) -> _Command:
    options = [
        click.option("--params", "params", type=_FILE, required=True, help="YAML file of parameters."),
        click.option("-p", "overrides", multiple=True, metavar="NAME=VALUE", help="Overrides a parameter."),
        click.option("--notebooks", type=_FOLDER(), help="Folder of the notebooks."),
        click.option("--reports", type=_FOLDER(), default=Path("reports"), show_default=True),
        click.option("--timeout", type=click.IntRange(min=1), help="Seconds that one cell may take."),
        click.option("--checks", type=_FILE, help="Python file of checks of your own; it is run."),
        click.option(
            "--fail-on",
            type=click.Choice(["critical", "high", "medium", "low"]),
            help="Exit with 3 when a finding of this severity or above is not waived.",
        ),
        click.option("--jobs", type=click.IntRange(min=1), help="Notebooks at a time [default: processors]."),
        _QUIET,
    ]
    for option in reversed(options):
        command = option(command)
    return command


_QUIET = click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
_SNAPSHOTS = click.option("--snapshots", type=_FOLDER(), default=Path("snapshots"), show_default=True)


@main.command()
@click.option("--profile", help="Profile of the AWS configuration.")
@click.option("--role-arn", help="Role to assume.")
@click.option("--external-id", help="External id that the role asks for.")
@click.option("--region", help="Region in which STS is asked.")
@click.option("--endpoint-url", help="Another endpoint than AWS's own.")
@click.option("--account-id", help="Refuse to collect any other account.")
@_SNAPSHOTS
@_QUIET
def collect(snapshots: Path, account_id: str | None, quiet: bool, **access: str | None) -> None:
    """Collect an account into a snapshot, with read calls only."""
    _echo(_collect(snapshots, account_id, quiet=quiet, **access))


@main.command("import")
@click.option("--authorization-details", type=_FILE, multiple=True, help="Output of the AWS CLI; repeatable.")
@click.option("--credential-report", type=_FILE, help="The CSV, or the JSON of the AWS CLI.")
@click.option("--organization-policies", type=_FILE, help="SCPs and RCPs by level: docs/evaluation.md.")
@click.option("--account-id", help="The account, when no ARN tells it.")
@_SNAPSHOTS
def import_(
    authorization_details: Sequence[Path],
    credential_report: Path | None,
    organization_policies: Path | None,
    account_id: str | None,
    snapshots: Path,
) -> None:
    """Make a snapshot from files that were handed over."""
    from iamaudit.snapshot import snapshot_from_files  # noqa: PLC0415

    _echo(
        snapshot_from_files(
            snapshots,
            authorization_details=authorization_details,
            credential_report=credential_report,
            organization_policies=organization_policies,
            account_id=account_id,
        )
    )


@main.command()
@_run_options
@click.option("--snapshot", type=_FOLDER(), help="Overrides the parameter `snapshot`.")
def run(snapshot: Path | None, params: Path, overrides: Sequence[str], **options: Any) -> None:
    """Run the notebooks on a snapshot and write the report bundle."""
    extra = [] if snapshot is None else [f"snapshot={snapshot}"]
    _run(params, [*overrides, *extra, *_own_checks(options)], **options)


@main.command()
@_run_options
@_SNAPSHOTS
def audit(snapshots: Path, params: Path, overrides: Sequence[str], **options: Any) -> None:
    """Collect, then run: the one line that a schedule needs."""
    from iamaudit.audit import DEMO  # noqa: PLC0415
    from iamaudit.embedded import collect_demo  # noqa: PLC0415

    overrides = [*overrides, *_own_checks(options)]
    checked = _parameters(params, overrides, options["notebooks"])
    if checked.notebook.get("snapshot") == DEMO:
        taken = collect_demo(snapshots)
    elif checked.notebook.get("snapshot"):
        raise ParameterError("`audit` takes a new snapshot: leave out `snapshot`, or use `iamaudit run`")
    else:
        access = dict(checked.collection)
        taken = _collect(snapshots, access.pop("account_id", None), quiet=options["quiet"], **access)
    if not options["quiet"]:
        click.echo(f"snapshot {taken}", err=True)
    _run(params, [*overrides, f"snapshot={taken}"], **options)


@main.command()
@click.argument("principal")
@click.argument("action")
@click.argument("resource", default="*")
@click.option(
    "--context", "context", multiple=True, metavar="KEY=VALUE", help="A condition key of the request."
)
@click.option("--snapshot", default="demo", show_default=True, help="Folder of a snapshot.")
def explain(principal: str, action: str, resource: str, context: Sequence[str], snapshot: str) -> None:
    """Say whether PRINCIPAL may do ACTION on RESOURCE, and why.

    Only what a snapshot holds is looked at: identity policies, groups, boundaries, trust policies.
    """
    from iamaudit.access import parse_context  # noqa: PLC0415
    from iamaudit.audit import open_snapshot  # noqa: PLC0415

    answer = open_snapshot(snapshot).explain(principal, action, resource, context=parse_context(context))
    click.echo("\n".join(answer.lines))


@main.command("what-if")
@click.argument("policy")
@click.argument("document", type=_FILE)
@click.option("--snapshot", default="demo", show_default=True, help="Folder of a snapshot.")
@click.option("--json", "as_json", is_flag=True, help="For programs: every action by name.")
def what_if(policy: str, document: Path, snapshot: str, as_json: bool) -> None:
    """Say who would gain or lose what if POLICY said what the file DOCUMENT says.

    POLICY is an ARN, or PRINCIPAL_ARN#NAME for an inline policy. Nothing is changed anywhere.
    """
    from iamaudit.access import changes_in_words  # noqa: PLC0415
    from iamaudit.audit import open_snapshot  # noqa: PLC0415

    try:
        text = document.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ParameterError(f"cannot read `{document}` ({error}): give the new policy as JSON") from error
    changes = open_snapshot(snapshot).what_if(policy, text)
    click.echo(changes.to_json(orient="records", indent=1) if as_json else changes_in_words(changes))


@main.command()
@click.option("--checks", "own", type=_FILE, help="Python file of checks of your own; it is run.")
@click.option("--json", "as_json", is_flag=True, help="For programs: all facts of each.")
@click.option("--markdown", is_flag=True, help="The page docs/checks.md.")
def checks(own: Path | None, as_json: bool, markdown: bool) -> None:
    """List every check: id, severity and title."""
    from iamaudit.checks import check_list, checks_page, load_checks  # noqa: PLC0415

    if own:
        load_checks(own)
    rows = check_list()
    if as_json:
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    if markdown:
        click.echo(checks_page(), nl=False)
        return
    for row in rows:
        click.echo(f"{row['id']:<32}{row['severity']:<10}{row['title']}")


@main.command("scan-code")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--history", is_flag=True, help="Look at every commit of the git work tree, too.")
@click.option("--snapshot", default="demo", show_default=True, help="Folder of a snapshot.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--write", type=_FILE, help="Keep it for an audit: the parameter `code_scan`.")
def scan_code(paths: Sequence[Path], history: bool, snapshot: str, as_json: bool, write: Path | None) -> None:
    """Find access key ids in files and say which are keys of the account.

    Ids are masked; what stands beside them is never kept. Exit code 3 when an active key was found.
    """
    from iamaudit.access import sightings_in_words  # noqa: PLC0415
    from iamaudit.audit import open_snapshot  # noqa: PLC0415
    from iamaudit.codescan import scan_paths  # noqa: PLC0415
    from iamaudit.scans import write_scan  # noqa: PLC0415

    audit = open_snapshot(snapshot)
    scan = scan_paths(paths, history=history)
    found = audit.sightings(scan)
    click.echo(found.to_json(orient="records", indent=1) if as_json else sightings_in_words(found))
    click.echo(f"{scan.files:,} files read, {scan.binary:,} binary ones not", err=True)
    for path, reason in scan.skipped:
        click.echo(f"not read: {path} ({reason})", err=True)
    if write:
        write_scan(write, found, account_id=audit.account_id, files=scan.files)
    if found.status.eq("Active").any():
        sys.exit(3)


def _collect(snapshots: Path, account_id: str | None, *, quiet: bool, **access: str | None) -> Path:
    from iamaudit.aws import collect_account, open_session  # noqa: PLC0415

    return collect_account(
        open_session(**access),
        snapshots,
        endpoint_url=access.get("endpoint_url"),
        progress=not quiet,
        expected_account_id=account_id,
    )


def _parameters(params: Path, overrides: Sequence[str], notebooks: Path | None) -> Any:
    from iamaudit.report.parameters import declared_parameters, read_parameters  # noqa: PLC0415

    return read_parameters(params, declared_parameters(_notebooks(notebooks)), overrides)


def _run(
    params: Path,
    overrides: Sequence[str],
    *,
    notebooks: Path | None,
    reports: Path,
    timeout: int | None,
    jobs: int | None,
    fail_on: str | None,
    quiet: bool,
) -> None:
    checked = _parameters(params, overrides, notebooks)
    from iamaudit.report.bundle import run_report  # noqa: PLC0415

    bundle = run_report(
        checked,
        notebooks=_notebooks(notebooks),
        reports=reports,
        timeout=timeout,
        workers=jobs,
        progress=not quiet,
    )
    _echo(bundle / "index.html")
    if fail_on:
        _fail_on(bundle, fail_on)


def _own_checks(options: dict[str, Any]) -> list[str]:
    """Take the option out: it is the parameter of the same name, which every notebook has."""
    path = options.pop("checks")
    return [] if path is None else [f"checks={path}"]


def _fail_on(bundle: Path, severity: str) -> None:
    """Exit with 3 when a finding this severe is not waived: a pipeline stops there."""
    from iamaudit.checks import SEVERITIES  # noqa: PLC0415

    grave = SEVERITIES[: SEVERITIES.index(severity) + 1]
    findings = json.loads((bundle / "findings.json").read_text(encoding="utf-8"))
    found = [f for f in findings if f["severity"] in grave and f["waiver"] is None]
    if found:
        click.echo(f"iamaudit: {len(found):,} findings are {severity} or worse and not waived", err=True)
        sys.exit(3)


def _notebooks(folder: Path | None) -> list[Path]:
    """Return the notebooks of ``folder``, else those that came with the package or its checkout."""
    package = Path(__file__).parent
    own = package / "notebooks"
    chosen = folder or (own if own.is_dir() else package.parent / "notebooks")
    found = sorted(path for path in chosen.glob("*.ipynb") if not path.name.startswith("."))
    if not found:
        raise ParameterError(f"`{chosen}` holds no notebook: give --notebooks")
    return found


def _echo(path: Path) -> None:
    click.echo(str(path))


if __name__ == "__main__":
    sys.exit(main())
