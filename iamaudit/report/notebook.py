"""A notebook as it stands in its file: JSON, read without the two seconds that nbformat takes to load."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iamaudit.errors import ParameterError


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
        The file is no such notebook.
    """
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        return list(_cells(notebook["cells"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ParameterError(f"cannot read the notebook `{path}`: {type(error).__name__}") from error


def _cells(stored: Sequence[dict[str, Any]]) -> Iterator[Cell]:
    for cell in stored:
        source, metadata = cell["source"], cell["metadata"]
        text = source if isinstance(source, str) else "".join(source)
        yield Cell(str(cell["cell_type"]), text, tuple(metadata.get("tags", ())))
