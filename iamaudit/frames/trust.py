"""Whom the roles of the account trust: a row for every way in."""

import tomllib
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from iamaudit.frames.columns import build_frame
from iamaudit.frames.conditions import condition_in_words
from iamaudit.frames.policies import PolicyRecord
from iamaudit.iam.policy import Statement

_SOURCES = {"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"}
_ORGANIZATION = {"aws:principalorgid", "aws:principalorgpaths"}
_IDENTITIES = (
    ("token.actions.githubusercontent.com", "GitHub Actions"),
    ("gitlab", "GitLab"),
    ("app.terraform.io", "Terraform Cloud"),
    ("oidc.eks.", "EKS service account"),
    ("cognito-identity.amazonaws.com", "Cognito"),
    ("agent.buildkite.com", "Buildkite"),
    ("oidc.circleci.com", "CircleCI"),
    ("api.bitbucket.org", "Bitbucket"),
    ("accounts.google.com", "Google"),
)
_WIDTHS = ("none", "anyone", "organization", "project", "ref", "pinned")
_MFA = {"aws:multifactorauthpresent", "aws:multifactorauthage"}


def trust_frame(
    records: Sequence[PolicyRecord], account_id: str, known_accounts: Collection[str] = ()
) -> pd.DataFrame:
    """Return a row per role, Allow statement and principal that its trust policy names.

    ``kind`` is ``service``, ``same account`` (the account or a principal of it), ``known account`` (one of
    ``known_accounts``), ``external account``, ``anyone``, ``SAML``, ``Identity Center`` (the SAML provider of
    an ``AWSReservedSSO_`` role), ``web identity``, ``deleted`` or ``other``. The ``has_`` columns say which
    conditions the statement tests, whatever their values; ``subjects`` and ``audiences`` are what it asks of
    a web identity, or the ``saml:aud``; ``words`` has its conditions in words.

    ``identity`` is whose web identities they are (GitHub Actions, an EKS service account, ...) and
    ``subject_width`` how many of them fit the subject: ``none`` is tested, ``anyone``, an ``organization``
    with all its repositories, a ``project`` with all its branches, any ``ref`` of a kind, or one ``pinned``.
    ``source_context`` says of a service whether it sends what a confused-deputy condition tests: ``sent``,
    ``not applicable`` or ``unknown``.
    """
    rows = [
        row
        for record in records
        if record.kind == "trust"
        for statement in record.document.statements
        if statement.effect == "Allow"
        for row in _rows(record, statement, account_id, known_accounts)
    ]
    return build_frame("trust", rows)


def _rows(
    record: PolicyRecord, statement: Statement, account_id: str, known_accounts: Collection[str]
) -> Iterator[dict[str, Any]]:
    role = str(record.owner)
    keys = {condition.key.lower() for condition in statement.conditions}
    for principal_type, value in statement.principals or ():
        kind, account, provider = _classified(principal_type, value, account_id)
        if kind == "external account" and account in known_accounts:
            kind = "known account"
        if kind == "SAML" and ":role/aws-reserved/sso.amazonaws.com/" in role:
            kind = "Identity Center"
        is_web = kind == "web identity"
        subjects = _values(statement, ":sub")
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
            "subjects": subjects,
            "is_conditional": statement.is_conditional,
            "conditions": "; ".join(map(str, statement.conditions)) or None,
            "identity": _identity(str(provider)) if is_web else None,
            "subject_width": _width(subjects) if is_web else None,
            "source_context": _source_context(value) if kind == "service" else None,
            "words": "; ".join(map(condition_in_words, statement.conditions)) or None,
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


def _identity(provider: str) -> str:
    return next((name for part, name in _IDENTITIES if part in provider), "other")


def _width(subjects: Sequence[str]) -> str:
    """Return how many identities fit the widest of some subjects."""
    if not subjects:
        return "none"
    return min((_width_of(subject) for subject in subjects), key=_WIDTHS.index)


def _width_of(subject: str) -> str:
    """Return the width of one subject, by what stands in front of its first wildcard."""
    literal = subject.replace("?", "*").partition("*")[0]
    if literal == subject:
        return "pinned"
    if literal.startswith("system:serviceaccount:"):  # system:serviceaccount:NAMESPACE:NAME
        return "project" if literal.count(":") > 2 else "organization"
    if literal.startswith("organization:"):  # organization:NAME:project:NAME:workspace:NAME:run_phase:PHASE
        levels = ("ref", ":run_phase:"), ("project", ":workspace:")
        named = "organization" if literal.count(":") > 1 else "anyone"
        return next((width for width, part in levels if part in literal), named)
    rest = literal.partition(":")[2]  # repo:ORGANIZATION/REPOSITORY:ref:refs/heads/BRANCH
    if not rest or "/" not in rest:
        return "anyone"
    if ":" not in rest:
        return "organization"
    return "ref" if rest.partition(":")[2] else "project"


def _source_context(service: str) -> str:
    known = _services()
    return next(
        (name.replace("_", " ") for name in ("sent", "not_applicable") if service in known[name]), "unknown"
    )


@lru_cache(maxsize=1)
def _services() -> dict[str, frozenset[str]]:
    text = (Path(__file__).parent / "source_context.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    return {name: frozenset(data[name]) for name in ("sent", "not_applicable")}
