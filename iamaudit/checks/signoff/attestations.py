"""Signed answers to what no evidence can decide: who said what, when, and where the proof is."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from iamaudit.checks.frameworks import load_frameworks
from iamaudit.checks.signoff.read_yaml import Entries

_REQUIRED = ("control", "by", "signed", "text")
_OPTIONAL = ("evidence",)


@dataclass(frozen=True, slots=True)
class Attestation:
    """One answer to a manual control; ``sha256`` is that of the evidence file, if one is named."""

    control: str
    by: str
    signed: date
    text: str
    evidence: str | None
    sha256: str | None


def read_attestations(path: Path) -> Mapping[str, Attestation]:
    """Read ``attestations.yaml`` by control, as in ``CIS 7.0 2.2``.

    Evidence files are named relative to the file; each must be there.

    Raises
    ------
    ParameterError
        With every problem and its line: a field that is missing or unknown, a control that does not exist or
        is not manual, an impossible day, an evidence file that is not there.
    """
    manual = {
        f"{framework.id} {control.number}": control.kind
        for framework in load_frameworks().values()
        for control in framework.controls
    }
    entries = Entries(path, "attestations", required=_REQUIRED, optional=_OPTIONAL)
    found: dict[str, Attestation] = {}
    for entry in entries.entries:
        control = str(entry.fields.get("control"))
        if control not in manual:
            entries.problem(entry, f"there is no control `{control}`: write it like CIS 7.0 2.2")
        elif manual[control] not in ("manual", "partial"):
            entries.problem(entry, f"`{control}` is {manual[control]}: an answer cannot take its place")
        elif control in found:
            entries.problem(entry, f"`{control}` is answered twice")
        evidence = entry.fields.get("evidence")
        digest = None
        if evidence is not None:
            proof = path.parent / str(evidence)
            if proof.is_file():
                digest = hashlib.sha256(proof.read_bytes()).hexdigest()
            else:
                entries.problem(entry, f"the evidence `{evidence}` is not beside this file")
        day = entries.day(entry, "signed") if entry.fields.get("signed") else None
        found[control] = Attestation(
            control=control,
            by=str(entry.fields.get("by")),
            signed=day or date.min,
            text=str(entry.fields.get("text")),
            evidence=None if evidence is None else str(evidence),
            sha256=digest,
        )
    entries.check()
    return found
