"""Whom the trust policies of roles name: a value for each role, Allow statement and principal."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from iamaudit.iam.policy import Document, Statement

OUTSIDE = ("external account", "known account", "anyone", "SAML", "Identity Center", "web identity")
"""The kinds of trusted principals that are no part of the account and no service."""


@dataclass(frozen=True, slots=True)
class Trusted:
    """A principal that a trust policy names.

    ``kind`` is ``service``, ``same account`` (the account or a principal of it), ``known account``,
    ``external account``, ``anyone``, ``SAML``, ``Identity Center`` (the SAML provider of an
    ``AWSReservedSSO_`` role), ``web identity``, ``deleted`` or ``other``; ``account`` and ``provider`` are its
    account and its identity provider, where it has one.
    """

    role: str
    statement: Statement
    type: str
    value: str
    kind: str
    account: str | None
    provider: str | None

    @property
    def name(self) -> str:
        """What an outsider is called."""
        if self.kind == "anyone":
            return "anyone with an AWS account"
        if self.kind in ("external account", "known account"):
            return f"account {self.account}"
        return f"{self.kind} {self.provider}"


def trusted_principals(
    trust: Mapping[str, Document], account_id: str, known_accounts: Collection[str] = ()
) -> Iterator[Trusted]:
    """Yield every principal that a trust policy lets in, in the order of the roles and their statements."""
    for role, document in trust.items():
        for statement in document.statements:
            for principal_type, value in statement.principals or () if statement.effect == "Allow" else ():
                kind, account, provider = _classified(principal_type, value, account_id)
                if kind == "external account" and account in known_accounts:
                    kind = "known account"
                if kind == "SAML" and ":role/aws-reserved/sso.amazonaws.com/" in role:
                    kind = "Identity Center"
                yield Trusted(role, statement, principal_type, value, kind, account, provider)


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
