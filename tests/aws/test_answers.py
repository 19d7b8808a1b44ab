import pytest
from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    ReadTimeoutError,
    UnauthorizedSSOTokenError,
)
from botocore.parsers import ResponseParserError

from iamaudit.aws.answers import one_line, result_of
from iamaudit.errors import CollectionError


def client_error(code, message="no"):
    return ClientError({"Error": {"Code": code, "Message": message}}, "ListUsers")


URL = "https://iam.amazonaws.com/"
STATUSES = [
    ("denied", client_error("AccessDenied")),
    ("denied", client_error("AccessDeniedException")),
    ("denied", client_error("AccessDeniedForDependencyException")),
    ("denied", client_error("UnauthorizedOperation")),
    ("denied", client_error("403", "<ErrorResponse>...")),
    ("unavailable", NotImplementedError("list_users")),
    ("unavailable", ResponseParserError("Unable to parse response")),
    ("unavailable", client_error("404", "Not yet implemented")),
    ("unavailable", client_error("500")),
    ("unavailable", client_error("NotImplemented")),
    ("unavailable", client_error("InvalidAction")),
    ("unavailable", client_error("UnknownOperation")),
    ("unavailable", client_error("UnknownOperationException")),
    ("failed", client_error("Throttling", "Rate exceeded")),
    ("failed", client_error("RequestLimitExceeded")),
    ("failed", client_error("ServiceFailure")),
    ("failed", client_error("NoSuchEntity")),
    ("failed", EndpointConnectionError(endpoint_url=URL)),
    ("failed", ReadTimeoutError(endpoint_url=URL)),
]


@pytest.mark.parametrize(("status", "error"), STATUSES, ids=lambda value: str(value)[:60])
def test_every_error_has_its_status_and_a_reason_and_never_content(status, error):
    result = result_of(error)
    assert (result.status, result.content, dict(result.rows)) == (status, None, {})
    assert result.reason
    assert result.reason == one_line(error)


@pytest.mark.parametrize(
    ("error", "cure"),
    [
        (client_error("ExpiredToken"), "AWS does not accept the credentials (ExpiredToken): sign in again"),
        (
            client_error("ExpiredTokenException"),
            "AWS does not accept the credentials (ExpiredTokenException): sign in again",
        ),
        (
            client_error("InvalidClientTokenId"),
            "AWS does not accept the credentials (InvalidClientTokenId): the access key does not exist or is "
            "inactive: check the profile",
        ),
        (
            client_error("SignatureDoesNotMatch", "The Canonical String ... x-amz-security-token:secret"),
            "AWS does not accept the credentials (SignatureDoesNotMatch): the secret does not fit the access "
            "key: check the profile",
        ),
        (
            client_error("RequestExpired"),
            "AWS does not accept the credentials (RequestExpired): sign in again, and check this machine's "
            "clock",
        ),
        (
            NoCredentialsError(),
            "no AWS credentials found: set `profile` or AWS_PROFILE, or sign in with `aws sso login`",
        ),
        (
            PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
            "no AWS credentials found: set `profile` or AWS_PROFILE, or sign in with `aws sso login`",
        ),
        (
            CredentialRetrievalError(provider="process", error_msg="it\nfailed"),
            "AWS credentials cannot be loaded (Error when retrieving credentials from process: it failed): "
            "sign in again",
        ),
        (
            UnauthorizedSSOTokenError(),
            "AWS credentials cannot be loaded (The SSO session associated with this profile has expired or "
            "is otherwise invalid. To refresh this SSO session run aws sso login with the corresponding "
            "profile): sign in again",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bad_credentials_end_the_collection_with_a_cure(error, cure):
    with pytest.raises(CollectionError) as caught:
        result_of(error)
    assert str(caught.value) == cure


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            client_error("AccessDenied", "User: x\n is not\tauthorized. "),
            "AccessDenied: User: x is not authorized",
        ),
        (client_error("503", "<html><body>busy</body></html>"), "503"),
        (client_error("Throttling", None), "Throttling: no message"),
        (client_error("Odd", "x" * 1000), "Odd: " + "x" * 295),
        (ResponseParserError("<html>"), "the endpoint answered with something that is not an AWS response"),
        (NotImplementedError(), "NotImplementedError"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_reason_is_one_short_line_without_markup(error, expected):
    assert one_line(error) == expected
