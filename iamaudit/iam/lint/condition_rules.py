"""Conditions that cannot hold, always hold, or test what the action never carries (section H)."""

import re
from collections.abc import Iterator
from ipaddress import ip_address, ip_network

from iamaudit.iam.actions import load_catalogue
from iamaudit.iam.actions.reference import MAY_BE_ABSENT, is_global, key_type, knows_key
from iamaudit.iam.evaluate.conditions import OperatorName, parse_operator
from iamaudit.iam.evaluate.operators import OPERATORS, read_date, read_number
from iamaudit.iam.lint.subject import Subject, allows_or_denies, problem
from iamaudit.iam.policy import Condition, Problem, Severity, Statement, has_wildcard

_FITTING = {
    "Numeric": ("Numeric",),
    "Date": ("Date", "Numeric"),  # epoch seconds are a number too
    "Bool": ("Bool",),
    "IPAddress": ("IpAddress", "NotIpAddress"),
}
"""How the operators for a key of a type begin; texts and ARNs may be compared as either."""
_TYPED = ("Numeric", "Date", "Bool", "IpAddress", "NotIpAddress")
_TIME_OF_DAY = re.compile(r"\d{1,2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:?\d{2})?")
_Found = tuple[str, str, Severity]


def conditions(subject: Subject, statement: Statement) -> Iterator[Problem]:
    """Look at each condition by its operator, its key and its values."""
    for condition in statement.conditions:
        name = parse_operator(condition.operator)
        if name is None:
            continue  # a refusal
        for rule in (_operator, _key, _values, _variables):
            for message, check, severity in rule(subject, statement, condition, name):
                yield problem(statement, f"Condition.{condition.operator}", message, check, severity)


def _operator(
    subject: Subject, statement: Statement, condition: Condition, name: OperatorName
) -> Iterator[_Found]:
    key = condition.key
    kind = key_type(key)
    is_multivalued = (kind or "").startswith("ArrayOf")
    if name.base == "Null" and name.set_prefix:
        outcome = "always" if name.set_prefix == "ForAllValues" else "never"
        yield f"`{condition.operator}` {outcome} holds: use plain Null", "Null with qualifier", "suggestion"
        return
    if name.base == "Null" or kind is None:
        return
    if name.set_prefix == "ForAllValues" and not is_multivalued and statement.effect == "Allow":
        message = f"`{key}` has one value, and ForAllValues also holds when it is absent"
        yield message, "ForAllValues with single valued key", "security warning"
    if is_multivalued and not name.set_prefix:
        message = f"`{key}` may have several values: use ForAnyValue or ForAllValues (undefined without)"
        yield message, "Missing qualifier", "error"
    if _misses_absence(statement, condition, name):
        message = f"`{key}` is absent with a long-term access key, and then nothing is denied: BoolIfExists"
        yield message, "Bool on a key that may be absent", "security warning"
    fitting = _FITTING.get(kind.removeprefix("ArrayOf"))
    if fitting and not name.base.startswith(fitting):
        yield f"`{key}` is of type {kind}: use a {fitting[0]} operator", "Type mismatch", "warning"
    elif not fitting and name.base.startswith(_TYPED):
        yield f"`{key}` is of type {kind}: `{name.base}` does not fit", "Type mismatch", "warning"
    if kind.endswith("ARN") and name.base.startswith("StringLike") and statement.effect == "Allow":
        message = f"a * in StringLike crosses the parts of an ARN: use ArnLike with `{key}`"
        if any(has_wildcard(value) for value in condition.values):
            yield message, "String like operator with ARN condition keys", "security warning"


def _misses_absence(statement: Statement, condition: Condition, name: OperatorName) -> bool:
    """Say whether a Deny wants a key to be false that may be absent instead (rule H2)."""
    is_plain_bool = name.base == "Bool" and not name.if_exists and not name.set_prefix
    wants_false = "false" in (value.lower() for value in condition.values)
    may_be_absent = condition.key.lower() in MAY_BE_ABSENT
    return statement.effect == "Deny" and is_plain_bool and wants_false and may_be_absent


def _holds_when_absent(condition: Condition, name: OperatorName) -> bool:
    """Say whether a condition holds for a request without its key (rules H2, H5)."""
    if name.base == "Null":
        return "true" in (value.lower() for value in condition.values)
    if name.set_prefix == "ForAnyValue":
        return False
    return name.if_exists or name.set_prefix == "ForAllValues" or OPERATORS[name.base].is_negated


def _key(
    subject: Subject, statement: Statement, condition: Condition, name: OperatorName
) -> Iterator[_Found]:
    key = condition.key
    vendor, colon, rest = key.lower().partition(":")
    if not colon:
        yield f"the condition key `{key}` has no vendor", "Invalid condition key format", "error"
        return
    if vendor == "aws" and key_type(key) is None:
        yield f"`{key}` is not a global condition key", "Invalid global condition key", "error"
        return
    if vendor != "aws" and vendor in load_catalogue().services and key_type(key) is None:
        yield f"`{key}` is not a condition key of {vendor}", "Invalid service condition key", "error"
        return
    if is_global(key) or not rest or ("." in vendor):
        return
    named = tuple(dict.fromkeys(allows_or_denies(statement)))
    if not named or any(knows_key(action, key) for action in named):
        return
    outcome = "always holds" if _holds_when_absent(condition, name) else "never holds"
    message = f"no action here carries `{key}`: the condition {outcome}"
    if vendor == "aws" and statement.effect == "Deny":
        yield message, "Deny with unsupported tag condition key for service", "security warning"
    elif vendor == "aws":
        yield message, "Allow with unsupported tag condition key for service", "suggestion"
    else:
        yield message, "Unsupported condition key for action", "warning"


def _values(
    subject: Subject, statement: Statement, condition: Condition, name: OperatorName
) -> Iterator[_Found]:
    values = condition.values
    if not values:
        yield "the list of values is empty", "Empty array condition", "suggestion"
    if name.base == "Bool" and len(values) > 1:
        yield "Bool takes one value", "Invalid condition multiple Boolean", "error"
    for value in values:
        if "${" in value:
            continue
        yield from _value(condition, name, value)


def _value(condition: Condition, name: OperatorName, value: str) -> Iterator[_Found]:
    base, key = name.base, condition.key
    if base.startswith("Date") and read_date(value) is None:
        if _TIME_OF_DAY.fullmatch(value):
            message = (
                f"`{value}` is a time of day, no date: the condition never holds, the window never opens. "
                "Write the dates that it is for, as in "
                '"DateGreaterThan": {"aws:CurrentTime": "2026-11-02T09:00:00Z"}, '
                '"DateLessThan": {"aws:CurrentTime": "2026-11-02T17:00:00Z"}, '
                "and let a schedule renew it"
            )
        else:
            message = f"`{value}` is not a date: write it like 2026-11-02T09:00:00Z"
        yield message, "Invalid date value", "warning"
    elif base.startswith("Numeric") and read_number(value) is None:
        yield f"`{value}` is not a number", "Type mismatch number", "warning"
    elif base in ("Bool", "Null") and value.lower() not in ("true", "false"):
        yield f"`{value}` is neither true nor false", "Type mismatch Boolean", "warning"
    elif base.endswith("IpAddress"):
        yield from _address(key, base, value)
    elif base in ("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase") and has_wildcard(value):
        message = f"`{value}`: * and ? are themselves under {base}; with StringLike they are wildcards"
        yield message, "Wildcard without like operator", "warning"
    elif base.startswith("Arn") and value != "*" and value.count(":") < 5:
        yield f"`{value}` is not an ARN: what it matches is not defined", "Type mismatch ARN", "warning"


def _address(key: str, base: str, value: str) -> Iterator[_Found]:
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        yield f"`{value}` is neither an address nor a range", "Type mismatch IP range", "warning"
        return
    if "/" in value and ip_address(value.partition("/")[0]) != network.network_address:
        yield f"`{value}` means {network}", "Improve IP range", "suggestion"
    if key.lower() == "aws:sourceip" and network.is_private and network.prefixlen:
        if base == "NotIpAddress":
            message = f"`{key}` is never the private address {value}: the condition always holds"
            yield message, "Private NotIpAddress", "warning"
        else:
            yield f"`{key}` is never the private address {value}", "Private IP address", "error"


def _variables(
    subject: Subject, statement: Statement, condition: Condition, name: OperatorName
) -> Iterator[_Found]:
    for value in condition.values:
        if "${" not in value:
            continue
        if not subject.has_variables:
            yield f"`{value}` is text before Version 2012-10-17", "Variable unsupported in version", "error"
        elif name.base == "Null" or not OPERATORS[name.base].takes_variables:
            yield f"{name.base} takes no variable: `{value}`", "Invalid variable for operator", "error"
        else:
            yield from variable_problems(value)


def variable_problems(value: str) -> Iterator[_Found]:
    """Yield what is wrong with the form of the variables in a text (rule H9)."""
    for piece in value.split("${")[1:]:
        body, closed, _ = piece.partition("}")
        if not closed:
            yield f"`{value}`: a variable has no closing brace", "Missing brace in variable", "error"
        elif not body.strip():
            yield f"`{value}`: a variable has no name", "Empty variable", "error"
        elif "," in body and not re.fullmatch(r"[^,']+, '[^']*'", body):
            yield f"`{value}`: write a default as in ${{key, 'text'}}", "Missing quote in variable", "error"
        elif "," not in body and " " in body:
            yield f"`{value}`: a variable holds no space", "Unsupported space in variable", "error"


RULES = (conditions,)
