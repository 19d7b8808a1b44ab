"""How a caller words a request: condition keys whose values it chooses are said as a condition wants them."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, product

from iamaudit.account import OF_TEMPORARY
from iamaudit.escalation.documents import More
from iamaudit.iam.evaluate import Context
from iamaudit.iam.evaluate.conditions import parse_operator
from iamaudit.iam.evaluate.operators import OPERATORS
from iamaudit.iam.evaluate.variables import Pattern, substitute
from iamaudit.iam.policy import Condition

# What the caller says in a request, and so can say as a condition wants it.
_FREE = ("aws:requestedregion", "aws:useragent", "aws:referer", "aws:requesttag/", "sts:rolesessionname")
_ANY_ADDRESS = "203.0.113.1"
_WORDINGS = 16
_OTHERWISE = "x-other"

ISSUED = "aws:tokenissuetime"
BY_KEY: More = tuple((f"-{key}", "") for key in OF_TEMPORARY)
"""What a request lacks that is signed with a user's access key: all that only temporary credentials carry."""


@dataclass(frozen=True, slots=True)
class Voice:
    """What a caller may say as it likes.

    ``context`` is what is known of its requests. ``has_key`` says that it may sign with an access key,
    ``issued`` is when a session of a user that signs in begins; ``session`` is how the ``aws:userid`` of a
    role's session begins, whose name is free. ``speaks`` is how other keys begin that it may say as it likes.
    """

    context: Context
    has_key: bool = False
    issued: str | None = None
    session: str | None = None
    speaks: str | None = None


def wordings(conditions: Iterable[Condition], voice: Voice, fixed: Collection[str] = ()) -> Iterator[More]:
    """Yield values of free condition keys with which a request might be allowed, sixteen at most.

    ``fixed`` are the keys, in lower case, that the request does not leave to the caller.
    """
    said: dict[str, dict[More, None]] = {}
    for condition in conditions:
        key = condition.key.lower()
        if key in OF_TEMPORARY:
            said[ISSUED] = dict.fromkeys(_credentials(voice))
        elif key not in fixed:
            pairs = ((pair,) for pair in _sayable(condition, voice))
            said.setdefault(key, {}).update(dict.fromkeys(pairs))
    free = [tuple(options) for options in said.values() if options]
    for chosen in islice(product(*free), _WORDINGS) if free else ():
        yield tuple(pair for options in chosen for pair in options)


def _credentials(voice: Voice) -> Iterator[More]:
    """Yield what a user's requests carry or lack by how it signs them: with its key, or in a new session."""
    if voice.has_key:
        yield BY_KEY
    if voice.issued:
        yield ((ISSUED, voice.issued),)


def is_sayable(key: str) -> bool:
    """Say whether a caller may be able to give a condition key, in lower case, the value that is wanted."""
    return is_said(key) or key in (*OF_TEMPORARY, "aws:userid")


def is_said(key: str) -> bool:
    """Say whether whoever asks says a condition key, in lower case, in the request."""
    return key.startswith(_FREE) or key == "aws:sourceip"


def _sayable(condition: Condition, voice: Voice) -> Iterator[tuple[str, str]]:
    key = condition.key.lower()
    if key == "aws:sourceip" and "0.0.0.0/0" in condition.values:
        yield key, _ANY_ADDRESS
    elif key.startswith((*_FREE, voice.speaks or _FREE[0])):
        values = list(_plain(condition.values, voice.context))
        operator = parse_operator(condition.operator)
        if operator and operator.base != "Null" and OPERATORS[operator.base].is_negated:
            yield key, _OTHERWISE
        yield from ((key, value) for value in values)
    elif key == "aws:userid" and voice.session:
        yield from ((key, v) for v in _plain(condition.values, voice.context) if v.startswith(voice.session))
        yield key, f"{voice.session}{_OTHERWISE}"


def _plain(values: Iterable[str], context: Context) -> Iterator[str]:
    """Yield texts that match some wildcard texts, their variables put in."""
    for value in values:
        pattern = substitute(value, context, has_variables=True)
        if isinstance(pattern, Pattern):
            yield "".join("x" if is_wild else text for text, is_wild in pattern.pieces)
