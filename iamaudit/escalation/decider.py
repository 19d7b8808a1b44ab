"""Decisions on many resources at once: one request per group of resources that no statement tells apart.

``authorize`` is the only judge. What is saved here is asking it twice: resources that the same entries of the
policies cover get the same answer, and so do principals that hold the same policies.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import islice, product

from iamaudit.account import Account, Actor
from iamaudit.escalation.universe import Universe
from iamaudit.iam.evaluate import Context, Decision, Grants, Request, authorize, document_grants
from iamaudit.iam.evaluate.resources import resource_regex
from iamaudit.iam.policy import Condition, Document, Statement, parse_document

_PERSONAL = ("aws:principal", "aws:username", "aws:userid")
# What the caller says in a request, and so can say as a condition wants it.
_FREE = ("aws:requestedregion", "aws:useragent", "aws:referer", "aws:requesttag/", "sts:rolesessionname")
_TRIES = 8

Cell = tuple[int, Decision]
"""A set of resources, and the decision on each of them."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What tells principals apart: those who hold the same decide the same.

    ``personal`` is a principal's ARN when a policy of it looks at who asks, else empty.
    """

    managed: frozenset[str]
    inline: tuple[int, ...]
    groups: tuple[str, ...]
    boundary: str | None
    is_service_linked: bool
    personal: str


class Decider:
    """Decides for the principals of one account at one moment."""

    def __init__(self, account: Account, universe: Universe, as_of: datetime) -> None:
        self.account, self.universe, self.as_of = account, universe, as_of
        self._request = {
            "aws:CurrentTime": as_of.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "aws:EpochTime": str(int(as_of.timestamp())),
            "aws:SecureTransport": "true",
            "aws:ViaAWSService": "false",
            "aws:PrincipalIsAWSService": "false",
        }
        self._documents: dict[Document, int] = {}
        self._grants: dict[int, Grants] = {}
        self._contexts: dict[tuple[object, ...], Context] = {}
        self._cells: dict[tuple[object, ...], tuple[Cell, ...]] = {}

    def holding(self, actor: Actor) -> Holding:
        """Return what tells this principal's decisions from others'."""
        documents = self.documents(actor)
        return Holding(
            managed=frozenset(p for p in actor.policies if "#" not in p),
            inline=tuple(sorted(self._documents.setdefault(d, len(self._documents)) for d in documents)),
            groups=tuple(sorted(actor.member_of)),
            boundary=actor.boundary_policy,
            is_service_linked=actor.principal.is_service_linked,
            personal=actor.arn if any(map(_is_personal, documents)) else "",
        )

    def documents(self, actor: Actor) -> tuple[Document, ...]:
        """Return every document that limits or allows what a principal asks of this account."""
        boundary = () if actor.boundary is None else (actor.boundary,)
        return (*actor.identity, *actor.groups, *boundary, *self._organization)

    @cached_property
    def _organization(self) -> tuple[Document, ...]:
        levels = (*self.account.organization.scps, *self.account.organization.rcps)
        return tuple(document for level in levels for document in level)

    def grants_of(self, document: Document) -> Grants:
        """Return what one document says as action sets, worked out once."""
        found = self._grants.get(id(document))
        if found is None:
            found = self._grants[id(document)] = document_grants(document, self.account.catalogue)
        return found

    def over(
        self, actor: Actor, who: Holding, action: str, targets: int, context: Mapping[str, str]
    ) -> tuple[Cell, ...]:
        """Return the decisions on ``action`` over a set of targets, in groups; none without any Allow."""
        key = (who, action, targets, tuple(context.items()))
        found = self._cells.get(key)
        if found is None:
            found = self._cells[key] = tuple(self._over(actor, action, targets, context))
        return found

    def _over(self, actor: Actor, action: str, targets: int, context: Mapping[str, str]) -> Iterator[Cell]:
        if not targets or not self.mentions(actor, action):
            return
        for cell in self.split(actor, action, targets):
            for bits, more in self._by_boundary(actor, action, cell):
                yield bits, self.decide(actor, action, self.universe.first(bits), {**context, **more})

    def mentions(self, actor: Actor, action: str) -> list[tuple[Document, Statement]]:
        """Return the statements of a principal's own policies that allow an action on something."""
        return [
            (document, statement)
            for document in (*actor.identity, *actor.groups)
            for statement in document.about(action.lower())
            if statement.effect == "Allow"
        ]

    def split(self, actor: Actor, action: str, targets: int) -> list[int]:
        """Return ``targets`` in the groups that no entry of any statement about the action tells apart."""
        cells, context = [targets], self.context(actor, {})
        for document in self.documents(actor):
            has_variables = document.version == "2012-10-17"
            for statement in document.about(action.lower()):
                for entry in statement.resources or statement.not_resources or ():
                    regex = resource_regex(entry, context, has_variables=has_variables)
                    if entry != "*" and regex is not None:
                        bits = self.universe.matching(entry, regex)
                        cells = [part for c in cells for part in (c & bits, c & ~bits) if part]
        return cells

    def decide(
        self,
        actor: Actor,
        action: str,
        resource: str,
        context: Mapping[str, str],
        trust: Document | None = None,
    ) -> Decision:
        """Decide one request that a principal words as suits it best: free condition keys are tried."""
        decision = self._decide(actor, action, resource, context, trust)
        if decision.verdict != "depends" or decision.blocked_by:
            return decision
        for values in islice(_wordings(decision), _TRIES):
            tried = self._decide(actor, action, resource, {**context, **values}, trust)
            if tried.verdict == "allowed":
                return tried
        return decision

    def _decide(
        self,
        actor: Actor,
        action: str,
        resource: str,
        context: Mapping[str, str],
        trust: Document | None,
    ) -> Decision:
        return authorize(
            Request(
                principal=actor.principal,
                action=action,
                resource=resource,
                resource_account=self.account.account_id,
                context=self.context(actor, context),
                identity=actor.identity,
                groups=actor.groups,
                boundary=actor.boundary,
                resource_policy=trust,
                scps=self.account.organization.scps,
                rcps=self.account.organization.rcps,
                missing=actor.missing,
            )
        )

    def context(self, actor: Actor, more: Mapping[str, str]) -> Context:
        """Return what is known of a request of this principal, and what it surely lacks."""
        key = (actor.arn, tuple(more.items()))
        found = self._contexts.get(key)
        if found is None:
            found = self._contexts[key] = self._context(actor, more)
        return found

    def _context(self, actor: Actor, more: Mapping[str, str]) -> Context:
        absent = [key.removeprefix("-") for key in more if key.startswith("-")]
        if actor.type == "user":
            absent.append("aws:principaltag/")  # a user's tags are all known; a session may bring its own
        else:
            absent.append("aws:username")
        given = {key: value for key, value in more.items() if not key.startswith("-")}
        values = {**self._request, **actor.context, **given}
        return Context.of(values, is_complete=False, absent=tuple(absent))

    @cached_property
    def _boundaries(self) -> dict[str | None, int]:
        held: dict[str | None, list[str]] = {}
        for actor in self.account.actors.values():
            held.setdefault(actor.boundary_policy, []).append(actor.arn)
        return {boundary: self.universe.bits(arns) for boundary, arns in held.items()}

    def _by_boundary(self, actor: Actor, action: str, cell: int) -> Iterator[tuple[int, Mapping[str, str]]]:
        """Yield parts of a set by the boundary of each, where a policy looks at iam:PermissionsBoundary."""
        looked_at = any(
            condition.key.lower() == "iam:permissionsboundary"
            for document in self.documents(actor)
            for statement in document.about(action.lower())
            for condition in statement.conditions
        )
        if not looked_at or "PermissionsBoundary" in action.removeprefix("iam:Delete"):
            yield cell, {}
            return
        for boundary, bits in self._boundaries.items():
            if cell & bits:
                given = (
                    {"iam:PermissionsBoundary": boundary} if boundary else {"-iam:permissionsboundary": ""}
                )
                yield cell & bits, given

    def trusting(self, arn: str) -> Document:
        """Return a trust policy that names one principal and asks for nothing."""
        statement = {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "sts:AssumeRole"}
        return parse_document({"Version": "2012-10-17", "Statement": [statement]}, kind="trust")


def strength(decision: Decision) -> int:
    """Return 0 for allowed, 1 for what depends, 2 for what is denied: the lower, the better for who asks."""
    if decision.verdict == "allowed":
        return 0
    return 1 if decision.verdict == "depends" and not decision.blocked_by else 2


def without_boundary(actor: Actor) -> Actor:
    """Return the same principal with its permissions boundary taken off."""
    policies = actor.policies - {actor.boundary_policy}
    return replace(actor, boundary=None, boundary_policy=None, policies=frozenset(p for p in policies if p))


def _is_personal(document: Document) -> bool:
    return any(
        any(condition.key.lower().startswith(_PERSONAL) for condition in statement.conditions)
        or any("${" in text for condition in statement.conditions for text in condition.values)
        or any("${" in entry for entry in statement.resources or statement.not_resources or ())
        for statement in document.statements
    )


def _wordings(decision: Decision) -> Iterator[dict[str, str]]:
    """Yield values of free condition keys with which a request might be allowed."""
    conditions = [c for match in decision.unknown for c in match.statement.conditions]
    values: dict[str, list[str]] = {}
    for condition in conditions:
        values.setdefault(condition.key, []).extend(_sayable(condition))
    free = {key: tuple(dict.fromkeys(said)) for key, said in values.items() if said}
    if free:
        for each in product(*free.values()):
            yield dict(zip(free, each, strict=True))


def _sayable(condition: Condition) -> Iterable[str]:
    if condition.key.lower().startswith(_FREE):
        return (value.replace("*", "x").replace("?", "x") for value in condition.values)
    if condition.key.lower() == "aws:sourceip" and "0.0.0.0/0" in condition.values:
        return ("203.0.113.1",)  # any address will do
    return ()
