"""What ``iamaudit scan-code --write FILE`` leaves for an audit: access keys seen in code, ids masked."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from iamaudit.atomic import write_whole
from iamaudit.errors import ParameterError
from iamaudit.snapshot import canonical_json

_COLUMNS = ("key_id", "path", "line", "where", "commit", "is_example", "status", "user", "account")
_CURE = "make it with `iamaudit scan-code PATH... --write FILE`"


def write_scan(path: Path, found: pd.DataFrame, *, account_id: str, files: int) -> None:
    """Write what was found in ``files`` files; the file is put in place when it is whole.

    Raises
    ------
    ParameterError
        The file cannot be written.
    """
    rows = json.loads(found[list(_COLUMNS)].to_json(orient="records"))
    try:
        write_whole(path, canonical_json({"account_id": account_id, "files": files, "sightings": rows}))
    except OSError as error:
        raise ParameterError(f"cannot write `{path}` ({error.strerror}): choose another place") from error


def read_scan(path: Path) -> tuple[str, pd.DataFrame]:
    """Return the account that a scan was joined to, and a row per sighting.

    Raises
    ------
    ParameterError
        It cannot be read, or is no such file.
    """
    try:
        stored: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ParameterError(f"cannot read the scan `{path}`: {_CURE}") from error
    try:
        rows = [{name: row[name] for name in _COLUMNS} for row in stored["sightings"]]
        return str(stored["account_id"]), pd.DataFrame(rows, columns=list(_COLUMNS))
    except (KeyError, TypeError) as error:
        raise ParameterError(f"`{path}` is no scan: {_CURE}") from error
