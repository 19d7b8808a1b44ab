"""The words that our prose avoids, and the prose of pages, notebooks and templates."""

import re
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
_LINES = (ROOT / "tests" / "forbidden_words.txt").read_text(encoding="utf-8").splitlines()
_FORBIDDEN = re.compile(
    rf"(?<!\w)(?:{'|'.join(line for line in _LINES if not line.startswith('#'))})(?!\w)", re.I
)


def forbidden_in(text: str) -> list[str]:
    """Return the words of a text that our prose avoids; a line break counts as a space."""
    return _FORBIDDEN.findall(" ".join(text.split()))


_NOUNS = (
    *("account", "action", "administrator", "certificate", "character", "check", "condition", "control"),
    *(
        "credential",
        "day",
        "device",
        "exception",
        "file",
        "finding",
        "group",
        "hop",
        "key",
        "member",
        "month",
    ),
    *(
        "notebook",
        "observation",
        "owner",
        "password",
        "path",
        "permission",
        "principal",
        "problem",
        "provider",
    ),
    *("resource", "role", "row", "sample", "source", "statement", "user", "waiver", "week", "workpaper"),
)
_MANY = "|".join((*(f"{noun}s" for noun in _NOUNS), "policies", "repositories", "people"))
_ONE = "|".join((*_NOUNS, "policy", "repository", "person"))
_BETWEEN = r"(?:(?:active|access|more|other|open|customer managed) )*"
_AFTER = r"(?=[.,;:)]|$| (?:are|in|is|of|that|to|was|were|who|with|without)\b)"
_DISAGREES = re.compile(
    rf"(?<![\w.,-])(?<!level )1 {_BETWEEN}(?:{_MANY})\b"
    rf"|(?<![\w.,-])(?:0|[2-9]|[1-9][\d,]*\d) {_BETWEEN}(?:{_ONE})\b{_AFTER}"
    rf"|(?<![\w.,-])(?<!and )1 (?:{_ONE}) (?:are|have|were)\b"
)


def disagreeing_in(text: str) -> list[str]:
    """Return the numbers of a text that do not agree with their nouns: ``1 keys``, ``2 key``."""
    return [found[0] for found in _DISAGREES.finditer(" ".join(text.split()))]


def pages() -> dict[str, str]:
    """Return the prose of each page, notebook and template by its path, without ``docs/style.md``."""
    files = [
        *(
            ROOT / name
            for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "iamaudit/workbench/README.md")
        ),
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
