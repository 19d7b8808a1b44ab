"""Who comes in from outside: other accounts, everybody, and federated identities."""

from collections.abc import Iterable, Iterator

from iamaudit.account import Trusted
from iamaudit.escalation.decider import strength_of
from iamaudit.escalation.documents import More
from iamaudit.escalation.rules import load_rules
from iamaudit.escalation.surroundings import Surroundings
from iamaudit.escalation.way import CERTAIN, CONDITIONAL, Way
from iamaudit.escalation.wording import Voice, wordings
from iamaudit.iam.evaluate import Context, Decision, Principal, Request, authorize
from iamaudit.iam.evaluate.conditions import conditions_hold
from iamaudit.iam.policy import Condition, parse_document

_ACCOUNTS = ("external account", "anyone")
_OUTSIDE = (*_ACCOUNTS, "SAML", "Identity Center", "web identity")
_ASKS = {"Effect": "Allow", "Action": "sts:*", "Resource": "*"}
_STRANGER = "000000000000"
_ASSUME, _WITH_SAML = "sts:assumerole", "sts:assumerolewithsaml"
_BY = {"web identity": "sts:assumerolewithwebidentity"}
_VARIABLES = "2012-10-17"


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
    known = {"aws:PrincipalAccount": account, **({"aws:PrincipalArn": arn} if is_named else {})}

    def ask(said: More) -> Decision:
        return authorize(
            Request(
                principal=principal,
                action="sts:AssumeRole",
                resource=trusted.role,
                resource_account=around.account.account_id,
                context=_context(around, _ASSUME, (*known.items(), *said)),
                identity=(parse_document({"Version": "2012-10-17", "Statement": [_ASKS]}),),
                resource_policy=around.account.trust[trusted.role],
                rcps=around.account.organization.rcps,
            )
        )

    decision = ask(())
    if strength_of(decision) == 1:
        conditions = (c for match in decision.unknown for c in match.statement.conditions)
        tried = map(ask, _said(around, conditions))
        return next((each for each in tried if each.verdict == "allowed"), decision)
    return decision


def _context(around: Surroundings, action: str, said: Iterable[tuple[str, str]]) -> Context:
    """Return what is known of a request from outside to assume a role."""
    keys = around.decider.keys
    more = (*said, *keys.of_action(action))
    values = {key: value for key, value in more if not key.startswith("-")}
    absent = tuple(key.removeprefix("-") for key, _ in more if key.startswith("-"))
    known = {**keys.always, "aws:ResourceAccount": around.account.account_id, **values}
    return Context.of(known, is_complete=False, absent=absent)


def _said(around: Surroundings, conditions: Iterable[Condition]) -> Iterator[More]:
    return wordings(conditions, Voice(_context(around, _ASSUME, ())))


def strangers(around: Surroundings) -> Iterator[Trusted]:
    """Yield the outsiders that trust policies name, a value for each role and statement."""
    for trusted in around.account.trusted:
        if trusted.kind in _OUTSIDE and around.decider.universe.bit(trusted.role) & around.targets.roles:
            yield trusted


def _ways(around: Surroundings) -> Iterator[tuple[str, Way]]:
    rule = load_rules()["sts-assume-role"]
    for trusted in strangers(around):
        decision = decide_outsider(around, trusted)
        held = _federated(around, trusted) if decision is None else strength_of(decision)
        if held == 2:
            continue
        verdict = CONDITIONAL if held else CERTAIN
        yield name_of(trusted), Way(rule, 0, around.decider.universe.bit(trusted.role), verdict)


def _federated(around: Surroundings, trusted: Trusted) -> int:
    """Return 0, 1 or 2 for a federated identity that a statement surely, perhaps or never lets in.

    Nobody decides here whether a Deny is about it: then it is never sure.
    """
    conditions, action = trusted.statement.conditions, _BY.get(trusted.kind, _WITH_SAML)
    trust = around.account.trust[trusted.role]
    tried = [
        conditions_hold(conditions, _context(around, action, said), has_variables=trust.version == _VARIABLES)
        for said in ((), *_said(around, conditions))
    ]
    if tried[0] is False:
        return 2
    denies = any(s.effect == "Deny" for s in trust.about(action)) or not trust.is_complete
    return 0 if any(tried) and not denies and not around.account.organization.rcps else 1


def name_of(trusted: Trusted) -> str:
    """Return what an outsider is called."""
    if trusted.kind == "anyone":
        return "anyone with an AWS account"
    if trusted.kind == "external account":
        return f"account {trusted.account}"
    return f"{trusted.kind} {trusted.provider}"
