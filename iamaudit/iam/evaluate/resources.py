"""Which resources a statement covers (rules F4, G1 to G7)."""

import re
from collections.abc import Iterable
from functools import lru_cache

from iamaudit.iam.actions import load_catalogue
from iamaudit.iam.evaluate.context import Context
from iamaudit.iam.evaluate.ternary import Ternary, any_of, negated
from iamaudit.iam.evaluate.variables import Pattern, substitute
from iamaudit.iam.policy import Statement

_SEGMENTS = 5  # colons before the part in which ":" is an ordinary character (rule G3)


def covers_resource(
    statement: Statement, action: str, resource: str, context: Context, *, has_variables: bool
) -> Ternary:
    """Say whether a statement is about ``resource`` when ``action`` is asked for."""
    if statement.resources is None and statement.not_resources is None:
        return True  # a trust policy is about its role (rule G7)
    entries = statement.resources if statement.resources is not None else statement.not_resources or ()
    if resource != "*" and not takes_resource(action):
        resource = "*"  # rule F4
    if len(entries) == 1:  # most statements name one, and this is where most of the time goes
        matched = _entry_matches(entries[0], resource, context, has_variables)
    else:
        matched = any_of(_entry_matches(entry, resource, context, has_variables) for entry in entries)
    return matched if statement.resources is not None else negated(matched)


def covers_by_wide_reading(statement: Statement, resource: str) -> bool:
    """Say whether ``Resource`` covers a resource only if a trailing ``*`` reaches beyond its colon (rule G2).

    AWS's pages differ: the Resource page says that it may, the S3 guide that wildcards keep to their segment.
    """
    return bool(statement.resources) and not any(
        "${" in entry or _narrow_regex(entry).fullmatch(resource) for entry in statement.resources or ()
    )


@lru_cache(maxsize=65_536)
def _narrow_regex(entry: str) -> re.Pattern[str]:
    """Return the expression by which no wildcard before the fifth colon crosses one."""
    if entry == "*":
        return re.compile(".*", re.DOTALL)
    *segments, rest = entry.split(":", _SEGMENTS)
    within = "".join(
        {"*": "[^:]*", "?": "[^:]", ":": ":"}.get(c, re.escape(c)) for c in ":".join([*segments, ""])
    )
    last = {"*": ".*", "?": "."} if len(segments) == _SEGMENTS else {"*": "[^:]*", "?": "[^:]"}
    return re.compile(within + "".join(last.get(c, re.escape(c)) for c in rest), re.DOTALL)


@lru_cache(maxsize=65_536)
def takes_resource(action: str) -> bool:
    """Say whether an action has resource-level permissions; one that the catalogue lacks is taken to."""
    catalogue = load_catalogue()
    bit = catalogue.expand_pattern(action)
    return not bit or any(bit & actions for actions in catalogue.by_resource_service.values())


def resource_regex(entry: str, context: Context, *, has_variables: bool) -> re.Pattern[str] | None:
    """Return the expression for the resources that an entry covers, ``None`` when it hangs on the unknown."""
    if "${" not in entry or not has_variables:
        return _arn_regex_of_text(entry)
    pattern = substitute(entry, context, has_variables=True)
    return _arn_regex(pattern) if isinstance(pattern, Pattern) else None


def _entry_matches(entry: str, resource: str, context: Context, has_variables: bool) -> Ternary:
    if entry == "*":
        return True
    if "${" not in entry or not has_variables:
        return _arn_regex_of_text(entry).fullmatch(resource) is not None
    if "${" in ":".join(entry.split(":", _SEGMENTS)[:_SEGMENTS]):
        return None  # a variable before the fifth colon: AWS does not say what it does (rule G6)
    pattern = substitute(entry, context, has_variables=True)
    if isinstance(pattern, Pattern):
        return _arn_regex(pattern).fullmatch(resource) is not None
    return False if pattern == "no value" else None


@lru_cache(maxsize=65_536)
def _arn_regex_of_text(entry: str) -> re.Pattern[str]:
    pattern = substitute(entry, Context({}), has_variables=False)
    assert isinstance(pattern, Pattern)  # noqa: S101 - without variables nothing can be missing
    return _arn_regex(pattern)


@lru_cache(maxsize=65_536)
def _arn_regex(pattern: Pattern) -> re.Pattern[str]:
    """Return the expression for a resource ARN.

    In the first five segments a wildcard stays within its segment, but a ``*`` that ends one may reach
    beyond its colon (rules G1, G2); after the fifth colon wildcards match anything (rule G3).
    """
    out: list[str] = []
    colons = 0
    characters = list(_characters(pattern))
    for index, (char, is_wild) in enumerate(characters):
        if not is_wild:
            colons += char == ":"
            out.append(re.escape(char))
            continue
        following = characters[index + 1] if index + 1 < len(characters) else (":", False)
        ends_segment = following == (":", False)
        if colons >= _SEGMENTS or (char == "*" and ends_segment):
            out.append(".*" if char == "*" else ".")
        else:
            out.append("[^:]*" if char == "*" else "[^:]")
    return re.compile("".join(out), re.DOTALL)


def _characters(pattern: Pattern) -> Iterable[tuple[str, bool]]:
    for text, is_wild in pattern.pieces:
        for char in text:
            yield char, is_wild
