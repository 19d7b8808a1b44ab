"""Which trust opened or closed: the principals that the trust policies name, and their conditions."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from iamaudit.comparison.change import Change
from iamaudit.comparison.side import Side, has_evidence

_ASKED = ("has_external_id", "has_mfa", "has_organization", "has_source")
_WIDTHS = ("none", "anyone", "organization", "project", "ref", "pinned")
_Rows = list[dict[str, Any]]


def trust_changes(before: Side, after: Side) -> Iterator[Change]:
    """Yield who may assume a role by its trust policy now and could not before, the reverse, and how."""
    if not has_evidence("trust", before, after):
        return
    old, new = (_by_way_in(side.frames["trust"]) for side in (before, after))
    for key in sorted(old.keys() | new.keys()):
        was, now = old.get(key, []), new.get(key, [])
        if _terms(was) == _terms(now):
            continue
        yield _change(was, now)


def _by_way_in(trust: pd.DataFrame) -> dict[tuple[str, str], _Rows]:
    found: dict[tuple[str, str], _Rows] = {}
    for row in trust.to_dict("records"):
        named = {str(name): value for name, value in row.items()}
        found.setdefault((row["role"], row["principal"]), []).append(named)
    return found


def _terms(rows: _Rows) -> list[tuple[str, ...]]:
    """Return what is asked for in each statement, so that statements may change places."""
    return sorted((_text(row["conditions"]), *sorted(row["actions"])) for row in rows)


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)


def _change(was: _Rows, now: _Rows) -> Change:
    first = (now or was)[0]
    what = _what(was, now)
    role, principal = f"role/{first['role_name']}", first["principal"]
    before, after = (_words(rows) for rows in (was, now))
    sentences = {
        "trust opened": f"{role} now trusts {principal} {after}",
        "trust closed": f"{role} no longer trusts {principal}",
        "trust widened": f"{role} now trusts {principal} {after}; before, it required more ({before})",
        "trust narrowed": f"{role} now trusts {principal} {after}; before, it required less ({before})",
        "trust changed": f"{role} now trusts {principal} {after}; before, another condition held ({before})",
    }
    return Change(
        area="trust",
        what=what,
        who=role,
        arn=first["role"],
        before=f"{principal}: {before}" if was else "not trusted",
        after=f"{principal}: {after}" if now else "not trusted",
        severity=_severity(now) if what in ("trust opened", "trust widened") else "informational",
        sentence=f"{sentences[what]}.",
        evidence=first["evidence"],
    )


def _what(was: _Rows, now: _Rows) -> str:
    if not was:
        return "trust opened"
    if not now:
        return "trust closed"
    old, new = _demands(was), _demands(now)
    if old == new:
        return "trust changed"
    if all(a >= b for a, b in zip(old, new, strict=True)):
        return "trust widened"
    return "trust narrowed" if all(a <= b for a, b in zip(old, new, strict=True)) else "trust changed"


def _demands(rows: _Rows) -> list[int]:
    """Return what every statement asks for, each as a number that is greater for more."""
    asked = [min(_is_true(row[name]) for row in rows) for name in _ASKED]
    widths = [_WIDTHS.index(_text(row["subject_width"]) or "none") for row in rows]
    return [*asked, min(widths), min(_is_true(row["is_conditional"]) for row in rows)]


def _is_true(value: Any) -> int:
    return int(value is True or (not pd.isna(value) and bool(value)))


def _words(rows: _Rows) -> str:
    said = dict.fromkeys(_text(row["words"]) or "without a condition" for row in rows)
    return " or ".join(text if text.startswith("with") else f"if {text}" for text in said)


def _severity(rows: _Rows) -> str:
    """Return how grave it is that a role trusts somebody, by the statement that asks for the least."""
    order = ("high", "medium", "low")
    return min((_severity_of(row) for row in rows), key=order.index)


def _severity_of(row: dict[str, Any]) -> str:
    kind, asks = row["kind"], any(_is_true(row[name]) for name in _ASKED)
    if kind == "anyone":
        return "medium" if asks else "high"
    if kind == "external account":
        return "medium" if asks else "high"
    if kind == "web identity":
        return "high" if _text(row["subject_width"]) in ("none", "anyone", "organization") else "medium"
    return "medium" if kind in ("SAML", "Identity Center", "known account") else "low"
