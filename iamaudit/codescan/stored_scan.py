"""What ``iamaudit scan-code --write FILE`` leaves for an audit: access keys seen in code, ids masked."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from iamaudit.atomic import write_whole
from iamaudit.codescan.origin import scanned_in_words
from iamaudit.errors import ParameterError
from iamaudit.snapshot import canonical_json

STORED = ("key_id", "path", "line", "where", "commit", "is_example", "status", "user", "account")
"""What is kept of each sighting."""

_CURE = "make it with `iamaudit scan-code PATH... --write FILE`"


def write_scan(
    path: Path,
    rows: Sequence[Mapping[str, Any]],
    *,
    account_id: str,
    files: int,
    scanned: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Write the sightings found in ``files`` files; the file is put in place when it is whole.

    ``scanned`` says which repository and revision was searched, and when.

    Raises
    ------
    ParameterError
        The file cannot be written.
    """
    kept = [{name: row[name] for name in STORED} for row in rows]
    try:
        stored = {"account_id": account_id, "files": files, "scanned": list(scanned), "sightings": kept}
        write_whole(path, canonical_json(stored))
    except OSError as error:
        raise ParameterError(f"cannot write `{path}` ({error.strerror}): choose another place") from error


def read_scan(path: Path) -> tuple[str, list[dict[str, Any]], list[str]]:
    """Return the account that a scan was joined to, a row per sighting, and what was scanned in words.

    Raises
    ------
    ParameterError
        It cannot be read, or is not such a file.
    """
    try:
        stored: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ParameterError(f"cannot read the scan `{path}`: {_CURE}") from error
    try:
        rows = [{name: row[name] for name in STORED} for row in stored["sightings"]]
        return str(stored["account_id"]), rows, scanned_in_words(stored.get("scanned", ()))
    except (KeyError, TypeError) as error:
        raise ParameterError(f"`{path}` is not a scan: {_CURE}") from error
