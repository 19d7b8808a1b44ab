"""The workpaper: a check's full record, as an auditor asks for it."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import repeat
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from iamaudit.checks.basis import Basis
from iamaudit.checks.catalogue import SEVERITIES, Check, filled, filled_rows, names_in
from iamaudit.checks.proof import evidence_of
from iamaudit.errors import CheckError
from iamaudit.frames import build_frame, frame_of_rows
from iamaudit.settings import Settings

Selected: TypeAlias = dict[tuple[str, str | None], tuple[pd.DataFrame, pd.DataFrame]]
"""By frame and ``where``: the rows that it selects, and those for which it is unknown."""

CONCLUSIONS = ("not met", "not evaluated", "manual", "met")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workpaper:
    """Objective, population, procedure, exceptions and conclusion of one check.

    ``population`` are the rows the question is about, ``exceptions`` those of them that do not meet it with a
    column ``message``, ``not_judged`` those whose evidence is missing. ``reason`` says why the conclusion is
    not simply met or not met. ``basis`` is what an audit adds: its evidence and terms.
    """

    check: Check
    title: str
    procedure: str
    population: pd.DataFrame
    exceptions: pd.DataFrame
    not_judged: pd.DataFrame
    conclusion: str
    reason: str | None
    basis: Basis | None = None


def evaluate_check(
    check: Check,
    frames: Mapping[str, pd.DataFrame],
    settings: Settings,
    why_not: Callable[[str], str | None],
    selected: Selected | None = None,
) -> Workpaper:
    """Put the question to the evidence.

    Any exception makes the check *not met*. Without one it is *met* only when every row of the population
    could be judged and every source it needs was collected; else it is *not evaluated*, with the reason.

    Parameters
    ----------
    why_not
        Says for a source or parameter why it is not evidence, ``None`` for what was collected or given.
    selected
        Takes the populations of checks that change none, and gives them to the next with the same ``where``.
    """
    everyone = frames[check.population]
    missing = [reason for name in (*check.sources, *check.parameters) if (reason := why_not(name))]
    if missing:
        nobody = everyone.iloc[:0]
        return _workpaper(check, settings, nobody, nobody, nobody, "not evaluated", "; ".join(missing))
    key, selected = (check.population, check.where), {} if selected is None else selected
    if key not in selected:
        selected[key] = _within(check, everyone)
    population, unknown = selected[key]
    extra = {name: settings if name == "settings" else frames[name] for name in check.needs}
    exceptions, not_judged = _split(check, population, check.function(population, **extra))
    not_judged = pd.concat([unknown, not_judged]) if len(unknown) else not_judged
    if len(not_judged):
        rows, whom = ("row", "it") if len(not_judged) == 1 else ("rows", "them")
        reason = f"{len(not_judged):,} {rows} could not be judged: the evidence for {whom} is missing"
        conclusion = "not met" if len(exceptions) else "not evaluated"
    else:
        reason = None if len(population) else "the population is empty: there was nothing to judge"
        conclusion = "not met" if len(exceptions) else "met"
    return _workpaper(check, settings, population, exceptions, not_judged, conclusion, reason)


def tally(conclusions: Iterable[str]) -> dict[str, int]:
    """Return how many checks came to each conclusion that a check can have."""
    counted = Counter(conclusions)
    return {conclusion: counted[conclusion] for conclusion in CONCLUSIONS if conclusion != "manual"}


def headline(conclusions: Collection[str], *, unanswered: int, uncollected: int, empty: int = 0) -> str:
    """Return the conclusion of a whole audit in one sentence; what is open is counted in it.

    ``unanswered`` are the controls whose tests leave something to people who have not signed an answer,
    ``uncollected`` the sources that are not evidence, ``empty`` the checks that are met since their
    population has no row.
    """
    counted, total = tally(conclusions), len(conclusions)
    found = "not met" if counted["not met"] else "met"
    checks, verb = "check" if total == 1 else "checks", "is" if counted[found] == 1 else "are"
    parts = [f"{counted[found]:,} of {total:,} {checks} {verb} {found}"]
    if counted["not evaluated"]:
        parts.append(f"{counted['not evaluated']:,} could not be evaluated")
    if empty:
        parts.append(f"{empty:,} had nothing to judge")
    if uncollected:
        parts.append(f"{uncollected:,} {'source was' if uncollected == 1 else 'sources were'} not collected")
    if unanswered:
        waits = "control waits" if unanswered == 1 else "controls wait"
        parts.append(f"{unanswered:,} {waits} for an answer")
    return "; ".join(parts)


def gravest_first(workpapers: Iterable[Workpaper]) -> list[Workpaper]:
    """Return workpapers in the order in which their exceptions become findings."""
    return sorted(workpapers, key=lambda paper: SEVERITIES.index(paper.check.severity))


def findings_frame(workpapers: Iterable[Workpaper]) -> pd.DataFrame:
    """Return a row per exception of every workpaper, the most severe first; neither ranked nor waived."""
    rows = (row for paper in gravest_first(workpapers) for row in _finding_rows(paper))
    return frame_of_rows("findings", rows)


def results_frame(workpapers: Iterable[Workpaper], findings: pd.DataFrame) -> pd.DataFrame:
    """Return a row per check: its conclusion and the counts, what is not met and severe first.

    A check all of whose findings are waived is *not met* still; ``waived`` counts them apart.
    """
    waived = findings["check"][findings.waiver.notna()].value_counts()
    rows = [
        {
            "reference": paper.check.reference,
            "check": paper.check.id,
            "title": paper.title,
            "severity": paper.check.severity,
            "conclusion": paper.conclusion,
            "population": len(paper.population),
            "exceptions": len(paper.exceptions),
            "waived": int(waived.get(paper.check.id, 0)),
            "not_judged": len(paper.not_judged),
            "controls": "; ".join(paper.check.controls),
            "reason": paper.reason,
        }
        for paper in sorted(
            workpapers,
            key=lambda p: (CONCLUSIONS.index(p.conclusion), SEVERITIES.index(p.check.severity)),
        )
    ]
    return build_frame("checks", rows)


def _finding_rows(paper: Workpaper) -> Iterable[tuple[Any, ...]]:
    """Return for each exception the values of ``findings``, in the order of its columns."""
    check, found = paper.check, paper.exceptions
    return zip(
        *(repeat(each) for each in (check.id, paper.title, check.severity)),
        *(found[name].tolist() for name in ("arn", "message", "evidence")),
        repeat("; ".join(check.controls)),
        _filled_rows(check.remediation, found, {}),
        *(repeat(each) for each in (None, 0.0, None)),  # waiver, risk and observation come later
        strict=False,
    )


def _workpaper(
    check: Check,
    settings: Settings,
    population: pd.DataFrame,
    exceptions: pd.DataFrame,
    not_judged: pd.DataFrame,
    conclusion: str,
    reason: str | None,
) -> Workpaper:
    known = asdict(settings)
    messages = _filled_rows(check.message, exceptions, known)
    evidence = (
        {"evidence": evidence_of(check, exceptions)} if len(exceptions) and "evidence" in exceptions else {}
    )
    return Workpaper(
        check=check,
        title=filled(check.title, known),
        procedure=filled(check.procedure, known),
        population=population,
        exceptions=exceptions.assign(message=pd.array(messages, dtype="string"), **evidence),
        not_judged=not_judged,
        conclusion=conclusion,
        reason=reason,
    )


def _filled_rows(template: str, rows: pd.DataFrame, known: Mapping[str, Any]) -> list[str]:
    """Return the template for each row, with the values of the columns that it names, else those known."""
    columns = {name: rows[name].tolist() for name in names_in(template) if name in rows.columns}
    return filled_rows(template, columns, known, len(rows))


def _within(check: Check, everyone: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows that ``where`` selects, and those for which it is unknown."""
    if check.where is None or not len(everyone):
        return everyone, everyone.iloc[:0]
    named = everyone[[name for name in everyone.columns if str(name) in check.where]]  # others cost time
    return _selected(everyone, pd.Series(named.eval(check.where), index=everyone.index, dtype="boolean"))


def _split(check: Check, population: pd.DataFrame, answer: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the exceptions and the rows that could not be judged."""
    answer, unknown = answer if isinstance(answer, tuple) else (answer, [False] * len(population))
    if isinstance(answer, pd.DataFrame):
        if not {"arn", "evidence"} <= set(answer.columns):
            raise CheckError(
                f"check `{check.id}` returned rows without arn and evidence: filter its population"
            )
        return answer, population[unknown]
    if not isinstance(answer, pd.Series) or not answer.index.equals(population.index):
        raise CheckError(f"check `{check.id}` must return a mask over its population, or rows of it")
    return _selected(population, answer.astype("boolean"))


def _selected(rows: pd.DataFrame, mask: "pd.Series[Any]") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows for which a mask is true, and those for which it is unknown."""
    chosen, unknown = mask.to_numpy(dtype=bool, na_value=False), mask.isna().to_numpy()
    return _taken(rows, chosen), _taken(rows, unknown)


def _taken(rows: pd.DataFrame, mask: "npt.NDArray[np.bool_]") -> pd.DataFrame:
    if mask.all():
        return rows
    return rows[mask] if mask.any() else rows.iloc[:0]
