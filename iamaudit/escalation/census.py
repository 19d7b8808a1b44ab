"""Who there is to escalate, from what, and under which limits; worked out once an account."""

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property, reduce
from operator import or_

from iamaudit.account import Account, Actor, administrator
from iamaudit.escalation.decider import Decider, Holding, without_boundary
from iamaudit.escalation.own_resources import OwnResources
from iamaudit.escalation.trusting import Trusting
from iamaudit.iam.evaluate import (
    UNREADABLE,
    Grants,
    document_grants,
    effective_permissions,
)
from iamaudit.iam.policy import Document, parse_document

_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


class Census:
    """The principals, groups and policies of an account as sets, and what holds for each."""

    def __init__(self, account: Account, decider: Decider) -> None:
        self.account, self.decider, self.universe = account, decider, decider.universe
        self.own_resources = OwnResources(decider)
        self._ceilings: dict[str | None, str] = {}
        self._held: dict[int, int] = {}
        self._all_grants = document_grants(parse_document(_ALL), account.catalogue)

    @cached_property
    def actors(self) -> list[Actor]:
        """Every user and role but root and the service-linked roles, which nobody can pass or change."""
        everybody = self.account.actors.values()
        return [a for a in everybody if a.type != "root" and not a.principal.is_service_linked]

    @cached_property
    def alike(self) -> Mapping[Holding, list[Actor]]:
        """The principals by what they hold: one decision serves all of a group."""
        groups: dict[Holding, list[Actor]] = {}
        for actor in self.actors:
            groups.setdefault(self.decider.holding(actor), []).append(actor)
        return groups

    @cached_property
    def trusting(self) -> Trusting:
        """Whom the roles trust."""
        return Trusting(self.account, self.actors, self.universe)

    @cached_property
    def users(self) -> int:
        """The set of all users."""
        return self.set_of(a for a in self.actors if a.type == "user")

    def users_for(self, actions: Collection[str]) -> int:
        """Return the users whose credentials leave room for an action, as far as the credential report tells.

        A password can be made only where there is none and changed only where there is one; a third access
        key cannot be made.
        """
        found = self.users
        with_password, without_password, with_two_keys = self._credentials
        if "iam:CreateLoginProfile" in actions:
            found &= ~with_password
        if "iam:UpdateLoginProfile" in actions:
            found &= ~without_password
        if "iam:CreateAccessKey" in actions and "iam:DeleteAccessKey" not in actions:
            found &= ~with_two_keys
        return found

    @cached_property
    def _credentials(self) -> tuple[int, int, int]:
        """The users that surely have a password, that surely have none, and that have two access keys."""
        rows = self.account.credentials.items()
        return (
            self.universe.bits(arn for arn, row in rows if row.flag("password_enabled") is True),
            self.universe.bits(arn for arn, row in rows if row.flag("password_enabled") is False),
            self.universe.bits(arn for arn, row in rows if len(list(row.keys())) > 1),
        )

    @cached_property
    def roles(self) -> int:
        """The set of all roles."""
        return self.set_of(a for a in self.actors if a.type == "role")

    @cached_property
    def groups(self) -> int:
        """The set of all groups."""
        return self.universe.bits(self.group_grants)

    @cached_property
    def own_policies(self) -> int:
        """The set of the account's own managed policies, which alone can be given a new version."""
        policies = self.account.policies.items()
        return self.universe.bits(
            arn for arn, policy in policies if policy.kind == "customer managed" and policy.is_collected
        )

    @cached_property
    def with_profile(self) -> int:
        """The set of the roles that are in an instance profile."""
        return self.universe.bits(arn for arn, role in self.account.roles.items() if role.instance_profiles)

    @property
    def group_grants(self) -> Mapping[str, Grants]:
        """What each group's policies say, by the group's ARN."""
        return self.account.group_grants

    @cached_property
    def alike_sets(self) -> list[int]:
        """The groups of principals that hold the same, as sets."""
        return [self.set_of(actors) for actors in self.alike.values()]

    def without(self, policy: str, index: int) -> "Census":
        """Return the census of the same account with one statement of a policy less."""
        account = self.account.without_statement(policy, index)
        return Census(account, Decider(account, self.universe, self.decider.as_of))

    def held_by_name(self, policy: str) -> int:
        """Return the set of principals that hold a policy, by its name in the records."""
        return self._holders.get(policy, 0)

    def held_by(self, policies: int) -> int:
        """Return the set of principals to which one of these managed policies is attached."""
        found = self._held.get(policies)
        if found is None:
            held = (self._holders.get(arn, 0) for arn in self.universe.names(policies))
            found = self._held[policies] = reduce(or_, held, 0)
        return found

    @cached_property
    def _holders(self) -> Mapping[str, int]:
        held: dict[str, list[str]] = {}
        for actor in self.actors:
            for policy in actor.policies:
                held.setdefault(policy, []).append(actor.arn)
        return {policy: self.universe.bits(arns) for policy, arns in held.items()}

    def set_of(self, actors: Iterable[Actor]) -> int:
        """Return principals as a set."""
        return self.universe.bits(actor.arn for actor in actors)

    # what a principal could become at most

    def ceiling(self, actor: Actor, grants: Grants | None = None) -> str:
        """Return whether a principal could be made an administrator under its limits: yes, perhaps or no.

        ``grants`` are what it would be given, everything unless said. What it holds already may deny.
        """
        if grants is not None:
            return self._administrator(actor, grants)
        found = self._ceilings.get(actor.boundary_policy)
        if found is None:
            found = self._ceilings[actor.boundary_policy] = self._administrator(actor, self._all_grants)
        return found

    def ceilings(self, targets: int) -> list[tuple[int, str]]:
        """Return a set of principals in parts by their ceiling."""
        return [(targets & bits, ceiling) for ceiling, bits in self._by_ceiling.items() if targets & bits]

    @cached_property
    def _by_ceiling(self) -> Mapping[str, int]:
        found: dict[str, list[str]] = {}
        for actor in self.actors:
            found.setdefault(self.ceiling(actor), []).append(actor.arn)
        return {ceiling: self.universe.bits(arns) for ceiling, arns in found.items()}

    @cached_property
    def held_back(self) -> Mapping[str, int]:
        """Whom only the permissions boundary keeps from being an administrator, by how surely."""
        found: dict[str, list[str]] = {}
        for actor in self.actors:
            if actor.boundary_policy and self.as_is(actor) == "no":
                found.setdefault(self.as_is(without_boundary(actor)), []).append(actor.arn)
        return {ceiling: self.universe.bits(arns) for ceiling, arns in found.items() if ceiling != "no"}

    @cached_property
    def administrator_groups(self) -> int:
        """The groups that make an administrator of who has no other limit."""
        nobody = Actor(arn="", type="user", name="")
        return self.universe.bits(
            g for g, own in self.group_grants.items() if self.ceiling(nobody, own) != "no"
        )

    def as_is(self, actor: Actor) -> str:
        """Return whether a principal is an administrator as it stands, or stood: yes, perhaps or no."""
        documents = (*actor.identity, *actor.groups)
        own = reduce(or_, (self.grants_of(document) for document in documents), Grants())
        return self._administrator(actor, own)

    def grants_of(self, document: Document) -> Grants:
        """Return what one document says as action sets, worked out once."""
        return self.decider.grants_of(document)

    def _administrator(self, actor: Actor, grants: Grants) -> str:
        boundary = None
        if actor.boundary_policy:
            boundary = UNREADABLE if actor.boundary is None else self.grants_of(actor.boundary)
        scps, rcps = self._levels
        sets = effective_permissions([grants], boundary, scps=scps, rcps=rcps)
        return administrator(sets, self.account.control)

    @cached_property
    def _levels(self) -> tuple[tuple[Grants, ...], tuple[Grants, ...]]:
        organization, catalogue = self.account.organization, self.account.catalogue
        return organization.scp_grants(catalogue), organization.rcp_grants(catalogue)
