"""Running: what makes a report of a snapshot."""

import atexit
import gc
import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from iamaudit.cli.collecting import COLLECTION, collect_snapshot
from iamaudit.cli.given import notebooks_in, parameters
from iamaudit.cli.group import FILE, FOLDER, QUIET, REPORTS, SNAPSHOTS, Command, main
from iamaudit.errors import ParameterError
from iamaudit.snapshot.sources import Preset


def _given(_: click.Context, __: click.Parameter, path: Path | None) -> Path:
    """Refuse a run without params, and say where they come from."""
    if path is None:
        raise ParameterError(
            "no account is named: give --params FILE; `iamaudit init FOLDER` lays one, "
            "`iamaudit demo` needs none"
        )
    return path


def _run_options(command: Command) -> Command:
    options = [
        click.option(
            "--params", "params", type=FILE, callback=_given, help="YAML file of parameters; required."
        ),
        click.option("-p", "overrides", multiple=True, metavar="NAME=VALUE", help="Overrides a parameter."),
        click.option("--notebooks", type=FOLDER(), help="Folder of the notebooks."),
        REPORTS,
        click.option("--timeout", type=click.IntRange(min=1), help="Seconds that one cell may take."),
        click.option("--checks", type=FILE, help="Python file with your own checks; the command runs it."),
        click.option(
            "--fail-on",
            type=click.Choice(["critical", "high", "medium", "low", "informational"]),
            help="Exit with 3 if a finding of this or a higher severity is not waived.",
        ),
        click.option(
            "--jobs",
            type=click.IntRange(min=1),
            help="Notebooks to run in parallel [default: one more than processors].",
        ),
        click.option(
            "--evidence/--no-evidence", default=True, help="Carry the snapshot in the report [default: yes]."
        ),
        click.option(
            "--pseudonyms", type=FILE, help="Write the report under invented names; FILE keeps the real ones."
        ),
        click.option("--sign-key", type=FILE, help="Ed25519 private key in PEM; signs the report."),
        click.option("--pdf", is_flag=True, help="Print the audit as one PDF, with the Chromium found here."),
        click.option("--timings", is_flag=True, help="Print on stderr how long each step took."),
        QUIET,
    ]
    for option in reversed(options):
        command = option(command)
    return command


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
@COLLECTION
@SNAPSHOTS
def audit(
    snapshots: Path,
    params: Path,
    overrides: Sequence[str],
    sources: Sequence[str] | None,
    preset: Preset | None,
    regions: Sequence[str] | None,
    source_timeout: int | None,
    workers: int | None,
    **options: Any,
) -> None:
    """Collect a snapshot and run the notebooks on it."""
    from iamaudit.audit import DEMO  # noqa: PLC0415
    from iamaudit.audit.params_file import moment_of  # noqa: PLC0415
    from iamaudit.demo.collected import collect_demo  # noqa: PLC0415

    _warm_up()
    overrides = [*overrides, *_own_checks(options)]
    checked = parameters(params, overrides, options["notebooks"])
    if checked.notebook.get("snapshot") == DEMO:
        if sources is not None or preset is not None:
            raise ParameterError("the demo account is collected whole: leave out --sources and --preset")
        taken = collect_demo(snapshots)
    elif checked.notebook.get("snapshot"):
        raise ParameterError("`audit` takes a new snapshot: leave out `snapshot`, or use `iamaudit run`")
    else:
        as_of = checked.notebook.get("as_of")
        if as_of and moment_of(as_of).date() < datetime.now(UTC).date():
            raise ParameterError(
                f"`audit` takes a new snapshot, and `as_of` is {as_of}: leave `as_of` out, or use "
                "`iamaudit run` on an older snapshot"
            )
        taken = collect_snapshot(
            snapshots,
            quiet=options["quiet"],
            sources=sources,
            preset=preset,
            regions=regions,
            source_timeout=source_timeout,
            workers=workers,
            **checked.collection,
        )
    if not options["quiet"]:
        click.echo(f"snapshot {taken}", err=True)
    _run(params, [*overrides, f"snapshot={taken}"], **options)


def _warm_up() -> None:
    """Let what notebooks need be loaded aside, while the account is collected and judged.

    At its end the process does not look through all that was judged for values that hold one another.
    """
    from iamaudit.report.warm import warm_server  # noqa: PLC0415

    warm_server()
    atexit.register(gc.freeze)


def _run(  # noqa: PLR0913 - a command has this many options
    params: Path,
    overrides: Sequence[str],
    *,
    notebooks: Path | None,
    reports: Path,
    timeout: int | None,
    jobs: int | None,
    fail_on: str | None,
    evidence: bool,
    pseudonyms: Path | None,
    sign_key: Path | None,
    pdf: bool,
    timings: bool,
    quiet: bool,
) -> None:
    checked = parameters(params, overrides, notebooks)
    from iamaudit.report.bundle import run_report  # noqa: PLC0415
    from iamaudit.report.pdf import find_browser  # noqa: PLC0415
    from iamaudit.report.shared import under_pseudonyms  # noqa: PLC0415
    from iamaudit.report.signature import read_private_key, sign_bundle  # noqa: PLC0415
    from iamaudit.report.timings import Timings  # noqa: PLC0415

    key = read_private_key(sign_key) if sign_key else None
    browser = find_browser() if pdf else ""
    measured = Timings()
    with ExitStack() as resources:
        if pseudonyms:
            folder = Path(resources.enter_context(TemporaryDirectory(prefix="iamaudit-")))
            checked = under_pseudonyms(checked, pseudonyms, folder, reports)
        bundle = run_report(
            checked,
            notebooks=notebooks_in(notebooks),
            reports=reports,
            timeout=timeout,
            workers=jobs,
            progress=not quiet,
            evidence=evidence,
            browser=browser,
            timings=measured,
        )
    if key:
        sign_bundle(bundle, key)
    if timings:
        click.echo("\n".join(measured.lines()), err=True)
    if not quiet:
        _say_conclusion(bundle)
    click.echo(bundle / "index.html")
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
    from iamaudit.comparison.change import counted  # noqa: PLC0415

    grave = SEVERITIES[: SEVERITIES.index(severity) + 1]
    findings = pd.read_parquet(bundle / "data" / "findings.parquet", columns=["severity", "waiver"])
    found = int((findings.severity.isin(grave) & findings.waiver.isna()).sum())
    if found:
        said = f"{counted(found, 'finding')} {'is' if found == 1 else 'are'} {severity} or worse"
        click.echo(f"iamaudit: {said} and not waived", err=True)
        sys.exit(3)
