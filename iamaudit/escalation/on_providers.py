"""Ways to the roles of an identity provider: who controls it signs in as any of its identities."""

from collections.abc import Iterator

from iamaudit.escalation.blockers import blocker
from iamaudit.escalation.decider import strength_of
from iamaudit.escalation.following import Following, weaker
from iamaudit.escalation.outsiders import by_provider, kinds_of
from iamaudit.escalation.rules import Rule
from iamaudit.escalation.way import BLOCKED, CERTAIN, CONDITIONAL, Way


class OnProviders(Following):
    """Follows the rules that change an identity provider."""

    def on_provider(self, rule: Rule) -> Iterator[Way]:
        """Yield the roles that trust a provider which the principal may change."""
        (action,) = rule.permissions
        for (provider, trusted), roles in self._trusting(kinds_of(action)).items():
            decision = self.around.decider.decide(self.actor, action, provider)
            stopped = blocker(self.caller, action, decision)
            verdict = (CERTAIN, CONDITIONAL, BLOCKED)[strength_of(decision)]
            both = weaker(verdict, CONDITIONAL if trusted else CERTAIN)
            yield from self.way(rule, self.universe.bits(roles), both, stopped)

    def _trusting(self, kinds: tuple[str, ...]) -> dict[tuple[str, int], list[str]]:
        """Return the roles that trust each provider, by the provider and by how surely."""
        known = self.around.by_provider
        if kinds not in known:
            best: dict[tuple[str, str], int] = {}
            for provider, role, held in by_provider(self.around, kinds):
                best[provider, role] = min(held, best.get((provider, role), 2))
            found = known.setdefault(kinds, {})
            for (provider, role), held in best.items():
                if held < 2:
                    found.setdefault((provider, held), []).append(role)
        return known[kinds]
