"""The read-only guard: what is not a read never leaves this machine."""

import re
from typing import Any

import boto3

from iamaudit.errors import ReadOnlyError

_READS = {
    "iam": re.compile(r"(Get|List|Simulate)[A-Z]\w*"),
    "accessanalyzer": re.compile(r"ListAnalyzers|ListFindingsV2"),
    # Most of what STS calls Get hands out credentials, so its reads are named one by one.
    "sts": re.compile(r"GetCallerIdentity|GetAccessKeyInfo"),
}
"""The reads of the services that are asked anything; everything else, of any service, is refused."""

_EXCEPTIONS = {
    ("iam", "GenerateCredentialReport"),  # makes the report that is then read
    ("iam", "GenerateServiceLastAccessedDetails"),  # the same for last-accessed data
    ("sts", "AssumeRole"),  # how the auditor's role is taken
}

_EVENTS = ("provide-client-params", "before-call")
"""The first thing that botocore does with a call (or a presigned URL), and the last before it is sent."""


def is_read(service: str, operation: str) -> bool:
    """Say whether the guard lets an operation (``iam``, ``ListUsers``) through."""
    reads = _READS.get(service)
    return (service, operation) in _EXCEPTIONS or (
        reads is not None and reads.fullmatch(operation) is not None
    )


def guard_session(session: boto3.Session) -> boto3.Session:
    """Refuse, for every client that is made from ``session`` from now on, whatever is not a read.

    Raises
    ------
    ReadOnlyError
        From the call that was refused, before anything is sent.
    """
    for event in _EVENTS:
        session.events.register_first(event, _refuse, unique_id=f"iamaudit-read-only-{event}")
    return session


def _refuse(model: Any, **_: Any) -> None:
    service, operation = model.service_model.service_name, model.name
    if not is_read(service, operation):
        raise ReadOnlyError(
            f"`{service}:{operation}` is not a read, iamaudit did not send it: use the AWS CLI"
        )
