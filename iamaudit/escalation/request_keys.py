"""What a request surely carries and what it surely lacks: by its action, by who asks, by whom it is about."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property, reduce
from operator import or_

from iamaudit.account import Account, Actor, Role, User, lacked_keys, may_carry, time_keys
from iamaudit.escalation.documents import More
from iamaudit.escalation.universe import Universe
from iamaudit.escalation.wording import Voice
from iamaudit.iam.evaluate import Context, region_of_iam
from iamaudit.iam.evaluate.variables import Pattern, substitute
from iamaudit.iam.policy import Condition, compile_pattern

_FEW = 16  # values that are not worth telling apart
_BOUNDARY = "iam:permissionsboundary"
_TAGS = ("aws:resourcetag/", "iam:resourcetag/")
_CALLED_VIA = ("aws:calledvia", "aws:calledviafirst", "aws:calledvialast")
"""Keys that only the calls of services for somebody carry."""


class RequestKeys:
    """What is known of the requests that are made in one account at one moment."""

    def __init__(self, account: Account, as_of: datetime) -> None:
        now = time_keys(as_of)
        self._account, self._now = account, now["aws:CurrentTime"]
        self.always: Mapping[str, str] = {
            **now,
            "aws:SecureTransport": "true",
            "aws:ViaAWSService": "false",
        }
        self._of_action: dict[str, More] = {}
        self._contexts: dict[tuple[object, ...], Context] = {}

    def context(self, actor: Actor, more: More = (), action: str = "") -> Context:
        """Return what is known of a request of this principal for an action, and what it surely lacks."""
        of_action = self.of_action(action)
        key = (actor.arn, of_action, more)
        found = self._contexts.get(key)
        if found is None:
            found = self._contexts[key] = self._context(actor, (*more, *of_action))
        return found

    def _context(self, actor: Actor, more: More) -> Context:
        known, absent = self.of_caller(actor)
        absent += [key.removeprefix("-") for key, _ in more if key.startswith("-")]
        values = {key.lower(): value for key, value in (*self.always.items(), *known.items())}
        for key in absent:
            values.pop(key, None)
        values |= {key.lower(): value for key, value in more if not key.startswith("-")}
        beginnings = {key.lower(): text for key, text in actor.beginnings.items()}
        return Context(values, is_complete=False, absent=tuple(absent), beginnings=beginnings)

    def of_action(self, action: str) -> More:
        """Return what a request for an action, in lower case, carries or lacks whoever makes it.

        AWS documents which keys an action has; another one is never in its requests. IAM is asked in one
        region; ``iam:PassRole`` is asked by the service that gets the role.
        """
        found = self._of_action.get(action)
        if found is None:
            is_known = bool(self._account.catalogue.expand_pattern(action))
            lacks = [key for key in self._account.tested_keys if is_known and not may_carry(action, key)]
            found = tuple((f"-{key}", "") for key in sorted(lacks))
            if action.startswith("iam:") and action != "iam:passrole":
                found += (("aws:RequestedRegion", region_of_iam(self._account.partition)),)
            self._of_action[action] = found
        return found

    def of_caller(self, actor: Actor) -> tuple[dict[str, str], list[str]]:
        """Return the keys that every request of a principal carries with their values, and those it lacks.

        A user's tags are all known, a session may bring its own. A role is used through sessions.
        """
        known: dict[str, str] = {**actor.context, "aws:ResourceAccount": self._account.account_id}
        if actor.type == "role":
            known["aws:TokenIssueTime"] = self._now
        return known, [*lacked_keys(actor.type), *_CALLED_VIA]

    def voice(self, actor: Actor, context: Context) -> Voice:
        """Return what a principal may say in its requests as it likes.

        A user may sign with an access key, unless the credential report knows of no active one, and sign in
        with a password.
        """
        session = actor.beginnings.get("aws:userid")
        is_user = actor.type == "user"
        return Voice(
            context,
            has_key=is_user and actor.may_sign,
            issued=self._now if is_user and actor.signs_in else None,
            session=session,
        )

    # whom a request is about

    def target_keys(self, action: str) -> tuple[str, ...]:
        """Return the tested keys of a request for an action that tell about its target."""
        return tuple(key for key in self._target_keys if may_carry(action, key) and not _sets(action, key))

    @cached_property
    def _target_keys(self) -> list[str]:
        return sorted(key for key in self._account.tested_keys if key == _BOUNDARY or key.startswith(_TAGS))

    def of_target(self, action: str, arn: str) -> More:
        """Return what a request for an action says about the user or role that it is about."""
        return tuple(
            (key, value) if value is not None else (f"-{key}", "")
            for key in self.target_keys(action.lower())
            if arn in self._account.actors
            for value in (self.value_of(self._account.actors[arn], key),)
        )

    def value_of(self, target: Actor, key: str) -> str | None:
        """Return the value of a key about a user or role, ``None`` when it has none."""
        if key == _BOUNDARY:
            return target.boundary_policy
        tags = target.tags if isinstance(target, (User, Role)) else {}
        name = key.partition("/")[2]  # the names of tags differ by more than letter case (rule H3)
        return next((value for tag, value in tags.items() if tag.lower() == name), None)


class ByValue:
    """The users and roles of an account by what requests about them say."""

    def __init__(self, keys: RequestKeys, account: Account, universe: Universe) -> None:
        self._keys, self._account, self._universe = keys, account, universe
        self._found: dict[str, tuple[Mapping[str | None, int], Mapping[str, list[str]]]] = {}

    def parts(
        self, keys: Sequence[str], conditions: Sequence[Condition], context: Context
    ) -> list[tuple[int, More]]:
        """Return all targets in parts by the values of some keys, as far as conditions tell them apart."""
        principals = self._universe.bits(self._account.actors)
        found: list[tuple[int, More]] = [(principals, ())]
        for key in keys:
            own = [c for c in conditions if c.key.lower() == key]
            values = self._told_apart(key, own, context)
            found = [
                (bits & there, (*more, (key, value) if value is not None else (f"-{key}", "")))
                for bits, more in found
                for value, there in values
                if bits & there
            ]
        return [(self._universe.everything & ~principals, ()), *found]

    def _told_apart(
        self, key: str, conditions: Sequence[Condition], context: Context
    ) -> list[tuple[str | None, int]]:
        """Return the values of a key, those that no condition names as one."""
        values, folded = self._of(key)
        if len(values) <= _FEW or not all("String" in c.operator for c in conditions):
            return list(values.items())
        named = {value for c in conditions for text in c.values for value in _matched(text, folded, context)}
        apart = [(value, values[value]) for value in (None, *sorted(named)) if value in values]
        rest = self._universe.bits(self._account.actors) & ~reduce(or_, (bits for _, bits in apart), 0)
        other = next((value for value in values if value is not None and value not in named), None)
        return [*apart, (other, rest)] if rest else apart

    def _of(self, key: str) -> tuple[Mapping[str | None, int], Mapping[str, list[str]]]:
        """Return who has each value of a key, and the values by what they are in any letter case."""
        found = self._found.get(key)
        if found is None:
            held: dict[str | None, list[str]] = {}
            for actor in self._account.actors.values():
                held.setdefault(self._keys.value_of(actor, key), []).append(actor.arn)
            folded: dict[str, list[str]] = {}
            for value in filter(None, held):
                folded.setdefault(value.casefold(), []).append(value)
            values = {value: self._universe.bits(arns) for value, arns in held.items()}
            found = self._found[key] = values, folded
        return found


def _matched(text: str, folded: Mapping[str, list[str]], context: Context) -> Iterator[str]:
    """Yield the values that a text of a condition matches in any letter case."""
    pattern = substitute(text, context, has_variables=True)
    if not isinstance(pattern, Pattern):
        return  # nobody knows which: all alike
    wanted = "".join(part for part, _ in pattern.pieces).casefold()
    yield from folded.get(wanted, ())
    if any(is_wild for _, is_wild in pattern.pieces):
        matches = compile_pattern(wanted).match
        yield from (value for each, values in folded.items() if matches(each) for value in values)


def _sets(action: str, key: str) -> bool:
    """Say whether a request tells of the boundary that it sets, not of the one that is there."""
    return key == _BOUNDARY and action.startswith("iam:put") and action.endswith("permissionsboundary")
