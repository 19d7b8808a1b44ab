"""Two snapshots or reports compared: what comes from the account, and what from the version that judged."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from iamaudit.audit import Audit, open_snapshot
from iamaudit.comparison import (
    Change,
    changes_frame,
    frame_of_changes,
    not_compared,
    observation_changes_frame,
    table_changes,
    version_changes,
)
from iamaudit.errors import ParameterError
from iamaudit.report.rejudged import differences
from iamaudit.report.signature import MANIFEST
from iamaudit.report.verify import why_not_older
from iamaudit.report.written import Written


@dataclass(frozen=True, slots=True)
class Compared:
    """What was found: ``account`` and ``version`` are frames ``changes``, apart by what they come from.

    ``versions`` has a sentence on each report that was compared, ``limits`` say what was not compared.
    """

    account: pd.DataFrame
    version: pd.DataFrame
    versions: list[str]
    limits: list[str]

    @property
    def everything(self) -> pd.DataFrame:
        """All of it in one frame; the column ``origin`` says what each row comes from."""
        kept = [each for each in (self.account, self.version) if len(each)]
        return pd.concat(kept, ignore_index=True) if kept else self.account


def compare(before: Path, after: Path) -> Compared:
    """Compare two snapshots of an account, or reports that carry theirs.

    Both are judged by this version under the same thresholds: those of the newer report, or of the only one.
    Each report is then judged anew under its own, and what differs from what it says comes from the version.

    Raises
    ------
    ParameterError, SnapshotError
        One cannot be read, a report carries no evidence, or they are of two accounts.
    """
    paths = (before, after)
    reports = [Written.read(path) if _is_report(path) else None for path in paths]
    given = [each.thresholds for each in reports if each]
    thresholds = given[-1] if given else {}
    terms = next((each for each in reversed(reports) if each), None)
    sides = [_judged(path, each, terms, thresholds) for path, each in zip(paths, reports, strict=True)]
    if sides[0].account_id != sides[1].account_id:
        accounts = " and ".join(side.account_id for side in sides)
        raise ParameterError(f"the snapshots are of {accounts}: compare two of one account")
    changes: list[Change] = []
    said, limits = [], [*not_compared(sides[0], sides[1]), *_other_thresholds(reports)]
    for report, side in zip(reports, sides, strict=True):
        if report is None:
            continue
        audit = side if report.thresholds == thresholds else _judged(report.folder, report, None, {})
        found = list(_by_version(report, audit))
        said.append(_sentence(report, audit, len(found)))
        changes += found
        if report.has_own_checks:
            limits.append(f"Own checks of the {report.name} are not judged anew, so they are not compared.")
    account = changes_frame(sides[0], sides[1], observation_changes_frame(sides))
    return Compared(account, frame_of_changes(changes), said, limits)


def _is_report(path: Path) -> bool:
    return (path / "data").is_dir() and (path / MANIFEST).is_file()


def _judged(
    path: Path, report: Written | None, terms: Written | None, thresholds: Mapping[str, Any]
) -> Audit:
    """Open one side; a snapshot is judged as the report that it is compared with, at its own moment."""
    if report is None:
        return terms.judged_anew(evidence=path, as_of="") if terms else open_snapshot(path)
    if not report.evidence.is_dir():
        raise ParameterError(f"`{path}` carries no evidence: give the snapshot that it was made of")
    return report.judged_anew(**thresholds)


def _by_version(report: Written, audit: Audit) -> Iterator[Change]:
    """Yield what a report says otherwise than is judged now from its evidence under its own parameters."""
    known = set(audit.checks["check"]) if report.has_own_checks else None
    if known is None:
        yield from version_changes(report.frames, audit.frames, report=report.name)
    lines = differences(
        report.folder / "data", audit, known, with_older=not why_not_older(audit, report.manifest)
    )
    yield from table_changes(lines, report=report.name)


def _sentence(report: Written, audit: Audit, found: int) -> str:
    others = report.other_versions(audit)
    judged = f"The {report.name} was judged with {'; '.join(others) or 'the same versions as here'}."
    if not found:
        return f"{judged} No difference comes from that."
    many = "1 difference comes" if found == 1 else f"{found:,} differences come"
    if others:
        return f"{judged} {many} from that, and not from the account."
    return (
        f"{judged} Still {many} from how it was judged, and not from the account: the code of that version "
        "was another one, or the report was changed. `iamaudit verify` says which."
    )


def _other_thresholds(reports: list[Written | None]) -> Iterator[str]:
    """Yield a sentence on each threshold that two reports do not share."""
    older, newer = reports
    if older is None or newer is None:
        return
    for name, value in newer.thresholds.items():
        was = older.thresholds.get(name, value)
        if was != value:
            yield f"The reports have {name} {was:,} and {value:,}. Here {value:,} counts for both."
