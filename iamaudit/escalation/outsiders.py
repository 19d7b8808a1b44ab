"""Who comes in from outside: other accounts, everybody, and federated identities."""

from collections.abc import Iterator

from iamaudit.account import Trusted
from iamaudit.escalation.census import Census
from iamaudit.escalation.rules import load_rules
from iamaudit.escalation.way import CERTAIN, CONDITIONAL, Way
from iamaudit.iam.arn import account_of
from iamaudit.iam.evaluate import Context, Decision, Principal, Request, authorize
from iamaudit.iam.policy import parse_document

_ANYONE = "anyone with an AWS account"
_STRANGE = ("external account", "anyone", "SAML", "Identity Center", "web identity")
_ASKS = {"Effect": "Allow", "Action": "sts:*", "Resource": "*"}
_STRANGER = "000000000000"


def outsiders(census: Census) -> list[tuple[str, Way]]:
    """Return a way into a role for each outsider that its trust policy names.

    Another account may or may not let its own ask: what is decided is whether this account lets them in.
    """
    return list(_ways(census))


def _ways(census: Census) -> Iterator[tuple[str, Way]]:
    rule = load_rules()["sts-assume-role"]
    for trusted in census.account.trusted:
        bits = census.universe.bits([trusted.role])
        if trusted.kind not in _STRANGE or not bits & census.roles:
            continue
        decision, verdict = None, CERTAIN
        if trusted.statement.is_conditional or _may_be_denied(census, trusted.role):
            verdict = CONDITIONAL
        if trusted.kind in ("external account", "anyone"):
            decision = _decided(census, trusted.role, trusted.kind, trusted.value)
            if decision.verdict not in ("allowed", "depends") or decision.blocked_by:
                continue
            verdict = CERTAIN if decision.verdict == "allowed" else CONDITIONAL
        decisions = {} if decision is None else {"sts:AssumeRole": decision}
        yield _name(trusted), Way(rule, 0, bits, verdict, decisions)


def _may_be_denied(census: Census, role: str) -> bool:
    """Say whether a Deny is about: of federated identities nobody decides here whether it is about them."""
    trust = census.account.trust[role]
    has_deny = any(statement.effect == "Deny" for statement in trust.statements)
    return bool(census.account.organization.rcps) or has_deny or not trust.is_complete


def _decided(census: Census, role: str, kind: str, value: str) -> Decision:
    """Decide for somebody outside whom his own account lets ask for everything (rule C1)."""
    account = _STRANGER if kind == "anyone" else account_of(value) or value
    is_named = value.startswith("arn:") and not value.endswith(":root")
    arn = value if is_named else f"arn:{census.universe.partition}:iam::{account}:user/somebody"
    return authorize(
        Request(
            principal=Principal.of(arn),
            action="sts:AssumeRole",
            resource=role,
            resource_account=census.account.account_id,
            context=Context.of({"aws:PrincipalAccount": account}, is_complete=False),
            identity=(parse_document({"Version": "2012-10-17", "Statement": [_ASKS]}),),
            resource_policy=census.account.trust[role],
            rcps=census.account.organization.rcps,
        )
    )


def _name(trusted: Trusted) -> str:
    if trusted.kind == "anyone":
        return _ANYONE
    if trusted.kind == "external account":
        return f"account {trusted.account}"
    return f"{trusted.kind} {trusted.provider}"
