"""What may be asked about an account: an action, and a resource with its owner."""

from iamaudit.errors import ParameterError
from iamaudit.iam.arn import parse_arn


def owner_of(resource: str) -> str | None:
    """Return the account in a resource's ARN, if it names one."""
    arn = parse_arn(resource)
    return arn.account if arn and arn.account.isdigit() else None


def check_question(action: str, resource: str) -> None:
    """Raise ``ParameterError`` for what is no action, or no resource."""
    if action.count(":") != 1 or "*" in action:
        raise ParameterError(f"`{action}` is no action: write it like s3:GetObject")
    if resource != "*" and not resource.startswith("arn:"):
        raise ParameterError(f"`{resource}` is no resource: give an ARN, or * for an action without one")
