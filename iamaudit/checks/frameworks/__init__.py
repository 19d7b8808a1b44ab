"""Control frameworks as data: which control rests on which checks, and what only a person can answer.

One TOML file a framework. A control is always (framework, version, number): benchmarks renumber (trap 12).
Numbers are as published, titles are our own wording of the published subject, and ``source`` says where the
framework's text is. ``lists.toml`` has what several controls rest on together; ``beyond.toml`` lists the
checks that no framework asks for.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

Kind = Literal["automated", "partial", "manual", "inherited", "not applicable"]

_HERE = Path(__file__).parent
_BEYOND, _LISTS = "beyond.toml", "lists.toml"


@dataclass(frozen=True, slots=True)
class Test:
    """A check as a control asks for it: of its whole population, or of a part of it.

    ``where`` (a pandas query) narrows the population. ``only_with`` and ``except_with`` name another check:
    they keep, or leave out, the resources that the other check finds. ``of`` says in words what is left.
    """

    check: str
    where: str = ""
    only_with: str = ""
    except_with: str = ""
    of: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """One demand of a framework.

    ``kind`` is ``automated`` when the tests decide it, ``partial`` when they can show that it is not met but
    not that it is met, ``manual`` when only a person can answer it, ``inherited`` when AWS provides it to
    every account, ``not applicable`` when it was replaced or nobody can test it any more. ``beyond`` says
    what the control asks that the tests do not see, or why there is none.

    ``settings`` are the framework's own thresholds. ``left_open`` names those for which it states no number:
    the audit's own settings hold. ``level`` is the profile of CIS. ``numbers`` are those in each version of
    the framework that has the control.
    """

    number: str
    title: str
    kind: Kind
    tests: tuple[Test, ...]
    settings: Mapping[str, int]
    left_open: tuple[str, ...]
    beyond: str
    level: int | None
    source: str
    numbers: Mapping[str, str]

    @property
    def checks(self) -> tuple[str, ...]:
        """The ids of the checks that it rests on."""
        return tuple(dict.fromkeys(test.check for test in self.tests))


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
    paths = sorted(path for path in _HERE.glob("*.toml") if path.name not in (_BEYOND, _LISTS))
    found = [one for path in paths for one in _versions(path)]
    return MappingProxyType({framework.id: framework for framework in found})


def newest_frameworks() -> list[Framework]:
    """Return the newest version of every framework."""
    return [framework for framework in load_frameworks().values() if framework.is_newest]


@lru_cache(maxsize=512)
def controls_of(check: str) -> tuple[str, ...]:
    """Return the controls that a check speaks to, of the newest version of each framework."""
    return tuple(
        f"{framework.id} {control.number}"
        for framework in newest_frameworks()
        for control in framework.controls
        if check in control.checks
    )


@lru_cache(maxsize=512)
def formerly_asked(check: str) -> tuple[str, ...]:
    """Return the controls of the last version that had them, where the newest one of a framework has none."""
    last: dict[str, list[str]] = {}
    for framework in load_frameworks().values():
        named = [f"{framework.id} {each.number}" for each in framework.controls if check in each.checks]
        if named:
            last.setdefault(framework.name, [] if framework.is_newest else named)
    return tuple(control for controls in last.values() for control in controls)


@lru_cache(maxsize=1)
def checks_beyond_frameworks() -> tuple[str, ...]:
    """Return the checks that are good practice and that no framework asks for."""
    return tuple(tomllib.loads((_HERE / _BEYOND).read_text(encoding="utf-8"))["checks"])


def crosswalk(name: str) -> list[dict[str, str | None]]:
    """Return a row per control of a framework: title, level, and its number in every version that has it."""
    versions = [f for f in load_frameworks().values() if f.name == name]
    rows: dict[str, dict[str, str | None]] = {}
    for framework in versions:
        for control in framework.controls:
            level = None if control.level is None else str(control.level)
            row = rows.setdefault(control.title, {"title": control.title, "level": level})
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
            controls=tuple(_controls(data, version)),
            is_newest=version == data["versions"][-1],
        )


def _controls(data: Mapping[str, Any], version: str) -> Iterator[Control]:
    for entry in data["controls"]:
        if version not in entry["numbers"]:
            continue
        number = entry["numbers"][version]
        anchor = data.get("anchor", "").format(number.lower().replace(".", "-"))
        yield Control(
            number=number,
            title=entry["title"],
            kind=entry["kind"],
            tests=tuple(test for each in entry.get("checks", ()) for test in _tests(each)),
            settings=MappingProxyType(entry.get("settings", {})),
            left_open=tuple(entry.get("left_open", ())),
            beyond=entry.get("beyond", ""),
            level=entry.get("level"),
            source=entry.get("source", data["source"] + anchor),
            numbers=MappingProxyType(entry["numbers"]),
        )


def _tests(entry: str | dict[str, str]) -> list[Test]:
    if isinstance(entry, str):
        return [Test(entry)]
    return [Test(check) for check in _lists()[entry["list"]]] if "list" in entry else [Test(**entry)]


@lru_cache(maxsize=1)
def _lists() -> Mapping[str, list[str]]:
    return tomllib.loads((_HERE / _LISTS).read_text(encoding="utf-8"))
