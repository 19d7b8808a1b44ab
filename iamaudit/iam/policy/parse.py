"""Read policy documents, once, at the edge.

Account data is never an error: a document that AWS would refuse comes back with its problems, each with its
path, and with the statements that could be read: those whose effect, actions, resources, principals and
conditions are clear, whatever else is wrong with them. Rules I1 to I3 and H10 say what is accepted; a
statement without actions or resources has no effect (rule H11).
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from iamaudit.iam.policy.document import (
    Condition,
    Document,
    PolicyKind,
    Problem,
    Statement,
    statement_place,
)

_VERSIONS = ("2012-10-17", "2008-10-17")
_DOCUMENT_KEYS = {"Version", "Id", "Statement"}
_STATEMENT_KEYS = {
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
}
_BOTH = "Unsupported element combination"
_BLOCK = (Mapping, list)
_WITH_PRINCIPAL = {"resource", "trust", "rcp"}


def parse_document(source: Any, *, kind: PolicyKind = "identity") -> Document:
    """Read a policy document from an object, from JSON text or from URL-encoded JSON text.

    Parameters
    ----------
    source
        What AWS gave; anything at all is accepted and never raises.
    kind
        Decides which elements belong: only resource-based, trust and RCP documents have a principal, and
        trust documents have no resource (rules G7, I1).
    """
    problems: list[Problem] = []
    data = _load(source, problems)
    if not isinstance(data, Mapping):
        if not problems:
            problems.append(
                Problem("", f"a policy is a JSON object, not {_name(data)}", "Data type mismatch")
            )
        return Document(None, (), tuple(problems), is_complete=False)
    is_complete = not problems  # of what stands twice nobody knows which counts
    problems += [
        Problem(str(key), "is not an element of a policy") for key in data if key not in _DOCUMENT_KEYS
    ]
    version = data.get("Version")
    if version is not None and version not in _VERSIONS:
        problems.append(
            Problem("Version", f"must be 2012-10-17 or 2008-10-17, not {version!r}", "Invalid version")
        )
        version = None
    readers = [_Reader(item, index, kind) for index, item in enumerate(_items(data, problems))]
    statements = [reader.read() for reader in readers]
    problems += [problem for reader in readers for problem in reader.problems]
    return Document(
        version,
        tuple(statement for statement in statements if statement is not None),
        tuple(problems),
        is_complete=is_complete
        and all(reader.is_readable or reader.is_void for reader in readers)
        and isinstance(data.get("Statement"), _BLOCK),
    )


def _load(source: Any, problems: list[Problem]) -> Any:
    if not isinstance(source, str):
        return source
    text = unquote(source) if source.lstrip()[:1] == "%" else source
    try:
        return json.loads(text, object_pairs_hook=lambda pairs: _object(pairs, problems))
    except (ValueError, RecursionError) as error:
        problems.append(Problem("", f"is not JSON: {error}", "Json syntax error"))
        return None


def _object(pairs: list[tuple[str, Any]], problems: list[Problem]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        names = [key for key, _ in pairs]
        twice = [key for key in data if names.count(key) > 1]
        problems += [Problem(key, "stands twice in one object", "Json syntax error") for key in twice]
    return data


def _items(data: Mapping[str, Any], problems: list[Problem]) -> list[Any]:
    raw = data.get("Statement")
    items = [raw] if isinstance(raw, Mapping) else raw
    if isinstance(items, list) and items:
        return items
    problems.append(
        Problem("Statement", "must be a statement or a list of at least one", "Missing statement")
    )
    return []


class _Reader:
    """Reads one statement and keeps all of its problems."""

    def __init__(self, item: Any, index: int, kind: PolicyKind) -> None:
        self.item, self.index, self.kind = item, index, kind
        self.problems: list[Problem] = []
        self.is_readable, self.is_void = True, False

    def problem(self, element: str, message: str, check: str) -> None:
        self.problems.append(Problem(statement_place(self.index, element), message, check))

    def unreadable(self, element: str, message: str, check: str = "Data type mismatch") -> None:
        self.is_readable = False
        self.problem(element, message, check)

    def read(self) -> Statement | None:
        """Return the statement, or ``None`` when it has no effect, or nobody can say which."""
        if not isinstance(self.item, Mapping):
            self.unreadable("", f"must be an object, not {_name(self.item)}")
            return None
        for key in self.item:
            if key not in _STATEMENT_KEYS:
                self.problem(str(key), "is not an element of a statement", "Invalid policy element")
        effect = self.item.get("Effect")
        if effect not in ("Allow", "Deny"):
            check = "Missing effect" if effect is None else "Invalid effect"
            self.unreadable("Effect", f"must be exactly Allow or Deny, not {effect!r}", check)
        actions, not_actions = self.pair("Action", required=True)
        resources, not_resources = self.pair("Resource", required=self.kind not in ("trust", "resource"))
        if self.kind == "trust" and (resources is not None or not_resources is not None):
            self.problem("Resource", "has no place in a trust policy", "Unsupported resource in policy")
        if "Principal" in self.item and "NotPrincipal" in self.item:
            self.unreadable("Principal", "and NotPrincipal exclude each other", _BOTH)
        principals, not_principals = self.principals("Principal"), self.principals("NotPrincipal")
        if self.kind in _WITH_PRINCIPAL and not {"Principal", "NotPrincipal"} & self.item.keys():
            self.unreadable("Principal", "is missing: names no principal", "Missing principal")
        statement = Statement(
            index=self.index,
            sid=self.sid(),
            effect="Deny" if effect == "Deny" else "Allow",
            actions=actions,
            not_actions=not_actions,
            resources=resources,
            not_resources=not_resources,
            principals=principals,
            not_principals=not_principals,
            conditions=tuple(self.conditions()),
        )
        return statement if self.is_readable and not self.is_void else None

    def sid(self) -> str | None:
        sid = self.item.get("Sid")
        if sid is not None and not (isinstance(sid, str) and (self.kind == "resource" or _is_iam_sid(sid))):
            self.problem("Sid", "may hold letters and digits only", "Unsupported Sid")
        return sid if isinstance(sid, str) else None

    def pair(self, element: str, *, required: bool) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
        """Return ``Action`` and ``NotAction``, or ``Resource`` and ``NotResource``: one of the two."""
        negated = f"Not{element}"
        if element in self.item and negated in self.item:
            self.unreadable(element, f"and {negated} exclude each other", _BOTH)
        if required and element not in self.item and negated not in self.item:
            self.unreadable(element, f"or {negated} is required", f"Missing {element.lower()}")
        return self.strings(element), self.strings(negated)

    def strings(self, element: str) -> tuple[str, ...] | None:
        if element not in self.item:
            return None
        value = self.item[element]
        values = [value] if isinstance(value, str) else value
        if values == [] and element in ("Action", "Resource"):
            self.is_void = True  # the statement has no effect (rule H11)
            self.problem(element, "is empty: the statement has no effect", f"Empty array {element.lower()}")
            return ()
        if not isinstance(values, list) or not values or not all(isinstance(v, str) for v in values):
            self.unreadable(element, "must be a text or a list of at least one text")
            return None
        return tuple(values)

    def principals(self, element: str) -> tuple[tuple[str, str], ...] | None:
        if element not in self.item:
            return None
        value = self.item[element]
        if self.kind not in _WITH_PRINCIPAL:
            self.problem(
                element, f"has no place in a policy of this kind ({self.kind})", "Unsupported principal"
            )
            return None
        if value == "*":
            return (("AWS", "*"),)  # rule E2
        if not isinstance(value, Mapping) or not value:
            self.unreadable(element, 'must be "*" or an object such as {"AWS": ...}')
            return None
        pairs: list[tuple[str, str]] = []
        for key, entry in value.items():
            entries = [entry] if isinstance(entry, str) else entry
            if not isinstance(entries, list) or not all(isinstance(e, str) for e in entries):
                self.unreadable(f"{element}.{key}", "must be a text or a list of texts")
                return None
            pairs += [(str(key), e) for e in entries]
        return tuple(pairs)

    def conditions(self) -> Iterator[Condition]:
        block = self.item.get("Condition", {})
        if not isinstance(block, Mapping):
            self.unreadable("Condition", f"must be an object, not {_name(block)}")
            return
        for operator, keys in block.items():
            if not isinstance(keys, Mapping):
                self.unreadable(f"Condition.{operator}", f"must be an object, not {_name(keys)}")
                continue
            for key, value in keys.items():
                values = value if isinstance(value, list) else [value]
                if any(not isinstance(v, (str, bool, int, float)) for v in values):
                    self.unreadable(f"Condition.{operator}.{key}", "must be a text or a list of texts")
                    continue
                yield Condition(str(operator), str(key), tuple(_scalar(v) for v in values))


def _is_iam_sid(sid: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9]*", sid) is not None


def _scalar(value: Any) -> str:
    """Return a condition value as IAM reads it: unquoted booleans and numbers are accepted (rule H10)."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _name(value: Any) -> str:
    return {dict: "an object", list: "a list", str: "a text", bool: "a boolean", type(None): "nothing"}.get(
        type(value), "a number"
    )
