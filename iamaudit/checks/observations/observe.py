"""The frame ``observations``: findings by root cause, in the order in which a practitioner takes them up."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import pandas as pd

from iamaudit.checks.catalogue import SEVERITIES
from iamaudit.checks.observations.causes import Cause, by_cause, gather
from iamaudit.checks.observations.credential import tell_credential
from iamaudit.checks.observations.due import due_at
from iamaudit.checks.observations.facts import Facts
from iamaudit.checks.observations.failed import Failed, failed_rows
from iamaudit.checks.observations.identity import observation_ids
from iamaudit.checks.observations.practice import practice_of_check, tell_practice
from iamaudit.checks.observations.practices import PRACTICES
from iamaudit.checks.observations.principal import tell_principal
from iamaudit.checks.observations.statement import tell_statement
from iamaudit.checks.observations.story import LEAST, Story
from iamaudit.checks.observations.trust import tell_trust
from iamaudit.checks.signoff.owners import Owners
from iamaudit.checks.workpaper import Workpaper
from iamaudit.frames import build_frame
from iamaudit.settings import Settings

_ALONE = {
    "credential": tell_credential,
    "statement": tell_statement,
    "trust": tell_trust,
    "principal": tell_principal,
}


def observe(
    workpapers: Iterable[Workpaper],
    findings: pd.DataFrame,
    frames: Mapping[str, pd.DataFrame],
    settings: Settings,
    owners: Owners,
    as_of: datetime,
) -> tuple[pd.DataFrame, pd.Series]:
    """Return the observations, and for each finding the id of its observation.

    Parameters
    ----------
    findings
        What ``findings_frame`` returned for the same workpapers, in its order, waived.
    frames
        The frames of the audit; they say what a principal is and becomes.
    owners
        Who answers for which user and role.
    as_of
        The time of the audit; ``due_at`` is so much later as the severity allows.

    Returns
    -------
    DataFrame
        ``observations``: ``rank`` 1 is what to do first. What is waived as a whole comes last.
    Series
        Aligned with ``findings``.
    """
    failed = failed_rows(workpapers, findings.waiver.notna().tolist())
    facts = Facts(frames, owners)
    causes = gather(failed, facts)
    grouped = by_cause(causes, failed)
    ids = observation_ids(grouped)
    told = sorted(
        (_observation(cause, ids[cause], rows, facts, settings, as_of) for cause, rows in grouped.items()),
        key=lambda row: row["order"],
    )
    named = pd.Series([ids[cause] for cause in causes], index=findings.index, dtype="string")
    criteria = _criteria(findings.controls, named)
    frame = build_frame(
        "observations",
        [{**row, "rank": rank, "criteria": criteria[row["id"]]} for rank, row in enumerate(told, start=1)],
    )
    return frame, named


def _criteria(controls: "pd.Series[Any]", ids: "pd.Series[Any]") -> dict[str, list[str]]:
    """Return the controls that the findings of each observation do not meet."""
    found: dict[str, set[str]] = {}
    for name, text in dict.fromkeys(zip(ids.tolist(), controls.tolist(), strict=True)):
        found.setdefault(name, set()).update(filter(None, text.split("; ")))
    return {name: sorted(each) for name, each in found.items()}


def _observation(
    cause: Cause, name: str, rows: Sequence[Failed], facts: Facts, settings: Settings, as_of: datetime
) -> dict[str, Any]:
    open_rows = [row for row in rows if not row.is_waived]
    story = _tell(cause, open_rows or rows, facts, settings)
    gravity = min(row.gravity for row in open_rows or rows)
    gravity = min(gravity, SEVERITIES.index(LEAST.get(story.reach, SEVERITIES[-1])))
    return {
        "id": name,
        "title": story.title,
        "severity": SEVERITIES[gravity],
        "why": story.why,
        "condition": story.condition,
        "cause": story.cause,
        "effect": story.effect,
        "recommendation": list(story.steps),
        "owner": facts.owner(story.owners),
        "due_at": due_at(SEVERITIES[gravity], as_of) if open_rows else None,
        "area": _area(open_rows or rows),
        "cause_kind": cause.kind,
        "cause_of": cause.subject,
        "resources": sorted({row.resource for row in rows if row.resource}),
        "evidence": sorted({row.evidence for row in rows if row.evidence}),
        "checks": sorted({row.check.id for row in rows}),
        "findings": len(rows),
        "waived": len(rows) - len(open_rows),
        "is_waived": not open_rows,
        "order": (not open_rows, gravity, story.reach, -len(open_rows), name),
    }


def _area(rows: Sequence[Failed]) -> str:
    """Return the part of a report to which most of the gravest findings belong."""
    gravest = min(row.gravity for row in rows)
    return Counter(row.check.area for row in rows if row.gravity == gravest).most_common(1)[0][0]


def _tell(cause: Cause, rows: Sequence[Failed], facts: Facts, settings: Settings) -> Story:
    if cause.kind in ("practice", "check"):
        practice = PRACTICES[cause.subject] if cause.kind == "practice" else practice_of_check(rows)
        return tell_practice(practice, rows, facts, asdict(settings))
    return _ALONE[cause.kind](cause.subject, rows, facts)


def observation_counts(observations: pd.DataFrame) -> str:
    """Return how many observations of each severity are open, in a sentence."""
    is_open = ~observations.is_waived.astype(bool)
    times = observations.severity[is_open].value_counts()
    by_severity = ", ".join(f"{times[name]:,} {name}" for name in SEVERITIES if times.get(name))
    number = int(is_open.sum())
    said = f"{number:,} {'observation' if number == 1 else 'observations'}"
    said += f": {by_severity}." if by_severity else "."
    waived = len(observations) - number
    return f"{said} {waived:,} more {'is' if waived == 1 else 'are'} waived." if waived else said
