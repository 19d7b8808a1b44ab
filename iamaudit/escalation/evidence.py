"""The decisions behind a step: each permission put to ``authorize`` for its source and its target."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from iamaudit.account import Actor, Trusted
from iamaudit.escalation.caller import Caller
from iamaudit.escalation.decider import strength_of, trust_in, union, without_boundary
from iamaudit.escalation.further import parts_of
from iamaudit.escalation.outsiders import by_provider, decide_outsider, kinds_of, name_of, strangers
from iamaudit.escalation.rules import Rule
from iamaudit.escalation.surroundings import Surroundings
from iamaudit.escalation.way import Decisions, Way
from iamaudit.iam.evaluate import Decision
from iamaudit.iam.policy import Document, Statement

_ASSUME = "sts:AssumeRole"
_HOW = ("yes", "perhaps", "no")

Place = tuple[Document, Statement]


class Evidence:
    """Answers with statements what the ways answer with sets."""

    def __init__(self, around: Surroundings) -> None:
        self._around, self._universe = around, around.decider.universe
        self._found: dict[tuple[object, ...], Decisions] = {}
        self._before: tuple[Evidence, int] | None = None

    def edited(self, around: Surroundings, changed: int) -> "Evidence":
        """Return the same for an edited account: decisions between others than ``changed`` are kept."""
        other = Evidence(around)
        if around.granting.full == self._around.granting.full:
            other._before = self, changed
        return other

    def decisions(self, way: Way, source: str, target: str | None = None) -> Decisions:
        """Return the decision on each permission of a way, from one principal or outsider to one target."""
        key = (way.rule.id, source, target)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._kept(way, source, target) or dict(
                self._made(way, source, target)
            )
        return found

    def _kept(self, way: Way, source: str, target: str | None) -> Decisions | None:
        """Return the decisions from before an edit, unless it changed the source or the target."""
        if self._before is None or way.rule.via:  # what it opens may be changed
            return None
        before, changed = self._before
        if changed & (self._universe.bit(source) | self._universe.bit(target or "")):
            return None
        return before.decisions(way, source, target)

    def _made(self, way: Way, source: str, target: str | None) -> Iterator[tuple[str, Decision]]:
        actor = self._around.account.actors.get(source)
        return self._of_outsider(source, target) if actor is None else self._of(way, actor, target)

    def places(self, way: Way, source: str, target: str | None = None) -> list[Place]:
        """Return the statements that a step rests on, or depends on.

        What only a Deny leaves open is allowed by somebody: that statement is named too.
        """
        actor, found = self._around.account.actors.get(source), list[Place]()
        for action, decision in self.decisions(way, source, target).items():
            places = [
                (m.document, m.statement) for m in (*decision.allowed_by, *decision.surely, *decision.unknown)
            ]
            if actor is not None and not any(statement.effect == "Allow" for _, statement in places):
                places = [*Caller(self._around.decider, actor).mentions(action)[:1], *places]
            found += places
        return found

    def _of_outsider(self, name: str, target: str | None) -> Iterator[tuple[str, Decision]]:
        for trusted in self._strangers.get((name, target), ()):
            decision = decide_outsider(self._around, trusted)
            if decision is not None and strength_of(decision) < 2:
                yield _ASSUME, decision
                return

    @cached_property
    def _strangers(self) -> Mapping[tuple[str, str | None], list[Trusted]]:
        found: dict[tuple[str, str | None], list[Trusted]] = {}
        for trusted in strangers(self._around):
            found.setdefault((name_of(trusted), trusted.role), []).append(trusted)
        return found

    def _of(self, way: Way, actor: Actor, target: str | None) -> Iterator[tuple[str, Decision]]:
        if way.rule.via:
            yield from self._of_two(way, actor, target)
            return
        rule, decider = way.rule, self._around.decider
        caller = Caller(decider, actor)
        if "iam:PassRole" in rule.permissions and target:
            asked = [(("iam:PassedToService", service),) for service in rule.passed_to]
            tried = (decider.decide(actor, "iam:PassRole", target, more) for more in asked)
            yield "iam:PassRole", min(tried, key=strength_of)
        if rule.actions_on("any"):
            made = self._around.own_resources.somewhere(caller, rule.actions_on("any"))
            for action, each in made.items():
                yield action, decider.decide(actor, action, each.resource, each.said)
        for action, on in rule.permissions.items():
            if on in ("any", "role passed"):
                continue
            if action == _ASSUME and target:
                yield (
                    action,
                    decider.decide(actor, action, target, (), self._around.account.trust.get(target)),
                )
                continue
            resource = self._resource(rule, caller, action, on, target)
            if resource is not None:
                # The boundary is taken off first, and limits no more what comes then.
                is_freed = rule.gives == "any policy without boundary" and action == list(rule.permissions)[1]
                asker = Caller(decider, without_boundary(actor)) if is_freed else caller
                options = self._around.granting.asked(action, asker)
                granted = (decider.decide(asker.actor, action, resource, more) for more in options)
                yield action, min(granted, key=strength_of)
        if "iam:UpdateAssumeRolePolicy" in rule.permissions and target:
            yield _ASSUME, decider.decide(actor, _ASSUME, target, (), trust_in(actor.arn))

    def _of_two(self, way: Way, actor: Actor, target: str | None) -> Iterator[tuple[str, Decision]]:
        """Yield the decisions on joining a group, setting a version or losing a limit, and on what opens."""
        opening, rule = parts_of(way.rule)
        decide, action = self._around.decider.decide, opening.action
        name = f"{action} on {opening.on}" if action in rule.permissions else action  # it is asked twice
        yield name, decide(actor, action, opening.resource(actor), opening.more)
        yield from self._of(replace(way, rule=rule), opening.after(self._around.account, actor), target)

    def _resource(self, rule: Rule, caller: Caller, action: str, on: str, target: str | None) -> str | None:
        """Return what an action of a rule is asked on: the target, oneself, or the best of what is held."""
        if on == "target group" and target in self._around.account.users:  # it is the user that is added
            actions = rule.actions_on("target group")
            groups = self._around.standing.administrator_groups
            return self._best(caller, action, groups) if len(actions) == 1 else self._of_all(caller, actions)
        if on == "group of target" and target:
            member_of = self._around.account.actors[target].member_of
            return self._best(caller, action, self._universe.bits(member_of))
        if on in ("target user", "target role", "target group"):
            return target
        if on == "self":
            return caller.actor.arn
        if on == "provider of target":
            return self._provider(caller, action, target)
        if on == "own group":
            return self._best(caller, action, self._universe.bits(caller.actor.member_of))
        return self._policy(caller, action, on, target)

    def _provider(self, caller: Caller, action: str, role: str | None) -> str | None:
        """Return the provider of a role that may be changed the surest."""
        decide, kinds = self._around.decider.decide, kinds_of(action)
        found = [(held, p) for p, trusting, held in by_provider(self._around, kinds) if trusting == role]
        ranked = ((max(held, strength_of(decide(caller.actor, action, p))), p) for held, p in found)
        return min(ranked, default=(0, None))[1]

    def _policy(self, caller: Caller, action: str, on: str, target: str | None) -> str | None:
        """Return the policy on which an action is asked: of those that make the most of the holder."""
        if on == "own policy" and target:
            return target  # the one of which an older version is wanted
        is_of_target = on != "own policy" and target
        holder = self._around.account.actors[target] if is_of_target and target else caller.actor
        standing, bit = self._around.standing, self._universe.bit(holder.arn)
        held = self._universe.bits(holder.policies) & self._around.targets.own_policies
        by: dict[str, list[str]] = {}
        for policy in self._universe.names(held):
            if on == "older version of target":
                made = standing.set_back(self._universe.bit(policy))
                how = next((how for how in _HOW if made[how] & bit), "no")
            else:
                how = standing.with_version(holder, policy)
            by.setdefault(how, []).append(policy)
        return self._best(caller, action, *(self._universe.bits(by.get(how, ())) for how in _HOW))

    def _of_all(self, caller: Caller, actions: Sequence[str]) -> str | None:
        """Return the first group on which all of some actions are allowed the surest."""
        asked = self._around.granting.asked
        reaches = [[caller.reach(action, m) for m in asked(action, caller)] for action in actions]
        surely = perhaps = self._around.targets.groups
        for options in reaches:
            surely &= union(r.surely for r in options)
            perhaps &= union(r.perhaps for r in options)
        found = surely or perhaps
        return self._universe.first(found) if found else None

    def _best(self, caller: Caller, action: str, *among: int) -> str | None:
        """Return the first of the best sets on which an action is allowed the surest."""
        reaches = [caller.reach(action, m) for m in self._around.granting.asked(action, caller)]
        surely, perhaps = union(r.surely for r in reaches), union(r.perhaps for r in reaches)
        for allowed in (surely, perhaps, self._universe.everything):
            for bits in among:
                if bits & allowed:
                    return self._universe.first(bits & allowed)
        return None


def conditions_of(decisions: Iterable[Decision]) -> list[str]:
    """Return the conditions that decisions depend on, each once."""
    found = (str(c) for d in decisions for match in d.unknown for c in match.statement.conditions)
    return list(dict.fromkeys(found))
