"""Access key ids in code as frames, joined to the keys of an account."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from iamaudit.codescan import STORED, Sighting, account_of_key, mask_keys

_COLUMNS = ("key_id", "kind", "path", "line", "where", "commit", "is_example", "status", "user", "account")
_DTYPES = dict.fromkeys(_COLUMNS, "string") | {"line": "Int64", "is_example": "boolean"}


def sightings_frame(
    sightings: Iterable[Sighting], keys: Mapping[str, tuple[str | None, str | None]]
) -> pd.DataFrame:
    """Return a row per sighting, joined to the keys of an account; no full key id is in it.

    Columns: ``key_id`` (masked), ``kind``, ``path``, ``line``, ``where``, ``commit``, ``is_example``,
    ``status`` and ``user`` of the account's key; for others ``account``, an inference (``account_of_key``).
    ``keys`` gives ``(user, status)`` for each full id of the account; without any, ``status`` is ``<NA>``.
    Else a long-term id that is not in it is ``not of this account``; a session's id is in no such list. A
    snapshot that was copied has masked ids: there the first and last four characters tell the key.
    """
    rows = []
    for each in sightings:
        unknown = "not of this account" if keys and each.kind == "long-term" else None
        user, status = keys.get(each.key_id) or keys.get(each.masked, (None, unknown))
        path = mask_keys(each.path)  # a file may be named after its key
        found = (each.masked, each.kind, path, each.line, each.where, each.commit, each.is_example)
        rows.append((*found, status, user, account_of_key(each.key_id) if user is None else None))
    return pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_DTYPES)


def sighting_rows(found: pd.DataFrame) -> list[dict[str, Any]]:
    """Return what ``iamaudit.codescan.write_scan`` keeps of sightings."""
    rows: list[dict[str, Any]] = json.loads(found[list(STORED)].to_json(orient="records"))
    return rows


def stored_sightings_frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return a row per sighting that ``iamaudit.codescan.read_scan`` read back."""
    return pd.DataFrame(rows, columns=list(STORED))
