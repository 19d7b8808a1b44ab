"""Ways of two rules: one makes an administrator of a target, the other one takes that target over."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from types import MappingProxyType

from iamaudit.escalation.decider import union
from iamaudit.escalation.following import Cell, weaker
from iamaudit.escalation.on_others import OnOthers
from iamaudit.escalation.rules import Rule, load_raises, load_rules
from iamaudit.escalation.way import BLOCKED, CERTAIN, CONDITIONAL, LEVELS, LIVE, Way

_THEN = "-then-"
_SURENESS = {verdict: number for number, verdict in enumerate((*LEVELS, BLOCKED))}


class Combined(OnOthers):
    """Follows what raises another principal, after the rules that take one over."""

    def by_two(self, takeovers: Sequence[Way], allowed: int) -> Iterator[Way]:
        """Yield the ways to an administrator that a target becomes and that can be taken over.

        Of the ways to take a target over the surest is enough.
        """
        surest = self._each_once(takeovers)
        for rule, needed in self.around.raises:
            if surest and needed & allowed == needed and self._raisable(rule):
                cells = list(self._raised(rule))
                yield from self._of_both(rule, cells, surest)

    def _each_once(self, takeovers: Sequence[Way]) -> list[tuple[Way, int]]:
        """Return the surest way to take each target over that is none yet, with those that it adds."""
        found, left = [], ~(self.bit | self.around.administrators)
        for way in sorted(takeovers, key=lambda way: _SURENESS[way.verdict]):
            if added := way.targets & left:
                found.append((way, added))
                left &= ~added
        return found

    def _of_both(
        self, rule: Rule, cells: Sequence[Cell], takeovers: Sequence[tuple[Way, int]]
    ) -> Iterator[Way]:
        raisable = self._raisable(rule)
        for way, targets in takeovers:
            taken = targets & raisable
            if not taken or _is_explicit(rule.id, way.rule.id):
                continue
            both = combine(rule.id, way.rule.id, way.live)
            is_open = way.verdict in (CERTAIN, LIVE)
            for bits, verdict, stopped in cells:
                if bits & taken:
                    sure = verdict if is_open else weaker(verdict, way.verdict)
                    yield from self._won(both, bits & taken, sure, way.blocker or stopped)

    def _raised(self, rule: Rule) -> Iterator[Cell]:
        """Yield the targets by how surely a rule raises them."""
        (action, on), *more = rule.permissions.items()
        if on == "target group" and more:
            users = self.around.targets.users
            found = self.on_both(rule, self.around.targets.groups)
            yield from _the_surest((users, verdict, by) for bits, verdict, by in found if bits)
        elif more:
            yield from self.on_both(rule, self._raisable(rule))
        elif on == "target group":
            yield from _the_surest(self._into_groups(action))
        elif on == "group of target":
            cells = self.cells_of(action, self.around.targets.groups, self.asked(action))
            yield from _the_surest((self._members(bits), verdict, by) for bits, verdict, by in cells)
        else:
            yield from self._on_target(action, on, self._raisable(rule))

    def _raisable(self, rule: Rule) -> int:
        """Return whom a rule is about: users, roles, or both, who hold policies alike."""
        targets = self.around.targets
        if rule.gives == "target with any policy without boundary":
            bounded = union(self.around.standing.bounded.values())
            return bounded & (targets.users if rule.is_about_users else targets.roles_for(rule))
        if rule.is_about_policies:
            return targets.users | targets.roles
        return targets.users if rule.is_about_users else targets.roles_for(rule)

    def _into_groups(self, action: str) -> Iterator[Cell]:
        standing, users = self.around.standing, self.around.targets.users
        found = self.cells_of(action, standing.administrator_groups, self.asked(action))
        for bits, verdict, stopped in found:
            for group in self.universe.names(bits):
                made = standing.of_group(group)
                yield users, verdict if made == "yes" else weaker(verdict, CONDITIONAL), stopped

    def _members(self, groups: int) -> int:
        found = 0
        for group in self.universe.names(groups):
            found |= self.around.members.get(group, 0)
        return found


def _the_surest(cells: Iterator[Cell]) -> Iterator[Cell]:
    """Yield each target once, by the surest of some answers."""
    left = -1
    for bits, verdict, stopped in sorted(cells, key=lambda cell: _SURENESS[cell[1]]):
        yield bits & left, verdict, stopped
        left &= ~bits


@lru_cache(maxsize=4096)
def combine(first: str, second: str, live: str | None) -> Rule:
    """Return the rule that needs the permissions of one that raises and one that takes over."""
    raising, taking = load_raises()[first], load_rules()[second]
    return Rule(
        id=f"{first}{_THEN}{second}",
        kind="another principal",
        gives=raising.gives,
        permissions=MappingProxyType({**raising.permissions, **taking.permissions}),
        services=taking.services,
        passed_to=taking.passed_to,
        live=live,
    )


def find_rule(name: str, live: str | None) -> Rule:
    """Return a rule by its id, a combined one too; ``live`` is what must exist or run for that."""
    return load_rules().get(name) or combine(*name.split(_THEN), live)


@lru_cache(maxsize=4096)
def _is_explicit(first: str, second: str) -> bool:
    """Say whether a rule names the permissions of both itself."""
    both = {*load_raises()[first].permissions, *load_rules()[second].permissions}
    return any(both == set(rule.permissions) for rule in load_rules().values())
