"""Verify a bundle: the digest of every file, the signature, and the findings judged anew."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from iamaudit.audit import Audit
from iamaudit.errors import ParameterError
from iamaudit.report.carried import FOLDER, moment_of
from iamaudit.report.rejudged import differences
from iamaudit.report.signature import (
    DIGEST,
    MANIFEST,
    SIGNATURE,
    digest_problem,
    read_public_key,
    signature_problem,
)
from iamaudit.report.written import Written
from iamaudit.snapshot import read_snapshot

_BESIDE = {MANIFEST, DIGEST, SIGNATURE}
"""What the manifest cannot have the digest of: itself, and what was made from it."""


@dataclass(slots=True)
class Verification:
    """What was found: ``problems`` are differences, ``notes`` say what was and was not looked at."""

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def verify_bundle(
    bundle: Path,
    *,
    snapshot: Path | None = None,
    public_key: Path | None = None,
    checks: Path | None = None,
    hashes_only: bool = False,
) -> Verification:
    """Verify a bundle.

    Parameters
    ----------
    snapshot
        The snapshot that was judged, when the bundle does not carry its evidence.
    public_key
        The Ed25519 key with which it must be signed, in PEM.
    checks
        The file of own checks that was given to the run. It is run, so the bundle's copy is never taken.
    hashes_only
        Whether nothing is judged anew.

    Raises
    ------
    ParameterError, SnapshotError
        The folder is not a bundle; a key or a file cannot be read.
    """
    expected = read_public_key(public_key) if public_key else None
    written = Written.read(bundle)
    manifest = written.manifest
    found = Verification()
    found.problems += filter(None, [digest_problem(bundle), signature_problem(bundle, expected)])
    is_signed = (bundle / SIGNATURE).exists()
    found.notes.append("the report is signed" if is_signed else "the report is not signed")
    found.problems += _output_problems(bundle, manifest["outputs"])
    found.notes.append(f"{len(manifest['outputs']):,} files compared with their sha-256")
    evidence = snapshot or bundle / FOLDER
    if not evidence.is_dir():
        if snapshot:
            raise ParameterError(f"there is no snapshot at `{snapshot}`")
        found.notes.append("nothing is judged anew: the report carries no evidence, give --snapshot")
        return found
    if not snapshot and any(problem.startswith(f"{FOLDER}/") for problem in found.problems):
        found.notes.append("nothing is judged anew: the evidence changed after the report was written")
        return found
    others = list(_input_problems(evidence, manifest["inputs"]))
    found.problems += others
    if others and not hashes_only:
        found.notes.append("nothing is judged anew: the evidence is not what was judged")
    elif not hashes_only:
        _judge_anew(found, written, evidence, checks)
    return found


def _output_problems(bundle: Path, outputs: Mapping[str, str]) -> Iterator[str]:
    """Yield each file that changed, is gone, or was added."""
    for name, digest in sorted(outputs.items()):
        path = bundle / name
        if not path.is_file():
            yield f"{name} is missing"
        elif _sha256(path) != digest:
            yield f"{name} changed after the report was written (sha-256 differs)"
    there = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()}
    for name in sorted(there - set(outputs) - _BESIDE):
        yield f"{name} was added after the report was written"


def _input_problems(evidence: Path, inputs: Mapping[str, str]) -> Iterator[str]:
    """Yield each file of the snapshot that is not the one that was judged.

    A copy in a bundle has the ids of access keys masked; its manifest then names the digest of what was
    collected as well. The manifest of such a copy cannot be that of the snapshot. What was judged may be such
    a copy itself, as the demo account in the package is.
    """
    manifest = read_snapshot(evidence).path / "manifest.json"
    records = json.loads(manifest.read_bytes())["sources"].values()
    collected = {each["file"]: each["collected_sha256"] for each in records if "collected_sha256" in each}
    for name, digest in sorted(inputs.items()):
        path = manifest.parent / name
        if name == "manifest.json" and collected:
            continue
        if not path.is_file():
            yield f"the input {name} is missing"
        elif digest not in (collected.get(name), _sha256(path)):
            yield f"the input {name} is not what was judged (sha-256 differs)"


def _judge_anew(found: Verification, written: Written, evidence: Path, checks: Path | None) -> None:
    left_out = written.has_own_checks and not checks
    if left_out:
        found.notes.append("own checks are not judged anew: look at their file, and give it with --checks")
    audit = written.judged_anew(evidence=evidence, checks=checks, is_kept=False)
    why_not = why_not_older(audit, written.manifest)
    if why_not:
        found.notes.append(f"the changes since older snapshots are not judged anew: {why_not}")
    known = set(audit.checks["check"]) if left_out else None
    found.problems += differences(written.folder / "data", audit, known, with_older=not why_not)
    if audit.account_id != written.manifest["account_id"]:
        found.problems.append(f"the evidence is of account {audit.account_id}, the report of another one")
    others = written.other_versions(audit)
    if others:
        found.notes.append(f"judged with other versions ({'; '.join(others)}): they may be the reason")
    found.notes.append("findings, observations and every other table were judged anew from the evidence")


def why_not_older(audit: Audit, manifest: Mapping[str, Any]) -> str:
    """Return why the older snapshots that are here are not those of the run; nothing when they are."""
    if "older_inputs" not in manifest:
        return "a version wrote the report that kept no record of them"
    inputs = manifest["older_inputs"]
    here = {moment_of(each.snapshot): each.snapshot.path for each in audit.older}
    if missing := sorted(inputs.keys() - here.keys()):
        return f"the snapshot {missing[0]} is not here"
    if added := sorted(here.keys() - inputs.keys()):
        return f"the snapshot {added[0]} was not there"
    problems = [problem for name in here for problem in _input_problems(here[name], inputs[name])]
    return problems[0] if problems else ""


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
