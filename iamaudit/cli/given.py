"""The params file and the notebooks that a command was given."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from iamaudit.errors import ParameterError
from iamaudit.workbench import carried_notebooks


def parameters(params: Path, overrides: Sequence[str], notebooks: Path | None) -> Any:
    """Return the checked parameters of a file, with what overrides it."""
    from iamaudit.report.parameters import declared_parameters, read_parameters  # noqa: PLC0415

    return read_parameters(params, declared_parameters(notebooks_in(notebooks)), overrides)


def notebooks_in(folder: Path | None) -> list[Path]:
    """Return what makes a report: of ``folder``, else of what came with the package or its checkout."""
    from iamaudit.report.notebook import report_notebooks  # noqa: PLC0415

    chosen = folder or carried_notebooks()
    found = report_notebooks(chosen)
    if not found:
        raise ParameterError(f"`{chosen}` holds no notebook of a report: give --notebooks")
    return found
