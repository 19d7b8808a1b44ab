"""The ways that the rules open: who can take them, to whom, how surely, and what blocks them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from operator import or_

from iamaudit.account import Actor
from iamaudit.escalation.blockers import blocker, is_possible
from iamaudit.escalation.census import Census
from iamaudit.escalation.decider import Cell, Holding, strength, without_boundary
from iamaudit.escalation.rules import Rule, load_rules
from iamaudit.escalation.way import BLOCKED, CERTAIN, CONDITIONAL, LIVE, Decisions, Way
from iamaudit.iam.evaluate import Decision
from iamaudit.iam.policy import Document

_ATTACH = ("iam:AttachUserPolicy", "iam:AttachRolePolicy", "iam:AttachGroupPolicy")
_PROFILE = "an instance profile that holds the role"


def find_ways(census: Census, only: int | None = None) -> Iterator[Way]:
    """Yield every way of every principal, or of those in ``only``, the blocked ones too."""
    rules = [(rule, _needed(rule, census)) for rule in load_rules().values()]
    for who, actors in census.alike.items():
        finder = _Finder(census, who, actors)
        if only is not None and not finder.all & only:
            continue
        allowed = _mentioned(actors[0], census)
        for rule, needed in rules:
            if needed & ~allowed == 0:
                yield from finder.follow(rule)


def _needed(rule: Rule, census: Census) -> int:
    return census.account.catalogue.expand_patterns(rule.permissions)


def _mentioned(actor: Actor, census: Census) -> int:
    """Return the actions that a principal's own policies allow on something, limits aside."""
    documents = (*actor.identity, *actor.groups)
    possible = reduce(or_, (census.grants_of(document).possible for document in documents), 0)
    # Who is named in a trust policy needs no permission to assume the role (rule B7).
    return possible | census.account.catalogue.expand_pattern("sts:AssumeRole")


class _Finder:
    """Applies rules to principals that hold the same."""

    def __init__(self, census: Census, who: Holding, actors: Sequence[Actor]) -> None:
        self.census, self.decider, self.universe = census, census.decider, census.universe
        self.who, self.actors, self.actor = who, actors, actors[0]
        self.all = census.set_of(actors)

    def follow(self, rule: Rule) -> Iterator[Way]:
        """Yield the ways that one rule opens."""
        if rule.services:
            yield from self._through_a_service(rule)
        elif rule.permissions == {"sts:AssumeRole": "target role"}:
            yield from self._by_trust(rule)
        elif rule.gives.startswith("target"):
            yield from self._on_another(rule)
        elif rule.gives == "a group":
            yield from self._into_a_group(rule)
        elif rule.gives == "any policy":
            # What is made outside of the account, by Identity Center, has no boundary of this principal.
            made = without_boundary(self.actor) if rule.actions_on("any") else self.actor
            for sources, decisions in self._on_oneself(rule):
                yield from self._made_administrator(rule, sources, 0, decisions, self.census.ceiling(made))
        else:
            yield from self._without_a_limit(rule)

    # a role that a service takes on

    def _through_a_service(self, rule: Rule) -> Iterator[Way]:
        for service in rule.services:
            surely, perhaps = self.census.trusting.service(service)
            if not surely | perhaps:
                continue
            others = self._on_any(rule)
            for bits, decisions in self._passed(rule, surely | perhaps, others):
                for part, is_sure in ((bits & surely, True), (bits & perhaps & ~surely, False)):
                    for some, live in self._in_profile(rule, service, part):
                        yield from self._way(rule, self.all, some, decisions, is_sure=is_sure, live=live)

    def _passed(self, rule: Rule, roles: int, others: Decisions) -> Iterator[tuple[int, Decisions]]:
        if "iam:PassRole" not in rule.permissions:
            yield roles, others
            return
        cells: list[Cell] = []
        for service in rule.passed_to:
            context = {"iam:PassedToService": service}
            found = self.decider.over(self.actor, self.who, "iam:PassRole", roles, context)
            cells = _better(cells, found) if cells else list(found)
        for bits, decision in cells:
            yield bits, {"iam:PassRole": decision, **others}

    def _in_profile(self, rule: Rule, service: str, roles: int) -> Iterator[tuple[int, str | None]]:
        """Yield roles with what must be there: an instance takes a role only from an instance profile."""
        if service != "ec2.amazonaws.com":
            yield roles, rule.live
            return
        yield roles & self.census.with_profile, rule.live
        yield roles & ~self.census.with_profile, f"{rule.live}, and {_PROFILE}" if rule.live else _PROFILE

    # another principal

    def _by_trust(self, rule: Rule) -> Iterator[Way]:
        """Yield who may assume which role: by the account that the role trusts, or by name."""
        mentioned = bool(self.decider.mentions(self.actor, "sts:AssumeRole"))
        for document, roles in self.census.trusting.account_wide:
            each_alone = _looks_at_caller(document) and len(self.actors) > 1
            for some in [[a] for a in self.actors] if each_alone else [self.actors]:
                for cell, decision in self._assumed(some[0], roles, document):
                    if mentioned or is_possible(decision):
                        yield from self._way(
                            rule, self.census.set_of(some), cell, {"sts:AssumeRole": decision}
                        )
        for actor in self.actors:
            for role in self.census.trusting.by_name.get(actor.arn, ()):
                bits = self.universe.bits([role])
                for cell, decision in self._assumed(actor, bits, self.census.account.trust[role]):
                    own = self.census.set_of([actor])
                    yield from self._way(rule, own, cell, {"sts:AssumeRole": decision})
        yield from self._not_trusted(rule)

    def _assumed(self, actor: Actor, roles: int, trust: Document) -> Iterator[Cell]:
        for cell in self.decider.split(actor, "sts:AssumeRole", roles):
            role = self.universe.first(cell)
            yield cell, self.decider.decide(actor, "sts:AssumeRole", role, {}, trust)

    def _not_trusted(self, rule: Rule) -> Iterator[Way]:
        """Yield the roles that a policy names for AssumeRole and that do not trust who holds it."""
        trusting = reduce(or_, (roles for _, roles in self.census.trusting.account_wide), 0)
        for _, statement in self.decider.mentions(self.actor, "sts:AssumeRole"):
            named = self.universe.bits(statement.resources or ()) & self.census.roles & ~trusting
            for role in self.universe.names(named):
                trusted = [a for a in self.actors if role in self.census.trusting.by_name.get(a.arn, ())]
                others = self.all & ~self.census.set_of(trusted) & ~self.universe.bits([role])
                if others:
                    decision = Decision("implicit deny", blocked_by="trust policy")
                    bits = self.universe.bits([role])
                    yield from self._way(rule, others, bits, {"sts:AssumeRole": decision})

    def _on_another(self, rule: Rule) -> Iterator[Way]:
        """Yield permissions on a user or role that is not oneself, taken together."""
        is_user = bool(rule.actions_on("target user"))
        universe = self.census.users_for(rule.permissions) if is_user else self.census.roles
        cells: list[tuple[int, Decisions]] = [(universe, {})]
        for action, on in rule.permissions.items():
            found = list(self._on_target(action, on, universe))
            cells = [
                (bits & more, {**decisions, action: decision})
                for bits, decisions in cells
                for more, decision in found
                if bits & more
            ]
        if "iam:UpdateAssumeRolePolicy" in rule.permissions:
            cells = list(self._then_assumed(cells))
        for bits, decisions in cells:
            yield from self._won(rule, bits, decisions)

    def _won(self, rule: Rule, targets: int, decisions: Decisions) -> Iterator[Way]:
        sources = self.all
        if rule.gives == "target":
            yield from self._way(rule, sources, targets, decisions)
        elif rule.gives == "target with any policy":
            for bits, ceiling in self.census.ceilings(targets):
                yield from self._made_administrator(rule, sources, bits, decisions, ceiling)
        else:
            for ceiling, held_back in self.census.held_back.items():
                if targets & held_back:
                    bits = targets & held_back
                    yield from self._made_administrator(rule, sources, bits, decisions, ceiling)

    def _on_target(self, action: str, on: str, universe: int) -> Iterable[Cell]:
        if action == "sts:AssumeRole":
            return self._assumable(universe)
        if on == "policy of target":
            cells = self.decider.over(self.actor, self.who, action, self.census.own_policies, {})
            return [(self.census.held_by(bits) & universe, decision) for bits, decision in cells]
        return self.decider.over(self.actor, self.who, action, universe, _context(action))

    def _assumable(self, universe: int) -> Iterator[Cell]:
        named = self.universe.bits(self.census.trusting.by_name.get(self.actor.arn, ()))
        for role in self.universe.names(named):
            bits = self.universe.bits([role])
            yield from self._assumed(self.actor, bits, self.census.account.trust[role])
        for document, roles in self.census.trusting.account_wide:
            yield from self._assumed(self.actor, roles & universe & ~named, document)

    def _then_assumed(self, cells: Sequence[tuple[int, Decisions]]) -> Iterator[tuple[int, Decisions]]:
        """Yield what can be assumed once its trust policy names the principal: a Deny may forbid it."""
        trust = self.decider.trusting(self.actor.arn)
        for bits, decisions in cells:
            for cell, assumed in self._assumed(self.actor, bits, trust):
                yield cell, {**decisions, "sts:AssumeRole": assumed}

    # one's own permissions

    def _on_oneself(self, rule: Rule) -> Iterator[tuple[int, Decisions]]:
        """Yield principals with the decisions on themselves, their groups or their own policies."""
        (action, on) = next(iter(rule.permissions.items()))
        if on == "any":
            yield self.all, self._on_any(rule)
            return
        kinds = {"user": ("User", "Group"), "role": ("Role",)}[self.actor.type]
        if any(word in action for word in ("User", "Role", "Group")) and not any(k in action for k in kinds):
            return
        targets = self._own(on)
        cells = self.decider.over(self.actor, self.who, action, targets, _context(action))
        if on == "self":
            yield from ((bits, {action: decision}) for bits, decision in cells)
        elif cells:
            best = min((decision for _, decision in cells), key=strength)
            yield self.all, {action: best}

    def _on_any(self, rule: Rule) -> Decisions:
        return self.census.own_resources.somewhere(self.actor, self.who, rule.actions_on("any"), {})

    def _own(self, on: str) -> int:
        if on == "self":
            return self.all
        if on == "own group":
            return self.universe.bits(self.actor.member_of)
        return (
            self.universe.bits(self.actor.policies - {self.actor.boundary_policy}) & self.census.own_policies
        )

    def _into_a_group(self, rule: Rule) -> Iterator[Way]:
        """Yield the groups that make an administrator, as far as the user's own limits let them."""
        if self.actor.type != "user":
            return
        wanted = self.census.administrator_groups & ~self.universe.bits(self.actor.member_of)
        for bits, decision in self.decider.over(self.actor, self.who, "iam:AddUserToGroup", wanted, {}):
            for group in self.universe.names(bits):
                ceiling = self.census.ceiling(self.actor, self.census.group_grants[group])
                target, decisions = self.universe.bits([group]), {"iam:AddUserToGroup": decision}
                yield from self._made_administrator(rule, self.all, target, decisions, ceiling)

    def _without_a_limit(self, rule: Rule) -> Iterator[Way]:
        """Yield who is an administrator once a limit is gone, or an older version of a policy back."""
        if self.census.as_is(self.actor) != "no":
            return
        for sources, decisions in self._on_oneself(rule):
            ceilings = {self.census.as_is(freed) for freed in self._freed(rule)} - {"no"}
            if ceilings:
                yield from self._made_administrator(rule, sources, 0, decisions, max(ceilings))

    def _freed(self, rule: Rule) -> Iterator[Actor]:
        if rule.gives == "self without boundary":
            if self.actor.boundary_policy:
                yield without_boundary(self.actor)
            return
        policies = [p for p in self.census.account.policies_of(self.actor) if p.is_collected]
        if rule.gives == "self without a policy":
            is_inline = "iam:DeleteUserPolicy" in rule.permissions
            for policy in policies:
                if (policy.kind == "inline") == is_inline and policy.document in self.actor.identity:
                    kept = tuple(d for d in self.actor.identity if d is not policy.document)
                    yield replace(self.actor, identity=kept)
            return
        for policy in policies:
            for older in policy.older:
                kept = tuple(d for d in self.actor.identity if d is not policy.document)
                others = tuple(d for d in self.actor.groups if d is not policy.document)
                yield replace(self.actor, identity=(*kept, older), groups=others)

    # what all have in common

    def _made_administrator(
        self, rule: Rule, sources: int, targets: int, decisions: Decisions, ceiling: str
    ) -> Iterator[Way]:
        limit = None
        if ceiling == "no":
            limited = self.census.account.actors.get(self.universe.first(targets)) if targets else None
            boundary = (limited or self.actor).boundary_policy
            limit = f"permissions boundary: {boundary}" if boundary else "SCP: of the organization"
            limit += " keeps the administrator's permissions away"
        yield from self._way(rule, sources, targets, decisions, is_sure=ceiling == "yes", limit=limit)

    def _way(
        self,
        rule: Rule,
        sources: int,
        targets: int,
        decisions: Decisions,
        *,
        is_sure: bool = True,
        live: str | None = None,
        limit: str | None = None,
    ) -> Iterator[Way]:
        stopped = blocker(self.actor, decisions, self.census.account.names)
        if stopped == "" or not sources:
            return  # no statement gives the permission
        live = live or rule.live
        if stopped or limit:
            verdict = BLOCKED
        elif live:
            verdict = LIVE
        else:
            is_certain = is_sure and not any(map(strength, decisions.values()))
            verdict = CERTAIN if is_certain else CONDITIONAL
        way = Way(rule, sources, targets, verdict, decisions, stopped or limit, live)
        if way.aims or (not targets and not way.is_takeover):  # else there is nobody to become
            yield way


def _context(action: str) -> Mapping[str, str]:
    """Return the condition keys that an action supplies, as suits who asks best."""
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    if action in _ATTACH:
        return {"iam:PolicyARN": administrator}
    if action == "iam:PutUserPermissionsBoundary":
        return {"iam:PermissionsBoundary": administrator}
    return {}


def _better(first: Sequence[Cell], second: Sequence[Cell]) -> list[Cell]:
    """Return two answers over the same set as one, the better of each."""
    return [
        (bits & more, min(one, other, key=strength))
        for bits, one in first
        for more, other in second
        if bits & more
    ]


def _looks_at_caller(document: Document) -> bool:
    keys = (condition.key.lower() for s in document.statements for condition in s.conditions)
    return any(key.startswith(("aws:principal", "aws:username", "aws:userid")) for key in keys)
