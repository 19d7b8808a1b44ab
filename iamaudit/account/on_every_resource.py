"""Which actions each user and role may do on every resource of their type, after every layer."""

from collections.abc import Collection, Mapping
from functools import reduce
from operator import or_

from iamaudit.account.account import Account
from iamaudit.account.principal_permissions import (
    Above,
    group_grants,
    held_by,
    permissions_at_best,
    permissions_of,
    policy_grants,
    principal_permissions,
)
from iamaudit.iam.evaluate import EffectivePermissions, EveryResource


def on_every_resource(account: Account) -> Mapping[str, EffectivePermissions]:
    """Return by ARN what each principal may do with a resource that no policy singles out.

    The sensitive actions are asked about. ``certain`` are those that no condition limits, ``possible`` those
    that at most a condition limits; Deny, boundary, SCP and RCP are applied, those of them that are about
    other resources left out.
    """
    every = account.every_resource
    grants = policy_grants(account.policies.values(), every.grants)
    principals = principal_permissions(
        account.actors.values(),
        grants,
        group_grants(account.groups, grants),
        above=_above(account, every),
    )
    return {principal.arn: principal.sets for principal in principals}


def best_on_every_resource(
    account: Account, every: EveryResource, arns: Collection[str]
) -> Mapping[str, tuple[int, int]]:
    """Return the same of some principals and actions: the surely allowed, and the possible ones.

    Each principal words its requests as suits it best.
    """
    actors = [account.actors[arn] for arn in arns]
    held = {policy for actor in actors for policy in actor.policies}
    grants = policy_grants((account.policies[policy] for policy in held), every.grants)
    joined = {group for actor in actors for group in actor.member_of}
    groups = group_grants({arn: account.groups[arn] for arn in joined}, grants)
    above = _above(account, every)
    found = {}
    for actor in actors:
        asked = *held_by(actor, grants, groups), above
        plain, best = permissions_of(actor, *asked).sets, permissions_at_best(actor, *asked)
        surely = reduce(or_, (sets.certain for sets in best), plain.certain)
        found[actor.arn] = surely, plain.possible
    return found


def _above(account: Account, every: EveryResource) -> Above:
    levels = account.organization
    return Above(
        [every.level(level, "scp") for level in levels.scps],
        [every.level(level, "rcp") for level in levels.rcps],
        account.now,
    )
