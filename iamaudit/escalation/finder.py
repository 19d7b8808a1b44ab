"""The ways that the rules open to principals: to whom, how surely, and what blocks them."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from operator import itemgetter

from iamaudit.account import Actor
from iamaudit.collector import collector_paused
from iamaudit.escalation.by_service import ByService
from iamaudit.escalation.combined import Combined
from iamaudit.escalation.decider import union
from iamaudit.escalation.further import Further, find_any_rule, makes_surely, new_ways, still_blocked
from iamaudit.escalation.on_oneself import OnOneself
from iamaudit.escalation.on_providers import OnProviders
from iamaudit.escalation.rules import Rule, load_rules
from iamaudit.escalation.surroundings import Surroundings
from iamaudit.escalation.way import Way
from iamaudit.forked import in_halves

_Seen = tuple[int, int]
"""Where a way stands among all: the number of its principal, and its own."""

_Outcome = tuple[str, str, str | None, str | None]
"""The rule of a way, its verdict, its blocker and what must live."""

_ASSUMES = "sts-assume-role"


def find_ways(around: Surroundings, actors: Iterable[Actor]) -> list[Way]:
    """Return every way of some principals, the blocked ones too; those that are alike in all are one."""
    found: dict[int, dict[_Outcome, tuple[_Seen, int]]] = {}
    rules: dict[str, tuple[_Seen, Rule]] = {}
    with collector_paused():
        for ways, named in in_halves(partial(_look, around), list(enumerate(actors))):
            for targets, alike in ways.items():
                known = found.setdefault(targets, {})
                for outcome, (seen, sources) in alike.items():
                    first, others = known.get(outcome, (seen, 0))
                    known[outcome] = min(first, seen), sources | others
            for name, (seen, live) in named.items():
                if name not in rules or seen < rules[name][0]:
                    rules[name] = seen, find_any_rule(name, live)
        every = dict(load_rules())
        for name, (_, rule) in sorted(rules.items(), key=lambda each: each[1][0]):
            every.setdefault(name, rule)
        order = {name: number for number, name in enumerate(every)}
        ordered = [
            (order[name], seen, Way(every[name], sources, targets, verdict, blocker, live))
            for targets, alike in found.items()
            for (name, verdict, blocker, live), (seen, sources) in alike.items()
        ]
        return [way for _, _, way in sorted(ordered, key=itemgetter(0, 1))]


def _look(
    around: Surroundings, actors: Sequence[tuple[int, Actor]]
) -> tuple[dict[int, dict[_Outcome, tuple[_Seen, int]]], dict[str, tuple[_Seen, str | None]]]:
    """Return the ways of some principals by their targets, and the rules by name with what must live.

    It is what a copy of this process can hand over: text and numbers.
    """
    found: dict[int, dict[_Outcome, tuple[_Seen, int]]] = {}
    rules: dict[str, tuple[_Seen, str | None]] = {}
    for number, actor in actors:
        for at, way in enumerate(Finder(around, actor).ways()):
            alike = found.setdefault(way.targets, {})
            outcome = (way.rule.id, way.verdict, way.blocker, way.live)
            known = alike.get(outcome)
            if known is None:
                alike[outcome] = (number, at), way.sources
                rules.setdefault(way.rule.id, ((number, at), way.rule.live))
            else:
                alike[outcome] = known[0], known[1] | way.sources
    return found, rules


class Finder(ByService, Combined, Further, OnOneself, OnProviders):
    """Applies all rules to one principal."""

    def ways(self) -> Iterator[Way]:
        """Yield the principal's ways, each with itself as the only source; also those that others open.

        What another one opens is not told as blocked.
        """
        found, then, further = list(self.at_once()), list[Way](), list[Way]()
        if (
            self.actor.type != "root"
            and not makes_surely(found)
            and self.around.standing.as_is(self.actor) != "yes"
        ):
            for opening, verdict in self.openings():
                after = opening.after(self.around.account, self.actor)
                if self.around.standing.as_is(after) != "yes":  # else a rule of its own says so
                    opened = list(Finder(self.around, after, only_open=True).at_once())
                    further += new_ways(opening, verdict, opened, (*found, *further))
                    then += opened
        yield from still_blocked(found, then) if then else found
        yield from further

    def at_once(self) -> Iterator[Way]:
        """Yield the principal's ways with what it holds.

        Who surely is an administrator has nothing to win: of such a one only the roles that it may assume.
        """
        if self.actor.type == "root":
            return  # root may do everything but assume a role (rule B8)
        if self.around.standing.as_is(self.actor) == "yes":
            yield from self.by_trust(load_rules()[_ASSUMES])
            return
        allowed = union(map(self.around.standing.possible, self.caller.own)) | self.around.always
        takeovers: list[Way] = []
        for rule, needed in self.around.rules:
            if needed & allowed == needed:
                for way in self.follow(rule):
                    takeovers += [way] if way.is_takeover else []
                    yield way
        yield from self.by_two(takeovers, allowed)

    def follow(self, rule: Rule) -> Iterator[Way]:
        """Yield the ways that one rule opens."""
        if rule.services:
            yield from self.by_service(rule)
        elif rule.id == _ASSUMES:
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
