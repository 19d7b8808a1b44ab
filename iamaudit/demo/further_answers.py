"""What moto does not answer: credentials for one service, root features, and IAM Access Analyzer.

The answers have the shape that AWS's API reference documents.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult

from iamaudit.demo.facts import ACCOUNT_ID, REGION, identifier, moment

REGIONS = (REGION, "us-east-1")
"""The Regions of which IAM Access Analyzer is asked: it is active in both, and has findings in the first."""

_SSH_KEYS = (
    ("lena.fischer", "2025-07-01", "Active"),
    ("oscar.lindqvist", "2026-09-14", "Active"),
    ("oscar.lindqvist", "2025-06-11", "Inactive"),
)
_SERVICE_CREDENTIALS: tuple[tuple[str, str, str, Mapping[str, Any]], ...] = (
    ("lena.fischer", "codecommit", "2025-06-26", {"ServiceUserName": f"lena.fischer-at-{ACCOUNT_ID}"}),
    ("nadia.haddad", "bedrock", "2026-08-17", {"ServiceCredentialAlias": f"nadia.haddad-at-{ACCOUNT_ID}"}),
)
_FINDINGS = (
    ("vendor-billing", "AWS::IAM::Role", "ACTIVE", "2026-08-04"),
    ("example-reports-archive", "AWS::S3::Bucket", "ARCHIVED", "2026-06-22"),
    ("example-public-downloads", "AWS::S3::Bucket", "ARCHIVED", "2025-11-18"),
)


class _NotTold(ServiceException):
    """AWS's refusal of an account that does not manage its organization."""

    code = "AccountNotManagementOrDelegatedAdministratorException"
    message = "The account is neither the management account nor a delegated administrator."


def list_ssh_public_keys(response: Any) -> Any:
    """Answer ``ListSSHPublicKeys`` for one user."""
    name = response._get_param("UserName")
    keys = [
        {
            "UserName": user,
            "SSHPublicKeyId": identifier("APKA", f"{user}/{day}", 20),
            "Status": status,
            "UploadDate": moment(day, user, 21),
        }
        for user, day, status in _SSH_KEYS
        if user == name
    ]
    return ActionResult({"SSHPublicKeys": keys, "IsTruncated": False})


def list_service_specific_credentials(response: Any) -> Any:
    """Answer ``ListServiceSpecificCredentials`` for one user."""
    name = response._get_param("UserName")
    found = [
        {
            "UserName": user,
            "Status": "Active",
            "CreateDate": moment(day, user, 22),
            "ServiceSpecificCredentialId": identifier("ACCA", f"{user}/{service}"),
            "ServiceName": f"{service}.amazonaws.com",
            **more,
        }
        for user, service, day, more in _SERVICE_CREDENTIALS
        if user == name
    ]
    return ActionResult({"ServiceSpecificCredentials": found, "IsTruncated": False})


def list_organizations_features(_: Any) -> Any:
    """Refuse, as AWS does: the demo account is a member of its organization."""
    raise _NotTold


IAM_ANSWERS: Mapping[str, Callable[[Any], Any]] = {
    "list_ssh_public_keys": list_ssh_public_keys,
    "list_service_specific_credentials": list_service_specific_credentials,
    "list_organizations_features": list_organizations_features,
}
"""The answers by the name of their method in moto's response class."""


def answer_access_analyzer(request: Any, **_: Any) -> AWSResponse:
    """Answer a request to IAM Access Analyzer before it is sent: the handler of a ``before-send`` event."""
    region = re.search(r"/\d{8}/([a-z0-9-]+)/access-analyzer/", str(request.headers["Authorization"]))
    asked = region[1] if region else REGION
    if urlsplit(request.url).path == "/analyzer":
        content = {"analyzers": [{**_ANALYZER, "arn": _analyzer_arn(asked)}]}
    else:
        content = {"findings": [_finding(found) for found in _FINDINGS if asked == REGION]}
    headers = HTTPHeaders.from_dict({"content-type": "application/json"})
    return AWSResponse(request.url, 200, headers, _Body(content))


_ANALYZER = {
    "name": "external",
    "type": "ACCOUNT",
    "status": "ACTIVE",
    "createdAt": "2025-03-03T09:12:44Z",
    "tags": {"owner": "Security"},
}


def _analyzer_arn(region: str) -> str:
    return f"arn:aws:access-analyzer:{region}:{ACCOUNT_ID}:analyzer/external"


def _finding(found: tuple[str, str, str, str]) -> dict[str, Any]:
    name, kind, status, day = found
    is_role = kind == "AWS::IAM::Role"
    at = moment(day, name).isoformat()
    return {
        "id": identifier("", name, 24).lower(),
        "resource": f"arn:aws:iam::{ACCOUNT_ID}:role/{name}" if is_role else f"arn:aws:s3:::{name}",
        "resourceType": kind,
        "resourceOwnerAccount": ACCOUNT_ID,
        "findingType": "ExternalAccess",
        "status": status,
        "createdAt": at,
        "analyzedAt": at,
        "updatedAt": at,
    }


class _Body:
    """The bytes of an answer, as botocore reads them."""

    def __init__(self, content: Any) -> None:
        self._data = json.dumps(content).encode()

    def stream(self, *_: Any, **__: Any) -> Any:
        yield self._data
