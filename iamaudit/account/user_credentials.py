"""Credentials of users beside passwords and access keys: SSH keys, certificates, those for one service."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from iamaudit.account.times import parse_time

Raw = Mapping[str, Any]

SSH_KEY, SERVICE_CREDENTIAL, CERTIFICATE = "SSH public key", "service-specific credential", "certificate"
_WITH_API_KEYS = ("bedrock.amazonaws.com", "logs.amazonaws.com")


@dataclass(frozen=True, slots=True, kw_only=True)
class UserCredential:
    """One credential; ``service`` is what alone takes it, ``is_api_key`` says that it is a bearer token."""

    user: str
    kind: str
    credential_id: str
    status: str
    created_at: datetime | None
    expires_at: datetime | None = None
    service: str | None = None
    is_api_key: bool = False


def read_user_credentials(
    ssh: Raw | None, services: Raw | None, certificates: Raw | None
) -> tuple[UserCredential, ...]:
    """Return SSH public keys, service-specific credentials and signing certificates, by user and kind."""
    found = [
        *_ssh_keys(ssh or {}),
        *_service_credentials(services or {}),
        *_certificates(certificates or {}),
    ]
    return tuple(sorted(found, key=lambda each: (each.user, each.kind)))


def _ssh_keys(source: Raw) -> Iterator[UserCredential]:
    for key in source.get("SSHPublicKeys", ()):
        yield UserCredential(
            user=key["UserName"],
            kind=SSH_KEY,
            credential_id=key["SSHPublicKeyId"],
            status=key["Status"],
            created_at=parse_time(key.get("UploadDate")),
            service="codecommit.amazonaws.com",  # nothing else takes them
        )


def _service_credentials(source: Raw) -> Iterator[UserCredential]:
    for each in source.get("ServiceSpecificCredentials", ()):
        service = each["ServiceName"]
        yield UserCredential(
            user=each["UserName"],
            kind=SERVICE_CREDENTIAL,
            credential_id=each["ServiceSpecificCredentialId"],
            status=each["Status"],
            created_at=parse_time(each.get("CreateDate")),
            expires_at=parse_time(each.get("ExpirationDate")),
            service=service,
            is_api_key=service in _WITH_API_KEYS or each.get("ServiceCredentialAlias") is not None,
        )


def _certificates(source: Raw) -> Iterator[UserCredential]:
    for certificate in source.get("Certificates", ()):
        yield UserCredential(
            user=certificate["UserName"],
            kind=CERTIFICATE,
            credential_id=certificate["CertificateId"],
            status=certificate["Status"],
            created_at=parse_time(certificate.get("UploadDate")),
        )
