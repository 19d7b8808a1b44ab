"""Write a document back as JSON values; reading it again gives an equal document."""

from typing import Any

from iamaudit.iam.policy.document import Document, Statement


def write_document(document: Document) -> dict[str, Any]:
    """Return the document as AWS takes it, without what could not be read of it."""
    version = {} if document.version is None else {"Version": document.version}
    return {**version, "Statement": [write_statement(statement) for statement in document.statements]}


def write_statement(statement: Statement) -> dict[str, Any]:
    """Return one statement as AWS takes it."""
    conditions: dict[str, dict[str, list[str]]] = {}
    for condition in statement.conditions:
        conditions.setdefault(condition.operator, {})[condition.key] = list(condition.values)
    elements = {
        "Sid": statement.sid,
        "Effect": statement.effect,
        "Principal": _principals(statement.principals),
        "NotPrincipal": _principals(statement.not_principals),
        "Action": _list(statement.actions),
        "NotAction": _list(statement.not_actions),
        "Resource": _list(statement.resources),
        "NotResource": _list(statement.not_resources),
        "Condition": conditions or None,
    }
    return {name: value for name, value in elements.items() if value is not None}


def _list(values: tuple[str, ...] | None) -> list[str] | None:
    return None if values is None else list(values)


def _principals(pairs: tuple[tuple[str, str], ...] | None) -> dict[str, list[str]] | None:
    if pairs is None:
        return None
    found: dict[str, list[str]] = {}
    for kind, value in pairs:
        found.setdefault(kind, []).append(value)
    return found
