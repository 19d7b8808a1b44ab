"""Control frameworks as data: which control asks for which checks, and which only a person can answer.

One TOML file a framework. A control is always (framework, version, number): benchmarks renumber (trap 12).
Titles are our own wording; ``source`` says where the framework's is.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

Kind = Literal["automated", "manual", "not applicable"]


@dataclass(frozen=True, slots=True)
class Control:
    """One demand of a framework; ``checks`` speak to it together when it is ``automated``.

    ``why`` says what makes a control manual or not applicable here. ``numbers`` are those in each version of
    the framework that has it.
    """

    number: str
    title: str
    kind: Kind
    checks: tuple[str, ...]
    why: str
    numbers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Framework:
    """One version of a framework with its controls, in its order."""

    name: str
    version: str
    title: str
    source: str
    note: str
    controls: tuple[Control, ...]
    is_newest: bool

    @property
    def id(self) -> str:
        """Name and version, as in ``CIS 7.0``."""
        return f"{self.name} {self.version}"


@lru_cache(maxsize=1)
def load_frameworks() -> Mapping[str, Framework]:
    """Return every version of every framework by its id, the newest version of each first."""
    found = [one for path in sorted(Path(__file__).parent.glob("*.toml")) for one in _versions(path)]
    return MappingProxyType({framework.id: framework for framework in found})


@lru_cache(maxsize=512)
def controls_of(check: str) -> tuple[str, ...]:
    """Return the controls that a check speaks to, of the newest version of each framework."""
    return tuple(
        f"{framework.id} {control.number}"
        for framework in load_frameworks().values()
        if framework.is_newest
        for control in framework.controls
        if check in control.checks
    )


def crosswalk(name: str) -> list[dict[str, str | None]]:
    """Return a row per control of a framework: its title, and its number in every version, if it has one."""
    versions = [f for f in load_frameworks().values() if f.name == name]
    rows: dict[str, dict[str, str | None]] = {}
    for framework in versions:
        for control in framework.controls:
            row = rows.setdefault(control.title, {"title": control.title})
            row |= {f.version: control.numbers.get(f.version) for f in versions}
    return list(rows.values())


def _versions(path: Path) -> Iterator[Framework]:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    for version in reversed(data["versions"]):
        yield Framework(
            name=data["name"],
            version=version,
            title=data["title"],
            source=data["source"],
            note=data["note"],
            controls=tuple(_controls(data["controls"], version)),
            is_newest=version == data["versions"][-1],
        )


def _controls(entries: list[dict[str, Any]], version: str) -> Iterator[Control]:
    for entry in entries:
        if version in entry["numbers"]:
            yield Control(
                number=entry["numbers"][version],
                title=entry["title"],
                kind=entry["kind"],
                checks=tuple(entry.get("checks", ())),
                why=entry.get("why", ""),
                numbers=MappingProxyType(entry["numbers"]),
            )
