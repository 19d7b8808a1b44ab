"""Who comes in from outside: other accounts, everybody, and federated identities."""

from collections.abc import Iterator

from iamaudit.account import Trusted
from iamaudit.escalation.decider import strength_of
from iamaudit.escalation.rules import load_rules
from iamaudit.escalation.surroundings import Surroundings
from iamaudit.escalation.way import CERTAIN, CONDITIONAL, Way
from iamaudit.iam.evaluate import Context, Decision, Principal, Request, authorize
from iamaudit.iam.policy import parse_document

_ACCOUNTS = ("external account", "anyone")
_OUTSIDE = (*_ACCOUNTS, "SAML", "Identity Center", "web identity")
_ASKS = {"Effect": "Allow", "Action": "sts:*", "Resource": "*"}
_STRANGER = "000000000000"


def outsiders(around: Surroundings) -> list[tuple[str, Way]]:
    """Return a way into a role for each outsider that a trust policy names, by the outsider's name.

    Another account may or may not let its own ask: what is decided is whether this account lets them in.
    """
    return list(_ways(around))


def decide_outsider(around: Surroundings, trusted: Trusted) -> Decision | None:
    """Decide for somebody outside whose own account allows all (rule C1); the federated are not decided."""
    if trusted.kind not in _ACCOUNTS:
        return None
    value = trusted.value
    account = _STRANGER if trusted.kind == "anyone" else trusted.account or value
    is_named = value.startswith("arn:") and not value.endswith(":root")
    partition = around.decider.universe.partition
    arn = value if is_named else f"arn:{partition}:iam::{account}:user/somebody"
    try:
        principal = Principal.of(arn)
    except ValueError:  # a group or a provider, say: AWS lets nobody in by it
        return Decision("implicit deny", blocked_by="trust policy")
    return authorize(
        Request(
            principal=principal,
            action="sts:AssumeRole",
            resource=trusted.role,
            resource_account=around.account.account_id,
            context=Context.of({"aws:PrincipalAccount": account}, is_complete=False),
            identity=(parse_document({"Version": "2012-10-17", "Statement": [_ASKS]}),),
            resource_policy=around.account.trust[trusted.role],
            rcps=around.account.organization.rcps,
        )
    )


def strangers(around: Surroundings) -> Iterator[Trusted]:
    """Yield the outsiders that trust policies name, a value for each role and statement."""
    for trusted in around.account.trusted:
        if trusted.kind in _OUTSIDE and around.decider.universe.bit(trusted.role) & around.targets.roles:
            yield trusted


def _ways(around: Surroundings) -> Iterator[tuple[str, Way]]:
    rule = load_rules()["sts-assume-role"]
    for trusted in strangers(around):
        is_open = trusted.statement.is_conditional or _may_be_denied(around, trusted.role)
        verdict = CONDITIONAL if is_open else CERTAIN
        decision = decide_outsider(around, trusted)
        if decision is not None:
            held = strength_of(decision)
            if held == 2:
                continue
            verdict = CONDITIONAL if held else CERTAIN
        yield name_of(trusted), Way(rule, 0, around.decider.universe.bit(trusted.role), verdict)


def _may_be_denied(around: Surroundings, role: str) -> bool:
    """Say whether a Deny is about: of federated identities nobody decides here whether it is about them."""
    trust = around.account.trust[role]
    is_denied = not trust.is_complete or any(s.effect == "Deny" for s in trust.statements)
    return bool(around.account.organization.rcps) or is_denied


def name_of(trusted: Trusted) -> str:
    """Return what an outsider is called."""
    if trusted.kind == "anyone":
        return "anyone with an AWS account"
    if trusted.kind == "external account":
        return f"account {trusted.account}"
    return f"{trusted.kind} {trusted.provider}"
