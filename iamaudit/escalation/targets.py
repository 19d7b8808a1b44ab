"""What there is to aim at: users with room for a credential, roles, policies and who holds them."""

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

from iamaudit.account import Account, Actor
from iamaudit.escalation.rules import MFA_DEVICES, Rule
from iamaudit.escalation.universe import Universe

_MOST_VERSIONS = 5


class Targets:
    """The users, roles and policies of an account as sets."""

    def __init__(self, account: Account, actors: list[Actor], universe: Universe) -> None:
        self._account, self._actors, self._universe = account, actors, universe

    @cached_property
    def users(self) -> int:
        """The set of all users."""
        return self._universe.bits(actor.arn for actor in self._actors if actor.type == "user")

    @cached_property
    def roles(self) -> int:
        """The set of all roles but the service-linked ones."""
        return self._universe.bits(actor.arn for actor in self._actors if actor.type == "role")

    def roles_for(self, rule: Rule) -> int:
        """Return the roles that a rule may be about."""
        return self.roles & ~self.protected if rule.changes_role else self.roles

    @cached_property
    def protected(self) -> int:
        """The set of the roles of IAM Identity Center: AWS lets nobody else change them.

        https://repost.aws/knowledge-center/identity-center-aws-reserved-sso
        """
        return self._universe.bits(a.arn for a in self._actors if ":role/aws-reserved/" in a.arn)

    @cached_property
    def bounded(self) -> int:
        """The set of the users and roles that have a permissions boundary."""
        return self._universe.bits(actor.arn for actor in self._actors if actor.boundary_policy)

    @cached_property
    def groups(self) -> int:
        """The set of all groups."""
        return self._universe.bits(self._account.groups)

    @cached_property
    def own_policies(self) -> int:
        """The set of the account's own managed policies, which alone can be given a new version."""
        policies = self._account.policies.values()
        return self._universe.bits(
            p.arn for p in policies if p.kind == "customer managed" and p.arn and p.is_collected
        )

    @cached_property
    def with_older(self) -> int:
        """The set of the policies of which there is an older version."""
        policies = self._account.policies.values()
        return self._universe.bits(p.policy for p in policies if p.older)

    @cached_property
    def with_profile(self) -> int:
        """The set of the roles that are in an instance profile."""
        return self._universe.bits(
            role.arn for role in self._account.roles.values() if role.instance_profiles
        )

    def users_for(self, actions: Collection[str]) -> int:
        """Return the users whose credentials leave room for an action, as far as the credential report tells.

        A password can be made only where there is none and changed only where there is one; a third access
        key cannot be made. An MFA device matters only where one is active.
        """
        found = self.users
        if not MFA_DEVICES.isdisjoint(actions):
            found &= ~self._by_mfa[1]
        with_password, without_password, with_two_keys = self._credentials
        if "iam:CreateLoginProfile" in actions:
            found &= ~with_password
        if "iam:UpdateLoginProfile" in actions:
            found &= ~without_password
        if "iam:CreateAccessKey" in actions and "iam:DeleteAccessKey" not in actions:
            found &= ~with_two_keys
        return found

    @property
    def with_mfa(self) -> int:
        """The set of the users who surely have to sign in with an MFA device."""
        return self._by_mfa[0]

    @cached_property
    def _by_mfa(self) -> tuple[int, int]:
        """The users that surely have an active MFA device, and that surely have none."""
        rows = self._account.credentials.values()
        active = {row.arn: row.flag("mfa_active") for row in rows}
        return (
            self._universe.bits(arn for arn, has in active.items() if has is True),
            self._universe.bits(arn for arn, has in active.items() if has is False),
        )

    @cached_property
    def _credentials(self) -> tuple[int, int, int]:
        """The users that surely have a password, that surely have none, and that have two access keys."""
        rows = self._account.credentials.values()
        has_password = {row.arn: row.flag("password_enabled") for row in rows}
        return (
            self._universe.bits(arn for arn, has in has_password.items() if has is True),
            self._universe.bits(arn for arn, has in has_password.items() if has is False),
            self._universe.bits(row.arn for row in rows if len(list(row.keys())) > 1),
        )

    @cached_property
    def full_policies(self) -> int:
        """The own policies that have as many versions as AWS keeps: a new one needs one less."""
        policies = self._account.policies.values()
        return self._universe.bits(p.policy for p in policies if p.versions >= _MOST_VERSIONS)

    def holders(self, policy: str) -> int:
        """Return the set of principals that hold a policy, by any way, also as boundary."""
        return self._holders.get(policy, 0)

    @cached_property
    def _holders(self) -> Mapping[str, int]:
        return self._by_policy((a.arn, a.policies) for a in self._actors)

    def _by_policy(self, held: Iterable[tuple[str, Collection[str]]]) -> Mapping[str, int]:
        return self._universe.parts((policy, arn) for arn, policies in held for policy in policies)
