"""The only room that knows boto3: a guarded session, one function a source, and their collection."""

from iamaudit.aws.collect import SOURCE_TIMEOUT, collect_account
from iamaudit.aws.doctor import clock_in_words, examine_access
from iamaudit.aws.guard import guard_session, is_read
from iamaudit.aws.session import open_session

__all__ = [
    "SOURCE_TIMEOUT",
    "clock_in_words",
    "collect_account",
    "examine_access",
    "guard_session",
    "is_read",
    "open_session",
]
