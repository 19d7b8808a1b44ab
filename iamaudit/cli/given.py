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
    """Return the notebooks of ``folder``, else those that came with the package or its checkout."""
    chosen = folder or carried_notebooks()
    found = sorted(path for path in chosen.glob("*.ipynb") if not path.name.startswith("."))
    if not found:
        raise ParameterError(f"`{chosen}` holds no notebook: give --notebooks")
    return found
