"""The proof of an exception: where it stands in the evidence, by key and value, and what stands there."""

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from iamaudit.checks.catalogue import Check, names_in
from iamaudit.snapshot import SOURCES

_REPORT = "credential_report.csv"
_SLOT = re.compile(r", access_key_(\d)$")
_FIELDS: Mapping[str, Mapping[str, str]] = {
    "users": {
        "password_enabled": "has_password",
        "mfa_active": "mfa_active",
        "password_last_used": "password_last_used_at",
        "password_last_changed": "password_changed_at",
    },
    "access_keys": {
        "access_key_N_active": "is_active",
        "access_key_N_last_rotated": "created_at",
        "access_key_N_last_used_date": "last_used_at",
        "access_key_N_last_used_service": "last_used_service",
    },
}
"""The columns of the credential report, and those of our frames that hold their values."""


_USER_IN = {
    "authorization_details": "authorization_details.json UserDetailList UserName = ",
    "mfa_devices": "mfa_devices.json UserName = ",
}
"""Where a user stands in other sources than the credential report, to which a row of ``users`` points."""


def evidence_of(check: Check, rows: pd.DataFrame) -> "pd.Series[Any]":
    """Return where each row stands in the sources that a check reads.

    A user stands in the credential report, and a check of groups or tags does not read that. Of a row without
    evidence of its own, it is the files that the check rests on.
    """
    evidence = rows.evidence
    if check.population == "users" and set(check.sources) & set(_USER_IN):
        is_reported = evidence.str.startswith(_REPORT).fillna(value=False) & ~rows.is_root
        evidence = evidence.mask(is_reported, _places_of_users(check, rows))
    if evidence.isna().any():
        evidence = evidence.fillna(", ".join(SOURCES[name].file for name in check.sources if name in SOURCES))
    return evidence


def _places_of_users(check: Check, rows: pd.DataFrame) -> "pd.Series[Any]":
    """Return where users stand in the sources of a check; one without an MFA device is in no list of them."""
    places = {name: start + rows.name.astype("string") for name, start in _USER_IN.items()}
    places["mfa_devices"] = places["mfa_devices"].mask(rows.mfa_kind.eq("none").fillna(value=False), "")
    places["credential_report"] = rows.evidence
    said = zip(*(places[name].tolist() for name in check.sources if name in places), strict=True)
    return pd.Series(["; ".join(filter(None, each)) for each in said], rows.index, dtype="string")


def proofs(check: Check, rows: pd.DataFrame) -> list[str]:
    """Return the proof of each row of a check.

    To its evidence, a row of the credential report adds the values that the procedure names and a statement
    its Sid. A message about the last use of a user has the value that is the last one, whichever credential
    it is of. An escalation path has the statements of every hop, a line each. A check may give its rows a
    ``proof`` of its own.
    """
    if "proof" in rows:
        return list(rows.proof)
    if "hop_evidence" in rows:
        return ["\n".join(hops) for hops in rows.hop_evidence]
    evidence = evidence_of(check, rows).tolist()
    if "sid" in rows:
        return [_with_sid(place, sid) for place, sid in zip(evidence, rows.sid.tolist(), strict=True)]
    if "last_used_in" in rows and "last_used_at" in names_in(check.message):
        uses = zip(evidence, rows.last_used_in, rows.last_used_at, strict=True)
        return [_with_values(place, [named], (at,)) for place, named, at in uses]
    known = _FIELDS.get(check.population, {})
    named = {field: column for field, column in known.items() if f"`{field}`" in check.procedure}
    columns = [column for column in named.values() if column in rows]
    if not columns:
        return evidence
    values = rows[columns].itertuples(index=False)
    return [_with_values(place, list(named), each) for place, each in zip(evidence, values, strict=True)]


def _with_sid(place: str, sid: Any) -> str:
    return place if pd.isna(sid) else f"{place} ({sid})"


def _with_values(place: str, fields: list[str], values: tuple[Any, ...]) -> str:
    if not isinstance(place, str) or not place.startswith(_REPORT):
        return place
    slot = _SLOT.search(place)
    shown = [
        f"{field.replace('_N_', f'_{slot[1]}_') if slot else field} = {_as_reported(value)}"
        for field, value in zip(fields, values, strict=True)
        if not pd.isna(value)
    ]
    return ", ".join([_SLOT.sub("", place) if shown else place, *shown])


def _as_reported(value: Any) -> str:
    """Return a value as the credential report writes it; behind a time it has ``Z`` or ``+00:00``."""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%dT%H:%M:%S}"
    return str(value).lower() if pd.api.types.is_bool(value) else str(value)
