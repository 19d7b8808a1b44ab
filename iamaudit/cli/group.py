"""The main command, and the options that several commands share."""

import errno
import io
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from iamaudit import __version__
from iamaudit.errors import IamauditError, ParameterError, did_you_mean

# Heavy packages are imported by the command that needs them, so that --help answers at once.

Command = TypeVar("Command", bound=Callable[..., Any])
FOLDER = partial(click.Path, path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)
QUIET = click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
SNAPSHOTS = click.option(
    "--snapshots",
    type=FOLDER(),
    default=Path("snapshots"),
    show_default=True,
    help="Folder of all snapshots, by account and time.",
)
SNAPSHOT = click.option(
    "--snapshot",
    default="demo",
    show_default=True,
    help="Folder of a snapshot, or of a report that carries one.",
)

REPORTS = click.option(
    "--reports",
    type=FOLDER(),
    default=Path("reports"),
    show_default=True,
    help="Folder of all reports, by account and time.",
)
_NEXT = """\
iamaudit says who can do what in an AWS account, and keeps the evidence. It only reads from AWS.

  iamaudit demo                      write the report of an invented account: no credentials, no network
  iamaudit init FOLDER               lay a workbook of your own: notebooks, params and a README
  iamaudit doctor --profile NAME     say who you are to AWS, and what it would refuse you
  iamaudit audit --params FILE       collect an account and write its report
  iamaudit --help                    list every command"""


class _Group(click.Group):
    """Turns what goes wrong on purpose into one line and an exit code."""

    group_class = type

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not ctx.resilient_parsing:  # which completion is
            hint = did_you_mean(args[0], sorted(self.commands), _see_help(ctx, ctx.command_path))
            raise ParameterError(f"unknown command `{args[0]}`: {hint}")
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            _refuse(ctx, error)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            _refuse(ctx, error)
        except IamauditError as error:
            click.echo("\n".join((f"iamaudit: {error}", *_notes(error))), err=True)
            ctx.exit(error.exit_code)
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever reads has enough: click ends there
                raise
            what = f"`{error.filename}`" if error.filename else "the output"
            cure = "see who may do that, and whether the disk has room"
            click.echo(f"iamaudit: cannot read or write {what} ({error.strerror}): {cure}", err=True)
            ctx.exit(1)
        except KeyboardInterrupt as error:
            said = "iamaudit: interrupted, nothing was left half-written"
            click.echo("\n".join((said, *_notes(error))), err=True)
            ctx.exit(130)


def _refuse(ctx: click.Context, error: click.UsageError) -> NoReturn:
    """Say in one line what cannot be meant, and where the command's help is."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        ctx.exit(error.exit_code)
    at = error.ctx.command_path if error.ctx else f"{ctx.command_path} {ctx.invoked_subcommand}"
    hint = _see_help(ctx, at)
    said = " ".join(error.format_message().split()).rstrip(".")
    if isinstance(error, click.NoSuchOption):
        said = f"no such option `{error.option_name}`"
        hint = did_you_mean(error.option_name, sorted(error.possibilities or ()), hint)
    click.echo(f"iamaudit: {said[0].lower()}{said[1:]}: {hint}", err=True)
    ctx.exit(error.exit_code)


def _see_help(ctx: click.Context, path: str) -> str:
    return f"see `iamaudit{path.removeprefix(ctx.find_root().command_path)} --help`"


def _notes(error: BaseException) -> list[str]:
    """Return what to do next, where the error knows it."""
    return getattr(error, "__notes__", [])


@click.group(
    cls=_Group, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="iamaudit")
@click.pass_context
def main(context: click.Context) -> None:
    """Audit who can do what in an AWS account. iamaudit only reads from AWS."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # an arrow is no reason to end where latin-1 is spoken
    if context.invoked_subcommand is None:
        click.echo(_NEXT)
