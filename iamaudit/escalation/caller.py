"""One principal that asks: its documents put together, with its boundary, SCPs and RCPs.

``Caller.reach`` puts together what documents say over all targets at once, ``Caller.on`` what they say of one
resource. ``Decider.decide`` asks ``authorize`` about one target; laws hold the three equal.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from iamaudit.account import Actor, Organization
from iamaudit.escalation.decider import Decider
from iamaudit.escalation.documents import NOTHING, More, Says
from iamaudit.escalation.said import Said
from iamaudit.escalation.wording import Voice, is_sayable, wordings
from iamaudit.iam.evaluate.principals import SERVICE_LINKED
from iamaudit.iam.evaluate.services import takes_rcps
from iamaudit.iam.evaluate.ternary import Ternary, all_of, any_of, negated
from iamaudit.iam.policy import Condition, Document, Statement


@dataclass(frozen=True, slots=True)
class Reach:
    """Targets on which an action is surely allowed, and those on which it may be (the sure ones included)."""

    surely: int = 0
    perhaps: int = 0


class Caller:
    """One principal that asks: what its own policies and its limits leave of an action, over all targets."""

    def __init__(self, decider: Decider, actor: Actor) -> None:
        self.decider, self.actor, self.universe = decider, actor, decider.universe
        self.own = (*actor.identity, *actor.groups)
        # No SCP or RCP limits a service-linked role (rules D1, D4).
        self.organization = Organization() if SERVICE_LINKED in actor.arn else decider.account.organization
        self.bit = decider.universe.bit(actor.arn)
        self._documents = decider.documents
        self._reaches: dict[tuple[str, More], Reach] = {}
        self._parts: dict[str, list[tuple[int, More]]] = {}
        self._about: dict[str, list[Document]] = {}
        self._said: dict[str, Said] = {}

    def reach(self, action: str, more: More = ()) -> Reach:
        """Return where an action is allowed, worded as suits the caller best."""
        action = action.lower()
        keys = self.keys(action)
        if more and "${" not in keys:
            more = tuple(pair for pair in more if pair[0].lower() in keys)
        found = self._reaches.get((action, more))
        if found is None:
            found = self._reaches[action, more] = self._worded(action, more)
        return found

    def keys(self, action: str) -> frozenset[str]:
        """Return the condition keys that any statement about an action tests, in lower case.

        ``${`` is among them where a text holds a variable.
        """
        return self.said(action).keys

    def about(self, action: str) -> list[Document]:
        """Return the caller's own documents that speak about an action."""
        found = self._about.get(action)
        if found is None:
            asked = self.decider.account.catalogue.expand_pattern(action)
            found = self._about[action] = [each for each, actions in self._spoken if actions & asked]
        return found

    @cached_property
    def _spoken(self) -> list[tuple[Document, int]]:
        return [(document, self._documents.speaks_about(document)) for document in self.own]

    def said(self, action: str) -> Said:
        """Return what all documents say about an action; who hears the same may share an answer."""
        found = self._said.get(action)
        if found is None:
            found = self._said[action] = self.decider.hearing.said(
                action, self.about(action), self._limits, is_readable=self.is_readable
            )
        return found

    def who(self, said: Said) -> object:
        """Return what tells this caller apart from others that hear the same."""
        return self.actor.arn if said.is_personal else self._kind

    @cached_property
    def _kind(self) -> tuple[object, ...]:
        return self.actor.type, self.actor.may_sign, self.actor.signs_in

    @cached_property
    def _limits(self) -> list[Document]:
        """The documents that limit the caller beside its own: its boundary, and those of the organization."""
        boundary = [] if self.actor.boundary is None else [self.actor.boundary]
        levels = (*self.organization.scps, *self.organization.rcps)
        return [*boundary, *(document for level in levels for document in level)]

    def _every_document(self, action: str) -> Iterator[Document]:
        """Yield every document that limits or allows an action that the caller asks of its account."""
        yield from self.about(action)
        yield from self._limits

    def mentions(self, action: str) -> list[tuple[Document, Statement]]:
        """Return the statements of the caller's own policies that allow an action on something."""
        return [
            (document, statement)
            for document in self.about(action.lower())
            for statement in document.about(action.lower())
            if statement.effect == "Allow"
        ]

    # the layers, over all targets

    def identity(self, action: str, more: More) -> Says:
        """Return what the caller's own policies say; one that nobody could read may say anything."""
        found = self._together(self.about(action), action, more)
        return found if self.is_readable else self._open(found)

    @cached_property
    def is_readable(self) -> bool:
        """Whether all of the caller's own policies were collected and can be read in full."""
        return not self.actor.missing and all(document.is_complete for document in self.own)

    def _open(self, says: Says) -> Says:
        """Return what a layer says that holds what nobody could read; a Deny that is known stays one."""
        everything = self.universe.everything
        return Says(0, everything, says.denied, everything)

    def boundary(self, action: str, more: More) -> Says | None:
        """Return what the permissions boundary says, ``None`` when there is none."""
        if self.actor.boundary is None:
            return None
        return self._level((self.actor.boundary,), action, more)

    def scps(self, action: str, more: More) -> list[Says]:
        """Return what each level of SCPs says."""
        return [self._level(level, action, more) for level in self.organization.scps]

    def rcps(self, action: str, more: More) -> list[Says]:
        """Return what each level of RCPs says of an action that they reach."""
        if not takes_rcps(action):
            return []
        return [self._level(level, action, more) for level in self.organization.rcps]

    def _level(self, documents: Sequence[Document], action: str, more: More) -> Says:
        found = self._together(documents, action, more)
        return found if all(document.is_complete for document in documents) else self._open(found)

    def _together(self, documents: Iterable[Document], action: str, more: More) -> Says:
        found = NOTHING
        for document in documents:
            found = found | self._documents.says(document, action, self.actor, more)
        return found

    def _worded(self, action: str, more: More) -> Reach:
        parts = self.parts(action)
        if len(parts) == 1:  # of all targets at once
            return self.in_words(action, (*parts[0][1], *more), self._reach)
        surely = perhaps = 0
        for bits, facts in parts:
            found = self.in_words(action, (*facts, *more), self._reach)
            surely |= found.surely & bits
            perhaps |= found.perhaps & bits
        return Reach(surely, perhaps)

    def parts(self, action: str) -> list[tuple[int, More]]:
        """Return all targets in parts by what a request about them says, as far as a policy looks at it.

        Users and roles have tags and may have a permissions boundary; of groups and policies the requests
        say nothing that is known.
        """
        found = self._parts.get(action)
        if found is None:
            looked_at = [key for key in self.decider.keys.target_keys(action) if key in self.keys(action)]
            found = [(self.universe.everything, ())]
            if looked_at:
                conditions = self._conditions(action)
                context = self.decider.context(self.actor, (), action)
                found = self.decider.by_value.parts(looked_at, conditions, context)
            self._parts[action] = found
        return found

    def _conditions(self, action: str) -> list[Condition]:
        """Return the conditions of every statement that limits or allows an action."""
        documents = self._every_document(action)
        return [
            c for document in documents for statement in document.about(action) for c in statement.conditions
        ]

    @cached_property
    def voice(self) -> Voice:
        """What the principal may say in its requests as it likes."""
        return self.decider.voice(self.actor)

    def in_words(self, action: str, more: More, ask: Callable[[str, More], Reach]) -> Reach:
        """Return the best of an answer over the wordings that conditions on free keys ask for."""
        plain = ask(action, more)
        if plain.surely == plain.perhaps or not any(map(is_sayable, self.keys(action))):
            return plain
        surely = plain.surely
        fixed = self.decider.fixed(action, more)
        for values in wordings(self._conditions(action), self.voice, fixed):
            surely |= ask(action, (*more, *values)).surely & plain.perhaps
        return Reach(surely, plain.perhaps)

    def _reach(self, action: str, more: More) -> Reach:
        own = self.identity(action, more)
        if self.said(action).is_unlimited:
            return Reach(own.allowed, own.may_allow)
        boundary = self.boundary(action, more)
        scps, rcps = self.scps(action, more), self.rcps(action, more)
        surely, perhaps = own.allowed, own.may_allow
        layers = [own, *rcps]
        for ceiling in (*([] if boundary is None else [boundary]), *scps):
            surely &= ceiling.allowed
            perhaps &= ceiling.may_allow
            layers.append(ceiling)
        denied = may_deny = 0
        for layer in layers:
            denied |= layer.denied
            may_deny |= layer.may_deny
        return Reach(surely & ~may_deny, perhaps & ~denied)

    # one resource, any ARN

    def on(self, action: str, resource: str, more: More = ()) -> Ternary:
        """Return whether an action on one resource is allowed; ``None`` when it depends.

        It is what ``Decider.decide`` says, from what each document says of the resource.
        """
        action = action.lower()
        found = self._on(action, resource, more)
        if found is not None or not any(map(is_sayable, self.keys(action))):
            return found
        return True if self.decider.decide(self.actor, action, resource, more).verdict == "allowed" else None

    def _on(self, action: str, resource: str, more: More) -> Ternary:
        own = [self._documents.of_one(d, action, resource, self.actor, more) for d in self.about(action)]
        if self.said(action).is_unlimited:
            return any_of(allow for allow, _ in own)
        rcps = self.organization.rcps if takes_rcps(action) else ()
        allowed: list[Ternary] = [any_of(allow for allow, _ in own) if self.is_readable else None]
        denied: list[Ternary] = [] if self.is_readable else [None]
        ceilings = [
            *(() if self.actor.boundary is None else ((self.actor.boundary,),)),
            *self.organization.scps,
        ]
        denied += [deny for _, deny in own]
        for number, level in enumerate((*ceilings, *rcps)):
            found = [self._documents.of_one(d, action, resource, self.actor, more) for d in level]
            is_readable = all(document.is_complete for document in level)
            denied += [deny for _, deny in found] if is_readable else [*(deny for _, deny in found), None]
            if number < len(ceilings):
                allowed.append(any_of(allow for allow, _ in found) if is_readable else None)
        return all_of((all_of(allowed), negated(any_of(denied))))
