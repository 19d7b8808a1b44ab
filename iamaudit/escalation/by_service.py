"""Ways to a role that a service takes on: by passing it, or by way of what runs with it already."""

from collections.abc import Iterable, Iterator
from functools import cached_property

from iamaudit.escalation.caller import Reach
from iamaudit.escalation.decider import union
from iamaudit.escalation.following import Cell, Following, weaker
from iamaudit.escalation.rules import Rule
from iamaudit.escalation.way import CERTAIN, CONDITIONAL, Way

_MAKES_PROFILE = "iam:AddRoleToInstanceProfile"
_PROFILE = "an instance profile that holds the role"


class ByService(Following):
    """Follows the rules that need a service to trust a role."""

    @cached_property
    def _passing(self) -> dict[tuple[str, ...], list[Cell]]:
        return {}

    @cached_property
    def _taken_on(self) -> dict[tuple[str, tuple[str, ...] | None], list[Cell]]:
        return {}

    def by_service(self, rule: Rule) -> Iterator[Way]:
        """Yield the roles that a service takes on for the principal, or that run with it already."""
        for service in rule.services:
            surely, perhaps = self.around.trusting.service(service)
            if not surely | perhaps:
                continue
            verdict, stopped = self.on_any(rule)
            if stopped == "":
                return  # no statement gives the permission
            for bits, own, own_stopped in self._by_trust_of(service, rule):
                for some, live in self._in_profile(rule, service, bits):
                    yield from self.way(rule, some, weaker(verdict, own), own_stopped or stopped, live=live)

    def _by_trust_of(self, service: str, rule: Rule) -> list[Cell]:
        """Return the roles that a service takes on, in parts; the same for all rules that pass them alike."""
        key = service, rule.passed_to if "iam:PassRole" in rule.permissions else None
        found = self._taken_on.get(key)
        if found is None:
            surely, perhaps = self.around.trusting.service(service)
            cells = [
                (part, weaker(own, trusted), stopped)
                for bits, own, stopped in self._passed(rule, surely | perhaps)
                for part, trusted in ((bits & surely, CERTAIN), (bits & perhaps & ~surely, CONDITIONAL))
            ]
            found = self._taken_on[key] = [cell for cell in cells if cell[0] & ~self.bit]
        return found

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
        yield from self.cells("iam:PassRole", roles, best, asked[0])

    def _in_profile(self, rule: Rule, service: str, roles: int) -> Iterator[tuple[int, str | None]]:
        """Yield roles with what must be there: an instance takes a role only from an instance profile."""
        if service != "ec2.amazonaws.com" or _MAKES_PROFILE in rule.permissions:
            yield roles, rule.live
            return
        with_profile = self.around.targets.with_profile
        yield roles & with_profile, rule.live
        yield roles & ~with_profile, f"{rule.live}, and {_PROFILE}" if rule.live else _PROFILE
