"""Parameters, checked before anything runs.

papermill runs a notebook on its defaults when a name is misspelt, and does not look at types; an account id
that YAML read as an octal number is one of the quiet ways to audit something else. All of it is refused here.
"""

import ast
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from iamaudit.audit.given import KINDS, PARAMS_FILE, THIS_RUN
from iamaudit.audit.params_file import COLLECTION, FILES, RUN, check_values, read_params_file
from iamaudit.errors import ParameterError, did_you_mean
from iamaudit.report.notebook import read_cells
from iamaudit.settings import PARAMS

EXPORTS = ("asff", "json", "ocsf")
"""Formats in which a run writes the findings for programs when the parameter ``exports`` names them."""

_TYPES: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}


@dataclass(frozen=True, slots=True)
class Parameters:
    """The checked parameters: what notebooks take, what the collection takes, what the run itself takes.

    ``origins`` says where each comes from; one that it does not name was given by the run.
    """

    notebook: Mapping[str, Any]
    collection: Mapping[str, str]
    run: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)

    @property
    def everything(self) -> dict[str, Any]:
        """All of them, for the manifest."""
        return {**self.collection, **self.run, **self.notebook}

    @property
    def given_by(self) -> dict[str, str]:
        """Where each parameter of the notebooks that was given comes from."""
        given = [name for name, value in self.notebook.items() if name in KINDS and value != ""]
        return {name: self.origins.get(name, THIS_RUN) for name in given}


def declared_parameters(notebooks: Sequence[Path]) -> dict[str, type]:
    """Return the name and type of every parameter that notebooks take: those of an audit, and their own.

    Raises
    ------
    ParameterError
        A notebook cannot be read, has not exactly one cell tagged ``parameters``, or one without a type.
    """
    own = {name: kind for path in notebooks for name, kind in own_parameters(path).items()}
    return {**own, **KINDS}


def own_parameters(notebook: Path) -> dict[str, type]:
    """Return the name and type of what one notebook takes beside the parameters of an audit.

    Raises
    ------
    ParameterError
        As ``declared_parameters``.
    """
    declared: dict[str, type] = {}
    for name, annotation, _ in _parameters_cell(notebook):
        kind = _TYPES.get(annotation)
        if kind is None:
            raise ParameterError(
                f"`{notebook.name}` declares `{name}` without a type: write `{name}: str = ...`"
            )
        declared[name] = kind
    return {name: kind for name, kind in declared.items() if name not in (*KINDS, PARAMS.name)}


def notebooks_to_run(notebooks: Sequence[Path], given: Collection[str]) -> list[Path]:
    """Return the notebooks without those that must be told something that nobody gave.

    That is a text of their own which is empty in their parameters cell: a notebook about one principal is
    part of a report only when somebody says about whom.
    """
    return [notebook for notebook in notebooks if _must_be_told(notebook).issubset(given)]


def _must_be_told(notebook: Path) -> set[str]:
    own = own_parameters(notebook)
    return {name for name, _, value in _parameters_cell(notebook) if name in own and value == "''"}


def read_parameters(path: Path, declared: Mapping[str, type], overrides: Iterable[str] = ()) -> Parameters:
    """Read a params file, put ``name=value`` overrides on top, and check all of it.

    A relative path is meant from the folder of the params file, in an override from the working folder.

    Raises
    ------
    ParameterError
        With everything that is wrong, in one line.
    """
    written, given = read_params_file(path), _parse_overrides(overrides, declared)
    origins = dict.fromkeys(written, PARAMS_FILE) | dict.fromkeys(given, THIS_RUN)
    return check_parameters(written | given, declared, origins)


def check_parameters(
    values: Mapping[str, Any], declared: Mapping[str, type], origins: Mapping[str, str] | None = None
) -> Parameters:
    """Check names, types and values."""
    check_values(values, {**dict.fromkeys([*COLLECTION, *RUN], str), **declared})
    requested_exports(values.get("exports", ""))
    return Parameters(
        notebook={
            name: str(Path(value).resolve()) if name in (*FILES, "previous") and value else value
            for name, value in values.items()
            if name in declared
        },
        collection={name: value for name, value in values.items() if name in COLLECTION},
        run={name: value for name, value in values.items() if name in RUN},
        origins=origins or {},
    )


def requested_exports(text: str) -> tuple[str, ...]:
    """Return the formats that the parameter ``exports`` names, each once.

    Raises
    ------
    ParameterError
        It names another one.
    """
    names = tuple(dict.fromkeys(name for each in text.split(",") if (name := each.strip().lower())))
    for name in names:
        if name not in EXPORTS:
            hint = did_you_mean(name, EXPORTS, f"use one of {', '.join(EXPORTS)}")
            raise ParameterError(f"`exports` names `{name}`: {hint}")
    return names


def _parameters_cell(path: Path) -> list[tuple[str, str, str]]:
    """Return each name that the cell tagged ``parameters`` assigns, with its annotation and its value."""
    tagged = [cell for cell in read_cells(path) if "parameters" in cell.tags]
    if len(tagged) != 1:
        raise ParameterError(
            f"`{path.name}` has {len(tagged)} cells tagged `parameters`: it needs exactly one"
        )
    try:
        statements = ast.parse(tagged[0].source).body
    except SyntaxError as error:
        raise ParameterError(
            f"`{path.name}` line {error.lineno} of its parameters is not Python: write `name: str = ...`"
        ) from error
    names = []
    for statement in statements:
        if isinstance(statement, ast.AnnAssign):
            value = ast.unparse(statement.value) if statement.value else ""
            names.append((ast.unparse(statement.target), ast.unparse(statement.annotation), value))
        elif isinstance(statement, ast.Assign):
            names += [(ast.unparse(target), "", "") for target in statement.targets]
    return names


def _parse_overrides(overrides: Iterable[str], declared: Mapping[str, type]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for text in overrides:
        name, equals, value = text.partition("=")
        if not equals:
            raise ParameterError(f"`-p {text}` has no value: write `-p name=value`")
        is_number = declared.get(name) is int and re.fullmatch(r"[+-]?\d+", value)
        values[name] = int(value) if is_number else value
    return values
