"""A params file, and what its values must be.

An account id that YAML read as an octal number is one of the quiet ways to audit something else: names, types
and values are checked before anything runs.
"""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from iamaudit.errors import ParameterError, did_you_mean
from iamaudit.settings import SNAPSHOT, Settings

COLLECTION = {
    "account_id": "the account that is meant, 12 digits in quotes",
    "profile": "a profile of the AWS configuration",
    "role_arn": "the role to assume",
    "external_id": "the external id that the role asks for",
    "region": "the region in which STS is asked",
}
"""What only the collection needs, and its meaning; each is a text."""

RUN = {"exports": "any of asff, json and ocsf, separated by commas"}
"""What only the run needs, and its meaning; each is a text."""

FILES = ("waivers", "attestations", "owners", "checks", "code_scan")
"""Parameters that name a file; a notebook runs elsewhere, so they are made absolute."""

PATHS = (*FILES, "previous", SNAPSHOT.name)
"""Parameters that name a file or a folder."""
_SHOWN = 60


def read_params_file(path: Path) -> dict[str, Any]:
    """Return the values of a params file; relative paths in it are meant from its folder.

    Raises
    ------
    ParameterError
        The file cannot be read, is not YAML, or holds no parameters.
    """
    values = _read_yaml(path)
    for name in PATHS:
        value = values.get(name)
        if isinstance(value, str) and value and (name, value) != (SNAPSHOT.name, SNAPSHOT.default):
            values[name] = _from_its_folder(path, name, value)
    return values


def check_values(values: Mapping[str, Any], kinds: Mapping[str, type]) -> None:
    """Check names, types and values.

    Raises
    ------
    ParameterError
        With everything that is wrong, in one line.
    """
    problems = [problem for name, value in values.items() if (problem := _problem(name, value, kinds))]
    problems = problems or list(_impossible(values))
    if problems:
        raise ParameterError("; ".join(problems))


def problem_of_name(name: str, known: Iterable[str]) -> str:
    """Return what is wrong with a name that is none of the known ones."""
    known = sorted(known)
    hint = did_you_mean(name, known, f"use one of {', '.join(known)}")
    return f"unknown parameter `{name}`: {hint}"


def moment_of(as_of: str | datetime) -> datetime:
    """Return the moment that a text names, in UTC.

    Raises
    ------
    ParameterError
        It names none.
    """
    try:
        moment = as_of if isinstance(as_of, datetime) else datetime.fromisoformat(str(as_of))
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ParameterError(f"`as_of` is `{as_of}`: write it like 2026-11-01T08:00:00Z") from error


def _from_its_folder(path: Path, name: str, value: str) -> str:
    meant = path.parent / value
    if not meant.exists() and Path(value).exists():
        cure = os.path.relpath(value, path.parent)
        raise ParameterError(
            f"`{path}` says `{name}: {value}`; relative paths are meant from its folder: write `{cure}`"
        )
    return str(meant)


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
        above = Path("..") / path  # notebooks run in their folder, and params lie beside it
        is_above = not path.is_absolute() and above.is_file()
        cure = f"write `{above}`" if is_above else "give a YAML file that you may read"
        raise ParameterError(f"cannot read `{path}` ({error.strerror}): {cure}") from error
    except UnicodeDecodeError as error:
        raise ParameterError(f"`{path}` is not UTF-8 text") from error
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark else ""
        problem = " ".join(str(getattr(error, "problem", None) or error).split())
        raise ParameterError(f"`{path}`{where} is not valid YAML: {problem}") from error
    if not isinstance(values, dict) or not values:
        raise ParameterError(f"`{path}` holds no parameters: write lines such as `snapshot: demo`")
    return {str(name): value for name, value in values.items()}


def _problem(name: str, value: Any, kinds: Mapping[str, type]) -> str | None:
    if name not in kinds:
        return problem_of_name(name, kinds)
    if name == "account_id":
        return _account_id_problem(value)
    kind = kinds[name]
    if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
        return None
    cure = "quote it in the YAML" if kind is str else "write a whole number without quotes"
    shown = " ".join(repr(value).split())[:_SHOWN]
    return f"`{name}` is `{shown}`, a {type(value).__name__}, and must be a {kind.__name__}: {cure}"


def _account_id_problem(value: Any) -> str | None:
    if isinstance(value, str):
        is_one = re.fullmatch(r"\d{12}", value, re.ASCII)
        return None if is_one else f"account id `{value}` is not 12 digits: look it up"
    return f"account id `{value}` has {len(str(value))} digits, needs 12 in quotes: quote it in the YAML"


def _impossible(values: Mapping[str, Any]) -> Iterable[str]:
    if values.get("as_of"):
        try:
            moment_of(values["as_of"])
        except ParameterError as error:
            yield str(error)
    for name in FILES:
        if values.get(name) and not Path(values[name]).is_file():
            yield f"`{name}` is `{values[name]}`, which is not a file: give one that exists"
    thresholds = {field.name for field in fields(Settings)} & values.keys()
    for name in sorted(thresholds):
        try:
            Settings(**{name: values[name]})
        except ParameterError as error:
            yield str(error)
