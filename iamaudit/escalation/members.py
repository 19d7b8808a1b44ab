"""From a management account into the member accounts of its organization, as far as evidence shows it.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access.html
"""

from collections.abc import Iterator, Mapping, Sequence

from iamaudit.account import Account, Actor
from iamaudit.escalation.decider import strength_of, trust_in
from iamaudit.escalation.rules import ASSUME_ROLE
from iamaudit.escalation.universe import Universe
from iamaudit.escalation.way import CERTAIN, CONDITIONAL, LIVE
from iamaudit.iam.evaluate import Request, authorize

ROOT_OF_MEMBERS = "root of member accounts"
ROLE_IN_MEMBERS = "administrator of member accounts"
_ROLE = "OrganizationAccountAccessRole"
_MEMBER = "0" * 12  # a member account that no policy names


def members_of(account: Account, universe: Universe) -> Mapping[str, Mapping[str, int]]:
    """Return who may act in every member account already, by how surely.

    ``sts:AssumeRoot`` needs root sessions, which only the management account and a delegated administrator
    are told of. ``OrganizationAccountAccessRole`` trusts the management account; whether a member account
    has the role, its own evidence shows.
    """
    found: dict[str, dict[str, int]] = {}
    for end, action, resource, levels in _doors(account):
        bit, by = account.catalogue.expand_pattern(action), found.setdefault(end, {})
        for principal in account.principals:
            if principal.sets.possible & bit:
                held = _held(account, account.actors[principal.arn], action, resource)
                for level in levels[held : held + 1]:
                    by[level] = by.get(level, 0) | universe.bit(principal.arn)
    return found


def _doors(account: Account) -> Iterator[tuple[str, str, str, Sequence[str]]]:
    """Yield what leads into member accounts: the end, the action, what it is asked on, and how sure it is."""
    iam = f"arn:{account.partition}:iam::{_MEMBER}"
    if "RootSessions" in (account.root_features or ()):
        yield ROOT_OF_MEMBERS, "sts:AssumeRoot", f"{iam}:root", (CERTAIN, CONDITIONAL)
    if account.organization.is_management:
        yield ROLE_IN_MEMBERS, ASSUME_ROLE, f"{iam}:role/{_ROLE}", (LIVE, LIVE)


def _held(account: Account, actor: Actor, action: str, resource: str) -> int:
    """Return how surely the caller's side allows it, as ``strength_of``; the other side does already."""
    decision = authorize(
        Request(
            principal=actor.principal,
            action=action,
            resource=resource,
            resource_account=account.account_id,
            context=actor.context_with(account.now),
            identity=actor.identity,
            groups=actor.groups,
            boundary=actor.boundary,
            resource_policy=trust_in(f"arn:{account.partition}:iam::{account.account_id}:root"),
            scps=account.organization.scps,
            missing=actor.missing,
        )
    )
    return strength_of(decision)
