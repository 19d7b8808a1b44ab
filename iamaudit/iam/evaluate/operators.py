"""The condition operators, a table a family (rules H1 to H11 and the table of section H).

Every comparison is ``compare(wanted, actual) -> Ternary`` for one policy value and one request value;
``None`` is an answer that AWS does not document.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from operator import eq, ge, gt, le, lt
from typing import Any

from iamaudit.iam.evaluate.ternary import Ternary
from iamaudit.iam.evaluate.variables import Pattern, glob, widest_reading

Compare = Callable[[Pattern, str], Ternary]


@dataclass(frozen=True, slots=True)
class Operator:
    """How one value is compared; a ``is_negated`` operator holds when no value compares equal (rule H1).

    ``may_match`` says whether a text with a variable of unknown value may match whatever it stands for,
    ``compare_beginning`` compares with every value that begins so.
    """

    compare: Compare
    is_negated: bool = False
    takes_variables: bool = False
    may_match: Callable[[str, str], bool] = eq
    compare_beginning: Compare = lambda _wanted, _begins: None


def _equals(wanted: Pattern, actual: str) -> Ternary:
    return wanted.literal == actual


def _equals_ignoring_case(wanted: Pattern, actual: str) -> Ternary:
    return wanted.literal.casefold() == actual.casefold()


def _like(wanted: Pattern, actual: str) -> Ternary:
    return glob(wanted).fullmatch(actual) is not None


def _equals_beginning(wanted: Pattern, begins: str) -> Ternary:
    return None if wanted.literal.startswith(begins) and wanted.literal != begins else False


def _equals_beginning_ignoring_case(wanted: Pattern, begins: str) -> Ternary:
    folded, start = wanted.literal.casefold(), begins.casefold()
    return None if folded.startswith(start) and folded != start else False


def _like_beginning(wanted: Pattern, begins: str) -> Ternary:
    """Follow a pattern along the beginning: what is left of it must be a star to match whatever comes."""
    tokens = [(char, is_wild) for text, is_wild in wanted.pieces for char in text]
    places = _past_stars({0}, tokens)
    for char in begins:
        after = set()
        for place in places:
            if place < len(tokens) and tokens[place] == ("*", True):
                after.add(place)
            elif place < len(tokens) and tokens[place] in (("?", True), (char, False)):
                after.add(place + 1)
        places = _past_stars(after, tokens)
    if not places - {len(tokens)} and ("*", True) not in tokens[-1:]:
        return False  # nothing is left of the pattern for what comes behind
    is_sure = len(tokens) in places and ("*", True) in tokens[-1:]
    return True if is_sure else None if places else False


def _past_stars(places: set[int], tokens: list[tuple[str, bool]]) -> set[int]:
    """Return the places in a pattern, and those behind stars that stand there: a star may be nothing."""
    found = set(places)
    for place in sorted(places):
        here = place
        while here < len(tokens) and tokens[here] == ("*", True):
            here += 1
            found.add(here)
    return found


_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)


def read_number(text: str) -> Decimal | None:
    """Return an integer or a decimal, the only numbers that IAM has."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


_W3C = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?)?)?")
_EPOCH = re.compile(r"-?\d{5,}(\.\d+)?")


def read_date(text: str) -> Decimal | None:
    """Return a date as seconds since 1970: ISO 8601 in the W3C's profile, or those seconds themselves."""
    if _EPOCH.fullmatch(text):
        return Decimal(text)
    if not _W3C.fullmatch(text):
        return None
    whole = text if len(text) > 7 else (text + "-01-01")[:10]
    try:
        moment = datetime.fromisoformat(whole)
    except ValueError:
        return None
    return Decimal(repr((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()))


def _ordered(read: Callable[[str], Decimal | None], holds: Callable[[Any, Any], bool]) -> Compare:
    """Compare what ``read`` makes of both sides; what it cannot read satisfies no positive operator."""

    def compare(wanted: Pattern, actual: str) -> Ternary:
        left, right = read(actual), read(wanted.literal)
        return left is not None and right is not None and holds(left, right)

    return compare


def _unequal(read: Callable[[str], Decimal | None]) -> Compare:
    """Compare for the negated operator: what cannot be read is not decided by AWS."""

    def compare(wanted: Pattern, actual: str) -> Ternary:
        left, right = read(actual), read(wanted.literal)
        return None if left is None or right is None else left == right

    return compare


def _bool(wanted: Pattern, actual: str) -> Ternary:
    if "${" in wanted.literal:
        return None  # AWS's pages contradict each other
    words = ("true", "false")
    return wanted.literal.lower() == actual.lower() and actual.lower() in words


def _binary(wanted: Pattern, actual: str) -> Ternary:
    try:
        left, right = (base64.b64decode(text, validate=True) for text in (actual, wanted.literal))
    except (binascii.Error, ValueError):
        return False
    return left == right


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def _in_network(wanted: Pattern, actual: str) -> Ternary:
    address, network = _address(actual), _network(wanted.literal)
    if address is None or network is None or address.version != network.version:
        return False
    if network.version == 6 and "/" not in wanted.literal:
        return None  # a bare IPv6 address: its length is not documented
    return address in network


def _not_in_network(wanted: Pattern, actual: str) -> Ternary:
    if _address(actual) is None or _network(wanted.literal) is None:
        return None
    return _in_network(wanted, actual)


def _arn_like(wanted: Pattern, actual: str) -> Ternary:
    """Compare six components one by one; ARNs of fewer are undefined."""
    patterns, parts = _components(wanted), actual.split(":", 5)
    if len(patterns) != 6 or len(parts) != 6:
        return None
    return all(glob(p).fullmatch(part) is not None for p, part in zip(patterns, parts, strict=True))


def _components(pattern: Pattern) -> list[Pattern]:
    components: list[list[tuple[str, bool]]] = [[]]
    for text, is_wild in pattern.pieces:
        if is_wild:
            components[-1].append((text, True))
            continue
        first, *rest = text.split(":", max(0, 6 - len(components)))
        components[-1].append((first, False))
        components += [[(piece, False)] for piece in rest]
    return [Pattern(tuple(component)) for component in components]


def _may_equal(wanted: str, actual: str) -> bool:
    return widest_reading(wanted, has_wildcards=False).fullmatch(actual) is not None


def _may_equal_ignoring_case(wanted: str, actual: str) -> bool:
    return _may_equal(wanted.casefold(), actual.casefold())


def _may_be_like(wanted: str, actual: str) -> bool:
    return widest_reading(wanted).fullmatch(actual) is not None


def _may_be_arn_like(wanted: str, actual: str) -> bool:
    is_undefined = min(wanted.count(":"), actual.count(":")) < 5
    return is_undefined or _may_be_like(wanted, actual)


def _both(
    family: str,
    name: str,
    compare: Compare,
    may_match: Callable[[str, str], bool],
    compare_beginning: Compare = lambda _wanted, _begins: None,
) -> dict[str, Operator]:
    """Return an operator that takes variables, and its negated one."""
    positive = Operator(
        compare, takes_variables=True, may_match=may_match, compare_beginning=compare_beginning
    )
    return {f"{family}{name}": positive, f"{family}Not{name}": replace(positive, is_negated=True)}


_STRING = {
    **_both("String", "Equals", _equals, _may_equal, _equals_beginning),
    **_both(
        "String",
        "EqualsIgnoreCase",
        _equals_ignoring_case,
        _may_equal_ignoring_case,
        _equals_beginning_ignoring_case,
    ),
    **_both("String", "Like", _like, _may_be_like, _like_beginning),
}
_ARN = {
    **_both("Arn", "Equals", _arn_like, _may_be_arn_like),
    **_both("Arn", "Like", _arn_like, _may_be_arn_like),
}
_ORDERS = {
    "Equals": eq,
    "LessThan": lt,
    "LessThanEquals": le,
    "GreaterThan": gt,
    "GreaterThanEquals": ge,
}
_NUMERIC = {
    **{f"Numeric{name}": Operator(_ordered(read_number, holds)) for name, holds in _ORDERS.items()},
    "NumericNotEquals": Operator(_unequal(read_number), is_negated=True),
}
_DATE = {
    **{f"Date{name}": Operator(_ordered(read_date, holds)) for name, holds in _ORDERS.items()},
    "DateNotEquals": Operator(_unequal(read_date), is_negated=True),
}
_OTHER = {
    "Bool": Operator(_bool),
    "BinaryEquals": Operator(_binary),
    "IpAddress": Operator(_in_network),
    "NotIpAddress": Operator(_not_in_network, is_negated=True),
}

OPERATORS: Mapping[str, Operator] = {**_STRING, **_ARN, **_NUMERIC, **_DATE, **_OTHER}
"""Every operator by AWS's name but ``Null``, which compares nothing."""
