"""Keys created, deleted, rotated and switched on or off; passwords and MFA."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from iamaudit.comparison.change import Change
from iamaudit.comparison.side import Side, has_evidence

_Key = dict[str, Any]


def credential_changes(before: Side, after: Side) -> Iterator[Change]:
    """Yield every change of an access key, a password or the MFA of a user or root."""
    if not has_evidence("access_keys", before, after):
        return
    old, new = (_keys_by_user(side.frames["access_keys"]) for side in (before, after))
    for arn in sorted(old.keys() | new.keys()):
        yield from _key_changes(old.get(arn, []), new.get(arn, []))
    yield from _sign_in_changes(before.frames["users"], after.frames["users"])


def _keys_by_user(keys: pd.DataFrame) -> dict[str, list[_Key]]:
    found: dict[str, list[_Key]] = {}
    for row in keys[~keys.is_gone.fillna(False)].to_dict("records"):
        found.setdefault(row["arn"], []).append({str(name): value for name, value in row.items()})
    return found


def _key_changes(was: Sequence[_Key], now: Sequence[_Key]) -> Iterator[Change]:
    """Yield the changes of one user's keys: one that comes while another goes is a rotation."""
    have_ids = not any(pd.isna(key["access_key_id"]) for key in (*was, *now))
    # The report's `last_rotated` also moves when the status changes: an id is surer where AWS lists it.
    name = "access_key_id" if have_ids else "created_at"
    old, new = ({_identity(key, name): key for key in keys} for keys in (was, now))
    both = old.keys() & new.keys()
    on = [new[k] for k in both if _is_off(old[k]) and _is_on(new[k])]
    off = [new[k] for k in both if _is_on(old[k]) and _is_off(new[k])]
    made, gone = ([a[k] for k in a.keys() - b.keys()] for a, b in ((new, old), (old, new)))
    came, went = _oldest([k for k in (*made, *on) if _is_on(k)]), _oldest([*filter(_is_on, gone), *off])
    pairs = list(zip(went, came, strict=False))
    rotated = [id(key) for pair in pairs for key in pair]
    for left, key in pairs:
        yield _changed("access key rotated", key, _words(left), _words(key))
    for key in _oldest([key for key in made if id(key) not in rotated]):
        yield _changed("access key created", key, "no key", _words(key))
    for key in _oldest([key for key in gone if id(key) not in rotated]):
        yield _changed("access key deleted", key, _words(key), "no key")
    for key in _oldest([key for key in on if id(key) not in rotated]):
        yield _changed("access key activated", key, "inactive", "active")
    for key in _oldest([key for key in off if id(key) not in rotated]):
        yield _changed("access key deactivated", key, "active", "inactive")


def _identity(key: _Key, name: str) -> str:
    return f"slot {key['slot']}" if pd.isna(key[name]) else str(key[name])


def _is_on(key: _Key) -> bool:
    return key["is_active"] is not pd.NA and bool(key["is_active"])


def _is_off(key: _Key) -> bool:
    return key["is_active"] is not pd.NA and not key["is_active"]


def _oldest(keys: Sequence[_Key]) -> list[_Key]:
    return sorted(keys, key=lambda key: (str(key["created_at"]), key["slot"]))


def _words(key: _Key) -> str:
    made: str = "at an unknown time" if pd.isna(key["created_at"]) else f"on {key['created_at']:%Y-%m-%d}"
    named: str = "" if pd.isna(key["access_key_id"]) else f"{key['access_key_id']}, "
    return f"{named}created {made}"


def _changed(what: str, key: _Key, before: str, after: str) -> Change:
    who = "root" if key["is_root"] else f"user/{key['user']}"
    is_new = what in ("access key created", "access key activated")
    sentences = {
        "access key rotated": f"{who} rotated an access key: {after} replaces {before}",
        "access key created": f"{who} has a new access key ({after})",
        "access key deleted": f"an access key of {who} was deleted ({before})",
        "access key activated": f"an access key of {who} was activated ({_words(key)})",
        "access key deactivated": f"an access key of {who} was deactivated ({_words(key)})",
    }
    grave = "critical" if key["is_root"] else "low"
    return Change(
        area="credentials",
        what=what,
        who=who,
        arn=key["arn"],
        before=before,
        after=after,
        severity=grave if is_new else "informational",
        sentence=_capital(f"{sentences[what]}."),
        evidence=key["evidence"],
    )


def _capital(sentence: str) -> str:
    return f"A{sentence[1:]}" if sentence.startswith("an ") else sentence


def _sign_in_changes(old: pd.DataFrame, new: pd.DataFrame) -> Iterator[Change]:
    was, now = (frame.drop_duplicates("arn").set_index("arn").to_dict("index") for frame in (old, new))
    for arn in sorted(set(was) & set(now), key=str):
        yield from _sign_in(str(arn), was[arn], now[arn])


def _sign_in(arn: str, was: dict[Any, Any], now: dict[Any, Any]) -> Iterator[Change]:
    who = "root" if now["is_root"] else f"user/{now['name']}"
    signs_in = not pd.isna(now["has_password"]) and bool(now["has_password"])
    without_mfa = not pd.isna(now["mfa_active"]) and not now["mfa_active"]
    kinds = (
        ("has_password", "password set", "password removed", "a console password"),
        ("mfa_active", "MFA assigned", "MFA removed", "an MFA device"),
    )
    for column, set_, removed, thing in kinds:
        values = was[column], now[column]
        if any(pd.isna(value) for value in values) or values[0] == values[1]:
            continue
        what = set_ if values[1] else removed
        severity = "informational"
        if what == "MFA removed":
            severity = "critical" if now["is_root"] else "high" if signs_in else "low"
        elif what == "password set":
            severity = "medium" if without_mfa else "low"
        aside = " and no MFA device" if what == "password set" and without_mfa else ""
        verb = "now has" if values[1] else "no longer has"
        yield Change(
            area="credentials",
            what=what,
            who=who,
            arn=arn,
            before="yes" if values[0] else "no",
            after="yes" if values[1] else "no",
            severity=severity,
            sentence=f"{who} {verb} {thing}{aside}.",
            evidence=now["evidence"],
        )
