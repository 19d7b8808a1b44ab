"""A way: one rule, who can follow it, to whom, how surely, and what blocks it."""

from collections.abc import Mapping
from dataclasses import dataclass

from iamaudit.escalation.rules import Rule
from iamaudit.iam.evaluate import Decision

CERTAIN, CONDITIONAL, LIVE, BLOCKED = "certain", "conditional", "needs a live resource", "blocked"
LEVELS = (CERTAIN, CONDITIONAL, LIVE)
"""How sure an open way is, the surest first; a path is as sure as its weakest step."""

Decisions = Mapping[str, Decision]


@dataclass(frozen=True, slots=True)
class Way:
    """One rule that some principals can follow, all to the same targets with the same outcome.

    ``sources`` and ``targets`` are sets of the universe. A takeover wins a target's permissions; any other
    way makes an administrator, of oneself or by way of ``targets``. ``blocker`` says what stops a blocked
    way, ``live`` what must exist or run.
    """

    rule: Rule
    sources: int
    targets: int
    verdict: str
    blocker: str | None = None
    live: str | None = None

    @property
    def aims(self) -> int:
        """The targets but the source itself, where there is just one: nobody becomes what they are."""
        return self.targets & ~self.sources if self.sources.bit_count() < 2 else self.targets

    @property
    def is_takeover(self) -> bool:
        """Whether the target's permissions are won, no more and no less."""
        return self.rule.gives == "target"
