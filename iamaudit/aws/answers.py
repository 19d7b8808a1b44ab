"""What an error of AWS, or of a stand-in for it, means for the evidence."""

from collections.abc import Iterator, Mapping
from traceback import walk_tb
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's, not Python's
    CredentialRetrievalError,
    HTTPClientError,
    LoginError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    RefreshWithMFAUnsupportedError,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

from iamaudit.errors import CollectionError
from iamaudit.snapshot import SourceResult
from iamaudit.snapshot.shapes import shape_problem


class UnreadableAnswerError(Exception):
    """AWS's answer, or a stand-in's, lacks what every such answer has."""


EXPECTED = (ClientError, BotoCoreError, ResponseParserError, NotImplementedError, UnreadableAnswerError)
"""Every way in which asking AWS can fail; ``ResponseParserError`` is how a bare HTTP 500 arrives."""

PARSER_ERRORS = (KeyError, ValueError, TypeError, AttributeError)
"""What botocore's parser lets through for an answer of another shape: see ``is_from_parser``."""

NO_CREDENTIALS = "no AWS credentials found: set `profile` or AWS_PROFILE, or sign in with `aws sso login`"

_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "AccessDeniedForDependencyException",
    "AuthorizationError",
    "UnauthorizedOperation",
    "403",
}
_ABSENT = {
    "404",
    "500",
    "501",
    "InvalidAction",
    "NotImplemented",
    "UnknownOperation",
    "UnknownOperationException",
}
EXPIRED = {
    "ExpiredToken": "sign in again",
    "ExpiredTokenException": "sign in again",
    "RequestExpired": "sign in again, and check this machine's clock",
}
"""Error codes for credentials, or a signature, of too long ago; and the cure."""

_BAD_CREDENTIALS = {
    **EXPIRED,
    "InvalidClientTokenId": "the access key does not exist or is inactive: check the profile",
    "UnrecognizedClientException": "the access key does not exist or is inactive: check the profile",
    "SignatureDoesNotMatch": "the secret does not fit the access key: check the profile",
    "InvalidSignatureException": "the secret does not fit the access key: check the profile",
    "IncompleteSignature": "the credentials are incomplete: check the profile",
}

_NOT_RENEWED = (
    CredentialRetrievalError,
    LoginError,
    RefreshWithMFAUnsupportedError,
    SSOError,
    TokenRetrievalError,
)
_RENEWING = {"AssumeRole", "AssumeRoleWithWebIdentity", "GetRoleCredentials"}
"""Operations by which botocore renews a session in the middle of another request."""


def error_code(error: BaseException) -> str:
    """Return AWS's error code, empty for an error that has none."""
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""


def is_denied(error: BaseException) -> bool:
    """Say whether AWS refused for want of a permission."""
    return error_code(error) in _DENIED


def result_of(error: Exception) -> SourceResult:
    """Return what a failed source leaves behind: denied, unavailable or failed, with the reason.

    Raises
    ------
    CollectionError
        The credentials are not valid, so that every other source would fail as well.
    """
    raise_if_hopeless(error)
    if is_denied(error):
        return SourceResult("denied", reason=one_line(error))
    absent = isinstance(error, (NotImplementedError, ResponseParserError)) or error_code(error) in _ABSENT
    return SourceResult("unavailable" if absent else "failed", reason=one_line(error))


def raise_if_hopeless(error: Exception) -> None:
    """Raise a ``CollectionError`` with the cure when the fault is in the credentials themselves."""
    _raise_if_not_accepted(error)
    if isinstance(error, ClientError) and error.operation_name in _RENEWING:
        raise CollectionError(
            f"the session cannot be renewed ({one_line(error)}): see whether the role still lets you in"
        ) from error


def _raise_if_not_accepted(error: Exception) -> None:
    cure = _BAD_CREDENTIALS.get(error_code(error))
    if cure:
        raise CollectionError(f"AWS does not accept the credentials ({error_code(error)}): {cure}") from error
    if isinstance(error, (NoCredentialsError, PartialCredentialsError)):
        raise CollectionError(NO_CREDENTIALS) from error
    if isinstance(error, _NOT_RENEWED):
        raise CollectionError(
            f"AWS credentials cannot be loaded ({one_line(error)}): sign in again"
        ) from error


def is_from_parser(error: BaseException) -> bool:
    """Say whether botocore raised an error while it read an answer: an impossible date, no result."""
    modules = [str(frame.f_globals.get("__name__")) for frame, _ in walk_tb(error.__traceback__)]
    return "botocore.parsers" in modules or modules[-1:] == ["botocore.endpoint"]


def member(answer: Mapping[str, Any], name: str) -> Any:
    """Return a part of an answer that AWS always gives, empty as it may be.

    Raises
    ------
    UnreadableAnswerError
        It is not there: that is not an empty list.
    """
    if name not in answer:
        raise UnreadableAnswerError(f"the answer has no {name}")
    return answer[name]


def check_shape(source: str, content: Any) -> None:
    """Let nothing pass as evidence that does not have the shape of its source.

    Raises
    ------
    UnreadableAnswerError
        The first place that is not as AWS's answers are.
    """
    problem = shape_problem(source, content)
    if problem:
        raise UnreadableAnswerError(f"the answer is not as AWS's are: {problem}")


def read_pages(client: Any, operation: str, **parameters: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the pages of a list.

    Raises
    ------
    UnreadableAnswerError
        A page says that there is more, and does not say where.
    """
    for page in client.get_paginator(operation).paginate(**parameters):
        yield page
        if page.get("IsTruncated") and not page.get("Marker"):
            raise UnreadableAnswerError("the answer says that there is more, and has no Marker")


def cannot_start(error: Exception, what: str, cure: str) -> CollectionError:
    """Return why ``what``, without which nothing can be collected, did not work."""
    _raise_if_not_accepted(error)
    if isinstance(error, ProfileNotFound):
        return CollectionError(
            f"no AWS profile `{error.kwargs['profile']}`: see `aws configure list-profiles`"
        )
    if isinstance(error, (ConnectionError, HTTPClientError)):
        cure = "check the network, the proxy, the region and the endpoint"
    return CollectionError(f"{what} failed ({one_line(error)}): {cure}")


def one_line(error: Exception) -> str:
    """Return an error as one line; an HTML page in it is cut at its first tag."""
    if isinstance(error, ClientError):
        message = error.response.get("Error", {}).get("Message") or "no message"
        text = f"{error_code(error)}: {message}"
    elif isinstance(error, ResponseParserError):
        text = "the endpoint answered with something that is not an AWS response"
    else:
        text = str(error) or type(error).__name__
    return " ".join(text.split("<", 1)[0].split())[:300].rstrip(".: ")
