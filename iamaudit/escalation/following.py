"""What all rules have in common when one principal follows them: verdicts, blockers, ways made of both."""

from collections.abc import Iterator, Sequence

from iamaudit.account import Actor
from iamaudit.escalation.blockers import blocker, out_of_reach, why_not
from iamaudit.escalation.caller import Caller, Reach
from iamaudit.escalation.decider import strength, strength_of, trust_in
from iamaudit.escalation.documents import More
from iamaudit.escalation.own_resources import Made
from iamaudit.escalation.rules import ASSUME_ROLE, Rule
from iamaudit.escalation.surroundings import Surroundings
from iamaudit.escalation.way import BLOCKED, CERTAIN, CONDITIONAL, LIVE, Way

_NEW_VERSION = "iam:CreatePolicyVersion"

Cell = tuple[int, str, str | None]
"""Targets with a verdict, and what blocks there."""
ORDER = {CERTAIN: 0, CONDITIONAL: 1, BLOCKED: 2}


class Following:
    """One principal that follows rules.

    With ``only_open`` nobody asks what blocks the rest: blocked ways may be missing, the others are the same.
    """

    def __init__(self, around: Surroundings, actor: Actor, *, only_open: bool = False) -> None:
        self.around, self.actor, self.only_open = around, actor, only_open
        self.caller = Caller(around.decider, actor)
        self.universe, self.bit = around.decider.universe, self.caller.bit
        self._any: dict[tuple[str, ...], tuple[str, str | None]] = {}

    def asked(self, action: str) -> list[More]:
        """Return how an action can be asked to grant what is wanted; once if nobody looks at that."""
        return self.around.granting.asked(action, self.caller)

    def cells_of(self, action: str, targets: int, options: list[More]) -> Iterator[Cell]:
        """Yield targets in parts: where an action is certain, conditional, or blocked, asked the best way."""
        best = self.caller.reach(action, options[0])
        for more in options[1:]:
            other = self.caller.reach(action, more)
            best = Reach(best.surely | other.surely, best.perhaps | other.perhaps)
        if action == _NEW_VERSION and targets & self.around.targets.full_policies:
            yield from self._with_room(targets, best)
        else:
            yield from self.cells(action, targets, best, options[0])

    def _with_room(self, policies: int, reach: Reach) -> Iterator[Cell]:
        """Yield policies in parts; of one that has all its versions, another must be deleted first."""
        full, room = self.around.targets.full_policies, self.caller.reach("iam:DeletePolicyVersion")
        surely, perhaps = reach.surely & (~full | room.surely), reach.perhaps & (~full | room.perhaps)
        stuck = policies & reach.perhaps & ~perhaps
        yield from self.cells(_NEW_VERSION, policies & ~stuck, Reach(surely, perhaps), ())
        yield stuck, BLOCKED, "quota: five versions are there, and iam:DeletePolicyVersion is not allowed"

    def on_both(self, rule: Rule, targets: int) -> list[Cell]:
        """Return targets in parts by how surely both actions of a rule are allowed on one."""
        first, second = (list(self.cells_of(a, targets, self.asked(a))) for a in rule.permissions)
        return both(first, second)

    def cells(self, action: str, targets: int, reach: Reach, more: More) -> Iterator[Cell]:
        """Yield targets in parts: where an action is certain, conditional, or blocked and by what."""
        if not self.caller.said(action.lower()).allows:
            return
        yield targets & reach.surely, CERTAIN, None
        yield targets & reach.perhaps & ~reach.surely, CONDITIONAL, None
        left = targets & ~reach.perhaps
        if left and not self.only_open:
            for words, bits in why_not(self.caller, action, left, more):
                yield bits, BLOCKED, words

    def made_administrator(
        self, rule: Rule, targets: int, verdict: str, stopped: str | None, ceiling: str
    ) -> Iterator[Way]:
        """Yield a way that makes an administrator, as far as ``ceiling`` says that the limits let it."""
        if rule.gives.startswith("target") and not targets:
            return
        limit = None
        if ceiling == "no":
            limited = self.around.account.actors.get(self.universe.first(targets)) if targets else None
            limit = self.around.standing.limit(limited or self.actor)
        made = CONDITIONAL if ceiling == "perhaps" else CERTAIN
        yield from self.way(rule, targets, weaker(verdict, made), stopped or limit)

    def way(
        self, rule: Rule, targets: int, verdict: str, stopped: str | None = None, *, live: str | None = None
    ) -> Iterator[Way]:
        """Yield a way, unless no statement gives the permission or there is nobody else to become."""
        live = live or rule.live
        if stopped == "" or (rule.gives.startswith("target") and not targets & ~self.bit):
            return  # no statement gives the permission, or there is nobody to become
        if stopped:
            verdict = BLOCKED
        elif live:
            verdict = LIVE
        yield Way(rule, self.bit, targets, verdict, stopped, live)

    def on_any(self, rule: Rule) -> tuple[str, str | None]:
        """Return how surely the actions on resources of one's choice are allowed, and what stops them.

        The empty text says that no statement gives one of them.
        """
        actions = rule.actions_on("any")
        if not actions:
            return CERTAIN, None
        if actions not in self._any:
            self._any[actions] = self._on_any(actions)
        return self._any[actions]

    def _on_any(self, actions: tuple[str, ...]) -> tuple[str, str | None]:
        verdict = CERTAIN
        for action, made in self.around.own_resources.somewhere(self.caller, actions).items():
            if strength(made.held) == 2:
                if self.only_open:
                    return BLOCKED, ""
                return BLOCKED, self._why_nowhere(actions, action, made)
            verdict = verdict if made.held else CONDITIONAL
            is_assumed = action == "iam:CreateRole" and "iam:PassRole" not in actions
            if is_assumed and not self.caller.said(ASSUME_ROLE.lower()).is_unlimited:
                # of a role that trusts oneself, which a Deny may forbid to assume
                trust = trust_in(self.actor.arn)
                decision = self.around.decider.decide(self.actor, ASSUME_ROLE, made.resource, (), trust)
                words = blocker(self.caller, ASSUME_ROLE, decision)
                if words is not None:
                    return BLOCKED, words or f"{decision.blocked_by}: {ASSUME_ROLE} is not allowed there"
                verdict = verdict if strength_of(decision) == 0 else CONDITIONAL
        return verdict, None

    def _why_nowhere(self, actions: tuple[str, ...], action: str, made: Made) -> str:
        """Return why an action is allowed on no resource that suits, and whether all such were tried."""
        words = None
        if not self.caller.said(action.lower()).is_unlimited:
            decision = self.around.decider.decide(self.actor, action, made.resource, made.said)
            words = blocker(self.caller, action, decision)
        words = words or out_of_reach(self.caller, action)
        cut = self.around.own_resources.left_out(self.caller, actions) if words else None
        return f"{words}; {cut}" if cut else words


def weaker(one: str, other: str) -> str:
    """Return the less sure of two verdicts."""
    return one if ORDER[one] >= ORDER[other] else other


def outcome(cell: Cell, ceiling: str) -> int:
    """Return how surely somebody is made an administrator, the lower the surer."""
    _, verdict, _ = cell
    return max(ORDER[verdict], ("yes", "perhaps", "no").index(ceiling))


def both(first: Sequence[Cell], second: Sequence[Cell]) -> list[Cell]:
    """Return targets in the parts that two answers make together; the first blocker counts."""
    return [
        (bits & more, weaker(verdict, other), stopped or also)
        for bits, verdict, stopped in first
        for more, other, also in second
        if bits & more
    ]
