"""Who comes in from outside: other accounts, everybody, and federated identities."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from iamaudit.account import Trusted, lacked_keys
from iamaudit.escalation.decider import strength, strength_of
from iamaudit.escalation.documents import More
from iamaudit.escalation.rules import load_rules
from iamaudit.escalation.surroundings import Surroundings
from iamaudit.escalation.way import CERTAIN, CONDITIONAL, Way
from iamaudit.escalation.wording import Voice, wordings
from iamaudit.iam.evaluate import Context, Decision, Principal, Request, authorize
from iamaudit.iam.evaluate.conditions import conditions_hold, parse_operator
from iamaudit.iam.evaluate.layers import evaluate_layer
from iamaudit.iam.evaluate.ternary import Ternary, all_of, any_of, negated
from iamaudit.iam.policy import Condition, has_wildcard, matches_pattern, parse_document

_ACCOUNTS = ("external account", "anyone")
_OUTSIDE = (*_ACCOUNTS, "SAML", "Identity Center", "web identity")
_ASKS = {"Effect": "Allow", "Action": "sts:*", "Resource": "*"}
_STRANGER = "000000000000"
_ASSUME, _WITH_SAML = "sts:assumerole", "sts:assumerolewithsaml"
_BY = {"web identity": "sts:assumerolewithwebidentity"}
_VARIABLES = "2012-10-17"
_SEGMENTS = 5  # what comes before the resource in an ARN
_NAMING = ("StringEquals", "StringLike", "StringEqualsIgnoreCase", "ArnEquals", "ArnLike")
"""The operators that name who is meant."""


def outsiders(around: Surroundings) -> list[tuple[str, Way]]:
    """Return a way into a role for each outsider that a trust policy names, by the outsider's name.

    Another account may or may not let its own ask: what is decided is whether this account lets them in.
    """
    return list(_ways(around))


def ways_in(around: Surroundings) -> Mapping[str, Sequence[Way]]:
    """Return the same as the ways of each outsider."""
    found: dict[str, list[Way]] = {}
    for name, way in _ways(around):
        found.setdefault(name, []).append(way)
    return found


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
    known = {"aws:PrincipalIsAWSService": "false"}
    # Everybody of some accounts: which they are a pattern tells, and a stranger may be of one.
    is_open = trusted.kind == "anyone" and any(_accounts_asked(trusted.statement.conditions))
    known |= {} if is_open else {"aws:PrincipalAccount": account}
    known |= {"aws:PrincipalArn": arn} if is_named else {}
    known |= {f"-{key}": "" for key in lacked_keys("root") if key in lacked_keys("role")}

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


def _said(around: Surroundings, conditions: Iterable[Condition], speaks: str | None = None) -> Iterator[More]:
    return wordings(conditions, Voice(_context(around, _ASSUME, ()), speaks=speaks))


def strangers(around: Surroundings) -> Iterator[Trusted]:
    """Yield the outsiders that trust policies name, a value for each role and statement.

    Where conditions say from which accounts everybody may come, it is these accounts.
    """
    for trusted in around.account.trusted:
        if trusted.kind in _OUTSIDE and around.decider.universe.bit(trusted.role) & around.targets.roles:
            yield from (
                _narrowed(trusted, around.account.account_id) if trusted.kind in _ACCOUNTS else [trusted]
            )


def _narrowed(trusted: Trusted, own: str) -> Iterator[Trusted]:
    """Yield who of those whom a statement names is of an account that its conditions let in."""
    asked = list(_accounts_asked(trusted.statement.conditions))
    named = {account for accounts in asked for account in accounts if not has_wildcard(account)}
    if trusted.account is not None:
        candidates = [trusted]
    elif any(not any(map(has_wildcard, accounts)) for accounts in asked):
        candidates = [
            replace(trusted, kind="external account", principal=f"AWS: {account}", account=account)
            for account in sorted(named - {own})
        ]
    else:
        yield trusted
        return
    for each in candidates:
        account = str(each.account)
        if all(any(matches_pattern(account, pattern) for pattern in accounts) for accounts in asked):
            yield each


def _accounts_asked(conditions: Iterable[Condition]) -> Iterator[set[str]]:
    """Yield for each condition on who asks the accounts that it lets in, as patterns."""
    for condition in conditions:
        key, operator = condition.key.lower(), parse_operator(condition.operator)
        is_asking = operator and operator.set_prefix is None and operator.base in _NAMING
        if not is_asking or any("${" in value for value in condition.values):
            continue
        if key == "aws:principalaccount":
            yield set(condition.values)
        elif key == "aws:principalarn":
            parts = (value.split(":", _SEGMENTS) for value in condition.values)
            yield {part[4] if len(part) > _SEGMENTS else "*" for part in parts}


def _ways(around: Surroundings) -> Iterator[tuple[str, Way]]:
    rule = load_rules()["sts-assume-role"]
    for trusted in strangers(around):
        decision = decide_outsider(around, trusted)
        held = _federated(around, trusted) if decision is None else strength_of(decision)
        if held == 2:
            continue
        verdict = CONDITIONAL if held else CERTAIN
        yield name_of(trusted), Way(rule, 0, around.decider.universe.bit(trusted.role), verdict)


def kinds_of(action: str) -> tuple[str, ...]:
    """Return the kinds of outsiders whose provider an action changes."""
    return ("SAML", "Identity Center") if action == "iam:UpdateSAMLProvider" else ("web identity",)


def by_provider(around: Surroundings, kinds: Sequence[str]) -> Iterator[tuple[str, str, int]]:
    """Yield each provider of some kinds with a role, and how surely who controls the provider gets in.

    It may then say of itself whatever a condition asks for. Identity Center guards its provider itself.
    """
    for trusted in strangers(around):
        if trusted.kind in kinds and "-provider/" in trusted.value:
            speaks = "saml:" if ":saml-provider/" in trusted.value else f"{trusted.provider}:".lower()
            found = _federated(around, trusted, speaks)
            yield trusted.value, trusted.role, max(found, trusted.kind == "Identity Center")


def _federated(around: Surroundings, trusted: Trusted, speaks: str | None = None) -> int:
    """Return 0, 1 or 2 for a federated identity that a statement surely, perhaps or never lets in."""
    conditions, action = trusted.statement.conditions, _BY.get(trusted.kind, _WITH_SAML)
    trust = around.account.trust[trusted.role]
    has_variables = trust.version == _VARIABLES
    best: Ternary = False
    for said in ((), *_said(around, conditions, speaks)):
        context = _context(around, action, said)
        let_in = conditions_hold(conditions, context, has_variables=has_variables)
        held = all_of((let_in, negated(_is_denied(around, trusted, action, context))))
        best = any_of((best, held))
    return strength(best)


def _is_denied(around: Surroundings, trusted: Trusted, action: str, context: Context) -> Ternary:
    """Say whether a Deny of the trust policy or an RCP keeps a federated identity out (rules A2, D4)."""
    request = Request(
        principal=Principal.of("anonymous"),
        action=action,
        resource=trusted.role,
        resource_account=around.account.account_id,
        context=context,
    )
    trust, rcps = around.account.trust[trusted.role], around.account.organization.rcps
    named = (
        conditions_hold(statement.conditions, context, has_variables=trust.version == _VARIABLES)
        for statement in trust.about(action)
        if statement.effect == "Deny" and ("Federated", trusted.value) in (statement.principals or ())
    )
    everybody = (
        evaluate_layer("trust policy", (trust,), "trust", request).denied,
        *(evaluate_layer("RCP", level, "rcp", request).denied for level in rcps),
    )
    return any_of((*everybody, *named))


def name_of(trusted: Trusted) -> str:
    """Return what an outsider is called."""
    if trusted.kind == "anyone":
        return "anyone with an AWS account"
    if trusted.kind == "external account":
        return f"account {trusted.account}"
    return f"{trusted.kind} {trusted.provider}"
