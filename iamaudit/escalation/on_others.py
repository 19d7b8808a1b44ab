"""Ways to another user or role: by assuming it, or by what may be done to it."""

from collections.abc import Iterator
from functools import cached_property

from iamaudit.escalation.blockers import Part, blocker, denials, why_not
from iamaudit.escalation.caller import Reach
from iamaudit.escalation.following import ORDER, Cell, Following, both, weaker
from iamaudit.escalation.rules import ASSUME_ROLE, Rule
from iamaudit.escalation.way import BLOCKED, CERTAIN, CONDITIONAL, Way


class OnOthers(Following):
    """Follows the rules that are about a principal that is not oneself."""

    def by_trust(self, rule: Rule) -> Iterator[Way]:
        """Yield the roles that a principal may assume, and those that stop it."""
        reach = self._assumable
        yield from self.way(rule, reach.surely, CERTAIN)
        yield from self.way(rule, reach.perhaps & ~reach.surely, CONDITIONAL)
        for words, bits in (*self._not_assumable(reach), self._untrusting(reach)):
            yield from self.way(rule, bits, BLOCKED, words)

    @cached_property
    def _assumable(self) -> Reach:
        return self.around.trusting.assumable(self.caller)

    def _not_assumable(self, reach: Reach) -> Iterator[Part]:
        mentions = self.caller.mentions(ASSUME_ROLE)
        named = self.universe.bits(self.around.trusting.by_name.get(self.actor.arn, ()))
        trusting = self.around.trusting.open_to(self.caller)
        shut = trusting & ~reach.perhaps & (self.universe.everything if mentions else named)
        yield from self._stopped_assuming(shut)

    def _untrusting(self, reach: Reach) -> Part:
        """Return the roles that an own policy names for AssumeRole and that do not trust the principal."""
        entries = (entry for _, s in self.caller.mentions(ASSUME_ROLE) for entry in s.resources or ())
        named = self.universe.bits(entries) & self.around.targets.roles
        untrusting = named & ~self.around.trusting.open_to(self.caller) & ~reach.perhaps
        return f"trust policy: {ASSUME_ROLE} is not allowed there", untrusting

    def _stopped_assuming(self, roles: int) -> Iterator[Part]:
        """Yield what stops the assuming of roles that trust the principal."""
        if self.only_open:
            return
        alone = roles & self.around.trusting.one_by_one(self.caller)
        for role in self.universe.names(alone):
            decision = self.around.decider.decide(
                self.actor, ASSUME_ROLE, role, (), self.around.account.trust[role]
            )
            words = blocker(self.caller, ASSUME_ROLE, decision)
            if words:
                yield words, self.universe.bit(role)
        yield from why_not(self.caller, ASSUME_ROLE, roles & ~alone)

    def on_another(self, rule: Rule) -> Iterator[Way]:
        """Yield permissions on a user or role that is not oneself, taken together."""
        is_user = bool(rule.actions_on("target user"))
        room = self.around.targets
        targets = room.users_for(rule.permissions) if is_user else room.roles_for(rule)
        cells: list[Cell] = [(targets, CERTAIN, None)]
        if rule.needs_mfa:  # whose device is not known to be at hand
            signing = targets & self.around.targets.with_mfa
            cells = [(targets & ~signing, CERTAIN, None), (signing, CONDITIONAL, None)]
        for action, on in rule.permissions.items():
            cells = both(cells, self._on_target(action, on, targets))
        if "iam:UpdateAssumeRolePolicy" in rule.permissions:
            cells = both(cells, list(self._then_assumed(targets)))
        for bits, verdict, stopped in cells:
            if bits:
                yield from self._won(rule, bits, verdict, stopped)

    def _won(self, rule: Rule, bits: int, verdict: str, stopped: str | None) -> Iterator[Way]:
        if rule.gives == "target" or rule.is_about_policies:
            yield from self.way(rule, bits, verdict, stopped)
        elif rule.gives == "target with any policy":
            for part, ceiling in self.around.standing.ceilings(bits):
                yield from self.made_administrator(rule, part, verdict, stopped, ceiling)
        else:
            standing = self.around.standing
            is_given = rule.gives == "target with any policy without boundary"
            for ceiling, held_back in (standing.bounded if is_given else standing.held_back).items():
                yield from self.made_administrator(rule, bits & held_back, verdict, stopped, ceiling)

    def _on_target(self, action: str, on: str, targets: int) -> list[Cell]:
        """Return targets in parts by how surely an action is allowed on them; several rules need the same."""
        key = action, on, targets
        found = self._on_targets.get(key)
        if found is None:
            found = self._on_targets[key] = list(self._cells_on(*key))
        return found

    @cached_property
    def _on_targets(self) -> dict[tuple[str, str, int], list[Cell]]:
        return {}

    def _cells_on(self, action: str, on: str, targets: int) -> Iterator[Cell]:
        if action == ASSUME_ROLE:
            reach = self._assumable
            yield reach.surely & targets, CERTAIN, None
            yield reach.perhaps & ~reach.surely & targets, CONDITIONAL, None
            for words, bits in self._not_assumable(reach):
                yield bits & targets, BLOCKED, words
        elif on in ("policy of target", "older version of target"):
            yield from self._on_policies(action, targets, is_older=on != "policy of target")
        else:
            yield from self.cells_of(action, targets, self.asked(action))

    def _on_policies(self, action: str, targets: int, *, is_older: bool) -> Iterator[Cell]:
        """Yield targets by the best of what may be made of them by rewriting a policy that they hold.

        Or by setting it back to an older version: then nobody says why one is not enough.
        """
        all_own, left = self.around.targets.own_policies, targets
        own = all_own & self.around.targets.with_older if is_older else all_own
        found, stuck = list[Cell](), list[tuple[int, str | None]]()
        for bits, verdict, stopped in self.cells_of(action, own, self.asked(action)):
            standing = self.around.standing
            by = standing.set_back(bits) if is_older else standing.rewritten(bits)
            found += [(by["yes"], verdict, stopped), (by["perhaps"], weaker(verdict, CONDITIONAL), stopped)]
            stuck.append((by["no"], stopped))
        for bits, verdict, stopped in sorted(found, key=lambda cell: ORDER[cell[1]]):
            yield bits & left, verdict, stopped
            left &= ~bits
        for bits, stopped in stuck:
            if some := bits & left:
                yield some, BLOCKED, stopped or self.around.standing.limits(some)
            left &= ~bits

    def _then_assumed(self, targets: int) -> Iterator[Cell]:
        """Yield what can be assumed once its trust policy names the principal: a Deny may forbid it."""
        reach = self._renamed
        yield reach.surely & targets, CERTAIN, None
        yield reach.perhaps & ~reach.surely & targets, CONDITIONAL, None
        left = targets & ~reach.perhaps
        for words, bits in denials(self.caller, ASSUME_ROLE):
            yield bits & left, BLOCKED, words
            left &= ~bits
        yield left, BLOCKED, f"permissions boundary: {ASSUME_ROLE} is not in {self.actor.boundary_policy}"

    @cached_property
    def _renamed(self) -> Reach:
        return self.around.trusting.renamed(self.caller)
