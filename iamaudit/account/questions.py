"""What may be asked about an account: an action, and a resource with its owner."""

from iamaudit.errors import ParameterError
from iamaudit.iam.actions import why_unknown
from iamaudit.iam.arn import parse_arn
from iamaudit.iam.policy import has_wildcard


def owner_of(resource: str) -> str | None:
    """Return the account in a resource's ARN, if it names one."""
    arn = parse_arn(resource)
    return arn.account if arn and arn.account.isdigit() else None


def check_action(action: str) -> None:
    """Raise ``ParameterError`` unless AWS has the action: a typo is never answered."""
    if action.count(":") != 1 or has_wildcard(action):
        raise ParameterError(f"`{action}` is not an action: write it like s3:GetObject")
    problem = why_unknown(action)
    if problem:
        raise ParameterError(problem if ", " in problem else f"{problem}: write it like s3:GetObject")


def check_question(action: str, resource: str) -> None:
    """Raise ``ParameterError`` for what is not an action of AWS, or not a resource."""
    check_action(action)
    if resource != "*" and not resource.startswith("arn:"):
        raise ParameterError(f"`{resource}` is not a resource: give an ARN, or * for an action without one")
