"""A framework's controls, answered by workpapers and by people."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from iamaudit.checks.catalogue import CATALOGUE, Check
from iamaudit.checks.frameworks import Control, Framework, Test
from iamaudit.checks.record import is_tested
from iamaudit.checks.signoff.attestations import Attestation
from iamaudit.checks.workpaper import Workpaper
from iamaudit.frames import build_frame
from iamaudit.settings import Settings

CONTROL_CONCLUSIONS = (
    *("not met", "not evaluated", "no exceptions noted", "manual", "met", "inherited", "not applicable"),
)
"""What a control may come to, the most urgent first."""

Evaluate = Callable[[Check, Settings, pd.DataFrame], Workpaper]
"""Put a check to some rows of its population's frame, under some thresholds."""


class ControlTests:
    """The workpapers behind controls, each judged once.

    A test of a whole population under the thresholds of the audit is the workpaper of the catalogue. Another
    one is evaluated with the framework's thresholds and on the part of the population that the control asks
    about.
    """

    def __init__(
        self,
        workpapers: Mapping[str, Workpaper],
        frames: Mapping[str, pd.DataFrame],
        settings: Settings,
        evaluate: Evaluate,
    ) -> None:
        self._workpapers, self._frames = workpapers, frames
        self._settings, self._evaluate = settings, evaluate
        self._made: dict[tuple[Test, Settings], Workpaper] = {}
        self._resources: dict[int, frozenset[str]] = {}

    def workpaper(self, control: Control, test: Test) -> Workpaper:
        """Return the workpaper of a test as the control asks for it."""
        settings = replace(self._settings, **control.settings)
        if settings == self._settings and test == Test(test.check):
            return self._workpapers[test.check]
        if (test, settings) not in self._made:
            self._made[test, settings] = self._judged(test, settings)
        return self._made[test, settings]

    def distinct(self, frames: Iterable[pd.DataFrame]) -> int:
        """Return how many resources the rows of these are about: populations and exceptions of workpapers."""
        known = self._resources
        apart = {id(frame): frame for frame in frames}
        for key, frame in apart.items():
            if key not in known:
                known[key] = frozenset(frame.arn.dropna().tolist())
        return len(frozenset[str]().union(*(known[key] for key in apart)))

    def result(self, paper: Workpaper) -> str:
        """Return what one of these workpapers came to, in distinct resources."""
        found, tested = (self.distinct([rows]) for rows in (paper.exceptions, paper.population))
        if not is_tested(paper.conclusion, tested, len(paper.not_judged)):
            return paper.conclusion
        return f"{paper.conclusion}, {found:,} of {tested:,}"

    def missed_by(self, findings: pd.DataFrame, frameworks: Iterable[Framework]) -> "pd.Series[Any]":
        """Return the ``controls`` of findings without those that the resource meets.

        A password policy that asks for 13 characters is a finding for CIS, and meets PCI DSS.
        """
        controls = findings.controls.tolist()
        resources = {str(check): of_it for check, of_it in findings.resource.groupby(findings["check"])}
        met: dict[int, list[int]] = {}
        for framework in frameworks:
            for control in framework.controls:
                for test in control.tests:
                    paper = self.workpaper(control, test)
                    if paper is self._workpapers[test.check] or test.check not in resources:
                        continue
                    if id(paper) not in met:
                        met[id(paper)] = _met(paper, resources[test.check])
                    name = f"{framework.id} {control.number}"
                    for row in met[id(paper)]:
                        left = (each for each in controls[row].split("; ") if each != name)
                        controls[row] = "; ".join(left)
        return pd.Series(controls, index=findings.index, dtype="string")

    def _judged(self, test: Test, settings: Settings) -> Workpaper:
        check = CATALOGUE[test.check]
        everyone, wheres, sources = self._frames[check.population], [check.where, test.where], check.sources
        for other, where in ((test.only_with, "is_found"), (test.except_with, "not is_found")):
            if other:
                everyone = everyone.assign(is_found=_is_found(everyone.arn, self._workpapers[other]))
                wheres.append(where)
                sources = (*sources, *CATALOGUE[other].sources)
        narrowed = replace(
            check,
            where=" and ".join(f"({where})" for where in wheres if where) or None,
            sources=tuple(dict.fromkeys(sources)),
        )
        return self._evaluate(narrowed, settings, everyone)


def controls_frame(
    framework: Framework, tests: ControlTests, attestations: Mapping[str, Attestation]
) -> pd.DataFrame:
    """Return a row per control of a framework.

    An ``automated`` control is *not met* when one of its tests is, else *not evaluated* when one of them is,
    else *met*. A ``partial`` one is never *met*: its tests see a part of what it asks, so that the best
    conclusion is *no exceptions noted*, and ``beyond`` says what is left. A manual control is *manual*, with
    an answer or without: an answer is not evidence of ours. What AWS provides to every account is
    *inherited*.

    ``population`` and ``exceptions`` count distinct resources over all tests: a user with two old keys, or
    with a finding of two tests, is one. ``tests`` says what each test is, with the threshold and the part of
    the population that the control asks about, and ``results`` what it came to.
    """
    rows = []
    for control in framework.controls:
        papers = [tests.workpaper(control, test) for test in control.tests]
        answer = attestations.get(f"{framework.id} {control.number}")
        rows.append(
            {
                "framework": framework.id,
                "control": control.number,
                "level": control.level,
                "title": control.title,
                "kind": control.kind,
                "conclusion": _conclusion(control, papers),
                "population": tests.distinct(paper.population for paper in papers) if papers else None,
                "exceptions": tests.distinct(paper.exceptions for paper in papers) if papers else None,
                "checks": list(control.checks),
                "tests": [_words(*pair) for pair in zip(control.tests, papers, strict=True)],
                "results": [tests.result(paper) for paper in papers],
                "not_met": _ids(papers, "not met"),
                "not_evaluated": _ids(papers, "not evaluated"),
                "beyond": control.beyond or None,
                **_answered(answer),
                "source": control.source,
            }
        )
    return build_frame("controls", rows)


def count_controls(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a row per framework and level, with a column per conclusion that occurs."""
    keys = ["framework", "level", "conclusion"]
    counted = frame.groupby(keys, sort=False, dropna=False).size().unstack(fill_value=0)
    order = {name: place for place, name in enumerate(dict.fromkeys(frame.framework))}
    present = [name for name in CONTROL_CONCLUSIONS if name in counted.columns]
    rows = counted[present].reset_index()
    rows.columns.name = None
    return rows.sort_values(
        ["framework", "level"], key=lambda values: values.map(order) if values.name == "framework" else values
    ).reset_index(drop=True)


def _met(paper: Workpaper, resources: "pd.Series[Any]") -> list[int]:
    """Return the places of resources that a workpaper finds nothing about."""
    missed = set(paper.exceptions.arn.tolist())
    pairs = zip(resources.index.tolist(), resources.tolist(), strict=True)
    return [place for place, resource in pairs if resource not in missed]


def _is_found(arns: "pd.Series[Any]", paper: Workpaper) -> "pd.Series[Any]":
    """Return which resources are exceptions of a workpaper, unknown where it could not judge."""
    found = arns.isin(paper.exceptions.arn.unique())
    return found.astype("boolean").mask(arns.isin(paper.not_judged.arn.unique()) & ~found)


def _conclusion(control: Control, papers: list[Workpaper]) -> str:
    if control.kind not in ("automated", "partial"):
        return control.kind
    found = {paper.conclusion for paper in papers}
    best = "met" if control.kind == "automated" else "no exceptions noted"
    return next((c for c in ("not met", "not evaluated") if c in found), best)


def _words(test: Test, paper: Workpaper) -> str:
    """Return what was tested: the title has the threshold, and ``of`` the part of the population."""
    return f"{test.check}: {paper.title}" + (f" (only {test.of})" if test.of else "")


def _ids(papers: list[Workpaper], conclusion: str) -> list[str]:
    return list(dict.fromkeys(paper.check.id for paper in papers if paper.conclusion == conclusion))


def _answered(answer: Attestation | None) -> dict[str, str | None]:
    if answer is None:
        return {}
    proof = None if answer.evidence is None else f"{answer.evidence} (sha-256 {answer.sha256})"
    return {
        "answered_by": answer.by,
        "answered_on": answer.signed.isoformat(),
        "answer": answer.text,
        "evidence": proof,
    }
