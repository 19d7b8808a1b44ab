"""What policy documents say, as action sets: allowed or denied, where, and how surely."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import attrgetter, or_
from typing import Any

from iamaudit.iam.evaluate.conditions import conditions_hold
from iamaudit.iam.evaluate.context import Context
from iamaudit.iam.policy import Condition


@dataclass(frozen=True, slots=True)
class Grants:
    """What some policies say together, as action sets.

    ``everywhere`` is allowed on every resource under some condition, ``broad`` surely on every resource but
    some that a statement names, ``broadly`` the same under some condition; so ``certain`` lies within both,
    and all within ``possible``. ``denied`` is denied whatever the resource and context, ``denied_broadly``
    on whole types of resources, ``maybe_denied_broadly`` the same under some condition, ``denied_on_some``
    on some resources at least, ``denied_somewhere`` in some case. ``is_complete`` is false when a document
    could not be read: it may hold a Deny as well as an Allow. ``condition_keys`` are those that any statement
    tests, in lower case. ``cases`` hang on who asks, and count in no set before they are ``settled``.
    """

    certain: int = 0
    everywhere: int = 0
    broad: int = 0
    broadly: int = 0
    possible: int = 0
    denied: int = 0
    denied_broadly: int = 0
    maybe_denied_broadly: int = 0
    denied_on_some: int = 0
    denied_somewhere: int = 0
    is_complete: bool = True
    condition_keys: frozenset[str] = frozenset()
    cases: tuple["Case", ...] = ()

    def __or__(self, other: "Grants") -> "Grants":
        return Grants(
            self.certain | other.certain,
            self.everywhere | other.everywhere,
            self.broad | other.broad,
            self.broadly | other.broadly,
            self.possible | other.possible,
            self.denied | other.denied,
            self.denied_broadly | other.denied_broadly,
            self.maybe_denied_broadly | other.maybe_denied_broadly,
            self.denied_on_some | other.denied_on_some,
            self.denied_somewhere | other.denied_somewhere,
            self.is_complete and other.is_complete,
            self.condition_keys | other.condition_keys,
            self.cases + other.cases,
        )


NOTHING = Grants()
"""What no policy at all says."""

UNREADABLE = Grants(is_complete=False)
"""What a policy says whose document is missing."""


@dataclass(frozen=True, slots=True)
class Case:
    """A statement whose conditions may be known once it is known who asks.

    It says ``surely`` where they hold, ``perhaps`` where nobody knows. More is known of requests to IAM,
    which is asked in one region and over TLS: what a statement says of IAM is a case of its own.
    """

    conditions: tuple[Condition, ...]
    has_variables: bool
    is_of_iam: bool
    surely: Grants
    perhaps: Grants


@dataclass(frozen=True)
class Known:
    """What is surely known of the requests of one principal; ``of_iam`` is what those to IAM tell besides."""

    requests: Context
    of_iam: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def to_iam(self) -> Context:
        """What is known of the requests to IAM."""
        return self.requests.with_values(self.of_iam)


UNKNOWN = Known(Context({}, is_complete=False))
"""What is known of somebody's requests: nothing."""


def united(several: Iterable[Grants]) -> Grants:
    """Return what several policies say together."""
    found = list(several)
    return reduce(or_, found) if found else NOTHING


def settled(grants: Grants, known: Known = UNKNOWN) -> Grants:
    """Return what policies say to one principal: a condition that surely holds, or surely does not, is none.

    A Deny for root says nothing to a user; a Deny of IAM outside of IAM's region says nothing to anybody.
    """
    if not grants.cases:
        return grants
    said = []
    for case in grants.cases:
        context = known.to_iam if case.is_of_iam else known.requests
        held = conditions_hold(case.conditions, context, has_variables=case.has_variables)
        if held is not False:
            said.append(case.surely if held else case.perhaps)
    return Grants(*_but_cases(united((grants, *said))))


_SETS = tuple(name for name in Grants.__slots__ if name not in ("is_complete", "condition_keys", "cases"))
_but_cases = attrgetter(*_SETS, "is_complete", "condition_keys")
"""What policies say, field by field, without the cases, which are the last."""
_sets = attrgetter(*_SETS)


def compact(grants: Grants) -> Grants:
    """Return the same with equal sets held once: an account keeps these of thousands of documents."""
    sets: list[Any] = held_once(*_sets(grants))
    return Grants(*(*sets, grants.is_complete, grants.condition_keys, grants.cases))


def held_once(*sets: int) -> list[int]:
    """Return the same sets, equal ones as one value."""
    return [sets[sets.index(each)] for each in sets]
