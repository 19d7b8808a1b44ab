"""Who is an administrator, who could be made one, and whom only a boundary holds back."""

from collections.abc import Mapping
from functools import cached_property, reduce
from operator import or_

from iamaudit.account import Account, Actor, permissions_of
from iamaudit.escalation.decider import without_boundary
from iamaudit.escalation.universe import Universe
from iamaudit.iam.evaluate import UNREADABLE, Grants, document_grants, settled
from iamaudit.iam.policy import Document, parse_document

_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


class Standing:
    """Whether principals are administrators as they stand, and under which limits they could become one.

    Each answer is ``yes``, ``perhaps`` (under a condition) or ``no``.
    """

    def __init__(self, account: Account, actors: list[Actor], universe: Universe) -> None:
        self._account, self._actors, self._universe = account, actors, universe
        self._other_grants: dict[int, tuple[Document, Grants]] = {}
        self._possible: dict[int, int] = {}
        self._ceilings: dict[str | None, str] = {}
        self._all = document_grants(parse_document(_ALL), account.catalogue)

    def as_is(self, actor: Actor) -> str:
        """Return whether a principal is an administrator with the policies that it has."""
        return "yes" if actor.type == "root" else self._administrator(actor, self._own(actor))

    def ceiling(self, actor: Actor, grants: Grants | None = None) -> str:
        """Return whether a principal could be made an administrator under its limits.

        ``grants`` are what it would be given, everything unless said. What it holds already may deny.
        """
        if grants is not None:
            return self._administrator(actor, grants)
        found = self._ceilings.get(actor.boundary_policy)
        if found is None:
            found = self._ceilings[actor.boundary_policy] = self._administrator(actor, self._all)
        return found

    def ceilings(self, targets: int) -> list[tuple[int, str]]:
        """Return a set of principals in parts by their ceiling."""
        return [(targets & bits, ceiling) for ceiling, bits in self._by_ceiling.items() if targets & bits]

    @cached_property
    def held_back(self) -> Mapping[str, int]:
        """Whom only the permissions boundary keeps from being an administrator, by how surely."""
        found: dict[str, list[str]] = {}
        for actor in self._actors:
            if actor.boundary_policy and self.as_is(actor) == "no":
                found.setdefault(self.as_is(without_boundary(actor)), []).append(actor.arn)
        return {ceiling: self._universe.bits(arns) for ceiling, arns in found.items() if ceiling != "no"}

    @cached_property
    def administrator_groups(self) -> int:
        """The groups that make an administrator of who has no other limit."""
        nobody = Actor(arn="", type="user", name="")
        groups = self._account.group_grants.items()
        return self._universe.bits(group for group, own in groups if self.ceiling(nobody, own) != "no")

    @cached_property
    def _by_ceiling(self) -> Mapping[str, int]:
        found: dict[str, list[str]] = {}
        for actor in self._actors:
            found.setdefault(self.ceiling(actor), []).append(actor.arn)
        return {ceiling: self._universe.bits(arns) for ceiling, arns in found.items()}

    def _own(self, actor: Actor) -> Grants:
        unknown = UNREADABLE if actor.missing else Grants()  # a policy that was not collected may deny
        return reduce(or_, map(self.grants_of, (*actor.identity, *actor.groups)), unknown)

    def grants_of(self, document: Document) -> Grants:
        """Return what one document says as action sets, worked out once."""
        known = self._grants.get(id(document))
        if known is not None:
            return known
        found = self._other_grants.get(id(document))
        if found is None:
            found = document, document_grants(document, self._account.catalogue)
            self._other_grants[id(document)] = found
        return found[1]

    def possible(self, document: Document) -> int:
        """Return the actions that a document allows on something under some condition."""
        found = self._possible.get(id(document))
        if found is None:
            found = self._possible[id(document)] = settled(self.grants_of(document)).possible
        return found

    @cached_property
    def _grants(self) -> Mapping[int, Grants]:
        """What the account's own documents say; another one, as an older version, is worked out apart."""
        policies = self._account.policies
        return {id(policies[name].document): grants for name, grants in self._account.grants.items()}

    def _administrator(self, actor: Actor, grants: Grants) -> str:
        boundary = None
        if actor.boundary_policy:
            boundary = UNREADABLE if actor.boundary is None else self.grants_of(actor.boundary)
        return permissions_of(actor, grants, boundary, self._account.above).administrator
