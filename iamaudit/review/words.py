"""What a user or role may do and how one gets to be it, in words that its owner can answer for."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from iamaudit.audit import Audit

MAX_TEXT = 300
"""A sentence is no longer than this; what it does not name, it counts."""
_VERBS = {
    "Permissions management": "manages permissions of",
    "Write": "writes",
    "Tagging": "tags",
    "Read": "reads",
    "List": "lists",
}
_ADMINISTRATOR = {
    "yes": "administrator: may change everything in IAM, and so every permission",
    "perhaps": "perhaps administrator: may change everything in IAM under conditions",
}
_NAMED = 6  # services named a verb, if they fit
_TRUSTED = 4  # who may assume a role: named at most


@dataclass(slots=True)
class Granted:
    """The rows of one permission set: services by verb, and all of them as lines."""

    wide: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    scoped: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)


def granted_rows(audit: Audit) -> dict[str, Granted]:
    """Return what each principal may do; those with one permission set share it."""
    names = ("permission_set", "service", "access_level", "scope")
    counts = ("actions_possible", "actions_on_all_resources", "actions_certain")
    columns = [audit.permission_sets[name].tolist() for name in (*names, *counts)]
    found: dict[str, Granted] = {}
    for number, service, level, scope, possible, everywhere, certain in zip(*columns, strict=True):
        granted = found.setdefault(number, Granted())
        kind = granted.scoped if scope == "scoped" else granted.wide
        # IAM first, whoever has that can get the rest; then where most can be done.
        kind.setdefault(level, []).append((-possible if service != "iam" else -1_000_000, service))
        granted.lines.append(f"{service} {level} {possible} {everywhere} {certain}")
    held = audit.breadth[["principal", "permission_set"]].itertuples(index=False)
    return {principal: found[number] for principal, number in held if number in found}


def can_do(breadth: Mapping[Any, Any], granted: Granted) -> str:
    """Return one sentence about what a principal may do, the gravest first.

    It names services while they fit and counts the others. *Scoped* are those of which no action is allowed
    on every resource.
    """
    lead = _ADMINISTRATOR.get(breadth["administrator"])
    if (
        lead
        and breadth["share_possible"] == 1.0
        and breadth["actions_certain"] == breadth["actions_possible"]
    ):
        return "administrator: may do everything"
    notes = ["conditions apply"] if len(breadth["condition_keys"]) else []
    if not breadth["is_complete"]:
        notes.append("and perhaps more: not every policy could be read")
    if not granted.lines:
        return "nothing" if breadth["is_complete"] else "nothing known: not every policy could be read"
    for named in range(_NAMED, -1, -1):
        clauses = [text for level, verb in _VERBS.items() if (text := _clause(granted, level, verb, named))]
        sentence = "; ".join([*([lead] if lead else ()), *clauses, *notes])
        if len(sentence) <= MAX_TEXT:
            break
    return sentence


def _clause(granted: Granted, level: str, verb: str, named: int) -> str:
    wide, scoped = (_services(kind.get(level, ()), named) for kind in (granted.wide, granted.scoped))
    parts = [*([wide] if wide else ()), *([f"{scoped} (scoped)"] if scoped else ())]
    return f"{verb} {' and '.join(parts)}" if parts else ""


def _services(services: Sequence[tuple[int, str]], named: int) -> str:
    names = [name for _, name in sorted(services)]
    if len(names) <= max(named, 1):
        return ", ".join(names)
    return f"{', '.join(names[:named])} + {len(names) - named} more" if named else f"{len(names)} services"


def user_credentials(user: Mapping[Any, Any], inactive_keys: int) -> str:
    """Return how a user signs in: password, MFA, keys and certificates."""
    if pd.isna(user["has_password"]) and pd.isna(user["active_keys"]):
        return "unknown: not in the credential report"
    mfa = "" if pd.isna(user["mfa_active"]) else " with MFA" if user["mfa_active"] else " without MFA"
    passwords = {True: f"password{mfa}", False: ""}
    parts = ["password unknown" if pd.isna(user["has_password"]) else passwords[bool(user["has_password"])]]
    parts += [
        "keys unknown" if pd.isna(user["active_keys"]) else _count(user["active_keys"], "active key"),
        _count(inactive_keys, "inactive key"),
        "" if pd.isna(user["active_certificates"]) else _count(user["active_certificates"], "certificate"),
    ]
    return ", ".join(part for part in parts if part) or "none"


def role_credentials(trusted: Iterable[Mapping[str, Any]], *, is_readable: bool) -> str:
    """Return whom a role trusts, who may assume it then."""
    if not is_readable:
        return "unknown: its trust policy cannot be read"
    names = dict.fromkeys(map(_trusted, trusted))
    shown = list(names)[:_TRUSTED]
    more = f" + {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return f"trusts {', '.join(shown)}{more}" if shown else "its trust policy lets nobody in"


def _trusted(row: Mapping[str, Any]) -> str:
    kind = "" if row["kind"] == "service" else f" ({row['kind']})"
    return f"{row['trusted']}{kind}{' under conditions' if row['is_conditional'] else ''}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}" if number else ""


def fingerprints(audit: Audit, granted: Mapping[str, Granted]) -> dict[str, str]:
    """Return a short digest of what each user and role may do, and of everything that it rests on."""
    texts = {
        policy: _digest([_canonical(document)])
        for policy, document in zip(audit.policies.policy, audit.policies.document, strict=True)
    }
    lines: dict[str, list[str]] = {}
    for frame in (audit.users, audit.roles):
        for arn, unique in zip(frame.arn, frame.id, strict=True):
            lines[arn] = [str(arn), "" if pd.isna(unique) else str(unique), texts.get(f"{arn}@trust", "")]
    attached = audit.attachments[["principal", "how", "via", "policy"]].fillna("")
    for arn, how, via, policy in attached.itertuples(index=False):
        lines.setdefault(arn, []).append(f"{how} {via} {policy} {texts.get(policy, '')}")
    for arn, rows in granted.items():
        lines.setdefault(arn, []).extend(rows.lines)
    return {arn: _digest(found)[:16] for arn, found in lines.items()}


def _canonical(document: Any) -> str:
    """Return a policy's text without what changes nothing: white space, the order of its fields."""
    if pd.isna(document):
        return ""
    try:
        return json.dumps(json.loads(document), sort_keys=True, separators=(",", ":"))
    except ValueError:
        return str(document)


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
