"""The settings that an audit was judged under, and where each comes from."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from iamaudit.audit.judgement import Judgement
from iamaudit.audit.key import Terms
from iamaudit.audit.params_file import FILES
from iamaudit.settings import PARAMETERS

_NONE = "none"
_OF_THE_DEMO = ("owners", "code_scan")


def settings_in_force(audit: Judgement, terms: Terms) -> pd.DataFrame:
    """Return a row per setting: its name, value and unit, where it comes from, and its meaning.

    Files are named without their folder, snapshots by their time, so that it reads alike wherever they lie.
    """
    texts = _texts(audit, terms)
    rows = [
        {
            "setting": each.name,
            "value": texts.get(each.name) or _NONE,
            "comes_from": terms.given.origin(each.name),
            "meaning": each.meaning.partition(";")[0],
        }
        for each in PARAMETERS
    ]
    return pd.DataFrame(rows, columns=["setting", "value", "comes_from", "meaning"])


def _texts(audit: Judgement, terms: Terms) -> dict[str, str]:
    units = {each.name: each.unit for each in PARAMETERS}
    given = terms.given.values
    return {
        "snapshot": f"{audit.account_id}, {_taken(audit)}",
        "as_of": f"{audit.as_of:%Y-%m-%d %H:%M:%S} UTC",
        "previous": _taken(audit.older[-1]) if audit.older else "",
        "trusted_accounts": _listed(terms.trusted_accounts),
        "break_glass": _listed(terms.break_glass),
        **{name: "of the demo account" for name in _OF_THE_DEMO if terms.is_given(name)},
        **{name: Path(given[name]).name for name in FILES if given.get(name)},
        **{name: _number(value, units[name]) for name, value in asdict(audit.settings).items()},
    }


def _number(value: int, unit: str) -> str:
    if unit.startswith("as "):
        return f"{value:,}"
    return f"{value:,} {unit.removesuffix('s') if value == 1 else unit}"


def _taken(audit: Judgement) -> str:
    manifest = audit.snapshot.manifest
    return f"{manifest.finished_at or manifest.started_at:%Y-%m-%d %H:%M:%S} UTC"


def _listed(values: Sequence[str]) -> str:
    return ", ".join(values)
