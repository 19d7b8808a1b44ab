"""The evidence in a bundle, under ``evidence/``.

The snapshot, the older ones with which it was compared, and the files that were handed to the audit.
"""

import hashlib
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from iamaudit.audit import Audit
from iamaudit.audit.params_file import FILES
from iamaudit.demo.collected import DEMO_CODE
from iamaudit.snapshot import Snapshot, copy_snapshot
from iamaudit.snapshot.copied import MASKED
from iamaudit.snapshot.older import CARRIED
from iamaudit.snapshot.read import CARRIED_BY_REPORT

FOLDER, GIVEN = CARRIED_BY_REPORT, "given"
_LINK = re.compile(rf'<a href=\\"{FOLDER}/[^"\\]*\\"><code>{FOLDER}/([^<]*)</code></a>')


def given_files(audit: Audit, parameters: Mapping[str, Any]) -> dict[str, Path]:
    """Return the files that an audit was given beside its snapshot, by parameter."""
    given = {name: Path(parameters[name]) for name in FILES if parameters.get(name)}
    if audit.snapshot.manifest.origin == "demo":
        given.setdefault("code_scan", DEMO_CODE)
    return given


def carry_evidence(audit: Audit, given: Mapping[str, Path], bundle: Path) -> None:
    """Copy the snapshots, ids of access keys masked, and the given files under ``evidence/`` of a bundle."""
    folder = bundle / FOLDER
    copy_snapshot(audit.snapshot, folder)
    for each in audit.older:
        copy_snapshot(each.snapshot, folder / CARRIED / moment_of(each.snapshot))
    if given:
        (folder / GIVEN).mkdir()
    for name, path in given.items():
        shutil.copyfile(path, folder / GIVEN / f"{name}{path.suffix}")


def moment_of(snapshot: Snapshot) -> str:
    """Return when a snapshot was begun, as its folder is called."""
    return f"{snapshot.manifest.started_at:%Y%m%dT%H%M%SZ}"


def snapshot_digests(snapshot: Snapshot) -> dict[str, str]:
    """Return the sha-256 of each file of a snapshot."""
    return {path.name: _sha256(path) for path in sorted(snapshot.path.iterdir()) if path.is_file()}


def given_digests(given: Mapping[str, Path]) -> dict[str, dict[str, str]]:
    """Return the name and the sha-256 of each given file, by parameter."""
    return {name: {"file": path.name, "sha256": _sha256(path)} for name, path in given.items()}


def carried_files(bundle: Path) -> Iterator[tuple[str, str]]:
    """Yield each file of the evidence in a bundle, and what it is."""
    for path in sorted((bundle / FOLDER).rglob("*")):
        if path.is_file():
            yield path.relative_to(bundle).as_posix(), _about(path)


def without_links(notebook: Path) -> None:
    """Take the links to the evidence out of an executed notebook: the bundle does not carry it."""
    text = notebook.read_text(encoding="utf-8")
    notebook.write_text(_LINK.sub(r"<code>\1</code>", text), encoding="utf-8")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _about(path: Path) -> str:
    if path.parent.name == GIVEN:
        return f"what was given as the parameter {path.stem}"
    if path.parents[1].name == CARRIED:
        return "an older snapshot, on which changes and trend rest: every source and this manifest"
    if path.name == "manifest.json":
        return "who collected what and when, and the sha-256 of each file"
    if path.stem in MASKED:
        return "as collected, with the ids of access keys masked; the manifest beside it has both sha-256"
    return "as collected"
