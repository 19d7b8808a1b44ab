"""A decision in words, and who else is allowed the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from iamaudit.account.actors import Actor
from iamaudit.account.principal_permissions import PrincipalPermissions
from iamaudit.account.questions import check_action
from iamaudit.iam.actions import Catalogue
from iamaudit.iam.evaluate import Decision, Match
from iamaudit.iam.evaluate.services import needs_no_permission, never_may
from iamaudit.iam.policy import statement_place


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision in words: the question, the verdict, why, and what was not looked at."""

    question: str
    verdict: str
    reasons: tuple[str, ...]
    not_seen: str

    @property
    def lines(self) -> list[str]:
        """The answer a line each, the verdict first."""
        return [self.verdict, *self.reasons, self.not_seen]


@dataclass(frozen=True, slots=True)
class Permitted:
    """Somebody who is allowed to do something, or may be: then the verdict is ``depends``; and why."""

    actor: Actor
    verdict: str
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Of how many principals an action is possible on something, for how many it is certain, and who."""

    action: str
    possible: int
    certain: int
    of: int
    principals: list[str]


def explain(
    question: str, decision: Decision, names: Mapping[int, str], *, organization_is_known: bool
) -> Answer:
    """Return a decision in words; ``names`` say what a document is called, by its identity."""
    is_either = decision.verdict == "depends" and decision.is_denied
    unseen = "policies of the resource" + ("" if organization_is_known else ", SCPs, RCPs")
    return Answer(
        question,
        "implicit or explicit deny" if is_either else decision.verdict,
        tuple(because(decision, names)),
        f"not looked at: {unseen} and session policies",
    )


def because(decision: Decision, names: Mapping[int, str]) -> Iterator[str]:
    """Yield why a decision is what it is: the statements that made it, what blocks, what it depends on."""
    for match in decision.denied_by:
        yield f"denied by {_place(match, names)}"
    for match in decision.allowed_by:
        yield f"allowed by {_place(match, names)}"
    for match in decision.wide:
        yield f"{_place(match, names)} covers the resource only if a * may reach beyond its colon"
    if decision.regardless:
        yield f"{'allowed' if decision.verdict == 'allowed' else 'denied'}: {decision.regardless}"
    if decision.blocked_by:
        yield f"nothing in the {decision.blocked_by} allows it"
        return
    for match in decision.unknown:
        conditions = "; ".join(map(str, match.statement.conditions))
        yield f"depends on {_place(match, names)}" + (f": {conditions}" if conditions else "")
    for policy in decision.missing:
        yield f"depends on {policy}, which was not collected"
    for document in decision.unreadable:
        yield f"depends on {names.get(id(document), 'a policy')}, of which a statement cannot be read"


def _place(match: Match, names: Mapping[int, str]) -> str:
    statement = match.statement
    name = names.get(id(match.document), match.layer)
    return f"{statement_place(statement.index, policy=name, sid=statement.sid)}, {statement.effect}"


def reach(principals: Sequence[PrincipalPermissions], action: str, catalogue: Catalogue) -> Reach:
    """Return who may possibly do ``action`` on something, and for how many it is certain.

    What needs no permission is certain for everybody who may do it, whatever the policies say (rule B8).

    Raises
    ------
    ParameterError
        AWS has no such action.
    """
    check_action(action)
    bit = catalogue.expand_pattern(action)
    free = [p for p in principals if needs_no_permission(p.type, action)]
    possible = free or [p for p in principals if p.sets.possible & bit and not never_may(p.type, action)]
    return Reach(
        action=catalogue.names_of(bit)[0],
        possible=len(possible),
        certain=len(free) or sum(1 for p in possible if p.sets.certain & bit),
        of=len(principals),
        principals=sorted(f"{p.type}/{p.name}" for p in possible),
    )
