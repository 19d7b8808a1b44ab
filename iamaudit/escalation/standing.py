"""Who is an administrator, who could be made one, and whom only a boundary holds back."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cached_property, reduce
from operator import or_
from typing import Self

from iamaudit.account import Account, Actor, carried_keys, changes_identities, known_of, permissions_of
from iamaudit.escalation.decider import union, without_boundary
from iamaudit.escalation.universe import Universe
from iamaudit.iam.evaluate import UNREADABLE, Grants, Known, settled
from iamaudit.iam.evaluate.principals import SERVICE_LINKED
from iamaudit.iam.policy import Document, parse_document

_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
ANSWERS = ("yes", "perhaps", "no")
NOBODY = Actor(arn="", type="user", name="")

By = Mapping[str, int]
"""Sets of principals by ``yes``, ``perhaps`` or ``no``."""


class Standing:
    """Whether principals are administrators as they stand, and under which limits they could become one.

    Each answer is ``yes``, ``perhaps`` (under a condition) or ``no``.
    """

    def __init__(self, account: Account, actors: list[Actor], universe: Universe) -> None:
        self._account, self._actors, self._universe = account, actors, universe
        self._other_grants: dict[int, tuple[Document, Grants]] = {}
        self._possible: dict[int, tuple[Document, int]] = {}
        self._denies: dict[int, bool] = {}
        self._ceilings: dict[tuple[str | None, bool], str] = {}
        self._limits: dict[str, str] = {}
        self._alone: dict[tuple[str | None, bool], str] = {}
        self._under: dict[str, str] = {}
        self._known: dict[str, Known] = {}
        self._before: tuple[Self, int] | None = None

    @cached_property
    def _all(self) -> Grants:
        return self._account.grants_of(parse_document(_ALL))

    def edited(self, account: Account, actors: list[Actor], changed: int) -> Self:
        """Return the same for a copy of the account in which some principals hold another document."""
        other = type(self)(account, actors, self._universe)
        vars(other).update(_holders=self._holders, _bounded=self._bounded, _all=self._all, _known=self._known)
        other._before = self, changed
        return other

    def _anew(self, kept: Callable[[Self], By]) -> tuple[list[Actor], dict[str, int]]:
        """Return the principals to ask about, and what is known of the others from before an edit."""
        if self._before is None:
            return self._actors, {}
        before, changed = self._before
        asked = [self._account.actors[arn] for arn in self._universe.names(changed)]
        return asked, {answer: bits & ~changed for answer, bits in kept(before).items()}

    def as_is(self, actor: Actor) -> str:
        """Return whether a principal is an administrator with the policies that it has."""
        if actor.type == "root":
            return "yes"
        is_stored = self._account.actors.get(actor.arn) is actor
        known = self._account.administrators.get(actor.arn) if is_stored else None
        if known is None and not self.holds_enough(actor):
            return "no"
        return known or self._administrator(actor, self._own(actor))

    def holds_enough(self, actor: Actor) -> bool:
        """Say whether a principal's own policies allow what makes an administrator, if conditions are met."""
        given = union(map(self.possible, (*actor.identity, *actor.groups)))
        return not changes_identities() & ~given

    def ceiling(self, actor: Actor, grants: Grants | None = None) -> str:
        """Return whether a principal could be made an administrator under its limits.

        ``grants`` are what it would be given, everything unless said. What it holds already it keeps, every
        Deny of it, too.
        """
        is_own = grants is None and self._account.actors.get(actor.arn) is actor
        if is_own and self._before is not None and not self._before[1] & self._universe.bit(actor.arn):
            return self._before[0].ceiling(actor)
        if grants is None and self._is_plain(actor):
            key = actor.boundary_policy, bool(actor.missing)
            if key not in self._ceilings:
                self._ceilings[key] = self._administrator(actor, self._own(actor) | self._all)
            return self._ceilings[key]
        if not is_own:
            return self._administrator(actor, self._own(actor) | (grants or self._all))
        if actor.arn not in self._under:
            self._under[actor.arn] = self._administrator(actor, self._own(actor) | self._all)
        return self._under[actor.arn]

    def _is_plain(self, actor: Actor) -> bool:
        """Say whether nothing but its boundary and the organization limits a principal, whoever it is."""
        denying = map(self._may_deny, (*actor.identity, *actor.groups))
        return self._is_alike_under(actor.boundary) and not any(denying)

    def _is_alike_under(self, boundary: Document | None) -> bool:
        """Say whether neither a boundary nor a policy of the organization looks at who asks."""
        return not self._limits_look and not (boundary is not None and self.grants_of(boundary).cases)

    @cached_property
    def _limits_look(self) -> bool:
        """Whether a policy of the organization looks at who asks."""
        return any(level.cases for level in self._account.above.scps)

    def _may_deny(self, document: Document) -> bool:
        """Say whether a document may keep an administrator's permissions away."""
        found = self._denies.get(id(document))
        if found is None:
            said = settled(self.grants_of(document)).maybe_denied_broadly
            found = self._denies[id(document)] = bool(said & self._account.catalogue.control)
        return found

    def newcomer(self, arn: str, grants: Grants | None = None) -> str:
        """Return whether a user or role that is not there yet, so called, could be made an administrator."""
        kind, _, path = arn.split(":", 5)[5].partition("/")
        name = path.rpartition("/")[2]
        context = carried_keys(arn, kind, user_name=name if kind == "user" else None)
        return self.ceiling(Actor(arn=arn, type=kind, name=name, context=context), grants)

    def ceilings(self, targets: int) -> list[tuple[int, str]]:
        """Return a set of principals in parts by their ceiling."""
        return [(targets & bits, ceiling) for ceiling, bits in self._by_ceiling.items() if targets & bits]

    def limit(self, actor: Actor) -> str:
        """Return in words what keeps a principal of the account from being made an administrator."""
        if self._before is not None and not self._before[1] & self._universe.bit(actor.arn):
            return self._before[0].limit(actor)
        if actor.arn not in self._limits:
            self._limits[actor.arn] = self._limit(actor)
        return self._limits[actor.arn]

    def limits(self, targets: int) -> str:
        """Return in words what keeps some principals from being administrators: the limit of the first."""
        limit = self.limit(self._account.actors[self._universe.first(targets)])
        return f"{limit}, as other limits do for others" if targets & ~self._by_limit[limit] else limit

    @cached_property
    def _by_limit(self) -> By:
        return self._universe.parts((self.limit(actor), actor.arn) for actor in self._actors)

    def _limit(self, actor: Actor) -> str:
        if self._with_all(actor) != "no":
            denying = filter(self._may_deny, (*actor.identity, *actor.groups))
            named = (self._account.names.get(id(document), "a policy") for document in denying)
            limit = f"Deny: of {next(named, 'a policy')}"
        elif actor.boundary_policy:
            limit = f"permissions boundary: {actor.boundary_policy}"
        else:
            limit = "SCP: of the organization"
        return f"{limit} keeps the administrator's permissions away"

    def _with_all(self, actor: Actor) -> str:
        """Return what a principal would be that holds one policy, which allows everything."""
        if not self._is_alike_under(actor.boundary):
            return self._administrator(actor, self._all)
        key = actor.boundary_policy, SERVICE_LINKED in actor.arn
        if key not in self._alone:
            self._alone[key] = self._administrator(actor, self._all)
        return self._alone[key]

    @cached_property
    def _holders(self) -> Mapping[str, int]:
        """Who holds each policy, by any way, also as boundary."""
        return self._universe.parts(
            (policy, actor.arn) for actor in self._actors for policy in actor.policies
        )

    @cached_property
    def _bounded(self) -> Mapping[str | None, int]:
        return self._universe.parts((actor.boundary_policy, actor.arn) for actor in self._actors)

    @cached_property
    def _denying(self) -> int:
        """Who holds a Deny that may keep an administrator's permissions away."""
        actors, kept = self._anew(lambda before: {"": before._denying})
        denying = (a.arn for a in actors if any(map(self._may_deny, (*a.identity, *a.groups))))
        return self._universe.bits(denying) | kept.get("", 0)

    # who stands where

    @cached_property
    def held_back(self) -> By:
        """Whom only the permissions boundary keeps from being an administrator, by how surely."""
        actors, found = self._anew(lambda before: before.held_back)
        for actor in actors:
            if actor.boundary_policy and self.as_is(actor) == "no":
                ceiling = self.as_is(without_boundary(actor))
                found[ceiling] = found.get(ceiling, 0) | self._universe.bit(actor.arn)
        return {ceiling: found[ceiling] for ceiling in ("yes", "perhaps") if ceiling in found}

    @cached_property
    def bounded(self) -> By:
        """Whom the boundary keeps from being made an administrator, by what could be made without it."""
        actors, kept = self._anew(lambda before: before.bounded)
        found = self._universe.parts(
            (self.ceiling(without_boundary(actor)), actor.arn)
            for actor in actors
            if actor.boundary_policy and self.ceiling(actor) != "yes"
        )
        return {c: kept.get(c, 0) | found.get(c, 0) for c in ("yes", "perhaps") if c in kept or c in found}

    @cached_property
    def administrator_groups(self) -> int:
        """The groups that make an administrator of who has no other limit."""
        groups = self._account.group_grants
        return self._universe.bits(group for group in groups if self.of_group(group) != "no")

    def of_group(self, group: str) -> str:
        """Return whether a group makes an administrator of a member who has no other limit.

        What the organization leaves of that depends on who the member is.
        """
        return permissions_of(NOBODY, self._account.group_grants[group], None).administrator

    @cached_property
    def _by_ceiling(self) -> By:
        actors, kept = self._anew(lambda before: before._by_ceiling)
        found = self._universe.parts((self.ceiling(actor), actor.arn) for actor in actors)
        return {
            each: kept.get(each, 0) | found.get(each, 0) for each in ANSWERS if each in kept or each in found
        }

    # what documents say

    def _own(self, actor: Actor) -> Grants:
        return self._together(actor, (*actor.identity, *actor.groups))

    def _together(self, actor: Actor, documents: Iterable[Document]) -> Grants:
        unknown = UNREADABLE if actor.missing else Grants()  # a policy that was not collected may deny
        return reduce(or_, map(self.grants_of, documents), unknown)

    def grants_of(self, document: Document) -> Grants:
        """Return what one document says as action sets, worked out once."""
        known = self._grants.get(id(document))
        if known is not None:
            return known
        found = self._other_grants.get(id(document))
        if found is None:
            found = document, self._account.grants_of(document)
            self._other_grants[id(document)] = found
        return found[1]

    def possible(self, document: Document) -> int:
        """Return the actions that a document would allow on something if each condition were met."""
        found = self._possible.get(id(document))
        if found is None:
            keys = (c.key.lower() for s in document.statements for c in s.conditions)
            if any(key.startswith("iam:") for key in keys):
                open_to = tuple(replace(s, conditions=()) for s in document.statements if s.effect == "Allow")
                said = self._account.grants_of(replace(document, statements=open_to))
            else:
                said = settled(self.grants_of(document))
            found = self._possible[id(document)] = document, said.possible
        return found[1]

    @cached_property
    def _grants(self) -> Mapping[int, Grants]:
        """What the account's own documents say; another one, as an older version, is worked out apart."""
        policies = self._account.policies
        return {id(policies[name].document): grants for name, grants in self._account.grants.items()}

    def _administrator(self, actor: Actor, grants: Grants) -> str:
        boundary = None
        if actor.boundary_policy:
            boundary = UNREADABLE if actor.boundary is None else self.grants_of(actor.boundary)
        return self._permissions(actor, grants, boundary)

    def _permissions(self, actor: Actor, grants: Grants, boundary: Grants | None) -> str:
        known = None
        if grants.cases or self._limits_look or (boundary is not None and boundary.cases):
            known = self._known.get(actor.arn)
            if known is None:
                known = self._known[actor.arn] = known_of(actor, self._account.above.now)
        return permissions_of(actor, grants, boundary, self._account.above, known).administrator
