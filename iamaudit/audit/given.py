"""What an audit is given: by a notebook or a run, by a params file, else by default; all of it checked.

A notebook's parameters cell shows what its reader changes. Whatever else it is handed is checked here, also
under plain papermill, which runs a notebook on its defaults when a name is misspelt and looks at no types.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Any

from iamaudit.audit.params_file import COLLECTION, RUN, check_values, problem_of_name, read_params_file
from iamaudit.errors import ParameterError
from iamaudit.settings import PARAMETERS, PARAMS, SNAPSHOT

DEFAULT, PARAMS_FILE, THIS_RUN = "default", "params file", "this run"
"""Where a setting may come from; the last counts most."""

ORIGINS = "given_by"
"""The parameter by which a run tells its notebooks where each value comes from."""

KINDS: Mapping[str, type] = {each.name: type(each.default) for each in PARAMETERS}
"""Every parameter of an audit, and its type."""

_ALL_KINDS: Mapping[str, type] = {**dict.fromkeys((*COLLECTION, *RUN), str), **KINDS}
_PINNED = {SNAPSHOT.name, "as_of", "previous"}
"""What a run hands over in any case, so that every notebook has the same."""
_HEAD = "# Parameters\n"
_LIKE = 0.85


@dataclass(frozen=True, slots=True)
class Given:
    """The values that somebody gave, and where each comes from; what is not named is the default."""

    values: Mapping[str, Any] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)

    def origin(self, name: str) -> str:
        """Return where a setting comes from."""
        return self.origins.get(name, DEFAULT)


def read_given(namespace: Mapping[str, Any]) -> tuple[Given, str]:
    """Return what a notebook was given, and the account that was meant, ``""`` for any.

    ``namespace`` is the notebook's ``globals()``, or a mapping of values.

    What stands in the notebook or was handed over by papermill counts before the params file that it names.
    An empty text gives nothing; when papermill handed it over, it takes away what the params file says.

    Raises
    ------
    ParameterError
        A name is unknown, or a value has the wrong type or is impossible.
    """
    cells = [cell for cell in namespace.get("In", ()) if isinstance(cell, str)]
    declared, handed = _injected(cells)
    _refuse_unknown(handed - declared - {PARAMS.name, ORIGINS})
    _refuse_misspelt(namespace, cells)
    names = {*KINDS, *(handed & _ALL_KINDS.keys())}
    here = {
        name: _plain(namespace[name])
        for name in names
        if namespace.get(name) is not None and (name in handed or not _is_empty(namespace[name]))
    }
    file = namespace.get(PARAMS.name) or ""
    if not isinstance(file, str | Path):
        raise ParameterError(f"`{PARAMS.name}` is `{file!r}`: give the path of a YAML file")
    written = read_params_file(Path(file)) if file else {}
    values = written | here
    check_values(values, _ALL_KINDS)
    origins = dict.fromkeys(written, PARAMS_FILE) | dict.fromkeys(here, THIS_RUN)
    if ORIGINS in namespace:
        origins = dict.fromkeys(here.keys() - _PINNED, THIS_RUN) | namespace[ORIGINS]
    kept = {name: value for name, value in values.items() if name in KINDS and not _is_empty(value)}
    said = {name: origin for name, origin in origins.items() if name in kept}
    return Given(kept, said), values.get("account_id", "")


def _plain(value: Any) -> Any:
    """Return a path or a moment as text, as a params file has it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Path) else value


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value)


def _injected(cells: Sequence[str]) -> tuple[set[str], set[str]]:
    """Return the names that the parameters cell declares, and those that papermill put behind it."""
    for before, cell in reversed(list(pairwise(cells))):
        if cell.startswith(_HEAD):
            return set(_assigned(before)), set(_assigned(cell))
    return set(), set()


def _refuse_unknown(names: set[str]) -> None:
    problems = [problem_of_name(name, _ALL_KINDS) for name in sorted(names - _ALL_KINDS.keys())]
    if problems:
        raise ParameterError("; ".join(problems))


def _refuse_misspelt(namespace: Mapping[str, Any], cells: Sequence[str]) -> None:
    """Refuse a name that is nearly a parameter, unless a later cell has it right."""
    known = (PARAMS.name, *KINDS)
    for name, value in namespace.items():
        if name in known or name.startswith("_") or not isinstance(value, str | int):
            continue
        close = get_close_matches(name, known, n=1, cutoff=_LIKE)
        if close and _last(cells, name) >= _last(cells, close[0]):
            raise ParameterError(f"unknown parameter `{name}`: did you mean `{close[0]}`?")


def _last(cells: Sequence[str], name: str) -> int:
    """Return the place of the last cell that assigns a name, -1 when none does."""
    return max((place for place, cell in enumerate(cells) if name in _assigned(cell)), default=-1)


def _assigned(source: str) -> Iterator[str]:
    """Yield the names that a cell assigns; one that is not plain Python, such as a magic, has none."""
    try:
        statements = ast.parse(source).body
    except SyntaxError:
        return
    for statement in statements:
        if isinstance(statement, ast.AnnAssign):
            yield ast.unparse(statement.target)
        elif isinstance(statement, ast.Assign):
            yield from map(ast.unparse, statement.targets)
