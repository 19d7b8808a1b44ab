"""Answers that moto's response class holds as constants or lacks, given from the account instead.

They are changed on moto's class, for the demo account only, and put back when the demo ends.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from moto.core.responses import ActionResult
from moto.iam.exceptions import NotFoundException
from moto.iam.responses import IamResponse

from iamaudit.demo.facts import ACCOUNT_ID, REPORTED_AT
from iamaudit.demo.further_answers import IAM_ANSWERS
from iamaudit.demo.last_accessed import job_of, report_of
from iamaudit.demo.report import credential_report


@contextmanager
def faithful_answers() -> Iterator[None]:
    """Let moto give a real credential report and real dates of server certificates while this is open."""
    changes: dict[str, Callable[[Any], Any]] = {
        "get_credential_report": _get_credential_report,
        "list_server_certificates": _list_server_certificates,
        "get_server_certificate": _get_server_certificate,
        "generate_service_last_accessed_details": _generate_service_last_accessed_details,
        "get_service_last_accessed_details": _get_service_last_accessed_details,
        **IAM_ANSWERS,
    }
    before = {name: getattr(IamResponse, name, _not_implemented) for name in changes}
    for name, answer in changes.items():
        setattr(IamResponse, name, _for_demo(answer, before[name]))
    try:
        yield
    finally:
        for name, method in before.items():
            if method is _not_implemented:
                delattr(IamResponse, name)
            else:
                setattr(IamResponse, name, method)


def _for_demo(answer: Callable[[Any], Any], otherwise: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def choose(response: Any) -> Any:
        return (answer if response.current_account == ACCOUNT_ID else otherwise)(response)

    return choose


def _not_implemented(response: Any) -> Any:
    """Answer another account as moto does for an operation that it does not have."""
    raise NotImplementedError


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


def _generate_service_last_accessed_details(response: Any) -> Any:
    return ActionResult({"JobId": job_of(response._get_param("Arn"))})


def _get_service_last_accessed_details(response: Any) -> Any:
    report = report_of(response.backend, response._get_param("JobId"))
    if report is None:
        raise NotFoundException("no job has this id")
    return ActionResult(report)
