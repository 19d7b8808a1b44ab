"""The embedded AWS account: the whole path runs with no credentials, and tells the same story every time."""

from typing import TYPE_CHECKING, Any

from iamaudit.demo.facts import ACCOUNT_ID, AS_OF, EXTERNAL_ACCOUNT_ID

if TYPE_CHECKING:
    from iamaudit.demo.account import DemoAccount, demo_account

__all__ = ["ACCOUNT_ID", "AS_OF", "EXTERNAL_ACCOUNT_ID", "DemoAccount", "demo_account"]


def __getattr__(name: str) -> Any:
    """Import moto when the account is made: to read what was collected takes none of it."""
    if name not in ("DemoAccount", "demo_account"):
        raise AttributeError(f"module `iamaudit.demo` has no attribute `{name}`")
    from iamaudit.demo import account  # noqa: PLC0415 - costs a second

    return getattr(account, name)
