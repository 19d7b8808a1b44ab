"""Whom the roles of the account trust: a row for every way in."""

import json
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from iamaudit.account import ReportRow, Trusted
from iamaudit.frames.columns import build_frame
from iamaudit.frames.conditions import condition_in_words
from iamaudit.iam.policy import statement_place, write_statement

_SOURCES = {"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"}
_ORGANIZATION = {"aws:principalorgid", "aws:principalorgpaths"}
_MFA = {"aws:multifactorauthpresent", "aws:multifactorauthage"}


def trust_frame(
    trusted: Iterable[Trusted],
    known_accounts: Collection[str] = (),
    credentials: Mapping[str, ReportRow] = MappingProxyType({}),
) -> pd.DataFrame:
    """Return a row per role, Allow statement and principal that the statement lets in.

    ``principal`` is written with its type (``AWS: arn:...``), ``trusted`` without.

    ``kind`` is that of ``Trusted``, or ``known account`` for one of ``known_accounts``. The ``has_`` columns
    say which keys a request must carry to be let in; ``subjects`` and ``audiences`` are what the statement
    asks of a web identity, or the ``saml:aud``; ``words`` has its conditions in words. ``has_password`` is
    what the credential report (``credentials``, by ARN) says of a user of the account.
    """
    return build_frame("trust", (_row(each, known_accounts, credentials.get(each.value)) for each in trusted))


def _row(trusted: Trusted, known_accounts: Collection[str], reported: ReportRow | None) -> dict[str, Any]:
    statement, role = trusted.statement, trusted.role
    keys = trusted.asked_for
    is_known = trusted.kind == "external account" and trusted.account in known_accounts
    return {
        "role": role,
        "role_name": role.rpartition("/")[2],
        "index": statement.index,
        "principal": trusted.principal,
        "trusted": trusted.value,
        "kind": "known account" if is_known else trusted.kind,
        "account": trusted.account,
        "provider": trusted.provider,
        "has_password": None if reported is None or reported.is_root else reported.flag("password_enabled"),
        "actions": statement.actions,
        "has_external_id": "sts:externalid" in keys,
        "has_mfa": bool(keys & _MFA),
        "has_organization": bool(keys & _ORGANIZATION),
        "has_source": bool(keys & _SOURCES),
        "audiences": trusted.audiences,
        "subjects": trusted.subjects,
        "is_conditional": statement.is_conditional,
        "conditions": "; ".join(map(str, statement.conditions)) or None,
        "identity": trusted.identity,
        "subject_width": trusted.subject_width,
        "source_context": trusted.source_context,
        "words": "; ".join(map(condition_in_words, statement.conditions)) or None,
        "text": json.dumps(write_statement(statement), ensure_ascii=False),
        "is_service_linked": ":role/aws-service-role/" in role,
        "arn": role,
        "evidence": statement_place(statement.index, policy=trusted.policy),
    }
