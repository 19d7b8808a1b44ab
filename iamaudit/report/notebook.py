"""A notebook as it stands in its file: JSON, read without the two seconds that nbformat takes to load."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iamaudit.errors import ParameterError

WORKBOOK = "workbook"
"""The tag of cells that no report shows: exercises, and numbers that tests compare."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: ``markdown`` or ``code``, its text and its tags."""

    kind: str
    source: str
    tags: Sequence[str]


def read_cells(path: Path) -> list[Cell]:
    """Return the cells of a notebook in the format that every Jupyter since 2015 writes (nbformat 4).

    Raises
    ------
    ParameterError
        The file is not such a notebook.
    """
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        return list(_cells(notebook["cells"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ParameterError(f"cannot read the notebook `{path}`: {type(error).__name__}") from error


def report_notebooks(folder: Path) -> list[Path]:
    """Return the notebooks of a folder that make a report, by name.

    One whose heading is tagged ``workbook`` is for whoever works in the notebooks, and no page of a report.

    Raises
    ------
    ParameterError
        A file is not a notebook.
    """
    found = sorted(path for path in folder.glob("*.ipynb") if not path.name.startswith("."))
    return [path for path in found if WORKBOOK not in _heading_tags(path)]


def _heading_tags(path: Path) -> Sequence[str]:
    return next((cell.tags for cell in read_cells(path)), ())


def _cells(stored: Sequence[dict[str, Any]]) -> Iterator[Cell]:
    for cell in stored:
        source, metadata = cell["source"], cell["metadata"]
        text = source if isinstance(source, str) else "".join(source)
        yield Cell(str(cell["cell_type"]), text, tuple(metadata.get("tags", ())))
