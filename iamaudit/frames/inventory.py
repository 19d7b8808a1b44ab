"""What IAM keeps beside principals and policies: certificates, MFA devices, providers, instance profiles."""

from collections.abc import Iterable
from datetime import datetime

import pandas as pd

from iamaudit.account import IdentityProvider, InstanceProfile, MfaDevice, ServerCertificate
from iamaudit.frames.columns import build_frame
from iamaudit.frames.days import days_between


def server_certificates_frame(certificates: Iterable[ServerCertificate], as_of: datetime) -> pd.DataFrame:
    """Return a row per server certificate stored in IAM; ``expires_in_days`` is negative once expired."""
    rows = [
        {
            "name": certificate.name,
            "arn": certificate.arn,
            "id": certificate.id,
            "path": certificate.path,
            "uploaded_at": certificate.uploaded_at,
            "expires_at": certificate.expires_at,
            "expires_in_days": _days_left(certificate.expires_at, as_of),
            "evidence": f"server_certificates.json ServerCertificateName = {certificate.name}",
        }
        for certificate in certificates
    ]
    return build_frame("server_certificates", rows)


def mfa_devices_frame(devices: Iterable[MfaDevice]) -> pd.DataFrame:
    """Return a row per MFA device: ``kind`` is ``virtual``, ``security key`` or ``hardware``."""
    rows = [
        {
            "serial": device.serial,
            "kind": device.kind,
            "user": device.user,
            "is_root": device.is_root,
            "is_assigned": device.is_assigned,
            "enabled_at": device.enabled_at,
            "arn": device.arn,
            "evidence": f"mfa_devices.json SerialNumber = {device.serial}",
        }
        for device in devices
    ]
    return build_frame("mfa_devices", rows)


def identity_providers_frame(
    providers: Iterable[IdentityProvider], trust: pd.DataFrame, as_of: datetime
) -> pd.DataFrame:
    """Return a row per SAML and OpenID Connect provider, with the ``roles`` that trust it."""
    rows = [
        {
            "name": provider.name,
            "arn": provider.arn,
            "kind": provider.kind,
            "created_at": provider.created_at,
            "valid_until": provider.valid_until,
            "expires_in_days": _days_left(provider.valid_until, as_of),
            "audiences": provider.audiences,
            "roles": sorted(trust.role_name[trust.principal == f"Federated: {provider.arn}"].unique()),
            "evidence": f"{provider.kind.lower()}_providers.json Arn = {provider.arn}",
        }
        for provider in providers
    ]
    return build_frame("identity_providers", rows)


def instance_profiles_frame(profiles: Iterable[InstanceProfile]) -> pd.DataFrame:
    """Return a row per instance profile with the roles in it."""
    rows = [
        {
            "name": profile.name,
            "arn": profile.arn,
            "path": profile.path,
            "created_at": profile.created_at,
            "roles": profile.roles,
            "evidence": f"instance_profiles.json InstanceProfileName = {profile.name}",
        }
        for profile in profiles
    ]
    return build_frame("instance_profiles", rows)


def _days_left(end: datetime | None, as_of: datetime) -> int | None:
    return days_between(as_of, end) if end else None
