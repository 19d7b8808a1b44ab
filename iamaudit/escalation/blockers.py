"""What stops a way, in words to look up: a Deny, a boundary, an SCP, a trust policy, a resource."""

from collections.abc import Iterator

from iamaudit.escalation.caller import Caller
from iamaudit.escalation.decider import strength_of
from iamaudit.escalation.documents import More
from iamaudit.iam.evaluate import Decision
from iamaudit.iam.policy import Document, Statement, statement_place

_IDENTITY = "identity policies"

Part = tuple[str, int]
"""Words about what stops an action, and the targets on which it does."""


def why_not(caller: Caller, action: str, targets: int, more: More = ()) -> Iterator[Part]:
    """Yield what keeps a principal from an action on targets on which it is surely not allowed.

    In the order in which AWS decides: an explicit Deny, a level of the organization, the principal's own
    policies, its boundary. A permission that no statement gives is not *blocked*: then there are no words.
    """
    lower = action.lower()
    for part, facts in caller.parts(lower):
        left = targets & part
        for words, bits in _reasons(caller, action, lower, (*facts, *more)) if left else ():
            found = left & bits
            if found:
                yield words, found
                left &= ~found
            if not left:
                break


def _reasons(caller: Caller, action: str, lower: str, more: More) -> Iterator[Part]:
    if not caller.said(lower).is_unlimited:
        yield from denials(caller, action, more)
    everything = caller.universe.everything
    for number, says in enumerate(caller.scps(lower, more)):
        yield f"SCP level {number}: {action} is not allowed there", everything & ~says.may_allow
    own = everything & ~caller.identity(lower, more).may_allow
    yield out_of_reach(caller, action), own
    yield f"permissions boundary: {action} is not in {caller.actor.boundary_policy}", everything


def denials(caller: Caller, action: str, more: More = ()) -> Iterator[Part]:
    """Yield every statement that surely denies an action, with the targets on which it does."""
    lower, organization = action.lower(), caller.organization
    known = caller.decider.documents
    boundary = () if caller.actor.boundary is None else (caller.actor.boundary,)
    layers = [("Deny", tuple(caller.about(lower))), ("Deny in the permissions boundary", boundary)]
    layers += [(f"Deny in the SCP level {n}", level) for n, level in enumerate(organization.scps)]
    if caller.rcps(lower, more):
        layers += [(f"Deny in the RCP level {n}", level) for n, level in enumerate(organization.rcps)]
    for kind, documents in layers:
        for document in documents:
            if not known.says(document, lower, caller.actor, more).denied:
                continue
            for statement, surely, _ in known.parts(document, lower, caller.actor, more):
                if statement.effect == "Deny" and surely:
                    yield f"{kind}: {action} by {_place(caller, document, statement)}", surely


def out_of_reach(caller: Caller, action: str) -> str:
    """Return the statement that allows an action elsewhere; the empty text when none does."""
    for document, statement in caller.mentions(action):
        if statement.conditions:
            scope = "condition" if statement.is_all_resources else "resource or condition"
        else:
            scope = "resource"
        return f"{scope}: {action} of {_place(caller, document, statement)} does not reach there"
    return ""


def blocker(caller: Caller, action: str, decision: Decision) -> str | None:
    """Return the same words for one decision; ``None`` when the action is possible."""
    if strength_of(decision) < 2:
        return None
    if decision.denied_by:
        match = decision.denied_by[0]
        kind = "Deny" if match.layer == _IDENTITY else f"Deny in the {match.layer}"
        return f"{kind}: {action} by {_place(caller, match.document, match.statement)}"
    if decision.blocked_by == "permissions boundary":
        return f"permissions boundary: {action} is not in {caller.actor.boundary_policy}"
    if decision.blocked_by != _IDENTITY:
        return f"{decision.blocked_by}: {action} is not allowed there"
    return out_of_reach(caller, action)


def _place(caller: Caller, document: Document, statement: Statement) -> str:
    name = caller.decider.account.names.get(id(document), "a policy")
    return statement_place(statement.index, policy=name, sid=statement.sid)
