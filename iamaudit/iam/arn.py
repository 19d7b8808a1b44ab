"""ARNs taken apart: ``arn:partition:service:region:account:resource``."""

from typing import NamedTuple


class Arn(NamedTuple):
    """The parts of an ARN behind ``arn``; ``resource`` may hold colons, region and account may be empty."""

    partition: str
    service: str
    region: str
    account: str
    resource: str


def parse_arn(text: str) -> Arn | None:
    """Take an ARN apart; what has fewer than six parts, or does not begin with ``arn:``, gives ``None``."""
    parts = text.split(":", 5)
    return Arn(*parts[1:]) if len(parts) == 6 and parts[0] == "arn" else None


def account_of(text: str) -> str | None:
    """Return the account that an ARN names, if it is one and names one."""
    arn = parse_arn(text)
    return arn.account or None if arn else None
