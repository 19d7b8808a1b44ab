"""Observations over time: new, resolved, reopened, waived, and for how long each has been open."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from iamaudit.checks import SEVERITIES
from iamaudit.comparison.change import Change, counted
from iamaudit.comparison.side import Side
from iamaudit.frames import build_frame

_SAID = {
    "observation new": "is new",
    "observation reopened": "was resolved once and is open again",
    "observation resolved": "is resolved",
    "observation waived": "is waived now",
    "waiver ended": "is no longer waived",
    "observation first judged": "could be judged for the first time",
    "observation not judged": "could not be judged this time: its evidence is missing",
}
_Told = dict[str, Any]


def observation_changes_frame(series: Sequence[Side]) -> pd.DataFrame:
    """Return a row per observation of the last two of ``series``, open ones first, then by severity.

    Parameters
    ----------
    series
        Judged snapshots of one account, the oldest first.

    Returns
    -------
    DataFrame
        ``state`` is ``new``, ``reopened`` (an older snapshot of the series has it, the last one did not),
        ``open``, ``waived``, ``waiver ended``, ``resolved``, ``first judged``, or ``not judged`` when the
        evidence of its checks is missing: silence does not prove that it is resolved. ``days_open`` counts
        from ``first_seen_at``, the first of the series from which on it was always there.
    """
    if len(series) < 2:
        return build_frame("observation_changes", ())
    told = [_told(side) for side in series]
    names = dict.fromkeys([*told[-1], *told[-2]])
    rows = [_row(name, told, series) for name in names]
    order = {state: number for number, state in enumerate(("resolved", "not judged"), start=1)}
    rows.sort(key=lambda row: (order.get(row["state"], 0), SEVERITIES.index(row["severity"]), row["id"]))
    return build_frame("observation_changes", rows)


def observation_changes(observed: pd.DataFrame) -> Iterator[Change]:
    """Yield the changes that the frame ``observation_changes`` tells."""
    for row in observed.to_dict("records"):
        what = _what({str(name): value for name, value in row.items()})
        if what is None:
            continue
        is_worse = what in (
            *("observation new", "observation reopened", "waiver ended"),
            *("observation first judged", "observation more severe"),
        )
        severity = row["severity"] if is_worse else "informational"
        yield Change(
            area="observations",
            what=what,
            who=row["id"],
            arn=None,
            before=_words(row["severity_before"], row["findings_before"]),
            after=_words(row["severity_after"], row["findings"]),
            severity="low" if what == "observation grew" else severity,
            sentence=_sentence(what, row),
        )


def _told(side: Side) -> dict[str, _Told]:
    rows = side.frames["observations"].to_dict("records")
    return {row["id"]: {str(name): value for name, value in row.items()} for row in rows}


def _unjudged(side: Side) -> set[str]:
    checks = side.frames["checks"]
    return set(checks["check"][checks.conclusion == "not evaluated"])


def _row(name: str, told: Sequence[dict[str, _Told]], series: Sequence[Side]) -> dict[str, Any]:
    was, now = told[-2].get(name), told[-1].get(name)
    row: _Told = now or was or {}
    first = _first_seen(name, told, series) if now else None
    old, new = (set(each["resources"]) if each else set() for each in (was, now))
    return {
        "id": name,
        "title": row["title"],
        "severity": row["severity"],
        "severity_before": was["severity"] if was else None,
        "severity_after": now["severity"] if now else None,
        "state": _state(name, told, series),
        "was_waived": bool(was["is_waived"]) if was else None,
        "owner": row["owner"],
        "findings_before": was["findings"] if was else 0,
        "findings": now["findings"] if now else 0,
        "first_seen_at": first,
        "days_open": (series[-1].as_of - first).days if first else None,
        "resources_new": sorted(new - old),
        "resources_gone": sorted(old - new),
    }


def _state(name: str, told: Sequence[dict[str, _Told]], series: Sequence[Side]) -> str:
    was, now = told[-2].get(name), told[-1].get(name)
    if was and now:
        if was["is_waived"] == now["is_waived"]:
            return "waived" if now["is_waived"] else "open"
        return "waived" if now["is_waived"] else "waiver ended"
    if was:
        return "not judged" if _unjudged(series[-1]).intersection(was["checks"]) else "resolved"
    if now and _unjudged(series[-2]).issuperset(now["checks"]):
        return "first judged"
    return "reopened" if any(name in each for each in told[:-2]) else "new"


def _first_seen(name: str, told: Sequence[dict[str, _Told]], series: Sequence[Side]) -> datetime:
    first = series[-1].as_of
    for each, side in zip(reversed(told), reversed(series), strict=True):
        if name not in each:
            break
        first = side.as_of
    return first


def _what(row: _Told) -> str | None:
    """Return what kind of change a row is, ``None`` when it is none."""
    named = {
        "new": "observation new",
        "reopened": "observation reopened",
        "resolved": "observation resolved",
        "waiver ended": "waiver ended",
        "first judged": "observation first judged",
        "not judged": "observation not judged",
    }
    if row["state"] in named:
        return named[row["state"]]
    if row["state"] == "waived" and not row["was_waived"]:
        return "observation waived"
    old, new = (SEVERITIES.index(row[name]) for name in ("severity_before", "severity_after"))
    if old != new:
        return f"observation {'more' if new < old else 'less'} severe"
    if len(row["resources_new"]) and len(row["resources_gone"]):
        return "observation changed"
    if len(row["resources_new"]):
        return "observation grew"
    return "observation shrank" if len(row["resources_gone"]) else None


def _words(severity: Any, findings: int) -> str:
    return "none" if pd.isna(severity) else f"{severity}, {counted(findings, 'finding')}"


def _sentence(what: str, row: dict[Any, Any]) -> str:
    if what in _SAID:
        return f"“{row['title']}” {_SAID[what]}."
    if what.endswith("severe"):
        return f"“{row['title']}” is {row['severity_after']} now (before: {row['severity_before']})."
    parts = [
        ("concerns {} more", len(row["resources_new"])),
        ("no longer concerns {}", len(row["resources_gone"])),
    ]
    said = " and ".join(
        f"{words.format(number)} {'resource' if number == 1 else 'resources'}"
        for words, number in parts
        if number
    )
    return f"“{row['title']}” {said}."
