"""Which resources a statement covers (rules F4, G1 to G7)."""

import re
from functools import lru_cache

from iamaudit.iam.actions import load_catalogue
from iamaudit.iam.evaluate.context import Context
from iamaudit.iam.evaluate.ternary import Ternary, any_of, negated
from iamaudit.iam.evaluate.variables import Pattern, substitute, widest_reading
from iamaudit.iam.evaluate.wildcards import ANY, ANY_RUN, WITHIN, WITHIN_RUN, Matcher, matcher
from iamaudit.iam.policy import Statement, covers_everything

_BEYOND, _INSIDE = {"*": ANY_RUN, "?": ANY}, {"*": WITHIN_RUN, "?": WITHIN}
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
        "${" in entry or _narrow(entry).fullmatch(resource) for entry in statement.resources or ()
    )


@lru_cache(maxsize=65_536)
def _narrow(entry: str) -> Matcher:
    """Return the matcher by which no wildcard before the fifth colon crosses one."""
    if covers_everything(entry):
        return matcher((ANY_RUN,))
    tokens, colons = [], 0
    for char in entry:
        colons += char == ":"
        wild = _BEYOND if colons >= _SEGMENTS else _INSIDE
        tokens.append(wild.get(char, re.escape(char)))
    return matcher(tuple(tokens))


@lru_cache(maxsize=65_536)
def takes_resource(action: str) -> bool:
    """Say whether an action has resource-level permissions; one that the catalogue lacks is taken to."""
    catalogue = load_catalogue()
    bit = catalogue.expand_pattern(action)
    return not bit or any(bit & actions for actions in catalogue.by_resource_service.values())


def resource_regex(entry: str, context: Context, *, has_variables: bool) -> Matcher | None:
    """Return the matcher for the resources that an entry covers, ``None`` when it hangs on the unknown."""
    if "${" not in entry or not has_variables:
        return _of_text(entry)
    pattern = substitute(entry, context, has_variables=True)
    return _of_arn(pattern) if isinstance(pattern, Pattern) else None


def _entry_matches(entry: str, resource: str, context: Context, has_variables: bool) -> Ternary:
    if entry.startswith("*") and covers_everything(entry):
        return True
    if resource == "*":
        return False  # rule F4: what takes no resource is covered by the bare star alone
    if "${" not in entry or not has_variables:
        return _of_text(entry).fullmatch(resource) is not None
    if "${" in ":".join(entry.split(":", _SEGMENTS)[:_SEGMENTS]):
        pattern: Pattern | str = "unknown"  # AWS does not say what a variable before the fifth colon does
    else:
        pattern = substitute(entry, context, has_variables=True)
    if isinstance(pattern, Pattern):
        return _of_arn(pattern).fullmatch(resource) is not None
    # Whatever the variable stands for, it cannot change what stands around it (rule G6).
    return None if pattern == "unknown" and widest_reading(entry).fullmatch(resource) else False


@lru_cache(maxsize=65_536)
def _of_text(entry: str) -> Matcher:
    pattern = substitute(entry, Context({}), has_variables=False)
    assert isinstance(pattern, Pattern)  # noqa: S101 - without variables nothing can be missing
    return _of_arn(pattern)


@lru_cache(maxsize=65_536)
def _of_arn(pattern: Pattern) -> Matcher:
    """Return the matcher for a resource ARN.

    In the first five segments a wildcard stays within its segment, but a ``*`` that ends one may reach
    beyond its colon (rules G1, G2); after the fifth colon wildcards match anything (rule G3).
    """
    tokens, colons = [], 0
    characters = [(char, is_wild) for text, is_wild in pattern.pieces for char in text]
    for (char, is_wild), following in zip(characters, [*characters[1:], (":", False)], strict=True):
        if not is_wild:
            colons += char == ":"
            tokens.append(re.escape(char))
            continue
        ends_segment = char == "*" and following == (":", False)
        tokens.append((_BEYOND if colons >= _SEGMENTS or ends_segment else _INSIDE)[char])
    return matcher(tuple(tokens))
