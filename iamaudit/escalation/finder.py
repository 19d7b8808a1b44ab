"""The ways that the rules open to one principal: to whom, how surely, and what blocks them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from iamaudit.account import Account, Actor
from iamaudit.escalation.blockers import Part, blocker, denials, out_of_reach, why_not
from iamaudit.escalation.caller import Caller, Reach
from iamaudit.escalation.decider import Decider, strength, union, without_boundary
from iamaudit.escalation.documents import More
from iamaudit.escalation.own_resources import OwnResources
from iamaudit.escalation.rules import Rule, load_rules
from iamaudit.escalation.standing import Standing
from iamaudit.escalation.targets import Targets
from iamaudit.escalation.trusting import Trusting
from iamaudit.escalation.way import BLOCKED, CERTAIN, CONDITIONAL, LIVE, Way

_ATTACH = ("iam:AttachUserPolicy", "iam:AttachRolePolicy", "iam:AttachGroupPolicy")
_ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
_PROFILE = "an instance profile that holds the role"
_ASSUME = "sts:AssumeRole"

Cell = tuple[int, str, str | None]
"""Targets with a verdict, and what blocks there."""


@dataclass(frozen=True)
class Surroundings:
    """What is worked out once an account, and asked about every principal."""

    account: Account
    actors: list[Actor]
    decider: Decider
    targets: Targets
    standing: Standing
    trusting: Trusting
    own_resources: OwnResources

    @cached_property
    def rules(self) -> list[tuple[Rule, int]]:
        """Every rule with the actions that it needs."""
        catalogue = self.account.catalogue
        return [(rule, catalogue.expand_patterns(rule.permissions)) for rule in load_rules().values()]

    @cached_property
    def always(self) -> int:
        """Whoever is named in a trust policy needs no permission to assume the role (rule B7)."""
        return self.account.catalogue.expand_pattern(_ASSUME)


def find_ways(around: Surroundings, actors: Iterable[Actor]) -> list[Way]:
    """Return every way of some principals, the blocked ones too; those that are alike in all are one."""
    found: dict[tuple[str, int, str, str | None, str | None], list[str]] = {}
    rules = load_rules()
    for actor in actors:
        for way in Finder(around, actor).ways():
            key = (way.rule.id, way.targets, way.verdict, way.blocker, way.live)
            found.setdefault(key, []).append(actor.arn)
    universe = around.decider.universe
    order = {rule: number for number, rule in enumerate(rules)}
    ways = [Way(rules[key[0]], universe.bits(arns), *key[1:]) for key, arns in found.items()]
    return sorted(ways, key=lambda way: order[way.rule.id])


class Finder:
    """Applies the rules to one principal."""

    def __init__(self, around: Surroundings, actor: Actor) -> None:
        self.around, self.actor = around, actor
        self.caller = Caller(around.decider, actor)
        self.universe, self.bit = around.decider.universe, self.caller.bit
        self._passing: dict[tuple[str, ...], list[Cell]] = {}

    def ways(self) -> Iterator[Way]:
        """Yield the principal's ways, each with itself as the only source.

        Who surely is an administrator has nothing to win: of such a one only the roles that it may assume.
        """
        if self.around.standing.as_is(self.actor) == "yes":
            yield from self._by_trust(load_rules()["sts-assume-role"])
            return
        grants = (self.around.standing.grants_of(document).possible for document in self.caller.own)
        allowed = union(grants) | self.around.always
        for rule, needed in self.around.rules:
            if needed & ~allowed == 0:
                yield from self.follow(rule)

    def follow(self, rule: Rule) -> Iterator[Way]:
        """Yield the ways that one rule opens."""
        if rule.services:
            yield from self._through_a_service(rule)
        elif rule.permissions == {_ASSUME: "target role"}:
            yield from self._by_trust(rule)
        elif rule.gives.startswith("target"):
            yield from self._on_another(rule)
        elif rule.gives == "a group":
            yield from self._into_a_group(rule)
        elif rule.gives == "any policy":
            yield from self._for_oneself(rule)
        else:
            yield from self._without_a_limit(rule)

    # a role that a service takes on

    def _through_a_service(self, rule: Rule) -> Iterator[Way]:
        for service in rule.services:
            surely, perhaps = self.around.trusting.service(service)
            if not surely | perhaps:
                continue
            verdict, stopped = self._on_any(rule)
            if stopped == "":
                return  # no statement gives the permission
            for bits, own, own_stopped in self._passed(rule, surely | perhaps):
                both = _weaker(verdict, own)
                for part, trusted in ((bits & surely, CERTAIN), (bits & perhaps & ~surely, CONDITIONAL)):
                    for some, live in self._in_profile(rule, service, part):
                        yield from self._way(
                            rule, some, _weaker(both, trusted), own_stopped or stopped, live=live
                        )

    def _passed(self, rule: Rule, roles: int) -> Iterable[Cell]:
        """Return the roles that may be passed for a rule, in parts."""
        if "iam:PassRole" not in rule.permissions:
            return [(roles, CERTAIN, None)]
        found = self._passing.get(rule.passed_to)
        if found is None:
            found = self._passing[rule.passed_to] = list(self._pass(rule.passed_to))
        return [(bits & roles, verdict, stopped) for bits, verdict, stopped in found if bits & roles]

    def _pass(self, services: tuple[str, ...]) -> Iterator[Cell]:
        roles, asked = self.around.targets.roles, [(("iam:PassedToService", s),) for s in services]
        reaches = [self.caller.reach("iam:PassRole", more) for more in asked]
        best = Reach(union(r.surely for r in reaches), union(r.perhaps for r in reaches))
        yield from self._cells("iam:PassRole", roles, best, asked[0])

    def _in_profile(self, rule: Rule, service: str, roles: int) -> Iterator[tuple[int, str | None]]:
        """Yield roles with what must be there: an instance takes a role only from an instance profile."""
        if service != "ec2.amazonaws.com":
            yield roles, rule.live
            return
        with_profile = self.around.targets.with_profile
        yield roles & with_profile, rule.live
        yield roles & ~with_profile, f"{rule.live}, and {_PROFILE}" if rule.live else _PROFILE

    # another principal

    def _by_trust(self, rule: Rule) -> Iterator[Way]:
        """Yield the roles that a principal may assume, and those that stop it."""
        reach = self._assumable
        yield from self._way(rule, reach.surely, CERTAIN)
        yield from self._way(rule, reach.perhaps & ~reach.surely, CONDITIONAL)
        for words, bits in (*self._not_assumable(reach), self._untrusting(reach)):
            yield from self._way(rule, bits, BLOCKED, words)

    @cached_property
    def _assumable(self) -> Reach:
        return self.around.trusting.assumable(self.caller)

    def _not_assumable(self, reach: Reach) -> Iterator[Part]:
        mentions = self.caller.mentions(_ASSUME)
        named = self.universe.bits(self.around.trusting.by_name.get(self.actor.arn, ()))
        trusting = self.around.trusting.open_to(self.caller)
        shut = trusting & ~reach.perhaps & (self.universe.everything if mentions else named)
        yield from self._stopped_assuming(shut)

    def _untrusting(self, reach: Reach) -> Part:
        """Return the roles that an own policy names for AssumeRole and that do not trust the principal."""
        entries = (entry for _, s in self.caller.mentions(_ASSUME) for entry in s.resources or ())
        named = self.universe.bits(entries) & self.around.targets.roles
        untrusting = named & ~self.around.trusting.open_to(self.caller) & ~reach.perhaps
        return f"trust policy: {_ASSUME} is not allowed there", untrusting

    def _stopped_assuming(self, roles: int) -> Iterator[Part]:
        """Yield what stops the assuming of roles that trust the principal."""
        alone = roles & self.around.trusting.one_by_one(self.caller)
        for role in self.universe.names(alone):
            decision = self.around.decider.decide(
                self.actor, _ASSUME, role, (), self.around.account.trust[role]
            )
            words = blocker(self.caller, _ASSUME, decision)
            if words:
                yield words, self.universe.bit(role)
        yield from why_not(self.caller, _ASSUME, roles & ~alone)

    def _on_another(self, rule: Rule) -> Iterator[Way]:
        """Yield permissions on a user or role that is not oneself, taken together."""
        is_user = bool(rule.actions_on("target user"))
        targets = self.around.targets.users_for(rule.permissions) if is_user else self.around.targets.roles
        cells: list[Cell] = [(targets, CERTAIN, None)]
        for action, on in rule.permissions.items():
            cells = _both(cells, list(self._on_target(action, on, targets)))
        if "iam:UpdateAssumeRolePolicy" in rule.permissions:
            cells = _both(cells, list(self._then_assumed(targets)))
        for bits, verdict, stopped in cells:
            yield from self._won(rule, bits, verdict, stopped)

    def _won(self, rule: Rule, bits: int, verdict: str, stopped: str | None) -> Iterator[Way]:
        if rule.gives == "target":
            yield from self._way(rule, bits, verdict, stopped)
        elif rule.gives == "target with any policy":
            for part, ceiling in self.around.standing.ceilings(bits):
                yield from self._made_administrator(rule, part, verdict, stopped, ceiling)
        else:
            for ceiling, held_back in self.around.standing.held_back.items():
                yield from self._made_administrator(rule, bits & held_back, verdict, stopped, ceiling)

    def _on_target(self, action: str, on: str, targets: int) -> Iterator[Cell]:
        if action == _ASSUME:
            reach = self._assumable
            yield reach.surely & targets, CERTAIN, None
            yield reach.perhaps & ~reach.surely & targets, CONDITIONAL, None
            for words, bits in self._not_assumable(reach):
                yield bits & targets, BLOCKED, words
        elif on == "policy of target":
            yield from self._on_policies(action, targets)
        else:
            more = supplied(action)
            yield from self._cells(action, targets, self.caller.reach(action, more), more)

    def _on_policies(self, action: str, targets: int) -> Iterator[Cell]:
        """Yield targets by the best of what may be done to the policies that they hold."""
        held_by, own = self.around.targets.held_by, self.around.targets.own_policies
        left = targets
        for bits, verdict, stopped in self._cells(action, own, self.caller.reach(action), ()):
            found = held_by(bits) & left
            yield found, verdict, stopped
            left &= ~found

    def _then_assumed(self, targets: int) -> Iterator[Cell]:
        """Yield what can be assumed once its trust policy names the principal: a Deny may forbid it."""
        reach = self._renamed
        yield reach.surely & targets, CERTAIN, None
        yield reach.perhaps & ~reach.surely & targets, CONDITIONAL, None
        left = targets & ~reach.perhaps
        for words, bits in denials(self.caller, _ASSUME):
            yield bits & left, BLOCKED, words
            left &= ~bits
        yield left, BLOCKED, f"permissions boundary: {_ASSUME} is not in {self.actor.boundary_policy}"

    @cached_property
    def _renamed(self) -> Reach:
        return self.around.trusting.renamed(self.caller)

    # one's own permissions

    def _for_oneself(self, rule: Rule) -> Iterator[Way]:
        """Yield what gives the principal any policy, as far as its limits let it."""
        # What is made outside of the account, by Identity Center, has no boundary of this principal.
        made = without_boundary(self.actor) if rule.actions_on("any") else self.actor
        for verdict, stopped in self._on_oneself(rule):
            ceiling = self.around.standing.ceiling(made)
            yield from self._made_administrator(rule, 0, verdict, stopped, ceiling)

    def _on_oneself(self, rule: Rule) -> Iterator[tuple[str, str | None]]:
        """Yield how surely a rule can be followed on oneself, an own group or policy, and what stops it."""
        (action, on) = next(iter(rule.permissions.items()))
        if on == "any":
            verdict, stopped = self._on_any(rule)
            if stopped != "":
                yield verdict, stopped
            return
        kinds = {"user": ("User", "Group"), "role": ("Role",)}[self.actor.type]
        if any(word in action for word in ("User", "Role", "Group")) and not any(k in action for k in kinds):
            return
        more = supplied(action)
        cells = [c for c in self._cells(action, self._own(on), self.caller.reach(action, more), more) if c[0]]
        if cells:
            _, verdict, stopped = min(cells, key=lambda cell: _ORDER[cell[1]])
            yield verdict, stopped

    def _own(self, on: str) -> int:
        if on == "self":
            return self.bit
        if on == "own group":
            return self.universe.bits(self.actor.member_of)
        held = self.universe.bits(self.actor.policies - {self.actor.boundary_policy})
        return held & self.around.targets.own_policies

    def _on_any(self, rule: Rule) -> tuple[str, str | None]:
        """Return how surely the actions on resources of one's choice are allowed, and what stops them.

        The empty text says that no statement gives one of them.
        """
        actions = rule.actions_on("any")
        if not actions:
            return CERTAIN, None
        verdict = CERTAIN
        for action, made in self.around.own_resources.somewhere(self.caller, actions).items():
            if strength(made.held) == 2:
                decision = self.around.decider.decide(self.actor, action, made.resource)
                return BLOCKED, blocker(self.caller, action, decision) or out_of_reach(self.caller, action)
            verdict = verdict if made.held else CONDITIONAL
        return verdict, None

    def _into_a_group(self, rule: Rule) -> Iterator[Way]:
        """Yield the groups that make an administrator, as far as the user's own limits let them."""
        if self.actor.type != "user":
            return
        standing = self.around.standing
        wanted = standing.administrator_groups & ~self.universe.bits(self.actor.member_of)
        action = "iam:AddUserToGroup"
        for bits, verdict, stopped in self._cells(action, wanted, self.caller.reach(action), ()):
            for group in self.universe.names(bits):
                ceiling = standing.ceiling(self.actor, self.around.account.group_grants[group])
                yield from self._made_administrator(rule, self.universe.bit(group), verdict, stopped, ceiling)

    def _without_a_limit(self, rule: Rule) -> Iterator[Way]:
        """Yield who is an administrator once a limit is gone, or an older version of a policy back."""
        ceilings = {self.around.standing.as_is(freed) for freed in self._freed(rule)} - {"no"}
        if not ceilings or self.around.standing.as_is(self.actor) != "no":
            return
        for verdict, stopped in self._on_oneself(rule):
            yield from self._made_administrator(rule, 0, verdict, stopped, max(ceilings))

    def _freed(self, rule: Rule) -> Iterator[Actor]:
        if rule.gives == "self without boundary":
            if self.actor.boundary_policy:
                yield without_boundary(self.actor)
            return
        held = [self.around.account.policies[p] for p in sorted(self.actor.policies)]
        if rule.gives == "self without a policy":
            is_inline = "iam:DeleteUserPolicy" in rule.permissions
            for policy in held:
                if (policy.kind == "inline") == is_inline and policy.document in self.actor.identity:
                    kept = tuple(d for d in self.actor.identity if d is not policy.document)
                    yield replace(self.actor, identity=kept)
            return
        for policy in held:
            for older in policy.older if policy.kind == "customer managed" else ():
                kept = tuple(d for d in self.actor.identity if d is not policy.document)
                others = tuple(d for d in self.actor.groups if d is not policy.document)
                yield replace(self.actor, identity=(*kept, older), groups=others)

    # what all have in common

    def _cells(self, action: str, targets: int, reach: Reach, more: More) -> Iterator[Cell]:
        """Yield targets in parts: where an action is certain, conditional, or blocked and by what."""
        if not self.caller.mentions(action):
            return
        yield targets & reach.surely, CERTAIN, None
        yield targets & reach.perhaps & ~reach.surely, CONDITIONAL, None
        left = targets & ~reach.perhaps
        if left:
            for words, bits in why_not(self.caller, action, left, more):
                yield bits, BLOCKED, words

    def _made_administrator(
        self, rule: Rule, targets: int, verdict: str, stopped: str | None, ceiling: str
    ) -> Iterator[Way]:
        if rule.gives.startswith("target") and not targets:
            return
        limit = None
        if ceiling == "no":
            limited = self.around.account.actors.get(self.universe.first(targets)) if targets else None
            boundary = (limited or self.actor).boundary_policy
            limit = f"permissions boundary: {boundary}" if boundary else "SCP: of the organization"
            limit += " keeps the administrator's permissions away"
        made = CONDITIONAL if ceiling == "perhaps" else CERTAIN
        yield from self._way(rule, targets, _weaker(verdict, made), stopped or limit)

    def _way(
        self, rule: Rule, targets: int, verdict: str, stopped: str | None = None, *, live: str | None = None
    ) -> Iterator[Way]:
        live = live or rule.live
        if stopped == "" or (rule.gives.startswith("target") and not targets & ~self.bit):
            return  # no statement gives the permission, or there is nobody to become
        if stopped:
            verdict = BLOCKED
        elif live:
            verdict = LIVE
        yield Way(rule, self.bit, targets, verdict, stopped, live)


_ORDER = {CERTAIN: 0, CONDITIONAL: 1, BLOCKED: 2}


def _weaker(one: str, other: str) -> str:
    return one if _ORDER[one] >= _ORDER[other] else other


def _both(first: Sequence[Cell], second: Sequence[Cell]) -> list[Cell]:
    """Return targets in the parts that two answers make together; the first blocker counts."""
    return [
        (bits & more, _weaker(verdict, other), stopped or also)
        for bits, verdict, stopped in first
        for more, other, also in second
        if bits & more
    ]


def supplied(action: str) -> More:
    """Return the condition keys that an action supplies, as suits who asks best."""
    if action in _ATTACH:
        return (("iam:PolicyARN", _ADMINISTRATOR),)
    if action == "iam:PutUserPermissionsBoundary":
        return (("iam:PermissionsBoundary", _ADMINISTRATOR),)
    return ()
