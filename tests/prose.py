"""The words that our prose avoids, and the prose of pages, notebooks and templates."""

import re
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
_LINES = (ROOT / "tests" / "forbidden_words.txt").read_text(encoding="utf-8").splitlines()
_FORBIDDEN = re.compile(rf"\b(?:{'|'.join(line for line in _LINES if not line.startswith('#'))})\b", re.I)


def forbidden_in(text: str) -> list[str]:
    """Return the words of a text that our prose avoids; a line break counts as a space."""
    return _FORBIDDEN.findall(" ".join(text.split()))


def pages() -> dict[str, str]:
    """Return the prose of each page, notebook and template by its path, without ``docs/style.md``."""
    files = [
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
        *sorted((ROOT / "docs").glob("*.md")),
        *sorted((ROOT / "iamaudit" / "report" / "templates").rglob("*.j2")),
    ]
    texts = {str(file.relative_to(ROOT)): file.read_text(encoding="utf-8") for file in files}
    del texts["docs/style.md"]
    for file in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = nbformat.read(file, as_version=4).cells
        prose = [cell.source for cell in cells if cell.cell_type == "markdown"]
        texts[str(file.relative_to(ROOT))] = "\n\n".join(prose)
    return texts
