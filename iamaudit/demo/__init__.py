"""The embedded AWS account: the whole path runs with no credentials, and tells the same story every time."""

from iamaudit.demo.account import DemoAccount, demo_account
from iamaudit.demo.facts import ACCOUNT_ID, AS_OF, EXTERNAL_ACCOUNT_ID

__all__ = ["ACCOUNT_ID", "AS_OF", "EXTERNAL_ACCOUNT_ID", "DemoAccount", "demo_account"]
