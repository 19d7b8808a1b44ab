"""The ways that the rules open to principals: to whom, how surely, and what blocks them."""

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from iamaudit.account import Actor
from iamaudit.escalation.by_service import ByService
from iamaudit.escalation.combined import Combined
from iamaudit.escalation.decider import union
from iamaudit.escalation.on_oneself import OnOneself
from iamaudit.escalation.on_providers import OnProviders
from iamaudit.escalation.rules import ASSUME_ROLE, Rule, load_rules
from iamaudit.escalation.surroundings import Surroundings
from iamaudit.escalation.way import Way


def find_ways(around: Surroundings, actors: Iterable[Actor]) -> list[Way]:
    """Return every way of some principals, the blocked ones too; those that are alike in all are one."""
    found: dict[tuple[str, int, str, str | None, str | None], int] = {}
    rules = dict(load_rules())
    with _no_collector():
        for actor in actors:
            for way in Finder(around, actor).ways():
                rules.setdefault(way.rule.id, way.rule)
                key = (way.rule.id, way.targets, way.verdict, way.blocker, way.live)
                found[key] = found.get(key, 0) | way.sources
    order = {rule: number for number, rule in enumerate(rules)}
    ways = [Way(rules[key[0]], sources, *key[1:]) for key, sources in found.items()]
    return sorted(ways, key=lambda way: order[way.rule.id])


@contextmanager
def _no_collector() -> Iterator[None]:
    """Let nothing look for cycles meanwhile: a search makes none, and each look goes over all it keeps."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Finder(ByService, Combined, OnOneself, OnProviders):
    """Applies all rules to one principal."""

    def ways(self) -> Iterator[Way]:
        """Yield the principal's ways, each with itself as the only source.

        Who surely is an administrator has nothing to win: of such a one only the roles that it may assume.
        """
        if self.actor.type == "root":
            return  # root may do everything but assume a role (rule B8)
        if self.around.standing.as_is(self.actor) == "yes":
            yield from self.by_trust(load_rules()["sts-assume-role"])
            return
        allowed = union(map(self.around.standing.possible, self.caller.own)) | self.around.always
        lacked = ~allowed
        takeovers: list[Way] = []
        for rule, needed in self.around.rules:
            if not needed & lacked:
                for way in self.follow(rule):
                    takeovers += [way] if way.is_takeover else []
                    yield way
        yield from self.by_two(takeovers, allowed)

    def follow(self, rule: Rule) -> Iterator[Way]:
        """Yield the ways that one rule opens."""
        if rule.services:
            yield from self.by_service(rule)
        elif rule.permissions == {ASSUME_ROLE: "target role"}:
            yield from self.by_trust(rule)
        elif rule.actions_on("provider of target"):
            yield from self.on_provider(rule)
        elif rule.gives.startswith("target"):
            yield from self.on_another(rule)
        elif rule.gives == "a group":
            yield from self.into_a_group(rule)
        elif rule.gives == "a group with any policy":
            yield from self.by_a_group(rule)
        elif rule.gives == "any policy without boundary":
            yield from self.without_boundary(rule)
        elif rule.gives in ("any policy", "a new group"):
            yield from self.for_oneself(rule)
        else:
            yield from self.without_a_limit(rule)
