"""What the workpapers of one audit rest on: its evidence, its thresholds, and what prepared them."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime

import pandas as pd

from iamaudit.checks.catalogue import Check, settings_in
from iamaudit.frames import SOURCES_OF
from iamaudit.settings import THRESHOLDS, Parameter, Settings
from iamaudit.snapshot import SOURCES, Manifest

CODE_SCAN, SCAN = "code_scan", "scan of the code"


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file of the evidence: its name in the bundle, what it holds, and since when; ``""`` is unknown."""

    title: str
    file: str
    holds: str
    made: str
    sha256: str

    def __str__(self) -> str:
        name = f" ({self.file})" if self.file else ""
        digest = f"sha-256 {self.sha256[:16]}…" if self.sha256 else ""
        said = "; ".join(filter(None, (self.holds, self.made, digest)))
        return f"{self.title}{name}{': ' if said else ''}{said}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """The evidence and the terms of an audit, as each of its workpapers names them.

    ``scan`` is the file that says what was searched for keys in code. ``controls`` and ``findings`` give the
    frames of these names; without waivers nobody asks for the findings, of which a large account has many.
    """

    tool: str
    as_of: datetime
    manifest: Manifest
    settings: Settings
    scan: EvidenceFile | None = None
    controls: Callable[[], pd.DataFrame] | None = field(default=None, compare=False, repr=False)
    findings: Callable[[], pd.DataFrame] | None = field(default=None, compare=False, repr=False)

    @property
    def prepared(self) -> str:
        """Who prepared the workpapers, and of when the evidence is."""
        collected = self.manifest.finished_at or self.manifest.started_at
        return (
            f"{self.tool} as of {self.as_of:%Y-%m-%d %H:%M} UTC, on evidence collected at "
            f"{collected:%Y-%m-%d %H:%M} UTC; manifest.json has the time of the run"
        )

    def files(self, check: Check) -> list[EvidenceFile]:
        """Return the files that a check rests on; one that needs none of them looks at whichever there is."""
        either = (*SOURCES_OF.get(check.population, ()), "account_summary", "password_policy")
        names = check.sources or either
        return [file for name in names if (file := self._file(name, is_named=bool(check.sources)))]

    def thresholds(self, check: Check) -> list[str]:
        """Return the thresholds that a check is judged under, each with who asks for its default."""
        values, said = asdict(self.settings), {each.name: each for each in THRESHOLDS}
        return [
            f"{name} = {_amount(values[name], said[name].unit)} ({_default(values[name], said[name])})"
            for name in settings_in(check)
        ]

    def other_terms(self, check: Check, title: str) -> list[str]:
        """Return how controls put a check otherwise than its workpaper, and what that came to.

        A framework has thresholds of its own, or asks about a part of the population: then the conclusion of
        the workpaper, whose ``title`` has the threshold of the audit, is not that of the control.
        """
        if self.controls is None or not check.controls:
            return []
        rows = self.controls()
        names = (rows.framework + " " + rows.control).tolist()
        return [
            f"{name}: {words}: {result}"
            for name, tests, results in zip(names, rows.tests, rows.results, strict=True)
            if name in check.controls
            for test, result in zip(tests, results, strict=True)
            for is_of, _, words in [test.partition(": ")]
            if is_of == check.id and words != title
        ]

    def waived(self, check: Check) -> frozenset[str]:
        """Return the resources for which somebody accepted the findings of a check."""
        if self.findings is None:
            return frozenset()
        found = self.findings()
        return frozenset(found.resource[found.waiver.notna() & (found["check"] == check.id)].dropna())

    def _file(self, name: str, *, is_named: bool) -> EvidenceFile | None:
        if name == CODE_SCAN:
            return self.scan or (EvidenceFile(SCAN, "", "not given", "", "") if is_named else None)
        record = self.manifest.sources.get(name)
        if record is None or record.status != "collected" or not record.file:
            return EvidenceFile(SOURCES[name].title, "", "not collected", "", "") if is_named else None
        made = record.generated_at or self.manifest.finished_at or self.manifest.started_at
        return EvidenceFile(
            SOURCES[name].title,
            record.file,
            _counts(record.rows.items()),
            f"{made:%Y-%m-%d %H:%M} UTC",
            record.sha256_as_collected or "",
        )


def _amount(value: int, unit: str) -> str:
    return f"{value} {unit.removesuffix('s') if value == 1 else unit}"


def _default(value: int, parameter: Parameter) -> str:
    """Return who asks for a threshold, and its default where it was changed."""
    if value == parameter.default:
        return f"default; source: {parameter.source}"
    return f"changed from the default of {parameter.default}; source: {parameter.source}"


def _counts(rows: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in rows)
