"""A framework's controls, answered by workpapers and by people."""

from collections.abc import Mapping

import pandas as pd

from iamaudit.checks.frameworks import Control, Framework
from iamaudit.checks.signoff.attestations import Attestation
from iamaudit.checks.workpaper import Workpaper
from iamaudit.frames import build_frame


def controls_frame(
    framework: Framework, workpapers: Mapping[str, Workpaper], attestations: Mapping[str, Attestation]
) -> pd.DataFrame:
    """Return a row per control of a framework.

    An automated control is *not met* when one of its checks is, else *not evaluated* when one of them is,
    else *met*. A manual control is *manual*, with an answer or without: an answer is no evidence of ours.
    What AWS leaves no choice about is *not applicable*.
    """
    rows = []
    for control in framework.controls:
        papers = [workpapers[check] for check in control.checks]
        answer = attestations.get(f"{framework.id} {control.number}")
        rows.append(
            {
                "framework": framework.id,
                "control": control.number,
                "title": control.title,
                "kind": control.kind,
                "conclusion": _conclusion(control, papers),
                "checks": list(control.checks),
                "exceptions": sum(len(paper.exceptions) for paper in papers) if papers else None,
                "not_met": [paper.check.id for paper in papers if paper.conclusion == "not met"],
                "answered_by": None if answer is None else answer.by,
                "answered_on": None if answer is None else answer.signed.isoformat(),
                "answer": None if answer is None else answer.text,
                "evidence": _evidence(control, answer),
            }
        )
    return build_frame("controls", rows)


def _conclusion(control: Control, papers: list[Workpaper]) -> str:
    if control.kind != "automated":
        return control.kind
    found = {paper.conclusion for paper in papers}
    return next((c for c in ("not met", "not evaluated") if c in found), "met")


def _evidence(control: Control, answer: Attestation | None) -> str | None:
    if answer is not None and answer.evidence is not None:
        return f"{answer.evidence} (sha-256 {answer.sha256})"
    return control.why or None
