"""Practices: what the same neglect of many resources is called, and how to end it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """One entry of ``practices.toml``; ``story`` says that a subject is told in the first of these only."""

    one: str
    many: str
    cause: str
    effect: str
    steps: tuple[str, ...]
    each: str = ""
    story: bool = False


def _read() -> Mapping[str, Practice]:
    entries = tomllib.loads((Path(__file__).parent / "practices.toml").read_text("utf-8"))
    return MappingProxyType(
        {name: Practice(**{**entry, "steps": tuple(entry["steps"])}) for name, entry in entries.items()}
    )


PRACTICES: Mapping[str, Practice] = _read()
"""Every practice by name, in the order in which a subject of several is told."""
