"""Lists of entries in YAML files that people write by hand, with every problem and its line at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from iamaudit.errors import ParameterError


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: the line that it begins on, and its fields."""

    line: int
    fields: Mapping[str, Any]


class Entries:
    """The entries of a file, and the problems that reading and judging them found.

    ``also`` names texts that may stand beside the list.
    """

    def __init__(
        self,
        path: Path,
        name: str,
        *,
        required: tuple[str, ...],
        optional: tuple[str, ...],
        also: tuple[str, ...] = (),
    ) -> None:
        self.path, self.problems = path, list[str]()
        nodes, self.also = _list_node(path, name, also)
        self.entries = [
            entry for node in nodes.value if (entry := self._entry(node, required, optional)) is not None
        ]

    def problem(self, entry: Entry, message: str) -> None:
        """Note a problem of an entry."""
        self.problems.append(f"line {entry.line}: {message}")

    def day(self, entry: Entry, field: str) -> date | None:
        """Return a field that is a day, or note that it is not a day."""
        value = entry.fields.get(field)
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.problem(entry, f"`{field}` is `{value}`, no day: write it like 2026-12-31")
            return None

    def check(self) -> None:
        """Raise what was noted.

        Raises
        ------
        ParameterError
            With all problems, in one line.
        """
        if self.problems:
            raise ParameterError(f"`{self.path}`: {'; '.join(self.problems)}")

    def _entry(self, node: yaml.Node, required: tuple[str, ...], optional: tuple[str, ...]) -> Entry | None:
        line = node.start_mark.line + 1
        if not isinstance(node, yaml.MappingNode):
            self.problems.append(f"line {line}: is not an entry of `name: value` lines")
            return None
        loaded = yaml.SafeLoader("").construct_mapping(node, deep=True)
        entry = Entry(line, {str(name): value for name, value in loaded.items()})
        for name in entry.fields:
            if name not in (*required, *optional):
                self.problem(entry, f"unknown field `{name}`: use {', '.join((*required, *optional))}")
        for name in required:
            if entry.fields.get(name) in (None, ""):
                self.problem(entry, f"`{name}` is missing")
        return entry


def _list_node(path: Path, name: str, also: tuple[str, ...]) -> tuple[yaml.SequenceNode, Mapping[str, str]]:
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise ParameterError(f"cannot read `{path}` ({error.strerror}): give a file that exists") from error
    except UnicodeDecodeError as error:
        raise ParameterError(f"`{path}` is not UTF-8 text: save it as such") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark else ""
        raise ParameterError(f"`{path}`{where} is not valid YAML: mend its indentation and quotes") from error
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    beside = {
        key.value: node.value.strip()
        for key, node in pairs
        if key.value in also and isinstance(node, yaml.ScalarNode)
    }
    for key, value in pairs:
        if key.value == name and len(pairs) == 1 + len(beside) and isinstance(value, yaml.SequenceNode):
            return value, beside
    raise ParameterError(f"`{path}` is not a list of {name}: begin it with `{name}:` and an entry a dash")
