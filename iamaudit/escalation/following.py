"""What all rules have in common when one principal follows them: verdicts, blockers, ways made of both."""

from collections.abc import Iterator

from iamaudit.account import Actor
from iamaudit.escalation.blockers import blocker, out_of_reach, why_not
from iamaudit.escalation.caller import Caller, Reach
from iamaudit.escalation.decider import strength
from iamaudit.escalation.documents import More
from iamaudit.escalation.own_resources import asked_in
from iamaudit.escalation.rules import Rule
from iamaudit.escalation.surroundings import Surroundings
from iamaudit.escalation.way import BLOCKED, CERTAIN, CONDITIONAL, LIVE, Way

_ATTACH = ("iam:AttachUserPolicy", "iam:AttachRolePolicy", "iam:AttachGroupPolicy")
_ADMINISTRATOR = "arn:{}:iam::aws:policy/AdministratorAccess"

Cell = tuple[int, str, str | None]
"""Targets with a verdict, and what blocks there."""
ORDER = {CERTAIN: 0, CONDITIONAL: 1, BLOCKED: 2}


class Following:
    """One principal that follows rules."""

    def __init__(self, around: Surroundings, actor: Actor) -> None:
        self.around, self.actor = around, actor
        self.caller = Caller(around.decider, actor)
        self.universe, self.bit = around.decider.universe, self.caller.bit

    def cells(self, action: str, targets: int, reach: Reach, more: More) -> Iterator[Cell]:
        """Yield targets in parts: where an action is certain, conditional, or blocked and by what."""
        if not self.caller.mentions(action):
            return
        yield targets & reach.surely, CERTAIN, None
        yield targets & reach.perhaps & ~reach.surely, CONDITIONAL, None
        left = targets & ~reach.perhaps
        if left:
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
            boundary = (limited or self.actor).boundary_policy
            limit = f"permissions boundary: {boundary}" if boundary else "SCP: of the organization"
            limit += " keeps the administrator's permissions away"
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
        verdict = CERTAIN
        for action, made in self.around.own_resources.somewhere(self.caller, actions).items():
            if strength(made.held) == 2:
                decision = self.around.decider.decide(
                    self.actor, action, made.resource, asked_in(made.region)
                )
                return BLOCKED, blocker(self.caller, action, decision) or out_of_reach(self.caller, action)
            verdict = verdict if made.held else CONDITIONAL
        return verdict, None


def weaker(one: str, other: str) -> str:
    """Return the less sure of two verdicts."""
    return one if ORDER[one] >= ORDER[other] else other


def supplied(action: str, partition: str) -> More:
    """Return the condition keys that an action supplies, as suits who asks best."""
    if action in _ATTACH:
        return (("iam:PolicyARN", _ADMINISTRATOR.format(partition)),)
    if action == "iam:PutUserPermissionsBoundary":
        return (("iam:PermissionsBoundary", _ADMINISTRATOR.format(partition)),)
    return ()
