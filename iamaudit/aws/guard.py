"""The read-only guard: what is not a read never leaves this machine."""

from typing import Any

import boto3

from iamaudit.errors import ReadOnlyError

_READ_PREFIXES = {"iam": ("Get", "List", "Simulate"), "sts": ("GetCallerIdentity", "GetAccessKeyInfo")}
"""Only these services are asked anything. In STS most of what is called `Get` hands out credentials."""

_EXCEPTIONS = {
    ("iam", "GenerateCredentialReport"),  # makes the report that is then read
    ("iam", "GenerateServiceLastAccessedDetails"),  # the same for last-accessed data
    ("sts", "AssumeRole"),  # how the auditor's role is taken
}


def is_read(service: str, operation: str) -> bool:
    """Say whether the guard lets an operation (``iam``, ``ListUsers``) through."""
    prefixes = _READ_PREFIXES.get(service, ())
    return (service, operation) in _EXCEPTIONS or operation.startswith(tuple(prefixes))


def guard_session(session: boto3.Session) -> boto3.Session:
    """Refuse, for every client that is made from ``session`` from now on, whatever is not a read.

    Raises
    ------
    ReadOnlyError
        From the call that was refused, before anything is sent.
    """
    session.events.register("before-call", _refuse, unique_id="iamaudit-read-only")
    return session


def _refuse(model: Any, **_: Any) -> None:
    service, operation = model.service_model.service_name, model.name
    if not is_read(service, operation):
        raise ReadOnlyError(f"`{service}:{operation}` is not a read: iamaudit refused to send it")
