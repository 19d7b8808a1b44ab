"""What a group that is joined, or an older version of a policy that is set, opens as the next step.

Neither makes an administrator by itself. The principal is looked at anew with what it would hold then: its
own limits stay, and what it and the group allow only together counts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

from iamaudit.account import Account, Actor
from iamaudit.account.actors import with_document
from iamaudit.escalation.combined import find_rule
from iamaudit.escalation.decider import union
from iamaudit.escalation.following import Following
from iamaudit.escalation.rules import Rule
from iamaudit.escalation.way import BLOCKED, CERTAIN, LEVELS, Way
from iamaudit.iam.policy import Document

_JOIN, _SET = "iam:AddUserToGroup", "iam:SetDefaultPolicyVersion"
_FIRST = {
    "iam-add-user-to-group": (_JOIN, "target group"),
    "iam-set-default-policy-version": (_SET, "own policy"),
}
_THEN = " then "


@dataclass(frozen=True, slots=True)
class Opening:
    """A group to join, or a version of a policy to set: ``name`` holds which, ``on`` its ARN."""

    name: str

    @property
    def on(self) -> str:
        """The ARN of the group or policy."""
        return self.name.split(" ")[1]

    @property
    def action(self) -> str:
        """What has to be allowed on it."""
        return _FIRST[self.name.partition(" ")[0]][0]

    def after(self, account: Account, actor: Actor) -> Actor:
        """Return the principal as it would be then."""
        if self.action == _JOIN:
            return _joined(account, actor, self.on)
        policy, version = account.policies[self.on], self.name.split(" ")[2]
        new = dict(zip(policy.older_ids, policy.older, strict=True))[version]
        return with_document(actor, policy.document, new)


def _joined(account: Account, actor: Actor, arn: str) -> Actor:
    group = account.groups[arn]
    missing = [policy for policy in group.policies if not account.policies[policy].is_collected]
    return replace(
        actor,
        groups=(*actor.groups, *group.documents),
        member_of=(*actor.member_of, arn),
        policies=actor.policies.union(group.policies),
        attachments=(*actor.attachments, *(each.through(arn) for each in group.attachments)),
        missing=(*actor.missing, *missing),
    )


@lru_cache(maxsize=65_536)
def rule_after(opening: str, second: str, live: str | None) -> Rule:
    """Return the rule that needs what an opening needs, and then what another rule needs."""
    rule = find_rule(second, live)
    action, on = _FIRST[opening.partition(" ")[0]]
    return Rule(
        id=f"{opening}{_THEN}{second}",
        kind=rule.kind,
        gives=rule.gives,
        permissions=MappingProxyType({action: on, **rule.permissions}),
        services=rule.services,
        passed_to=rule.passed_to,
        live=live,
        via=Opening(opening).on,
    )


def parts_of(rule: Rule) -> tuple[Opening, Rule]:
    """Return the opening of a rule made by ``rule_after``, and the rule that is followed then."""
    opening, _, second = rule.id.partition(_THEN)
    return Opening(opening), find_rule(second, rule.live)


def find_any_rule(name: str, live: str | None) -> Rule:
    """Return a rule by its id, also one that needs an opening first."""
    opening, then, second = name.partition(_THEN)
    return rule_after(opening, second, live) if then else find_rule(name, live)


class Further(Following):
    """Follows what opens a further path only."""

    def openings(self) -> Iterator[tuple[Opening, str]]:
        """Yield what the principal may join or set that allows something a rule needs, and how surely."""
        yield from self._groups()
        yield from self._versions()

    def _groups(self) -> Iterator[tuple[Opening, str]]:
        if self.actor.type != "user":
            return
        groups = self.around.targets.groups & ~self.universe.bits(self.actor.member_of)
        seen = set[tuple[int, ...]]()
        for bits, verdict, stopped in self.cells_of(_JOIN, groups, self.asked(_JOIN)) if groups else ():
            for arn in self.universe.names(bits) if stopped is None else ():
                documents = self.around.account.groups[arn].documents
                alike = tuple(map(id, documents))
                if alike not in seen and any(map(self._opens, documents)):
                    seen.add(alike)
                    yield Opening(f"iam-add-user-to-group {arn}"), verdict

    def _versions(self) -> Iterator[tuple[Opening, str]]:
        policies = self.around.account.policies
        own = self.universe.bits(p for p in self.actor.policies if policies[p].older)
        own &= self.around.targets.own_policies
        for bits, verdict, stopped in self.cells_of(_SET, own, [()]) if own else ():
            for arn in self.universe.names(bits) if stopped is None else ():
                for version, document in zip(policies[arn].older_ids, policies[arn].older, strict=True):
                    if arn == self.actor.boundary_policy or self._opens(document):
                        yield Opening(f"iam-set-default-policy-version {arn} {version}"), verdict

    def _opens(self, document: Document) -> bool:
        return bool(self.around.standing.possible(document) & self.around.needed)


def new_ways(opening: Opening, verdict: str, then: Sequence[Way], found: Sequence[Way]) -> Iterator[Way]:
    """Yield the open ways ``then`` behind an opening, without those that are ``found`` as surely without."""
    for way in then:
        if way.verdict == BLOCKED:
            continue
        sure = max(verdict, way.verdict, key=LEVELS.index)
        known = [w for w in found if w.verdict != BLOCKED and LEVELS.index(w.verdict) <= LEVELS.index(sure)]
        if any(not each.is_takeover for each in known):
            continue  # an administrator is made as surely already
        targets = way.targets
        if way.is_takeover:
            targets &= ~union(each.targets for each in known)
            if not targets & ~way.sources:
                continue
        rule = rule_after(opening.name, way.rule.id, way.live)
        yield Way(rule, way.sources, targets, sure, None, way.live)


def makes_surely(found: Sequence[Way]) -> bool:
    """Say whether some ways surely make an administrator: then nothing more is to be won."""
    return any(way.verdict == CERTAIN and not way.is_takeover for way in found)
