"""Which sensitive actions each user and role may do on every resource of their type, after every layer."""

from collections.abc import Mapping

from iamaudit.account.account import Account
from iamaudit.account.principal_permissions import Above, group_grants, policy_grants, principal_permissions
from iamaudit.iam.evaluate import EffectivePermissions


def on_every_resource(account: Account) -> Mapping[str, EffectivePermissions]:
    """Return by ARN what each principal may do with a resource that no policy singles out.

    ``certain`` are actions that no condition limits, ``possible`` those that at most a condition limits;
    Deny, boundary, SCP and RCP are applied, those of them that are about other resources left out.
    """
    every = account.every_resource
    grants = policy_grants(account.policies.values(), every.grants)
    principals = principal_permissions(
        account.actors.values(),
        grants,
        group_grants(account.groups, grants),
        above=Above(
            [every.level(level, "scp") for level in account.organization.scps],
            [every.level(level, "rcp") for level in account.organization.rcps],
            account.now,
        ),
    )
    return {principal.arn: principal.sets for principal in principals}
