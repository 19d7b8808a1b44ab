"""A copy of a snapshot that may be handed over: what AWS said, with the ids of keys masked."""

import hashlib
import json
import re
import shutil
from pathlib import Path

from iamaudit.snapshot.read import Snapshot
from iamaudit.snapshot.write import canonical_json

MASKED = frozenset(
    ("access_keys", "access_keys_last_used", "ssh_public_keys", "service_specific_credentials")
)
"""The sources that hold ids of keys in full."""
_KEY_ID = re.compile(
    r'("(?:AccessKeyId|SSHPublicKeyId|ServiceSpecificCredentialId)"\s*:\s*"[^"]{4})[^"]*([^"]{4}")'
)


def copy_snapshot(snapshot: Snapshot, folder: Path) -> None:
    """Write the files of a snapshot into ``folder``, a line at a time where ids are masked.

    It is a snapshot again, of which the same is judged. Where a file differs from the one that was collected,
    its manifest has both: ``sha256`` of the copy and ``collected_sha256``.
    """
    folder.mkdir(parents=True)
    manifest = json.loads((snapshot.path / "manifest.json").read_text(encoding="utf-8"))
    for name, record in snapshot.manifest.sources.items():
        if not record.file or not (snapshot.path / record.file).is_file():
            continue
        source, target = snapshot.path / record.file, folder / Path(record.file).name
        if name not in MASKED:
            shutil.copyfile(source, target)
            continue
        _copy_masked(source, target)
        with target.open("rb") as copied:
            digest = hashlib.file_digest(copied, "sha256").hexdigest()
        copied_record = manifest["sources"][name]
        copied_record.setdefault("collected_sha256", record.sha256)  # a copy of a copy keeps the first one's
        copied_record["sha256"] = digest
    (folder / "manifest.json").write_text(canonical_json(manifest), encoding="utf-8")


def _copy_masked(source: Path, target: Path) -> None:
    with (
        source.open(encoding="utf-8", newline="\n") as lines,
        target.open("w", encoding="utf-8", newline="\n") as copied,
    ):
        for line in lines:
            copied.write(_KEY_ID.sub(r"\1…\2", line))
