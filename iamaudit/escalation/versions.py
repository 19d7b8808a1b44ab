"""What another version of a policy makes of who holds it: a new one, or one that is there already."""

from collections.abc import Callable

from iamaudit.account import Account, Actor, permissions_of
from iamaudit.escalation.decider import without_boundary
from iamaudit.escalation.standing import ANSWERS, NOBODY, By, Standing
from iamaudit.escalation.universe import Universe
from iamaudit.iam.policy import Document


class Versions(Standing):
    """The same with what principals would be if a policy of theirs said something else."""

    def __init__(self, account: Account, actors: list[Actor], universe: Universe) -> None:
        super().__init__(account, actors, universe)
        self._rewritten: dict[int, By] = {}
        self._replaced: dict[int, By] = {}
        self._versions: dict[str, By] = {}
        self._older: dict[str, By] = {}

    def with_version(self, actor: Actor, policy: str, version: Document | None = None) -> str:
        """Return whether a principal is an administrator once a policy of it says something else.

        Unless a ``version`` is given, it says everything that is wanted: as a policy it allows all, as the
        permissions boundary it limits nothing.
        """
        old = self._account.policies[policy].document
        is_given = any(a.policy == policy and a.how != "boundary" for a in actor.attachments)
        if version is None and is_given and actor.boundary_policy != policy and self._only_allows(old):
            return self.ceiling(actor)
        held = [d for d in (*actor.identity, *actor.groups) if d is not old]
        grants = self._together(actor, held)
        if is_given:
            grants = grants | (self._all if version is None else self.grants_of(version))
        if actor.boundary_policy != policy:
            return self._administrator(actor, grants)
        freed = without_boundary(actor)
        if version is None:
            return self._administrator(freed, grants)
        return self._permissions(freed, grants, self.grants_of(version))

    def _only_allows(self, document: Document) -> bool:
        """Say whether a document keeps no administrator's permissions away: without it nobody is more."""
        return document.is_complete and not self._may_deny(document)

    def rewritten(self, policies: int) -> By:
        """Return what holders of some policies would be if one of these were rewritten, at its best."""
        if policies not in self._rewritten:
            kept = None if self._before is None else self._before[0].rewritten(policies)
            self._rewritten[policies] = self._at_best(policies, kept, self._with_version)
        return self._rewritten[policies]

    def set_back(self, policies: int) -> By:
        """Return the same if one of these were set back to an older version; ``no`` is nobody told of."""
        if policies not in self._replaced:
            kept = None if self._before is None else self._before[0].set_back(policies)
            found = self._at_best(policies, kept, self._with_older)
            self._replaced[policies] = {**found, "no": 0}
        return self._replaced[policies]

    def _at_best(self, policies: int, before: By | None, made: Callable[[str], By]) -> By:
        kept: By = {}
        if self._before is not None and before is not None:
            changed = self._before[1]
            kept = {answer: bits & ~changed for answer, bits in before.items()}
            policies &= self._universe.bits(
                policy
                for arn in self._universe.names(changed)
                for policy in self._account.actors[arn].policies
            )
        found = {answer: kept.get(answer, 0) for answer in ANSWERS}
        for policy in self._universe.names(policies):
            for answer, bits in made(policy).items():
                found[answer] |= bits
        found["perhaps"] &= ~found["yes"]
        found["no"] &= ~found["yes"] & ~found["perhaps"]
        return found

    def _changed_holders(self, policy: str) -> int:
        return self._holders.get(policy, 0) & (-1 if self._before is None else self._before[1])

    def _with_version(self, policy: str) -> By:
        """Return what holders of a policy would be if it were rewritten; after an edit the changed ones."""
        if policy not in self._versions:
            self._versions[policy] = self._with(policy, None)
        return self._versions[policy]

    def _with_older(self, policy: str) -> By:
        """Return the same at the best of its older versions that may make more of somebody."""
        found = self._older.get(policy)
        if found is None:
            found = self._older[policy] = {"yes": 0, "perhaps": 0}
            for version in self._account.policies[policy].older:
                if not self.possible(version) & self._account.catalogue.control:
                    continue
                made = self._with(policy, version)
                found = {answer: found[answer] | made.get(answer, 0) for answer in found}
            found["perhaps"] &= ~found["yes"]
            self._older[policy] = found
        return found

    def _with(self, policy: str, version: Document | None) -> By:
        """Return what holders of a policy would be with another version, unless given with one of all."""
        holders = self._changed_holders(policy)
        alone = holders & (self._bounded.get(policy, 0) | self._denying)
        if version is not None and (self._may_deny(version) or not self._makes_anybody(version)):
            alone = holders
        parts = {ceiling: bits for bits, ceiling in self.ceilings(holders & ~alone)}
        for arn in self._universe.names(alone):
            ceiling = self.with_version(self._account.actors[arn], policy, version)
            parts[ceiling] = parts.get(ceiling, 0) | self._universe.bit(arn)
        return parts

    def _makes_anybody(self, version: Document) -> bool:
        """Say whether a version makes an administrator by itself, without a condition."""
        return permissions_of(NOBODY, self.grants_of(version), None).administrator == "yes"
