"""The evidence in a bundle: the snapshot under ``evidence/``, and the files that were handed to the audit."""

import hashlib
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from iamaudit.audit import Audit
from iamaudit.audit.params_file import FILES
from iamaudit.demo.collected import DEMO_CODE
from iamaudit.snapshot import copy_snapshot
from iamaudit.snapshot.copied import MASKED

FOLDER, GIVEN = "evidence", "given"
_LINK = re.compile(rf'<a href=\\"{FOLDER}/[^"\\]*\\"><code>{FOLDER}/([^<]*)</code></a>')


def given_files(audit: Audit, parameters: Mapping[str, Any]) -> dict[str, Path]:
    """Return the files that an audit was given beside its snapshot, by parameter."""
    given = {name: Path(parameters[name]) for name in FILES if parameters.get(name)}
    if audit.snapshot.manifest.origin == "demo":
        given.setdefault("code_scan", DEMO_CODE)
    return given


def carry_evidence(audit: Audit, given: Mapping[str, Path], bundle: Path) -> None:
    """Copy the snapshot, ids of access keys masked, and the given files under ``evidence/`` of a bundle."""
    folder = bundle / FOLDER
    copy_snapshot(audit.snapshot, folder)
    if given:
        (folder / GIVEN).mkdir()
    for name, path in given.items():
        shutil.copyfile(path, folder / GIVEN / f"{name}{path.suffix}")


def given_digests(given: Mapping[str, Path]) -> dict[str, dict[str, str]]:
    """Return the name and the sha-256 of each given file, by parameter."""
    found = {}
    for name, path in given.items():
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        found[name] = {"file": path.name, "sha256": digest}
    return found


def carried_files(bundle: Path) -> Iterator[tuple[str, str]]:
    """Yield each file of the evidence in a bundle, and what it is."""
    for path in sorted((bundle / FOLDER).rglob("*")):
        if path.is_file():
            yield path.relative_to(bundle).as_posix(), _about(path)


def without_links(notebook: Path) -> None:
    """Take the links to the evidence out of an executed notebook: the bundle does not carry it."""
    text = notebook.read_text(encoding="utf-8")
    notebook.write_text(_LINK.sub(r"<code>\1</code>", text), encoding="utf-8")


def _about(path: Path) -> str:
    if path.parent.name == GIVEN:
        return f"what was given as the parameter {path.stem}"
    if path.name == "manifest.json":
        return "who collected what and when, and the sha-256 of each file"
    if path.stem in MASKED:
        return "as collected, with the ids of access keys masked; the manifest beside it has both sha-256"
    return "as collected"
