"""The only room that knows boto3: a guarded session, one function a source, and their collection."""

from iamaudit.aws.collect import SOURCE_TIMEOUT, collect_account
from iamaudit.aws.guard import guard_session, is_read
from iamaudit.aws.session import open_session

__all__ = ["SOURCE_TIMEOUT", "collect_account", "guard_session", "is_read", "open_session"]
