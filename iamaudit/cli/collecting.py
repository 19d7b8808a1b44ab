"""Collecting and importing: what makes a snapshot, and what says beforehand whether it can be made."""

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from iamaudit.cli.given import parameters
from iamaudit.cli.group import FILE, FOLDER, QUIET, SNAPSHOTS, Command, main
from iamaudit.errors import ParameterError
from iamaudit.snapshot.sources import PRESETS, Preset


def _options(*options: Command) -> Command:
    """Return the decorator that adds options, in their order in --help."""

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add  # type: ignore[return-value]  # it is one for any command


def _names(_: click.Context, __: click.Parameter, given: str | None) -> list[str] | None:
    return None if given is None else [name.strip() for name in given.split(",") if name.strip()]


_ACCESS = _options(
    click.option("--profile", help="Profile of the AWS configuration."),
    click.option("--role-arn", help="Role to assume."),
    click.option("--external-id", help="External id that the role requires."),
    click.option("--mfa-serial", help="MFA device of which the role requires a code; it is asked for once."),
    click.option(
        "--session-minutes",
        type=click.IntRange(15, 720),
        help="How long a session of the role lasts before it is renewed  [default: 60]",
    ),
    click.option("--region", help="Region of the STS endpoint."),
    click.option("--endpoint-url", help="Another endpoint than AWS's own."),
    click.option("--account-id", help="Refuse any other account."),
)
COLLECTION = _options(
    click.option(
        "--source-timeout",
        type=click.IntRange(min=1),
        help="Seconds after which a source is given up and recorded as failed  [default: 1800]",
    ),
    click.option(
        "--preset",
        type=click.Choice(PRESETS),
        help="How much to ask for; thorough asks for each user and role  [default: default]",
    ),
    click.option(
        "--sources",
        metavar="A,B,C",
        callback=_names,
        help="Collect these sources only; others are recorded as missing.",
    ),
    click.option(
        "--regions",
        metavar="A,B,C",
        callback=_names,
        help="Regions of which Access Analyzer is asked  [default: the configured one]",
    ),
    click.option("--workers", type=click.IntRange(1, 64), help="Requests at a time  [default: 8]"),
)


@main.command()
@_ACCESS
@click.option("--resume", type=FOLDER(), help="Continue this unfinished snapshot.")
@COLLECTION
@SNAPSHOTS
@QUIET
def collect(snapshots: Path, quiet: bool, **how: Any) -> None:
    """Collect an account into a snapshot, with read calls only."""
    click.echo(collect_snapshot(snapshots, quiet=quiet, **how))


@main.command()
@_ACCESS
@click.option("--params", type=FILE, help="YAML file of parameters; options override it.")
def doctor(params: Path | None, **given: Any) -> None:
    """Say who you are to AWS and which sources it would refuse. Nothing is collected.

    Exit code 1 when a source would be refused.
    """
    from iamaudit.aws import clock_in_words, examine_access, open_session  # noqa: PLC0415
    from iamaudit.aws.collect import check_account  # noqa: PLC0415
    from iamaudit.aws.doctor import NOT_TRIED  # noqa: PLC0415

    written = parameters(params, (), None).collection if params else {}
    access = {**given, **written, **{name: value for name, value in given.items() if value}}
    account_id = access.pop("account_id")
    found = examine_access(open_session(**access), endpoint_url=access["endpoint_url"])
    check_account(found.account_id, account_id)
    click.echo(f"account {found.account_id}, as {found.caller_arn}")
    click.echo(clock_in_words(found.clock_ahead_seconds) + (": set it" if found.is_clock_wrong else ""))
    for each in found.prospects:
        click.echo(f"{each.source:<30}{each.in_words}")
    for preset, plan in found.plans.items():
        click.echo(f"collect --preset {preset}: {plan}")
    click.echo(f"not tried, as it makes a report: {', '.join(NOT_TRIED)}")
    sys.exit(0 if found.is_well else 1)


@main.command("import")
@click.option("--authorization-details", type=FILE, multiple=True, help="Output of the AWS CLI; repeatable.")
@click.option("--credential-report", type=FILE, help="The CSV, or the JSON of the AWS CLI.")
@click.option("--organization-policies", type=FILE, help="SCPs and RCPs by level: docs/evaluation.md.")
@click.option("--account-id", help="Account to import from files that hold several.")
@SNAPSHOTS
def import_(
    authorization_details: Sequence[Path],
    credential_report: Path | None,
    organization_policies: Path | None,
    account_id: str | None,
    snapshots: Path,
) -> None:
    """Make a snapshot from files."""
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
    click.echo(taken)


def collect_snapshot(  # noqa: PLR0913 - a collection has this many options
    snapshots: Path,
    *,
    quiet: bool,
    account_id: str | None = None,
    source_timeout: int | None = None,
    sources: Sequence[str] | None = None,
    preset: Preset | None = None,
    regions: Sequence[str] | None = None,
    workers: int | None = None,
    resume: Path | None = None,
    **access: Any,
) -> Path:
    """Collect an account as the options say."""
    from iamaudit.aws import collect_account, open_session  # noqa: PLC0415
    from iamaudit.aws.asking import WORKERS  # noqa: PLC0415
    from iamaudit.aws.collect import SOURCE_TIMEOUT, chosen_sources  # noqa: PLC0415
    from iamaudit.snapshot import read_snapshot  # noqa: PLC0415

    if sources is not None and preset is not None:
        raise ParameterError("both --sources and --preset say what to ask for: give one of them")
    chosen = None if sources is None else chosen_sources(sources)
    taken = collect_account(
        open_session(**access),
        snapshots,
        endpoint_url=access.get("endpoint_url"),
        progress=not quiet,
        expected_account_id=account_id,
        source_timeout=source_timeout or SOURCE_TIMEOUT,
        resume=resume,
        sources=chosen,
        preset=preset or "default",
        regions=regions or (),
        tell=None if quiet else partial(click.echo, err=True),
        workers=workers or WORKERS,
    )
    if not quiet:
        _say_what_is_lacking(read_snapshot(taken))
    return taken


def _say_what_is_lacking(snapshot: Any) -> None:
    """Say on stderr which sources were asked for and not collected, and why."""
    for name, record in snapshot.manifest.sources.items():
        if record.status not in ("collected", "missing"):
            click.echo(f"not collected: {snapshot.why_not(name)}", err=True)
