"""The findings for programs: as JSON unless they are many, and in the formats that ``exports`` asks for.

An array with one finding a line, written one after the other: an account of ten thousand principals has
findings by the hundred thousand, and they are never all in memory as JSON.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from iamaudit.audit import Audit
from iamaudit.report.asff import asff_findings
from iamaudit.report.ocsf import ocsf_findings


@dataclass(frozen=True, slots=True)
class Export:
    """A file of findings: its name, what the index says of it, and what makes its items."""

    file: str
    about: str
    items: Callable[[Audit], Iterable[Mapping[str, Any]]]


MAX_JSON_FINDINGS = 10_000
"""More findings are in ``data/findings.parquet``, and as JSON when ``exports`` asks for it."""


def chosen_exports(names: Sequence[str], findings: int) -> list[Export]:
    """Return the formats that were asked for, and plain JSON when there are not too many findings."""
    always = ["json"] if findings <= MAX_JSON_FINDINGS else []
    return [_FORMATS[name] for name in dict.fromkeys([*always, *names])]


def write_export(export: Export, audit: Audit, folder: Path) -> None:
    """Write a file of findings as a JSON array, an item a line."""
    with (folder / export.file).open("w", encoding="utf-8", newline="\n") as file:
        separator = "[\n"
        for item in export.items(audit):
            file.write(separator + json.dumps(item, sort_keys=True, ensure_ascii=False))
            separator = ",\n"
        file.write("[]\n" if separator == "[\n" else "\n]\n")


def plain_findings(findings: pd.DataFrame) -> Iterable[dict[str, Any]]:
    """Yield the findings as JSON values, absent ones as ``null``."""
    names = list(findings.columns)
    for row in findings.itertuples(index=False):
        yield {name: None if value is pd.NA else value for name, value in zip(names, row, strict=True)}


def _ocsf(audit: Audit) -> Iterable[dict[str, Any]]:
    return ocsf_findings(
        audit.findings,
        account_id=audit.account_id,
        account_name=audit.account_name,
        as_of=audit.as_of,
        version=version("iamaudit"),
    )


def _asff(audit: Audit) -> Iterable[dict[str, Any]]:
    return asff_findings(
        audit.findings, account_id=audit.account_id, as_of=audit.as_of, version=version("iamaudit")
    )


_FORMATS = {
    "json": Export(
        "findings.json", "the findings for programs", lambda audit: plain_findings(audit.findings)
    ),
    "asff": Export("findings.asff.json", "the findings in the AWS Security Finding Format", _asff),
    "ocsf": Export("findings.ocsf.json", "the findings as OCSF Compliance Findings", _ocsf),
}
