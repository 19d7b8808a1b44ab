"""How a caller words a request: condition keys whose values it chooses are said as a condition wants them."""

from collections.abc import Iterable, Iterator
from itertools import islice, product

from iamaudit.escalation.documents import More
from iamaudit.iam.policy import Condition

# What the caller says in a request, and so can say as a condition wants it.
_FREE = ("aws:requestedregion", "aws:useragent", "aws:referer", "aws:requesttag/", "sts:rolesessionname")
_ANY_ADDRESS = "203.0.113.1"
_WORDINGS = 16


def wordings(conditions: Iterable[Condition]) -> Iterator[More]:
    """Yield values of free condition keys with which a request might be allowed, sixteen at most."""
    values: dict[str, list[str]] = {}
    for condition in conditions:
        values.setdefault(condition.key, []).extend(_sayable(condition))
    free = {key: tuple(dict.fromkeys(said)) for key, said in values.items() if said}
    if free:
        for each in islice(product(*free.values()), _WORDINGS):
            yield tuple(zip(free, each, strict=True))


def is_sayable(key: str) -> bool:
    """Say whether a caller can give a condition key the value that a condition wants."""
    return key.startswith(_FREE) or key == "aws:sourceip"


def _sayable(condition: Condition) -> Iterable[str]:
    if condition.key.lower().startswith(_FREE):
        return (value.replace("*", "x").replace("?", "x") for value in condition.values)
    if condition.key.lower() == "aws:sourceip" and "0.0.0.0/0" in condition.values:
        return (_ANY_ADDRESS,)
    return ()
