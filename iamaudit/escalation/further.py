"""What opens the next step: a group that is joined, an older version that is set, a limit that is taken off.

None makes an administrator by itself. The principal is looked at anew with what it would hold then: its
other limits stay, and what it and the group allow only together counts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

from iamaudit.account import Account, Actor
from iamaudit.account.actors import with_document
from iamaudit.escalation.combined import find_rule
from iamaudit.escalation.decider import union, without_boundary
from iamaudit.escalation.documents import More
from iamaudit.escalation.following import Following
from iamaudit.escalation.rules import Rule, load_rules
from iamaudit.escalation.way import BLOCKED, CERTAIN, LEVELS, Way
from iamaudit.iam.policy import Document

_JOIN, _SET = "iam:AddUserToGroup", "iam:SetDefaultPolicyVersion"
_REWRITES = "iam-create-policy-version"
_FREES = {
    "user": ("iam-delete-user-permissions-boundary", "iam-put-user-permissions-boundary"),
    "role": ("iam-delete-own-role-permissions-boundary", "iam-put-own-role-permissions-boundary"),
}
"""The rules by which a user or role takes off its own boundary, or sets a wider one."""
_DROPS = {
    "user": ("iam-detach-user-policy", "iam-delete-user-policy"),
    "role": ("iam-detach-own-role-policy", "iam-delete-own-role-policy"),
}
"""The rules by which it takes off a managed policy of its own, or an inline one."""
_LEAVES = "iam-remove-user-from-group"
_THEN = " then "


@dataclass(frozen=True, slots=True)
class Opening:
    """A group to join or leave, a version of a policy to set, or a boundary or policy to be rid of.

    ``name`` is that of a rule with ``on``: the ARN of the group or policy, for a version with its id, of the
    boundary that is taken off or rewritten, or of the one that is set instead.
    """

    name: str

    @property
    def on(self) -> str:
        """The ARN of the group or policy."""
        return self.name.split(" ")[1]

    @property
    def first(self) -> tuple[str, str]:
        """What has to be allowed, and on what."""
        return next(iter(load_rules()[self.name.partition(" ")[0]].permissions.items()))

    @property
    def action(self) -> str:
        """What has to be allowed."""
        return self.first[0]

    @property
    def more(self) -> More:
        """What the request says beside: which boundary is set, or which policy is detached."""
        if self.action.startswith("iam:Detach"):
            return (("iam:PolicyARN", self.on),)
        return (("iam:PermissionsBoundary", self.on),) if self.action.startswith("iam:Put") else ()

    def resource(self, actor: Actor) -> str:
        """Return on what it is asked: the group, the policy, or the principal itself."""
        return actor.arn if self.first[1] == "self" else self.on

    def after(self, account: Account, actor: Actor) -> Actor:
        """Return the principal as it would be then."""
        if self.action == _JOIN:
            return _joined(account, actor, self.on)
        policy = account.policies.get(self.on)
        if self.action == _SET and policy:
            new = dict(zip(policy.older_ids, policy.older, strict=True))[self.name.split(" ")[2]]
            return with_document(actor, policy.document, new)
        if self.name.startswith(_LEAVES):
            return _left(account, actor, self.on)
        if policy and self.name.startswith(_DROPS[actor.type]):
            return replace(actor, identity=tuple(d for d in actor.identity if d is not policy.document))
        freed = without_boundary(actor)
        if not self.more or policy is None or not policy.is_collected:  # AdministratorAccess limits nothing
            return freed
        policies = freed.policies | {self.on}
        return replace(freed, boundary=policy.document, boundary_policy=self.on, policies=policies)


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


def _left(account: Account, actor: Actor, arn: str) -> Actor:
    """Return a user as it would be without one of its groups."""
    kept = tuple(group for group in actor.member_of if group != arn)
    groups = tuple(document for group in kept for document in account.groups[group].documents)
    return replace(actor, groups=groups, member_of=kept)


@lru_cache(maxsize=65_536)
def rule_after(opening: str, second: str, live: str | None) -> Rule:
    """Return the rule that needs what an opening needs, and then what another rule needs."""
    rule = find_rule(second, live)
    action, on = Opening(opening).first
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
        """Yield what the principal may join, set or be rid of that a rule may need, and how surely."""
        yield from self._groups()
        yield from self._versions()
        yield from self._boundaries()
        yield from self._denials()

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

    def _boundaries(self) -> Iterator[tuple[Opening, str]]:
        """Yield the ways to be rid of the boundary; of those that leave none the first sure one is enough."""
        held = self.actor.boundary_policy
        if not held:
            return
        taken_off, put = _FREES[self.actor.type]
        openings = [Opening(f"{taken_off} {held}"), Opening(f"{_REWRITES} {held}")]
        others = self.asked(Opening(put).action)
        openings += [Opening(f"{put} {arn}") for other in others for _, arn in other if arn != held]
        for opening in openings:
            for found in self._allowed(opening):
                yield found
                if found[1] == CERTAIN and not opening.after(self.around.account, self.actor).boundary:
                    return

    def _denials(self) -> Iterator[tuple[Opening, str]]:
        """Yield the own policies that deny something and may be taken off, and such groups to leave."""
        account, (managed, inline) = self.around.account, _DROPS[self.actor.type]
        for name in sorted(self.actor.policies):
            policy = account.policies[name]
            if policy.document in self.actor.identity and _denies(policy.document):
                rule = inline if policy.kind == "inline" else managed
                yield from self._allowed(Opening(f"{rule} {name}"))
        for group in self.actor.member_of:
            if any(map(_denies, account.groups[group].documents)):
                yield from self._allowed(Opening(f"{_LEAVES} {group}"))

    def _allowed(self, opening: Opening) -> Iterator[tuple[Opening, str]]:
        """Yield an opening with how surely it is allowed, unless it is not, or the account may not do it."""
        targets, (action, on) = self.around.targets, opening.first
        bits = self.universe.bits([opening.resource(self.actor)])
        bits &= targets.own_policies if on == "own policy" else ~targets.protected
        for some, verdict, stopped in self.cells_of(action, bits, [opening.more]) if bits else ():
            if some and stopped is None:
                yield opening, verdict

    def _opens(self, document: Document) -> bool:
        return bool(self.around.standing.possible(document) & self.around.needed)


def _denies(document: Document) -> bool:
    return any(statement.effect == "Deny" for statement in document.statements)


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


def still_blocked(found: Sequence[Way], then: Sequence[Way]) -> Iterator[Way]:
    """Yield the ways ``found``, without what is blocked by itself and open ``then``, behind an opening."""
    opened = dict[str, int]()
    for way in then:
        if way.verdict != BLOCKED:
            opened[way.rule.id] = opened.get(way.rule.id, 0) | way.targets
    for way in found:
        if way.verdict != BLOCKED or way.rule.id not in opened:
            yield way
        elif way.is_takeover and (left := way.targets & ~opened[way.rule.id]) & ~way.sources:
            yield replace(way, targets=left)


def makes_surely(found: Sequence[Way]) -> bool:
    """Say whether some ways surely make an administrator: then nothing more is to be won."""
    return any(way.verdict == CERTAIN and not way.is_takeover for way in found)
