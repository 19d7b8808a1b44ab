"""Conditions in words: what a person must know, have or be, or where and when a request must come from."""

from collections.abc import Callable

from iamaudit.iam.policy import Condition

_EXACT = ("StringEquals", "StringLike", "StringEqualsIgnoreCase", "ArnEquals", "ArnLike", "Bool", "IpAddress")
_WORDS: dict[str, Callable[[str], str]] = {
    "sts:externalid": lambda v: f"with external id {v}",
    "aws:sourceip": lambda v: f"from {v}",
    "aws:sourcevpc": lambda v: f"from VPC {v}",
    "aws:sourcevpce": lambda v: f"through VPC endpoint {v}",
    "aws:principalorgid": lambda v: f"of organization {v}",
    "aws:principalorgpaths": lambda v: f"of organization path {v}",
    "aws:principalarn": lambda v: f"as {v}",
    "aws:principalaccount": lambda v: f"of account {v}",
    "aws:sourceaccount": lambda v: f"for account {v}",
    "aws:sourcearn": lambda v: f"for {v}",
    "aws:sourceorgid": lambda v: f"for organization {v}",
    "sts:rolesessionname": lambda v: f"with session name {v}",
    "sts:sourceidentity": lambda v: f"with source identity {v}",
}
_TIMES = {
    "DateLessThan": "before",
    "DateLessThanEquals": "until",
    "DateGreaterThan": "after",
    "DateGreaterThanEquals": "from",
}


def condition_in_words(condition: Condition) -> str:
    """Return a condition in words, or as it stands when there are none for it."""
    operator = condition.operator.removesuffix("IfExists")
    hedge = " (if the request says)" if condition.operator.endswith("IfExists") else ""
    words = _plain_words(condition, operator.rpartition(":")[2])
    return str(condition) if words is None else f"{words}{hedge}"


def _plain_words(condition: Condition, operator: str) -> str | None:
    key, values = condition.key.lower(), " or ".join(condition.values)
    if key == "aws:multifactorauthpresent":
        wants = condition.values == ("true",)
        return ("with MFA" if wants else "without MFA") if operator == "Bool" else None
    if key == "aws:multifactorauthage" and operator.startswith("NumericLessThan"):
        return f"with MFA within {values} seconds"
    if key == "aws:currenttime" and operator in _TIMES:
        return f"{_TIMES[operator]} {values}"
    is_not = operator.startswith(("StringNot", "ArnNot", "NotIp"))
    if not is_not and operator not in _EXACT:
        return None
    words = _subject(condition, key, values)
    return f"not {words}" if words and is_not else words


def _subject(condition: Condition, key: str, values: str) -> str | None:
    for prefix, whose in (("aws:principaltag/", "tag"), ("aws:requesttag/", "session tag")):
        if key.startswith(prefix):
            return f"with {whose} {condition.key[len(prefix) :]} {values}"
    if key.endswith(":sub"):
        return f"as subject {values}"
    if key.endswith(":aud"):
        return f"for audience {values}"
    words = _WORDS.get(key)
    return None if words is None else words(values)
