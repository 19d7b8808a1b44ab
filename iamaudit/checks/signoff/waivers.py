"""Dated, owned acceptances of findings: what they cover stays visible, and they are judged themselves."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from iamaudit.checks.signoff.read_yaml import Entries
from iamaudit.frames import build_frame
from iamaudit.iam.policy import matches_pattern
from iamaudit.settings import Settings

_REQUIRED = ("check", "resource", "owner", "approver", "reason", "expires")
_OPTIONAL = ("ticket", "compensating_control")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """One acceptance: ``check`` and ``resource`` (an ARN with ``*`` and ``?``) say of what."""

    check: str
    resource: str
    owner: str
    approver: str
    reason: str
    expires: date
    ticket: str | None
    compensating_control: str | None
    line: int

    def covers(self, check: str, resource: object) -> bool:
        """Say whether a finding is one that this accepts, expired or not."""
        return check == self.check and isinstance(resource, str) and matches_pattern(resource, self.resource)

    def has_expired(self, as_of: datetime) -> bool:
        """Say whether the day of expiry has passed."""
        return self.expires < as_of.date()


def read_waivers(path: Path, checks: Collection[str]) -> tuple[Waiver, ...]:
    """Read ``waivers.yaml``; ``checks`` are the ids that exist.

    Raises
    ------
    ParameterError
        With every problem and its line: a field that is missing or unknown, a check that does not exist, a
        day that does not exist, an owner who is also the approver.
    """
    entries = Entries(path, "waivers", required=_REQUIRED, optional=_OPTIONAL)
    waivers = []
    for entry in entries.entries:
        given = {name: entry.fields.get(name) for name in (*_REQUIRED, *_OPTIONAL)}
        if given["check"] and given["check"] not in checks:
            entries.problem(entry, f"there is no check `{given['check']}`: `iamaudit checks` lists them")
        if given["owner"] and given["owner"] == given["approver"]:
            entries.problem(entry, "owner and approver are one: somebody else must approve")
        expires = entries.day(entry, "expires") if given["expires"] else None
        texts = {name: None if value is None else str(value) for name, value in given.items()}
        waivers.append(Waiver(**{**texts, "expires": expires, "line": entry.line}))  # type: ignore[arg-type]
    entries.check()
    return tuple(waivers)


def waive(findings: pd.DataFrame, waivers: Sequence[Waiver], as_of: datetime) -> pd.DataFrame:
    """Return the findings with the column ``waiver``: who accepted it until when and why."""
    active = [waiver for waiver in waivers if not waiver.has_expired(as_of)]
    texts = [
        next((_words(w) for w in active if w.covers(check, resource)), None)
        for check, resource in _pairs(findings, active)
    ] or [None] * len(findings)
    return findings.assign(waiver=pd.array(texts, dtype="string"))


def waivers_frame(
    findings: pd.DataFrame, waivers: Sequence[Waiver], as_of: datetime, settings: Settings
) -> pd.DataFrame:
    """Return a row per waiver: its ``state``, and how many findings it covers.

    ``expired`` covers nothing any more; ``unused`` has nothing to cover; ``over-broad`` covers more than
    ``max_waived_findings``; ``expires soon`` within ``waiver_notice_days``; else it is ``active``.
    """
    pairs = _pairs(findings, waivers)
    rows: list[Mapping[str, Any]] = []
    for waiver in waivers:
        count = sum(waiver.covers(check, resource) for check, resource in pairs)
        left = (waiver.expires - as_of.date()).days
        rows.append(
            {
                "check": waiver.check,
                "resource": waiver.resource,
                "state": _state(count, left, settings),
                "findings": count,
                "owner": waiver.owner,
                "approver": waiver.approver,
                "reason": waiver.reason,
                "ticket": waiver.ticket,
                "expires_on": waiver.expires.isoformat(),
                "days_left": left,
                "compensating_control": waiver.compensating_control,
                "evidence": f"waivers line {waiver.line}",
            }
        )
    return build_frame("waivers", rows)


def _pairs(findings: pd.DataFrame, waivers: Sequence[Waiver]) -> list[tuple[str, object]]:
    """Return check and resource of each finding; none where no waiver asks about them."""
    if not waivers:
        return []
    return list(zip(findings["check"].tolist(), findings.resource.tolist(), strict=True))


def _state(count: int, days_left: int, settings: Settings) -> str:
    if days_left < 0:
        return "expired"
    if count == 0:
        return "unused"
    if count > settings.max_waived_findings:
        return "over-broad"
    return "expires soon" if days_left <= settings.waiver_notice_days else "active"


def _words(waiver: Waiver) -> str:
    ticket = f" ({waiver.ticket})" if waiver.ticket else ""
    return f"until {waiver.expires}: {waiver.reason}; {waiver.owner}, approved by {waiver.approver}{ticket}"
