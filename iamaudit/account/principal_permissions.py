"""What each user and role may do after every layer, as action sets."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from iamaudit.account.actors import Actor, Group
from iamaudit.account.stored_policy import Policy
from iamaudit.iam.actions import Catalogue
from iamaudit.iam.evaluate import (
    UNREADABLE,
    EffectivePermissions,
    Grants,
    document_grants,
    effective_permissions,
)


@dataclass(frozen=True, slots=True)
class PrincipalPermissions:
    """One user or role with its action sets."""

    arn: str
    type: str
    name: str
    sets: EffectivePermissions


def policy_grants(policies: Iterable[Policy], catalogue: Catalogue) -> dict[str, Grants]:
    """Return what each identity policy says as action sets; one without document is not complete."""
    return {
        policy.policy: document_grants(policy.document, catalogue) if policy.is_collected else UNREADABLE
        for policy in policies
        if policy.reading == "identity"
    }


def group_grants(groups: Mapping[str, Group], grants: Mapping[str, Grants]) -> dict[str, Grants]:
    """Return what the policies of each group say together, by the group's ARN."""
    return {arn: _together(group.policies, grants) for arn, group in groups.items()}


def principal_permissions(
    actors: Iterable[Actor],
    grants: Mapping[str, Grants],
    groups: Mapping[str, Grants],
    *,
    scps: Sequence[Grants] = (),
    rcps: Sequence[Grants] = (),
    only: Container[str] | None = None,
) -> list[PrincipalPermissions]:
    """Return the effective permissions of every user and role, or of those whose ARN is in ``only``.

    Direct, inline and group policies are united, every Deny, the permissions boundary and the levels of SCPs
    and RCPs applied (rules A3 to A6, B3, B5); service-linked roles are exempt from the last two (rules D1,
    D4). Root is not among them: no policy of the account limits it (rule A1).
    """
    found = []
    for actor in actors:
        if actor.type == "root" or (only is not None and actor.arn not in only):
            continue
        # A group that the details do not hold may allow or deny anything.
        unknown = [UNREADABLE] if actor.unknown_groups else []
        identity = [_together(actor.own_policies, grants), *(groups[g] for g in actor.member_of), *unknown]
        boundary = None if actor.boundary_policy is None else grants.get(actor.boundary_policy, UNREADABLE)
        if ":role/aws-service-role/" in actor.arn:
            sets = effective_permissions(identity, boundary)
        else:
            sets = effective_permissions(identity, boundary, scps=scps, rcps=rcps)
        found.append(PrincipalPermissions(actor.arn, actor.type, actor.name, sets))
    return found


def administrator(sets: EffectivePermissions, control: int) -> str:
    """Return whether every action in ``control`` is certain (yes), or possible everywhere (perhaps)."""
    if not control:
        return "no"
    if sets.certain & control == control:
        return "yes"
    return "perhaps" if sets.everywhere & control == control else "no"


def _together(policies: Iterable[str], grants: Mapping[str, Grants]) -> Grants:
    return reduce(or_, (grants.get(policy, UNREADABLE) for policy in policies), Grants())
