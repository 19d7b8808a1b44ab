"""What one policy document says of an action, over all targets at once; worked out once a document.

A principal is the union of its documents less their denies and its limits. What is shared between principals
is what a document says, and only as far as no statement of it looks at who asks.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from iamaudit.account import Actor
from iamaudit.escalation.universe import Universe
from iamaudit.iam.actions import Catalogue
from iamaudit.iam.evaluate import Context, statement_actions
from iamaudit.iam.evaluate.conditions import conditions_hold
from iamaudit.iam.evaluate.resources import covers_resource, resource_regex, takes_resource
from iamaudit.iam.evaluate.ternary import Ternary, all_of, any_of
from iamaudit.iam.evaluate.variables import Pattern, substitute, widest_reading
from iamaudit.iam.policy import Document, Statement, covers_everything

More = tuple[tuple[str, str], ...]
"""Condition keys that a request carries beside those of its caller; ``-key`` says that it surely lacks it."""

_SEGMENTS, _REGION = 5, "aws:requestedregion"  # what comes before the resource in an ARN
_PERSONAL = ("aws:principal", "aws:username", "aws:userid")
# Keys that begin so and that all users, or all roles, of an account have alike.
_ALIKE = {"aws:principalaccount", "aws:principaltype", "aws:principalisawsservice", "aws:principalorgid"}


@dataclass(frozen=True, slots=True)
class Says:
    """Sets of targets: surely allowed, allowed under some condition or surely, and the same for denied."""

    allowed: int = 0
    may_allow: int = 0
    denied: int = 0
    may_deny: int = 0

    def __or__(self, other: "Says") -> "Says":
        if other is NOTHING or self is NOTHING:
            return self if other is NOTHING else other
        return Says(
            self.allowed | other.allowed,
            self.may_allow | other.may_allow,
            self.denied | other.denied,
            self.may_deny | other.may_deny,
        )


NOTHING = Says()


@dataclass(frozen=True, slots=True, eq=False)
class About:
    """What documents say about one action, and what in a request that looks at.

    Documents whose ``statements`` about the action are alike but for their place and Sid share one.
    ``reads_variables`` says that their version knows variables (rule H8). ``keys`` are the condition keys
    that are tested, in lower case. ``has_variables`` says that a text holds one, ``is_personal`` that two
    users, or two roles, of the account may be told apart. ``regions`` are those that resources and
    conditions name. ``allows`` and ``denies`` say that the action is, on something and under whatever
    condition, ``is_full`` that it is allowed on everything unless denied, whoever asks and however.
    """

    action: str
    statements: tuple[Statement, ...]
    reads_variables: bool
    keys: frozenset[str]
    has_variables: bool
    is_personal: bool
    regions: frozenset[str]
    allows: bool
    denies: bool
    is_full: bool


class Documents:
    """The documents of an account, asked about actions; answers are kept, also for copies of the account."""

    def __init__(
        self, universe: Universe, catalogue: Catalogue, context: Callable[[Actor, More, str], Context]
    ) -> None:
        self._universe, self._catalogue, self._context = universe, catalogue, context
        self._actions: dict[int, tuple[Document, int]] = {}
        self._about: dict[int, tuple[Document, dict[str, About]]] = {}
        self._abouts: dict[tuple[object, ...], About] = {}
        self._says: dict[tuple[object, ...], Says] = {}
        self._of_one: dict[tuple[object, ...], tuple[Ternary, Ternary]] = {}
        self._sets: dict[int, int] = {}

    def about(self, document: Document, action: str) -> About:
        """Return what a document says about an action in lower case, and what that looks at."""
        known = self._about.get(id(document))
        if known is None:
            known = self._about[id(document)] = document, {}
        found = known[1].get(action)
        if found is None:
            found = known[1][action] = self._alike(document, action)
        return found

    def _alike(self, document: Document, action: str) -> About:
        """Return what the first of all documents said that say the same about an action."""
        statements, reads_variables = document.about(action), document.version == "2012-10-17"
        said = tuple((s.effect, s.resources, s.not_resources, s.conditions) for s in statements)
        key = action, reads_variables, said
        found = self._abouts.get(key)
        if found is None:
            found = self._abouts[key] = _about(action, statements, reads_variables=reads_variables)
        return found

    def says(self, document: Document, action: str, actor: Actor, more: More = ()) -> Says:
        """Return what a document says to a principal about an action, over the universe."""
        about = self.about(document, action)
        if not about.statements:
            return NOTHING
        key = (about, *self._asked(about, actor, more))
        found = self._says.get(key)
        if found is None:
            parts = self._parts(about, about.statements, self._context(actor, more, action))
            found = self._says[key] = Says(*map(self._shared, _summed(parts)))
        return found

    def parts(
        self, document: Document, action: str, actor: Actor, more: More = ()
    ) -> Iterator[tuple[Statement, int, int]]:
        """Yield each statement that applies or may apply, with where it surely does and where it may."""
        context = self._context(actor, more, action)
        return self._parts(self.about(document, action), document.about(action), context)

    def of_one(
        self, document: Document, action: str, resource: str, actor: Actor, more: More = ()
    ) -> tuple[Ternary, Ternary]:
        """Return whether a document allows and whether it denies an action on one resource, any ARN."""
        about = self.about(document, action)
        key = (about, resource, *self._asked(about, actor, more))
        found = self._of_one.get(key)
        if found is None:
            context = self._context(actor, more, action)
            each = [(s.effect, _applies(about, s, resource, context)) for s in about.statements]
            found = self._of_one[key] = (
                any_of(held for effect, held in each if effect == "Allow"),
                any_of(held for effect, held in each if effect == "Deny"),
            )
        return found

    def speaks_about(self, document: Document) -> int:
        """Return the actions of all statements of a document, as a set over the catalogue."""
        found = self._actions.get(id(document))
        if found is None:
            actions = 0
            for statement in document.statements:
                actions |= statement_actions(statement, self._catalogue)
            found = self._actions[id(document)] = document, actions
        return found[1]

    def _shared(self, bits: int) -> int:
        """Return an equal set that is kept already: most documents say one of a few sets."""
        return self._sets.setdefault(bits, bits)

    def _asked(self, about: About, actor: Actor, more: More) -> tuple[object, ...]:
        """Return what tells two requests apart, as far as these statements look at it."""
        if more and not about.has_variables:
            keys = about.keys
            more = tuple(pair for pair in more if pair[0].lower().removeprefix("-") in keys) if keys else ()
        return more, actor.arn if about.is_personal else actor.type

    def _parts(
        self, about: About, statements: Iterable[Statement], context: Context
    ) -> Iterator[tuple[Statement, int, int]]:
        for statement in statements:
            held = conditions_hold(statement.conditions, context, has_variables=about.reads_variables)
            if held is False:
                continue
            surely, perhaps = self._covered(about, statement, context)
            if perhaps:
                yield statement, surely if held else 0, perhaps

    def _covered(self, about: About, statement: Statement, context: Context) -> tuple[int, int]:
        """Return the targets that a statement's resources surely cover, and those that they may cover."""
        everything = self._universe.everything
        if not takes_resource(about.action):
            covered = covers_resource(
                statement, about.action, "*", context, has_variables=about.reads_variables
            )
            return everything if covered else 0, 0 if covered is False else everything
        if statement.resources is not None:
            return self._entries(about, statement.resources, context)
        if statement.not_resources is not None:
            surely, perhaps = self._entries(about, statement.not_resources, context)
            return everything & ~perhaps, everything & ~surely
        return everything, everything

    def _entries(self, about: About, entries: Iterable[str], context: Context) -> tuple[int, int]:
        surely = perhaps = 0
        for entry in entries:
            if covers_everything(entry):
                return self._universe.everything, self._universe.everything
            bits, is_sure = self._entry(entry, context, has_variables=about.reads_variables)
            perhaps |= bits
            surely |= bits if is_sure else 0
        return surely, perhaps

    def _entry(self, entry: str, context: Context, *, has_variables: bool) -> tuple[int, bool]:
        if "${" not in entry or not has_variables:
            regex = resource_regex(entry, context, has_variables=False)
            return self._universe.covered_by(entry, regex), True
        head = ":".join(entry.split(":", 5)[:5])
        pattern = "unknown" if "${" in head else substitute(entry, context, has_variables=True)
        if isinstance(pattern, Pattern):
            regex = resource_regex(entry, context, has_variables=True)
            return self._universe.covered_by(entry, regex), True
        if pattern == "no value":
            return 0, True
        return self._universe.covered_by(entry, widest_reading(entry)), False


def _summed(parts: Iterable[tuple[Statement, int, int]]) -> tuple[int, int, int, int]:
    allowed = may_allow = denied = may_deny = 0
    for statement, surely, perhaps in parts:
        if statement.effect == "Allow":
            allowed |= surely
            may_allow |= perhaps
        else:
            denied |= surely
            may_deny |= perhaps
    return allowed, may_allow, denied, may_deny


def _applies(about: About, statement: Statement, resource: str, context: Context) -> Ternary:
    covered = covers_resource(statement, about.action, resource, context, has_variables=about.reads_variables)
    if covered is False or not statement.conditions:
        return covered
    held = conditions_hold(statement.conditions, context, has_variables=about.reads_variables)
    return all_of((covered, held))


def _about(action: str, statements: tuple[Statement, ...], *, reads_variables: bool) -> About:
    keys = frozenset(condition.key.lower() for s in statements for condition in s.conditions)
    has_variables = _has_variables(statements)
    is_personal = has_variables or any(map(looks_at_who_asks, keys))
    allows = [s for s in statements if s.effect == "Allow"]
    return About(
        action,
        statements,
        reads_variables,
        keys,
        has_variables,
        is_personal,
        regions=frozenset(_regions(statements)),
        allows=bool(allows),
        denies=len(allows) < len(statements),
        is_full=any(s.is_all_resources and not s.conditions for s in allows),
    )


def _regions(statements: Iterable[Statement]) -> Iterator[str]:
    """Yield the regions that statements name in resources or conditions, wildcards put to a letter."""
    for statement in statements:
        entries = (*(statement.resources or ()), *(statement.not_resources or ()))
        named = [parts[3] for e in entries if len(parts := e.split(":", 5)) > _SEGMENTS]
        named += [v for c in statement.conditions if c.key.lower() == _REGION for v in c.values]
        plain = (name.replace("*", "x").replace("?", "x") for name in named if name.strip("*"))
        yield from (name for name in plain if "${" not in name)


def _has_variables(statements: Iterable[Statement]) -> bool:
    return any(
        "${" in text
        for s in statements
        for texts in (s.resources or (), s.not_resources or (), *(c.values for c in s.conditions))
        for text in texts
    )


@lru_cache(maxsize=4096)
def looks_at_who_asks(key: str) -> bool:
    """Say whether a condition key may tell two users, or two roles, of one account apart."""
    return key.startswith(_PERSONAL) and key not in _ALIKE
