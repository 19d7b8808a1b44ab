"""What stops a way, in words to look up: a Deny, a boundary, an SCP, a trust policy, a resource."""

from collections.abc import Mapping

from iamaudit.account import Actor
from iamaudit.iam.evaluate import Decision
from iamaudit.iam.policy import Document, Statement, statement_place

_IDENTITY = "identity policies"


def is_possible(decision: Decision) -> bool:
    """Say whether a request may be allowed at all."""
    return decision.verdict == "allowed" or (decision.verdict == "depends" and not decision.blocked_by)


def blocker(actor: Actor, decisions: Mapping[str, Decision], names: Mapping[int, str]) -> str | None:
    """Return what stops the first action that is not possible; ``None`` when nothing stops any.

    A permission that no statement gives is not *blocked*: the empty text says so.
    """
    for action, decision in decisions.items():
        if not is_possible(decision):
            return _words(actor, action, decision, names)
    return None


def _words(actor: Actor, action: str, decision: Decision, names: Mapping[int, str]) -> str:
    if decision.denied_by:
        match = decision.denied_by[0]
        kind = "Deny" if match.layer == _IDENTITY else f"Deny in the {match.layer}"
        return f"{kind}: {action} by {_place(match.document, match.statement, names)}"
    if decision.blocked_by != _IDENTITY:
        if decision.blocked_by == "permissions boundary":
            return f"permissions boundary: {action} is not in {actor.boundary_policy}"
        return f"{decision.blocked_by}: {action} is not allowed there"
    for document in (*actor.identity, *actor.groups):
        for statement in document.about(action.lower()):
            if statement.effect == "Allow":
                scope = "resource" if _is_scoped(statement) and not statement.conditions else "condition"
                if statement.conditions and _is_scoped(statement):
                    scope = "resource or condition"
                return f"{scope}: {action} of {_place(document, statement, names)} does not reach there"
    return ""


def _is_scoped(statement: Statement) -> bool:
    return not statement.is_all_resources


def _place(document: Document, statement: Statement, names: Mapping[int, str]) -> str:
    policy = names.get(id(document), "a policy")
    return statement_place(statement.index, policy=policy, sid=statement.sid)
