"""Ways to more permissions of one's own: a policy, a group, or a limit less."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from iamaudit.escalation.decider import without_boundary
from iamaudit.escalation.documents import More
from iamaudit.escalation.following import Cell, Following, both, outcome, weaker
from iamaudit.escalation.rules import Rule
from iamaudit.escalation.way import Way

_MAKES = ("iam:CreateUser", "iam:CreateRole")
_OF_CENTER = "arn:{}:iam::{}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_x_0000000000000000"

Wanted = tuple[str, int, list[More]]
"""What one would be (``yes``, ``perhaps`` or ``no``), on what that must be allowed, and how it is asked."""


class OnOneself(Following):
    """Follows the rules that make more of the principal itself."""

    def for_oneself(self, rule: Rule) -> Iterator[Way]:
        """Yield what gives the principal any policy, as far as its limits let it."""
        standing = self.around.standing
        if rule.actions_on("any"):
            yield from self._by_something_new(rule)
            return
        (action, on) = next(iter(rule.permissions.items()))
        options = self.asked(action)
        if on != "own policy":
            own = self.bit if on == "self" else self.universe.bits(self.actor.member_of)
            yield from self._surest(rule, [(standing.ceiling(self.actor), own, options)])
            return
        wanted = (
            (standing.with_version(self.actor, policy), self.universe.bit(policy), options)
            for policy in self.universe.names(self._own_policies)
        )
        yield from self._surest(rule, wanted)

    def _by_something_new(self, rule: Rule) -> Iterator[Way]:
        """Yield what makes a new user, role or group, and an administrator by it."""
        standing, is_new_group = self.around.standing, rule.gives == "a new group"
        if is_new_group and self.actor.type != "user":
            return
        verdict, stopped = self.on_any(rule)
        if stopped == "":
            return
        if not rule.actions_on("target group"):
            new = standing.ceiling(self.actor) if is_new_group else standing.newcomer(self._newcomer(rule))
            yield from self.made_administrator(rule, 0, verdict, stopped, new)
            return
        (action,), groups = rule.actions_on("target group"), standing.administrator_groups
        for bits, joined, why in self.cells_of(action, groups, self.asked(action)):
            for group in self.universe.names(bits):
                given = self.around.account.group_grants[group]
                new = standing.newcomer(self._newcomer(rule), given)
                both = weaker(verdict, joined)
                yield from self.made_administrator(rule, self.universe.bit(group), both, stopped or why, new)

    def by_a_group(self, rule: Rule) -> Iterator[Way]:
        """Yield the groups that a user may give any policy and join; those that it is in need no joining."""
        if self.actor.type != "user":
            return
        groups = self.around.targets.groups & ~self.universe.bits(self.actor.member_of)
        for bits, verdict, stopped in self.on_both(rule, groups) if groups else ():
            if bits:
                ceiling = self.around.standing.ceiling(self.actor)
                yield from self.made_administrator(rule, bits, verdict, stopped, ceiling)

    def without_boundary(self, rule: Rule) -> Iterator[Way]:
        """Yield who takes off its own boundary, and may then, without it, give itself any policy."""
        first, second = rule.permissions
        if not self.actor.boundary_policy or self.actor.type.title() not in first or self._is_protected:
            return
        freed, standing = without_boundary(self.actor), self.around.standing
        ceiling = standing.ceiling(freed)
        if standing.ceiling(self.actor) == "yes" or ceiling == "no":
            return  # the policy alone is enough, or even without the boundary it is not
        after = Following(self.around, freed, only_open=self.only_open)
        cells = both(
            list(self.cells_of(first, self.bit, [()])),
            list(after.cells_of(second, self.bit, after.asked(second))),
        )
        for bits, verdict, stopped in cells:
            if bits:
                yield from self.made_administrator(rule, 0, verdict, stopped, ceiling)

    def _newcomer(self, rule: Rule) -> str:
        """Return the ARN of the user or role that a rule makes; Identity Center makes a role of its own."""
        made = self.around.own_resources.somewhere(self.caller, rule.actions_on("any"))
        named = (each.resource for action, each in made.items() if action in _MAKES)
        return next(named, _OF_CENTER.format(self.universe.partition, self.around.account.account_id))

    def _surest(self, rule: Rule, wanted: Iterable[Wanted]) -> Iterator[Way]:
        """Yield the surest way among what could be done to oneself, an own group or policy."""
        (action, _) = next(iter(rule.permissions.items()))
        kinds = {"user": ("User", "Group"), "role": ("Role",)}[self.actor.type]
        if any(word in action for word in ("User", "Role", "Group")) and not any(k in action for k in kinds):
            return
        if rule.actions_on("self") and self._is_protected:
            return
        found: list[tuple[int, Cell, str]] = []
        for ceiling, bits, options in wanted:
            cells = (cell for cell in self.cells_of(action, bits, options) if cell[0])
            found += [(outcome(cell, ceiling), cell, ceiling) for cell in cells]
            if any(number == 0 for number, _, _ in found):
                break  # nothing is surer
        if found:
            _, (on, verdict, stopped), ceiling = min(found, key=lambda each: each[0])
            # the policies of which an older version is wanted
            aims = on & ~self.bit if rule.gives == "an older version" else 0
            yield from self.made_administrator(rule, aims, verdict, stopped, ceiling)

    @property
    def _is_protected(self) -> bool:
        return bool(self.bit & self.around.targets.protected)

    @property
    def _own_policies(self) -> int:
        """The account's own policies that the principal holds, its boundary among them."""
        return self.universe.bits(self.actor.policies) & self.around.targets.own_policies

    def into_a_group(self, rule: Rule) -> Iterator[Way]:
        """Yield the groups that make an administrator, as far as the user's own limits let them."""
        if self.actor.type != "user":
            return
        standing = self.around.standing
        wanted = standing.administrator_groups & ~self.universe.bits(self.actor.member_of)
        action = "iam:AddUserToGroup"
        for bits, verdict, stopped in self.cells_of(action, wanted, self.asked(action)):
            for group in self.universe.names(bits):
                ceiling = standing.ceiling(self.actor, self.around.account.group_grants[group])
                yield from self.made_administrator(rule, self.universe.bit(group), verdict, stopped, ceiling)

    def without_a_limit(self, rule: Rule) -> Iterator[Way]:
        """Yield who is an administrator once a limit is gone, or an older version of a policy back."""
        standing = self.around.standing
        is_held_back = rule.gives == "an older version" or standing.holds_enough(self.actor)
        if is_held_back and standing.as_is(self.actor) == "no":
            yield from self._surest(rule, (each for each in self._freed(rule) if each[0] != "no"))

    def _freed(self, rule: Rule) -> Iterator[Wanted]:
        """Yield what the principal would be, and on what it must be allowed the action for that."""
        if rule.gives == "self without boundary":
            if self.actor.boundary_policy:
                yield from self._other_boundaries(next(iter(rule.permissions)))
        elif rule.gives == "self without a policy":
            is_inline = bool({"iam:DeleteUserPolicy", "iam:DeleteRolePolicy"} & rule.permissions.keys())
            yield from self._without_a_policy(is_inline=is_inline)
        elif rule.gives == "self without a group":
            yield from self._without_a_group()
        else:
            for name in self.universe.names(self._own_policies):
                for version in self.around.account.policies[name].older:
                    made = self.around.standing.with_version(self.actor, name, version)
                    yield made, self.universe.bit(name), [()]

    def _other_boundaries(self, action: str) -> Iterator[Wanted]:
        for more in self.asked(action):
            arn = more[0][1] if more else None
            document = self.around.granting.boundaries[arn] if arn else None
            freed = without_boundary(self.actor)
            if document is not None:
                freed = replace(freed, boundary=document, boundary_policy=arn)
            yield self.around.standing.as_is(freed), self.bit, [more]

    def _without_a_group(self) -> Iterator[Wanted]:
        groups = {arn: self.around.account.groups[arn].documents for arn in self.actor.member_of}
        for left in groups:
            kept = tuple(d for group, documents in groups.items() if group != left for d in documents)
            yield self.around.standing.as_is(replace(self.actor, groups=kept)), self.universe.bit(left), [()]

    def _without_a_policy(self, *, is_inline: bool) -> Iterator[Wanted]:
        for name in sorted(self.actor.policies):
            policy = self.around.account.policies[name]
            if (policy.kind == "inline") == is_inline and policy.document in self.actor.identity:
                kept = tuple(d for d in self.actor.identity if d is not policy.document)
                freed = replace(self.actor, identity=kept)
                more: More = () if is_inline else (("iam:PolicyARN", name),)
                yield self.around.standing.as_is(freed), self.bit, [more]
