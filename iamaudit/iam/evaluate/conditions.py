"""Whether the conditions of a statement hold (rules H1 to H11)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from iamaudit.iam.evaluate.context import Context, Value
from iamaudit.iam.evaluate.operators import OPERATORS, Operator
from iamaudit.iam.evaluate.ternary import Ternary, all_of, any_of, negated
from iamaudit.iam.evaluate.variables import Pattern, substitute
from iamaudit.iam.policy import Condition

SetPrefix = Literal["ForAllValues", "ForAnyValue"]


@dataclass(frozen=True, slots=True)
class OperatorName:
    """An operator's name taken apart: ``ForAnyValue:StringLikeIfExists``."""

    base: str
    set_prefix: SetPrefix | None
    if_exists: bool


@lru_cache(maxsize=1024)
def parse_operator(name: str) -> OperatorName | None:
    """Take an operator's name apart; one that IAM does not have gives ``None`` (rule I5)."""
    head, colon, rest = name.partition(":")
    prefix: SetPrefix | None = None
    if colon:
        if head == "ForAllValues":
            prefix = "ForAllValues"
        elif head == "ForAnyValue":
            prefix = "ForAnyValue"
        else:
            return None
    base = rest if colon else name
    stem = base.removesuffix("IfExists")
    if base == "Null":
        return OperatorName("Null", prefix, if_exists=False)
    return OperatorName(stem, prefix, base != stem) if stem in OPERATORS else None


def conditions_hold(conditions: Sequence[Condition], context: Context, *, has_variables: bool) -> Ternary:
    """Say whether all of ``conditions`` hold: operators and keys are and-ed (rule H1)."""
    return all_of(condition_holds(c, context, has_variables=has_variables) for c in conditions)


def condition_holds(condition: Condition, context: Context, *, has_variables: bool) -> Ternary:
    """Say whether one key under one operator holds; unknown when AWS or the request does not tell."""
    name = parse_operator(condition.operator)
    if name is None:
        return None
    if name.base == "Null":
        return _null(condition, name, context)
    if context.is_unknown(condition.key):
        return _unknown(condition, name, context, has_variables)
    value = context.find(condition.key)
    if not condition.values:
        return _no_values(name, value)
    operator = OPERATORS[name.base]
    if value is None:
        return _absent(name, operator)
    if name.set_prefix is None:
        if isinstance(value, tuple):
            return None  # a plain operator on a multivalued key is undefined (rule H4)
        matched = _one_value(condition, operator, value, context, has_variables)
        return negated(matched) if operator.is_negated else matched
    return _set(condition, name, operator, value, context, has_variables)


def _unknown(condition: Condition, name: OperatorName, context: Context, has_variables: bool) -> Ternary:
    """Return what an operator says of a value of which at most the beginning is known, as of any such."""
    begins = context.beginnings.get(condition.key.lower())
    operator = OPERATORS[name.base]
    if begins is None or not condition.values:
        return None
    uses = has_variables and operator.takes_variables
    matched = any_of(_match_any(operator, wanted, begins, context, uses) for wanted in condition.values)
    return negated(matched) if operator.is_negated else matched


def _match_any(
    operator: Operator, wanted: str, begins: str, context: Context, has_variables: bool
) -> Ternary:
    pattern = substitute(wanted, context, has_variables=has_variables)
    if isinstance(pattern, Pattern):
        return operator.compare_beginning(pattern, begins)
    return False if pattern == "no value" else None


def _null(condition: Condition, name: OperatorName, context: Context) -> Ternary:
    if name.set_prefix:
        return name.set_prefix == "ForAllValues"  # rule H11
    is_absent = context.is_absent(condition.key)
    if is_absent is None:
        return None
    wanted = {value.lower() for value in condition.values}
    if not wanted or not wanted <= {"true", "false"}:
        return None
    return ("true" if is_absent else "false") in wanted


def _no_values(name: OperatorName, value: Value | None) -> Ternary:
    """Return what an operator without any value to compare with does (rule H11)."""
    if name.set_prefix == "ForAnyValue":
        return False
    if name.if_exists or name.set_prefix == "ForAllValues":
        return value is None
    return None


def _absent(name: OperatorName, operator: Operator) -> Ternary:
    """Return what an operator says of a key that is not in the request (rule H2)."""
    if name.set_prefix == "ForAnyValue":
        return None if name.if_exists else False  # rules H6, H5
    return name.if_exists or name.set_prefix == "ForAllValues" or operator.is_negated


def _set(
    condition: Condition,
    name: OperatorName,
    operator: Operator,
    value: Value,
    context: Context,
    has_variables: bool,
) -> Ternary:
    """Compare each value of the request (rule H5)."""
    values = value if isinstance(value, tuple) else (value,)
    is_for_all = name.set_prefix == "ForAllValues"
    if is_for_all and all(v == "" for v in values):
        return True
    matches = (_one_value(condition, operator, v, context, has_variables) for v in values)
    held: Iterator[Ternary] = (negated(m) if operator.is_negated else m for m in matches)
    return all_of(held) if is_for_all else any_of(held)


def _one_value(
    condition: Condition, operator: Operator, actual: str, context: Context, has_variables: bool
) -> Ternary:
    """Say whether ``actual`` matches some value of the policy."""
    uses = has_variables and operator.takes_variables
    return any_of(_match(operator, wanted, actual, context, uses) for wanted in condition.values)


def _match(operator: Operator, wanted: str, actual: str, context: Context, has_variables: bool) -> Ternary:
    pattern = substitute(wanted, context, has_variables=has_variables)
    if isinstance(pattern, Pattern):
        return operator.compare(pattern, actual)
    if pattern == "no value":
        return False  # rule H7
    return None if operator.may_match(wanted, actual) else False
