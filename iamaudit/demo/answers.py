"""Three answers that moto's response class holds as constants, given from the account instead.

They are changed on moto's class, for the demo account only, and put back when the demo ends.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from moto.core.responses import ActionResult
from moto.iam.responses import IamResponse

from iamaudit.demo.facts import ACCOUNT_ID, REPORTED_AT
from iamaudit.demo.report import credential_report


@contextmanager
def faithful_answers() -> Iterator[None]:
    """Let moto give a real credential report and real dates of server certificates while this is open."""
    changes: dict[str, Callable[[Any], Any]] = {
        "get_credential_report": _get_credential_report,
        "list_server_certificates": _list_server_certificates,
        "get_server_certificate": _get_server_certificate,
    }
    before = {name: getattr(IamResponse, name) for name in changes}
    for name, answer in changes.items():
        setattr(IamResponse, name, _for_demo(answer, before[name]))
    try:
        yield
    finally:
        for name, method in before.items():
            setattr(IamResponse, name, method)


def _for_demo(answer: Callable[[Any], Any], otherwise: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def choose(response: Any) -> Any:
        return (answer if response.current_account == ACCOUNT_ID else otherwise)(response)

    return choose


def _get_credential_report(response: Any) -> Any:
    response.backend.get_credential_report()  # refuses, as AWS does, when none was generated
    return ActionResult(
        {
            "Content": credential_report(response.backend),
            "ReportFormat": "text/csv",
            "GeneratedTime": REPORTED_AT,
        }
    )


def _list_server_certificates(response: Any) -> Any:
    certificates = response.backend.list_server_certificates()
    return ActionResult(
        {"ServerCertificateMetadataList": [_metadata(item) for item in certificates], "IsTruncated": False}
    )


def _get_server_certificate(response: Any) -> Any:
    certificate = response.backend.get_server_certificate(response._get_param("ServerCertificateName"))
    metadata, body = _metadata(certificate), certificate.cert_body
    return ActionResult(
        {"ServerCertificate": {"ServerCertificateMetadata": metadata, "CertificateBody": body}}
    )


def _metadata(certificate: Any) -> dict[str, Any]:
    return {
        "Path": certificate.path,
        "ServerCertificateName": certificate.cert_name,
        "ServerCertificateId": certificate.certificate_id,
        "Arn": certificate.arn,
        "UploadDate": certificate.upload_date,
        "Expiration": certificate.expiration,
    }
