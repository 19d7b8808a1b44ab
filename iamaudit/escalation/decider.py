"""Decisions on single requests of an account's principals, by ``authorize``."""

from collections.abc import Iterable
from copy import copy
from dataclasses import replace
from datetime import datetime
from functools import reduce
from operator import or_

from iamaudit.account import Account, Actor
from iamaudit.escalation.documents import Documents, More
from iamaudit.escalation.request_keys import ByValue, RequestKeys
from iamaudit.escalation.said import Hearing
from iamaudit.escalation.universe import Universe
from iamaudit.escalation.wording import Voice, wordings
from iamaudit.iam.evaluate import Context, Decision, Request, authorize
from iamaudit.iam.evaluate.ternary import Ternary
from iamaudit.iam.policy import Document, parse_document


class Decider:
    """Decides for the principals of one account at one moment."""

    def __init__(self, account: Account, universe: Universe, as_of: datetime) -> None:
        self.account, self.universe, self.as_of = account, universe, as_of
        self.keys = RequestKeys(account, as_of)
        self.documents = Documents(universe, account.catalogue, self.keys.context)
        self.hearing = Hearing(self.documents)
        self.by_value = ByValue(self.keys, account, universe)

    def of_account(self, account: Account) -> "Decider":
        """Return the same for a copy of the account with another policy; what documents say is kept."""
        other = copy(self)
        other.account = account
        return other

    def decide(
        self, actor: Actor, action: str, resource: str, more: More = (), trust: Document | None = None
    ) -> Decision:
        """Decide one request that a principal words as suits it best: free condition keys are tried."""
        lower = action.lower()
        more = (*self.keys.of_target(lower, resource), *more)
        decision = self._decide(actor, action, resource, more, trust)
        if decision.verdict != "depends" or decision.is_denied:
            return decision
        conditions = (c for match in decision.unknown for c in match.statement.conditions)
        for values in wordings(conditions, self.voice(actor), self.fixed(lower, more)):
            tried = self._decide(actor, action, resource, (*more, *values), trust)
            if tried.verdict == "allowed":
                return tried
        return decision

    def _decide(
        self, actor: Actor, action: str, resource: str, more: More, trust: Document | None
    ) -> Decision:
        return authorize(
            Request(
                principal=actor.principal,
                action=action,
                resource=resource,
                resource_account=self.account.account_id,
                context=self.context(actor, more, action.lower()),
                identity=actor.identity,
                groups=actor.groups,
                boundary=actor.boundary,
                resource_policy=trust,
                scps=self.account.organization.scps,
                rcps=self.account.organization.rcps,
                missing=actor.missing,
            )
        )

    def context(self, actor: Actor, more: More = (), action: str = "") -> Context:
        """Return what is known of a request of this principal for an action, and what it surely lacks."""
        return self.keys.context(actor, more, action)

    def voice(self, actor: Actor) -> Voice:
        """Return what a principal may say in its requests as it likes."""
        return self.keys.voice(actor, self.context(actor))

    def fixed(self, action: str, more: More) -> frozenset[str]:
        """Return the condition keys that a request for an action does not leave to the caller."""
        given = (*self.keys.of_action(action), *more)
        return frozenset(key.removeprefix("-").lower() for key, _ in given)


def strength(held: Ternary) -> int:
    """Return 0 for allowed, 1 for what depends, 2 for what is denied: the lower, the better for who asks."""
    return 1 if held is None else 0 if held else 2


def strength_of(decision: Decision) -> int:
    """Return the same for a decision; what is denied one way or the other is denied."""
    if decision.verdict == "allowed":
        return 0
    return 2 if decision.is_denied else 1


def without_boundary(actor: Actor) -> Actor:
    """Return the same principal with its permissions boundary taken off."""
    policies = actor.policies - {actor.boundary_policy}
    missing = tuple(policy for policy in actor.missing if policy != actor.boundary_policy)
    kept = frozenset(p for p in policies if p)
    return replace(actor, boundary=None, boundary_policy=None, policies=kept, missing=missing)


def union(sets: Iterable[int]) -> int:
    """Return the union of some sets."""
    return reduce(or_, sets, 0)


def trust_in(arn: str) -> Document:
    """Return a trust policy that names one principal and asks for nothing."""
    statement = {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "sts:AssumeRole"}
    return parse_document({"Version": "2012-10-17", "Statement": [statement]}, kind="trust")
