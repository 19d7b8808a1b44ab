"""What a newcomer starts with: the demo report, a workbook of one's own, and completion in the shell."""

from pathlib import Path

import click
from click.shell_completion import get_completion_class

from iamaudit import __version__
from iamaudit.cli.group import QUIET, REPORTS, main
from iamaudit.cli.runs import run
from iamaudit.errors import ParameterError
from iamaudit.workbench import Laid, carried_params, lay_workbook, upgrade_workbook

_SAID = {
    "new": "new",
    "updated": "updated",
    "yours": "edited by you, stays",
    "differs": "edited by you, stays; the original changed",
}


@main.command()
@REPORTS
@click.option("--pdf", is_flag=True, help="Print the audit as one PDF, with the Chromium found here.")
@QUIET
@click.pass_context
def demo(context: click.Context, reports: Path, pdf: bool, quiet: bool) -> None:
    """Write the audit report of an invented account: no credentials, no network.

    Its snapshot comes with iamaudit. A report of the same time is replaced.
    """
    context.invoke(run, params=carried_params() / "demo.yaml", reports=reports, pdf=pdf, quiet=quiet)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--upgrade", is_flag=True, help="Update what you did not edit, and show how the rest differs.")
def init(folder: Path, upgrade: bool) -> None:
    """Lay a workbook of your own into FOLDER: notebooks, params, a README and a .gitignore.

    No file that exists is overwritten, but for those that --upgrade finds as they were laid.
    """
    if upgrade:
        _say_upgrade(upgrade_workbook(folder, __version__))
        return
    laid = lay_workbook(folder, __version__)
    click.echo(f"{len(laid)} files laid into {folder}: begin with {folder / 'README.md'}")


def _say_upgrade(found: list[Laid]) -> None:
    for each in found:
        if each.state != "same":
            click.echo(f"{each.name}: {_SAID[each.state]}")
        if each.difference:
            click.echo("\n".join((*each.difference, "")))
    if all(each.state == "same" for each in found):
        click.echo(f"every file is that of iamaudit {__version__}")


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that completes commands and options in SHELL.

    For bash and zsh: eval "$(iamaudit completion bash)". For fish: iamaudit completion fish | source
    """
    made = get_completion_class(shell)
    if made is None:
        raise ParameterError(f"no completion for `{shell}`: use bash, zsh or fish")
    click.echo(made(main, {}, "iamaudit", "_IAMAUDIT_COMPLETE").source())
