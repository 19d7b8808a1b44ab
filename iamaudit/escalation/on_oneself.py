"""Ways to more permissions of one's own: a policy, a group, or a limit less."""

from collections.abc import Iterator
from dataclasses import replace

from iamaudit.account import Actor
from iamaudit.escalation.decider import without_boundary
from iamaudit.escalation.following import ORDER, Cell, Following, supplied
from iamaudit.escalation.rules import Rule
from iamaudit.escalation.way import Way


class OnOneself(Following):
    """Follows the rules that make more of the principal itself."""

    def for_oneself(self, rule: Rule) -> Iterator[Way]:
        """Yield what gives the principal any policy, as far as its limits let it."""
        # What is made outside of the account, by Identity Center, has no boundary of this principal.
        made = without_boundary(self.actor) if rule.actions_on("any") else self.actor
        for _, verdict, stopped in self._on_oneself(rule):
            ceiling = self.around.standing.ceiling(made)
            yield from self.made_administrator(rule, 0, verdict, stopped, ceiling)

    def _on_oneself(self, rule: Rule, among: int | None = None) -> Iterator[Cell]:
        """Yield on what of oneself, own groups or policies a rule can be followed the surest, if it can."""
        (action, on) = next(iter(rule.permissions.items()))
        if on == "any":
            verdict, stopped = self.on_any(rule)
            if stopped != "":
                yield 0, verdict, stopped
            return
        kinds = {"user": ("User", "Group"), "role": ("Role",)}[self.actor.type]
        if any(word in action for word in ("User", "Role", "Group")) and not any(k in action for k in kinds):
            return
        more = supplied(action, self.universe.partition)
        own = self._own(on) if among is None else among
        cells = [c for c in self.cells(action, own, self.caller.reach(action, more), more) if c[0]]
        if cells:
            yield min(cells, key=lambda cell: ORDER[cell[1]])

    def _own(self, on: str) -> int:
        if on == "self":
            return self.bit
        if on == "own group":
            return self.universe.bits(self.actor.member_of)
        held = self.universe.bits(self.actor.policies - {self.actor.boundary_policy})
        return held & self.around.targets.own_policies

    def into_a_group(self, rule: Rule) -> Iterator[Way]:
        """Yield the groups that make an administrator, as far as the user's own limits let them."""
        if self.actor.type != "user":
            return
        standing = self.around.standing
        wanted = standing.administrator_groups & ~self.universe.bits(self.actor.member_of)
        action = "iam:AddUserToGroup"
        for bits, verdict, stopped in self.cells(action, wanted, self.caller.reach(action), ()):
            for group in self.universe.names(bits):
                ceiling = standing.ceiling(self.actor, self.around.account.group_grants[group])
                yield from self.made_administrator(rule, self.universe.bit(group), verdict, stopped, ceiling)

    def without_a_limit(self, rule: Rule) -> Iterator[Way]:
        """Yield who is an administrator once a limit is gone, or an older version of a policy back."""
        if self.around.standing.as_is(self.actor) != "no":
            return
        found: dict[str, int] = {}
        for freed, bits in self._freed(rule):
            ceiling = self.around.standing.as_is(freed)
            found[ceiling] = found.get(ceiling, 0) | bits
        surely = found.get("yes", 0)
        for ceiling, bits in (("yes", surely), ("perhaps", found.get("perhaps", 0) & ~surely)):
            for on, verdict, stopped in self._on_oneself(rule, bits):
                aims = on & ~self.bit  # the policies of which an older version is wanted
                yield from self.made_administrator(rule, aims, verdict, stopped, ceiling)

    def _freed(self, rule: Rule) -> Iterator[tuple[Actor, int]]:
        """Yield what the principal could be, and on what it must be allowed the action for that."""
        if rule.gives == "self without boundary":
            if self.actor.boundary_policy:
                yield without_boundary(self.actor), self.bit
            return
        held = [self.around.account.policies[p] for p in sorted(self.actor.policies)]
        if rule.gives == "self without a policy":
            is_inline = "iam:DeleteUserPolicy" in rule.permissions
            for policy in held:
                if (policy.kind == "inline") == is_inline and policy.document in self.actor.identity:
                    kept = tuple(d for d in self.actor.identity if d is not policy.document)
                    yield replace(self.actor, identity=kept), self.bit
            return
        for policy in held:
            bit = self._own("own policy") & self.universe.bit(policy.policy)
            for older in policy.older if bit else ():
                kept = tuple(d for d in self.actor.identity if d is not policy.document)
                others = tuple(d for d in self.actor.groups if d is not policy.document)
                yield replace(self.actor, identity=(*kept, older), groups=others), bit
