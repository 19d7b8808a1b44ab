"""Whom the roles of the account trust: a row for every way in."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from iamaudit.frames.columns import build_frame
from iamaudit.frames.policies import PolicyRecord
from iamaudit.policy import Statement

_SOURCES = {"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"}
_ORGANIZATION = {"aws:principalorgid", "aws:principalorgpaths"}
_MFA = {"aws:multifactorauthpresent", "aws:multifactorauthage"}


def trust_frame(records: Sequence[PolicyRecord], account_id: str) -> pd.DataFrame:
    """Return a row per role, Allow statement and principal that its trust policy names.

    ``kind`` is ``service``, ``same account`` (the account or a principal of it), ``external account``,
    ``anyone``, ``SAML``, ``web identity``, ``deleted`` or ``other``. The ``has_`` columns say which
    conditions the statement tests, whatever their values; ``subjects`` and ``audiences`` are what it asks of
    a web identity, or the ``saml:aud``.
    """
    rows = [
        row
        for record in records
        if record.kind == "trust"
        for statement in record.document.statements
        if statement.effect == "Allow"
        for row in _rows(record, statement, account_id)
    ]
    return build_frame("trust", rows)


def _rows(record: PolicyRecord, statement: Statement, account_id: str) -> Iterator[dict[str, Any]]:
    role = str(record.owner)
    keys = {condition.key.lower() for condition in statement.conditions}
    for principal_type, value in statement.principals or ():
        kind, account, provider = _classified(principal_type, value, account_id)
        yield {
            "role": role,
            "role_name": role.rpartition("/")[2],
            "index": statement.index,
            "principal": f"{principal_type}: {value}",
            "kind": kind,
            "account": account,
            "provider": provider,
            "actions": statement.actions,
            "has_external_id": "sts:externalid" in keys,
            "has_mfa": bool(keys & _MFA),
            "has_organization": bool(keys & _ORGANIZATION),
            "has_source": bool(keys & _SOURCES),
            "audiences": _values(statement, ":aud"),
            "subjects": _values(statement, ":sub"),
            "is_conditional": statement.is_conditional,
            "conditions": "; ".join(map(str, statement.conditions)) or None,
            "is_service_linked": ":role/aws-service-role/" in role,
            "arn": role,
            "evidence": f"{record.policy} Statement[{statement.index}]",
        }


def _classified(kind: str, value: str, account_id: str) -> tuple[str, str | None, str | None]:
    """Return the kind of a principal, the account that it is of, and its identity provider."""
    if value == "*":
        return "anyone", None, None
    if kind == "Service":
        return "service", None, None
    if kind == "Federated":
        if ":saml-provider/" in value:
            return "SAML", value.split(":")[4], value.partition(":saml-provider/")[2]
        return "web identity", None, value.partition(":oidc-provider/")[2] or value
    if kind != "AWS":
        return "other", None, None
    if value.startswith(("AIDA", "AROA")):
        return "deleted", None, None
    account = value.split(":")[4] if value.startswith("arn:") else value
    return ("same account" if account == account_id else "external account"), account, None


def _values(statement: Statement, ending: str) -> list[str]:
    return [
        value
        for condition in statement.conditions
        if condition.key.lower().endswith(ending)
        for value in condition.values
    ]
