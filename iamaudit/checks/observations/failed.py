"""Findings as values, each with the subject that its cause is about."""

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import NamedTuple

import pandas as pd

from iamaudit.checks.catalogue import SEVERITIES, Check
from iamaudit.checks.workpaper import Workpaper, gravest_first


class Failed(NamedTuple):
    """One finding: ``subject`` is the statement, role or principal that its check is about."""

    check: Check
    title: str
    subject: str
    resource: str
    message: str
    evidence: str
    is_waived: bool

    @property
    def gravity(self) -> int:
        """The place of its severity in ``SEVERITIES``: 0 is critical."""
        return SEVERITIES.index(self.check.severity)


def failed_rows(workpapers: Iterable[Workpaper], waived: Sequence[bool]) -> list[Failed]:
    """Return the findings of every workpaper, in the order of ``findings_frame``."""
    rows = (row for paper in gravest_first(workpapers) for row in _rows(paper))
    return [Failed(*row, is_waived) for row, is_waived in zip(rows, waived, strict=True)]


def _rows(paper: Workpaper) -> Iterable[tuple[Check, str, str, str, str, str]]:
    """Return for each exception the values of ``Failed``, but for whether it is waived."""
    found = paper.exceptions
    resources, messages, evidence = (_texts(found[name]) for name in ("arn", "message", "evidence"))
    told = (repeat(paper.check), repeat(paper.title))
    return zip(*told, _subjects(found), resources, messages, evidence, strict=False)


def _subjects(found: pd.DataFrame) -> list[str]:
    """Return for each exception the statement that it names, else the role, else the resource itself."""
    if {"policy", "index"} <= set(found.columns):
        return [statement_name(p, i) for p, i in zip(_texts(found.policy), found["index"], strict=True)]
    return _texts(found["role"] if "role" in found.columns else found.arn)


def statement_name(policy: str, index: object) -> str:
    """Return how a statement is named, whatever the version of its policy is."""
    return f"{policy} Statement[{index}]"


def _texts(values: "pd.Series[str]") -> list[str]:
    return values.astype("string").fillna("").tolist()
