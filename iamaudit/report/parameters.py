"""Parameters, checked before anything runs.

papermill runs a notebook on its defaults when a name is misspelt, and does not look at types; an account id
that YAML read as an octal number is one of the quiet ways to audit something else. All of it is refused here.
"""

import ast
import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from iamaudit.errors import ParameterError
from iamaudit.report.notebook import read_cells
from iamaudit.settings import Settings

COLLECTION = {
    "account_id": "the account that is meant, 12 digits in quotes",
    "profile": "a profile of the AWS configuration",
    "role_arn": "the role to assume",
    "external_id": "the external id that the role asks for",
    "region": "the region in which STS is asked",
}
"""What only the collection needs, and its meaning; each is a text."""

EXPORTS = ("asff", "json", "ocsf")
"""Formats in which a run writes the findings for programs when the parameter ``exports`` names them."""

RUN = {"exports": "any of asff, json and ocsf, separated by commas"}
"""What only the run needs, and its meaning; each is a text."""

FILES = ("waivers", "attestations", "owners", "checks", "code_scan")
"""Parameters that name a file; a notebook runs elsewhere, so they are made absolute."""

_TYPES: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}


@dataclass(frozen=True, slots=True)
class Parameters:
    """The checked parameters: what notebooks take, what the collection takes, what the run itself takes."""

    notebook: Mapping[str, Any]
    collection: Mapping[str, str]
    run: Mapping[str, str] = field(default_factory=dict)

    @property
    def everything(self) -> dict[str, Any]:
        """All of them, for the manifest."""
        return {**self.collection, **self.run, **self.notebook}


def declared_parameters(notebooks: Sequence[Path]) -> dict[str, type]:
    """Return the name and type of every parameter that the notebooks declare.

    Raises
    ------
    ParameterError
        A notebook cannot be read, has not exactly one cell tagged ``parameters``, or one without a type.
    """
    declared: dict[str, type] = {}
    for path in notebooks:
        for name, annotation in _parameters_cell(path):
            kind = _TYPES.get(annotation)
            if kind is None:
                raise ParameterError(
                    f"`{path.name}` declares `{name}` without a type: write `{name}: str = ...`"
                )
            declared[name] = kind
    return declared


def read_parameters(path: Path, declared: Mapping[str, type], overrides: Iterable[str] = ()) -> Parameters:
    """Read a params file, put ``name=value`` overrides on top, and check all of it.

    Raises
    ------
    ParameterError
        With everything that is wrong, in one line.
    """
    return check_parameters(_read_yaml(path) | _parse_overrides(overrides, declared), declared)


def check_parameters(values: Mapping[str, Any], declared: Mapping[str, type]) -> Parameters:
    """Check names, types and values."""
    kinds = {**dict.fromkeys([*COLLECTION, *RUN], str), **declared}
    problems = [problem for name, value in values.items() if (problem := _problem(name, value, kinds))]
    if not problems:
        problems = list(_impossible(values))
    if problems:
        raise ParameterError("; ".join(problems))
    return Parameters(
        notebook={
            name: str(Path(value).resolve()) if name in (*FILES, "previous") and value else value
            for name, value in values.items()
            if name in declared
        },
        collection={name: value for name, value in values.items() if name in COLLECTION},
        run={name: value for name, value in values.items() if name in RUN},
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
            close = difflib.get_close_matches(name, EXPORTS, n=1)
            hint = f"did you mean `{close[0]}`?" if close else f"use one of {', '.join(EXPORTS)}"
            raise ParameterError(f"`exports` names `{name}`: {hint}")
    return names


def _parameters_cell(path: Path) -> list[tuple[str, str]]:
    """Return each name that the cell tagged ``parameters`` assigns, with its annotation."""
    tagged = [cell for cell in read_cells(path) if "parameters" in cell.tags]
    if len(tagged) != 1:
        raise ParameterError(
            f"`{path.name}` has {len(tagged)} cells tagged `parameters`: it needs exactly one"
        )
    try:
        statements = ast.parse(tagged[0].source).body
    except SyntaxError as error:
        raise ParameterError(
            f"`{path.name}` line {error.lineno} of its parameters is no Python: write `name: str = ...`"
        ) from error
    names = []
    for statement in statements:
        if isinstance(statement, ast.AnnAssign):
            names.append((ast.unparse(statement.target), ast.unparse(statement.annotation)))
        elif isinstance(statement, ast.Assign):
            names += [(ast.unparse(target), "") for target in statement.targets]
    return names


class _Loader(yaml.SafeLoader):
    """Safe YAML in which a name may stand only once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [self.construct_object(key, deep=deep) for key, _ in node.value]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(None, None, f"`{twice}` stands twice", node.start_mark)
        return super().construct_mapping(node, deep)


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        values = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader
    except OSError as error:
        raise ParameterError(f"cannot read `{path}` ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ParameterError(f"`{path}` is no UTF-8 text") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark else ""
        problem = " ".join(str(getattr(error, "problem", None) or error).split())
        raise ParameterError(f"`{path}`{where} is no valid YAML: {problem}") from error
    if not isinstance(values, dict) or not values:
        raise ParameterError(f"`{path}` holds no parameters: write lines such as `snapshot: demo`")
    return {str(name): value for name, value in values.items()}


def _parse_overrides(overrides: Iterable[str], declared: Mapping[str, type]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for text in overrides:
        name, equals, value = text.partition("=")
        if not equals:
            raise ParameterError(f"`-p {text}` has no value: write `-p name=value`")
        is_number = declared.get(name) is int and re.fullmatch(r"[+-]?\d+", value)
        values[name] = int(value) if is_number else value
    return values


def _problem(name: str, value: Any, kinds: Mapping[str, type]) -> str | None:
    if name not in kinds:
        close = difflib.get_close_matches(name, kinds, n=1)
        hint = f"did you mean `{close[0]}`?" if close else f"use one of {', '.join(sorted(kinds))}"
        return f"unknown parameter `{name}`: {hint}"
    if name == "account_id":
        return _account_id_problem(value)
    kind = kinds[name]
    if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
        return None
    cure = "quote it in the YAML" if kind is str else "write a whole number without quotes"
    return f"`{name}` is `{value!r}`, a {type(value).__name__}, and must be a {kind.__name__}: {cure}"


def _account_id_problem(value: Any) -> str | None:
    if isinstance(value, str):
        return (
            None if re.fullmatch(r"\d{12}", value) else f"account id `{value}` is not 12 digits: look it up"
        )
    return f"account id `{value}` has {len(str(value))} digits, needs 12 in quotes: quote it in the YAML"


def _impossible(values: Mapping[str, Any]) -> Iterable[str]:
    if values.get("as_of"):
        try:
            datetime.fromisoformat(values["as_of"])
        except ValueError:
            yield f"`as_of` is `{values['as_of']}`: write it like 2026-11-01T08:00:00Z"
    try:
        requested_exports(values.get("exports", ""))
    except ParameterError as error:
        yield str(error)
    for name in FILES:
        if values.get(name) and not Path(values[name]).is_file():
            yield f"`{name}` is `{values[name]}`, which is no file: give one that exists"
    thresholds = {field.name for field in fields(Settings)} & values.keys()
    for name in sorted(thresholds):
        try:
            Settings(**{name: values[name]})
        except ParameterError as error:
            yield str(error)
