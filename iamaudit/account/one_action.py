"""One action: the statements about it, and who may do it on what, under which condition."""

from collections.abc import Iterator
from dataclasses import dataclass

from iamaudit.account.account import Account
from iamaudit.account.actors import Actor
from iamaudit.account.stored_policy import Policy
from iamaudit.iam.evaluate.services import needs_no_permission, never_may
from iamaudit.iam.policy import Statement, statement_place


@dataclass(frozen=True, slots=True)
class AboutAction:
    """A statement about an action: ``holders`` are the users and roles to whom its policy applies."""

    policy: Policy
    statement: Statement
    holders: tuple[Actor, ...]

    @property
    def place(self) -> str:
        """Where the statement stands."""
        index, version = self.statement.index, self.policy.version
        return statement_place(index, policy=self.policy.policy, version=version)


@dataclass(frozen=True, slots=True)
class MayDo:
    """A user or role for which an action is possible, surely (``is_certain``) or on something in some case.

    ``allows`` are the statements of its own and of its groups that allow it, ``denies`` those that deny it
    in some case, its boundary's and the organization's among them.
    """

    actor: Actor
    is_certain: bool
    allows: tuple[AboutAction, ...]
    denies: tuple[AboutAction, ...]


def statements_about(account: Account, action: str) -> list[AboutAction]:
    """Return every statement of a policy on a user, role or the organization that is about ``action``."""
    everybody = tuple(actor for actor in account.actors.values() if actor.type != "root")
    return [
        AboutAction(policy, statement, _holders(account, policy, everybody))
        for policy in account.policies.values()
        if policy.reading != "trust"
        for statement in policy.document.about(action.lower())
    ]


def who_may(account: Account, action: str, about: list[AboutAction]) -> Iterator[MayDo]:
    """Yield the users and roles for which ``action`` is possible, as ``reach`` counts them.

    ``about`` is what ``statements_about`` returned for it.
    """
    by_policy: dict[str, list[AboutAction]] = {}
    for each in about:
        by_policy.setdefault(each.policy.policy, []).append(each)
    above = [each for each in about if each.policy.kind in ("SCP", "RCP")]
    bit = account.catalogue.expand_pattern(action)
    for principal in account.principals:
        is_free = needs_no_permission(principal.type, action)
        if not is_free and (not principal.sets.possible & bit or never_may(principal.type, action)):
            continue
        actor = account.actors[principal.arn]
        held = [each for policy in sorted(actor.policies) for each in by_policy.get(policy, ())]
        granting = {each.policy for each in actor.attachments if each.how != "boundary"}
        yield MayDo(
            actor,
            is_certain=is_free or bool(principal.sets.certain & bit),
            allows=tuple(e for e in held if e.statement.effect == "Allow" and e.policy.policy in granting),
            denies=tuple(e for e in [*held, *above] if e.statement.effect == "Deny"),
        )


def _holders(account: Account, policy: Policy, everybody: tuple[Actor, ...]) -> tuple[Actor, ...]:
    if policy.kind in ("SCP", "RCP"):
        return everybody
    return tuple(account.actors[arn] for arn in account.holders.get(policy.policy, ()))
