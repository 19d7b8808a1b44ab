"""What may be asked about an account: an action, and a resource with its owner."""

from collections.abc import Mapping

from iamaudit.errors import ParameterError, did_you_mean, require_text
from iamaudit.iam.actions import why_unknown
from iamaudit.iam.actions.reference import GLOBAL_KEYS, key_type
from iamaudit.iam.arn import parse_arn
from iamaudit.iam.policy import has_wildcard


def owner_of(resource: str) -> str | None:
    """Return the account in a resource's ARN, if it names one."""
    arn = parse_arn(resource)
    return arn.account if arn and arn.account.isdigit() else None


def check_action(action: str) -> None:
    """Raise ``ParameterError`` unless AWS has the action: a typo is never answered."""
    require_text(action, "write it like s3:GetObject")
    if action.count(":") != 1 or has_wildcard(action):
        raise ParameterError(f"`{action}` is not an action: write it like s3:GetObject")
    problem = why_unknown(action)
    if problem:
        raise ParameterError(problem if ", " in problem else f"{problem}: write it like s3:GetObject")


def check_question(action: str, resource: str, context: Mapping[str, str] | None = None) -> None:
    """Raise ``ParameterError`` for what is not an action of AWS, not a resource, or no key of a condition."""
    check_action(action)
    require_text(resource, "give an ARN, or * for an action without one")
    if resource != "*" and not resource.startswith("arn:"):
        raise ParameterError(f"`{resource}` is not a resource: give an ARN, or * for an action without one")
    for key in context or ():
        _check_key(key)


def _check_key(key: str) -> None:
    """Refuse a global condition key that AWS does not have; those of services and providers may be new."""
    require_text(key, "write it like aws:SourceIp")
    if ":" not in key or (key.lower().startswith("aws:") and key_type(key) is None):
        hint = did_you_mean(key, GLOBAL_KEYS, "write it like aws:SourceIp")
        raise ParameterError(f"`{key}` is not a condition key of AWS: {hint}")
