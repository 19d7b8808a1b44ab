"""Write the parameters cell of every notebook and the files in ``params/`` from ``iamaudit/settings.py``.

To give a notebook a parameter, write its name and a colon on a line of the cell.

Run it from the root of the project: ``python -m tests.write_parameters``.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from iamaudit.settings import IN_EVERY_CELL, PARAMETERS, PARAMS, THRESHOLDS, parameters_line

ROOT = Path(__file__).parents[1]
KNOWN = {each.name for each in (*PARAMETERS, PARAMS)}
MEANINGS = {each.name: each.meaning for each in PARAMETERS}
PARAMS = ("account.yaml", "demo.yaml", "strict.yaml")
DEFAULTS = ("account.yaml", "demo.yaml")
"""The files that state every threshold, at its default."""
_LINE = re.compile(r'(?P<given>(?:# )?(?P<name>\w+): (?:"[^"]*"|[^\s#]+))(?:\s+#.*)?')


def written() -> Iterator[tuple[Path, str]]:
    """Yield every file that holds parameters, with the text that it should have."""
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        (cell,) = (cell for cell in notebook["cells"] if "parameters" in cell["metadata"].get("tags", ()))
        cell["source"] = parameters_cell("".join(cell["source"])).splitlines(keepends=True)
        yield path, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    for name in PARAMS:
        path = ROOT / "params" / name
        lines = path.read_text(encoding="utf-8").splitlines()
        if name in DEFAULTS:
            known = {each.name for each in THRESHOLDS}
            lines = [line for line in lines if line.partition(":")[0] not in known]
            lines += [f"{each.name}: {each.default}" for each in THRESHOLDS]
        yield path, "\n".join(map(explained, lines)) + "\n"


def parameters_cell(text: str) -> str:
    """Return a cell with a line for what every reader may change, then the notebook's own lines.

    A line of a parameter of an audit is written anew from its declaration; another one stays as it is.
    """
    lines = {line.partition(":")[0]: line for line in text.splitlines()}
    names = dict.fromkeys((*IN_EVERY_CELL, *lines))
    return "\n".join(parameters_line(name) if name in KNOWN else lines[name] for name in names)


def explained(line: str) -> str:
    """Return a line of a params file with the meaning of its parameter behind it."""
    found = _LINE.fullmatch(line)
    if found is None or found["name"] not in MEANINGS:
        return line
    return f"{found['given']} # {MEANINGS[found['name']]}"


if __name__ == "__main__":
    for path, text in written():
        path.write_text(text, encoding="utf-8")
