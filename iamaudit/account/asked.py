"""What a condition of a trust policy asks of a request, or whether anybody meets it."""

import re

from iamaudit.iam.policy import Condition, has_wildcard

_LETS_IN_WITHOUT = re.compile("Not|IfExists$|^ForAllValues:|^Null$")
_ORGANIZATIONS = ("aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceorgpaths")
_MFA_AGE = "aws:multifactorauthage"
_SEGMENTS = 5  # what comes before the resource in an ARN


def is_asked_for(condition: Condition) -> bool:
    """Say whether a request must carry the key of a condition, with a value that not everybody has.

    An operator in the negative, with ``IfExists``, ``ForAllValues`` or ``Null`` lets in who carries none
    (rule H2). But nobody carries ``aws:MultiFactorAuthAge`` without MFA: there its presence is enough.
    Of several values the widest counts (rule H1).
    """
    key, values = condition.key.lower(), [value.lower() for value in condition.values]
    if condition.operator == "Null":
        return key == _MFA_AGE and bool(values) and set(values) == {"false"}
    if _LETS_IN_WITHOUT.search(condition.operator) or "false" in values:
        return False
    return not is_met_by_anybody(condition)


def is_met_by_anybody(condition: Condition) -> bool:
    """Say whether one of the values of a condition is a pattern that everybody's value matches.

    Such are ``*``, of an organization ``o-*``, and of a source ARN one without an account:
    ``arn:aws:states:*:*:*``. The ARN of a bucket has no account, and a name that only one can have.
    """
    if not ("Like" in condition.operator or "ArnEquals" in condition.operator):
        return False  # an operator without wildcards
    key = condition.key.lower()
    return any(_is_open(key, value) for value in condition.values)


def _is_open(key: str, pattern: str) -> bool:
    if not has_wildcard(pattern) or "${" in pattern:
        return False
    literal = pattern.replace("?", "*").partition("*")[0]
    if not pattern.strip("*?"):
        return "*" in pattern
    if key in _ORGANIZATIONS:
        return "o-".startswith(literal)
    return key == "aws:sourcearn" and _is_of_any_account(pattern)


def _is_of_any_account(pattern: str) -> bool:
    segments = pattern.split(":", _SEGMENTS)
    if len(segments) <= _SEGMENTS:
        return re.search(r"\d{12}", pattern) is None
    account, resource = segments[_SEGMENTS - 1 :]
    return has_wildcard(resource[:1]) if not account else not account.strip("*?")
