"""Whom the roles of the account trust: a value for every Allow statement and principal that it lets in."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from iamaudit.account.asked import is_asked_for, is_met_by_anybody
from iamaudit.account.stored_policy import Policy
from iamaudit.iam.arn import account_of
from iamaudit.iam.policy import Condition, Statement

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
_ASSUMES = ("sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity")
# By which action who is named may come in: each kind has its own, "anyone" may be any of them.
_COMES_BY = {
    **dict.fromkeys(("service", "same account", "external account"), _ASSUMES[:1]),
    "SAML": _ASSUMES[1:2],
    "web identity": _ASSUMES[2:],
    "anyone": _ASSUMES,
}
_WIDTHS = ("none", "anyone", "organization", "project", "ref", "pinned")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """One principal that a statement of a role's trust policy lets in.

    ``principal`` is written ``AWS: arn:...``, or ``everyone but arn:...`` for ``NotPrincipal``. ``kind`` is
    ``service``, ``same account`` (the account or a principal of it), ``external account``, ``anyone``,
    ``SAML``, ``Identity Center`` (the SAML provider of an ``AWSReservedSSO_`` role), ``web identity``,
    ``deleted`` or ``other``. ``account`` and ``provider`` are whose it is.
    """

    role: str
    policy: str
    statement: Statement
    principal: str
    kind: str
    account: str | None
    provider: str | None

    @property
    def value(self) -> str:
        """The principal without its type; of ``NotPrincipal`` there is none."""
        return self.principal.partition(": ")[2]

    @property
    def subjects(self) -> list[str]:
        """What the statement asks of a web identity's subject."""
        return [value for condition in self._about(":sub") for value in condition.values]

    @property
    def audiences(self) -> list[str]:
        """What the statement asks of the audience of a token or assertion; `*` asks nothing."""
        asked = (each for each in self._about(":aud") if not is_met_by_anybody(each))
        return [value for condition in asked for value in condition.values]

    @property
    def asked_for(self) -> frozenset[str]:
        """The condition keys, in lower case, that ask something of a request."""
        return frozenset(each.key.lower() for each in self.statement.conditions if is_asked_for(each))

    def _about(self, claim: str) -> list[Condition]:
        """Return the conditions that say which values of a claim come in; every token has the claim."""
        conditions = self.statement.conditions
        named = [condition for condition in conditions if condition.key.lower().endswith(claim)]
        return [condition for condition in named if not re.search("Not|Null", condition.operator)]

    @property
    def identity(self) -> str | None:
        """Whose web identities they are: GitHub Actions, an EKS service account, ..."""
        if self.kind != "web identity":
            return None
        return next((name for part, name in _IDENTITIES if part in str(self.provider)), "other")

    @property
    def subject_width(self) -> str | None:
        """How many web identities fit the widest subject; of several conditions the narrowest counts.

        ``none`` is tested, ``anyone``, an ``organization`` with all its repositories, a ``project`` with all
        its branches, any ``ref`` of a kind, or one ``pinned``.
        """
        if self.kind != "web identity":
            return None
        return max(map(_width, self._about(":sub")), key=_WIDTHS.index, default="none")

    @property
    def source_context(self) -> str | None:
        """Whether a service sends what a confused-deputy condition tests: sent, not applicable, unknown."""
        if self.kind != "service":
            return None
        known = _services()
        names = ("sent", "not_applicable")
        service = self.value.removesuffix(".cn")  # of China, as `states.amazonaws.com.cn`
        return next((name.replace("_", " ") for name in names if service in known[name]), "unknown")


def read_trusted(policies: Iterable[Policy], account_id: str) -> list[Trusted]:
    """Return whom the trust policies among ``policies`` let in, as they name them.

    A federated identity comes in by ``sts:AssumeRoleWithSAML`` or ``sts:AssumeRoleWithWebIdentity`` only,
    everybody else by ``sts:AssumeRole``: a statement about other actions lets nobody in.
    """
    return [
        trusted
        for policy in policies
        if policy.kind == "trust"
        for statement in policy.document.statements
        if statement.effect == "Allow"
        for trusted in _of_statement(policy, statement, account_id)
    ]


def _of_statement(policy: Policy, statement: Statement, account_id: str) -> Iterator[Trusted]:
    role = str(policy.owner)
    named = [
        (f"{kind}: {value}", *_classified(kind, value, account_id))
        for kind, value in statement.principals or ()
    ]
    if statement.not_principals is not None:
        excepted = ", ".join(value for _, value in statement.not_principals)
        named.append((f"everyone but {excepted}", "anyone", None, None))
    for principal, kind, account, provider in named:
        if not any(map(statement.is_about, _COMES_BY.get(kind, ()))) and kind in _COMES_BY:
            continue  # sts:TagSession, say, goes with an AssumeRole and lets nobody in by itself
        is_of_center = kind == "SAML" and ":role/aws-reserved/sso.amazonaws.com/" in role
        yield Trusted(
            role=role,
            policy=policy.policy,
            statement=statement,
            principal=principal,
            kind="Identity Center" if is_of_center else kind,
            account=account,
            provider=provider,
        )


def _classified(kind: str, value: str, account_id: str) -> tuple[str, str | None, str | None]:
    """Return the kind of a principal, the account that it is of, and its identity provider."""
    if value == "*":
        return "anyone", None, None
    if kind == "Service":
        return "service", None, None
    if kind == "Federated":
        if ":saml-provider/" in value:
            return "SAML", account_of(value), value.partition(":saml-provider/")[2]
        return "web identity", None, value.partition(":oidc-provider/")[2] or value
    if kind != "AWS":
        return "other", None, None
    if value.startswith(("AIDA", "AROA")):
        return "deleted", None, None
    account = account_of(value) or value
    if not (len(account) == 12 and account.isdigit()):
        return "other", None, None
    return ("same account" if account == account_id else "external account"), account, None


def _width(condition: Condition) -> str:
    """Return how many identities fit the widest of some subjects; only ``Like`` knows wildcards."""
    if "Like" not in condition.operator:
        return "pinned"
    return min((_width_of(subject) for subject in condition.values), key=_WIDTHS.index, default="none")


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


@lru_cache(maxsize=1)
def _services() -> dict[str, frozenset[str]]:
    text = (Path(__file__).parent / "source_context.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    return {name: frozenset(data[name]) for name in ("sent", "not_applicable")}
