"""Collecting, importing and running: what makes a snapshot, and what makes a report of it."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from iamaudit.cli.group import FILE, FOLDER, QUIET, SNAPSHOTS, Command, main
from iamaudit.errors import ParameterError


def _run_options(command: Command) -> Command:
    options = [
        click.option("--params", "params", type=FILE, required=True, help="YAML file of parameters."),
        click.option("-p", "overrides", multiple=True, metavar="NAME=VALUE", help="Overrides a parameter."),
        click.option("--notebooks", type=FOLDER(), help="Folder of the notebooks."),
        click.option("--reports", type=FOLDER(), default=Path("reports"), show_default=True),
        click.option("--timeout", type=click.IntRange(min=1), help="Seconds that one cell may take."),
        click.option("--checks", type=FILE, help="Python file of checks of your own; it is run."),
        click.option(
            "--fail-on",
            type=click.Choice(["critical", "high", "medium", "low", "informational"]),
            help="Exit with 3 when a finding of this severity or above is not waived.",
        ),
        click.option("--jobs", type=click.IntRange(min=1), help="Notebooks at a time [default: processors]."),
        click.option("--timings", is_flag=True, help="Say on stderr how long each step took."),
        QUIET,
    ]
    for option in reversed(options):
        command = option(command)
    return command


_SOURCE_TIMEOUT = click.option(
    "--source-timeout",
    type=click.IntRange(min=1),
    help="Seconds after which a source is given up and recorded as failed  [default: 1800]",
)


@main.command()
@click.option("--profile", help="Profile of the AWS configuration.")
@click.option("--role-arn", help="Role to assume.")
@click.option("--external-id", help="External id that the role asks for.")
@click.option("--region", help="Region in which STS is asked.")
@click.option("--endpoint-url", help="Another endpoint than AWS's own.")
@click.option("--account-id", help="Refuse to collect any other account.")
@click.option("--resume", type=FOLDER(), help="Go on with this snapshot, which was not finished.")
@_SOURCE_TIMEOUT
@SNAPSHOTS
@QUIET
def collect(
    snapshots: Path,
    account_id: str | None,
    source_timeout: int | None,
    resume: Path | None,
    quiet: bool,
    **access: str | None,
) -> None:
    """Collect an account into a snapshot, with read calls only."""
    _echo(_collect(snapshots, account_id, source_timeout, resume, quiet=quiet, **access))


@main.command("import")
@click.option("--authorization-details", type=FILE, multiple=True, help="Output of the AWS CLI; repeatable.")
@click.option("--credential-report", type=FILE, help="The CSV, or the JSON of the AWS CLI.")
@click.option("--organization-policies", type=FILE, help="SCPs and RCPs by level: docs/evaluation.md.")
@click.option("--account-id", help="The account: takes its part of files that mix several.")
@SNAPSHOTS
def import_(
    authorization_details: Sequence[Path],
    credential_report: Path | None,
    organization_policies: Path | None,
    account_id: str | None,
    snapshots: Path,
) -> None:
    """Make a snapshot from files that were handed over."""
    from iamaudit.snapshot import read_snapshot, snapshot_from_files  # noqa: PLC0415

    taken = snapshot_from_files(
        snapshots,
        authorization_details=authorization_details,
        credential_report=credential_report,
        organization_policies=organization_policies,
        account_id=account_id,
    )
    for name, record in read_snapshot(taken).manifest.sources.items():
        if record.status == "collected" and record.reason:
            click.echo(f"{name}: {record.reason}", err=True)
    _echo(taken)


@main.command()
@_run_options
@click.option("--snapshot", type=FOLDER(), help="Overrides the parameter `snapshot`.")
def run(snapshot: Path | None, params: Path, overrides: Sequence[str], **options: Any) -> None:
    """Run the notebooks on a snapshot and write the report bundle."""
    _warm_up()
    extra = [] if snapshot is None else [f"snapshot={snapshot}"]
    _run(params, [*overrides, *extra, *_own_checks(options)], **options)


@main.command()
@_run_options
@_SOURCE_TIMEOUT
@SNAPSHOTS
def audit(
    snapshots: Path, params: Path, overrides: Sequence[str], source_timeout: int | None, **options: Any
) -> None:
    """Collect, then run: the one line that a schedule needs."""
    from iamaudit.audit import DEMO  # noqa: PLC0415
    from iamaudit.demo.collected import collect_demo  # noqa: PLC0415

    _warm_up()
    overrides = [*overrides, *_own_checks(options)]
    checked = _parameters(params, overrides, options["notebooks"])
    if checked.notebook.get("snapshot") == DEMO:
        taken = collect_demo(snapshots)
    elif checked.notebook.get("snapshot"):
        raise ParameterError("`audit` takes a new snapshot: leave out `snapshot`, or use `iamaudit run`")
    else:
        access = dict(checked.collection)
        account_id = access.pop("account_id", None)
        taken = _collect(snapshots, account_id, source_timeout, quiet=options["quiet"], **access)
    if not options["quiet"]:
        click.echo(f"snapshot {taken}", err=True)
    _run(params, [*overrides, f"snapshot={taken}"], **options)


def _collect(
    snapshots: Path,
    account_id: str | None,
    source_timeout: int | None,
    resume: Path | None = None,
    *,
    quiet: bool,
    **access: str | None,
) -> Path:
    from iamaudit.aws import SOURCE_TIMEOUT, collect_account, open_session  # noqa: PLC0415

    return collect_account(
        open_session(**access),
        snapshots,
        endpoint_url=access.get("endpoint_url"),
        progress=not quiet,
        expected_account_id=account_id,
        source_timeout=source_timeout or SOURCE_TIMEOUT,
        resume=resume,
    )


def _warm_up() -> None:
    """Let what notebooks need be loaded aside, while the account is collected and judged."""
    from iamaudit.report.warm import warm_server  # noqa: PLC0415

    warm_server()


def _parameters(params: Path, overrides: Sequence[str], notebooks: Path | None) -> Any:
    from iamaudit.report.parameters import declared_parameters, read_parameters  # noqa: PLC0415

    return read_parameters(params, declared_parameters(_notebooks(notebooks)), overrides)


def _run(  # noqa: PLR0913 - a command has this many options
    params: Path,
    overrides: Sequence[str],
    *,
    notebooks: Path | None,
    reports: Path,
    timeout: int | None,
    jobs: int | None,
    fail_on: str | None,
    timings: bool,
    quiet: bool,
) -> None:
    checked = _parameters(params, overrides, notebooks)
    from iamaudit.report.bundle import run_report  # noqa: PLC0415
    from iamaudit.report.timings import Timings  # noqa: PLC0415

    measured = Timings()
    bundle = run_report(
        checked,
        notebooks=_notebooks(notebooks),
        reports=reports,
        timeout=timeout,
        workers=jobs,
        progress=not quiet,
        timings=measured,
    )
    if timings:
        click.echo("\n".join(measured.lines()), err=True)
    if not quiet:
        _say_conclusion(bundle)
    _echo(bundle / "index.html")
    if fail_on:
        _fail_on(bundle, fail_on)


def _own_checks(options: dict[str, Any]) -> list[str]:
    """Take the option out: it is the parameter of the same name, which every notebook has."""
    path = options.pop("checks")
    return [] if path is None else [f"checks={path}"]


def _say_conclusion(bundle: Path) -> None:
    """Say on stderr what the audit comes to: stdout is the report's path alone."""
    import pandas as pd  # noqa: PLC0415

    from iamaudit.checks import observation_counts  # noqa: PLC0415

    manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    columns = ["severity", "is_waived"]
    observed = pd.read_parquet(bundle / "data" / "observations.parquet", columns=columns)
    click.echo(f"{manifest['headline'].rstrip('.')}. {observation_counts(observed)}", err=True)


def _fail_on(bundle: Path, severity: str) -> None:
    """Exit with 3 when a finding this severe is not waived: a pipeline stops there."""
    import pandas as pd  # noqa: PLC0415

    from iamaudit.checks import SEVERITIES  # noqa: PLC0415

    grave = SEVERITIES[: SEVERITIES.index(severity) + 1]
    findings = pd.read_parquet(bundle / "data" / "findings.parquet", columns=["severity", "waiver"])
    found = int((findings.severity.isin(grave) & findings.waiver.isna()).sum())
    if found:
        click.echo(f"iamaudit: {found:,} findings are {severity} or worse and not waived", err=True)
        sys.exit(3)


def _notebooks(folder: Path | None) -> list[Path]:
    """Return the notebooks of ``folder``, else those that came with the package or its checkout."""
    package = Path(__file__).parents[1]
    own = package / "notebooks"
    chosen = folder or (own if own.is_dir() else package.parent / "notebooks")
    found = sorted(path for path in chosen.glob("*.ipynb") if not path.name.startswith("."))
    if not found:
        raise ParameterError(f"`{chosen}` holds no notebook: give --notebooks")
    return found


def _echo(path: Path) -> None:
    click.echo(str(path))
