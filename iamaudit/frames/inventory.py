"""What IAM keeps beside principals and policies: certificates, MFA devices, providers, instance profiles."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from iamaudit.frames.columns import build_frame
from iamaudit.frames.times import days_between, parse_time


def server_certificates_frame(certificates: Mapping[str, Any] | None, as_of: datetime) -> pd.DataFrame:
    """Return a row per server certificate stored in IAM; ``expires_in_days`` is negative once expired."""
    rows = []
    for certificate in (certificates or {}).get("ServerCertificateMetadataList", ()):
        expires_at = parse_time(certificate.get("Expiration"))
        rows.append(
            {
                "name": certificate["ServerCertificateName"],
                "arn": certificate["Arn"],
                "id": certificate.get("ServerCertificateId"),
                "path": certificate.get("Path"),
                "uploaded_at": parse_time(certificate.get("UploadDate")),
                "expires_at": expires_at,
                "expires_in_days": days_between(as_of, expires_at) if expires_at else None,
                "evidence": f"server_certificates.json {certificate['ServerCertificateName']}",
            }
        )
    return build_frame("server_certificates", rows)


def mfa_devices_frame(devices: Mapping[str, Any] | None, account_id: str) -> pd.DataFrame:
    """Return a row per MFA device: ``kind`` is ``virtual``, ``security key`` or ``hardware``, by its serial.

    The virtual device of root is listed; a hardware one of root is not, AWS tells its serial to nobody.
    """
    found: dict[str, dict[str, Any]] = {}
    for device in (devices or {}).get("VirtualMFADevices", ()):
        owner = device.get("User") or {}
        serial = device["SerialNumber"]
        is_root = str(owner.get("Arn", "")).endswith(":root") or serial.endswith("root-account-mfa-device")
        found[serial] = {
            "user": "<root_account>" if is_root else owner.get("UserName"),
            "is_root": is_root,
            "is_assigned": bool(owner) or device.get("EnableDate") is not None,
            "enabled_at": parse_time(device.get("EnableDate")),
            "arn": owner.get("Arn") or serial,
        }
    for device in (devices or {}).get("MFADevices", ()):
        found[device["SerialNumber"]] = {
            "user": device["UserName"],
            "is_root": False,
            "is_assigned": True,
            "enabled_at": parse_time(device.get("EnableDate")),
            "arn": f"arn:aws:iam::{account_id}:user/{device['UserName']}",
        }
    rows = [
        {
            "serial": serial,
            "kind": _device_kind(serial),
            **fields,
            "evidence": f"mfa_devices.json {serial}",
        }
        for serial, fields in sorted(found.items())
    ]
    return build_frame("mfa_devices", rows)


def _device_kind(serial: str) -> str:
    if not serial.startswith("arn:"):
        return "hardware"
    return "security key" if ":u2f/" in serial else "virtual"


def identity_providers_frame(
    saml: Mapping[str, Any] | None, oidc: Mapping[str, Any] | None, trust: pd.DataFrame, as_of: datetime
) -> pd.DataFrame:
    """Return a row per SAML and OpenID Connect provider, with the ``roles`` that trust it."""
    rows = []
    for kind, providers in (
        ("SAML", (saml or {}).get("SAMLProviderList", ())),
        ("OIDC", (oidc or {}).get("OpenIDConnectProviderList", ())),
    ):
        for provider in sorted(providers, key=lambda p: p["Arn"]):
            until = parse_time(provider.get("ValidUntil"))
            rows.append(
                {
                    "name": provider["Arn"].partition("-provider/")[2],
                    "arn": provider["Arn"],
                    "kind": kind,
                    "created_at": parse_time(provider.get("CreateDate")),
                    "valid_until": until,
                    "expires_in_days": days_between(as_of, until) if until else None,
                    "audiences": provider.get("ClientIDList"),
                    "roles": sorted(
                        trust.role_name[trust.principal == f"Federated: {provider['Arn']}"].unique()
                    ),
                    "evidence": f"{kind.lower()}_providers.json {provider['Arn']}",
                }
            )
    return build_frame("identity_providers", rows)


def instance_profiles_frame(profiles: Mapping[str, Any] | None) -> pd.DataFrame:
    """Return a row per instance profile with the roles in it."""
    rows = [
        {
            "name": profile["InstanceProfileName"],
            "arn": profile["Arn"],
            "path": profile.get("Path"),
            "created_at": parse_time(profile.get("CreateDate")),
            "roles": [role["RoleName"] for role in profile.get("Roles", ())],
            "evidence": f"instance_profiles.json {profile['InstanceProfileName']}",
        }
        for profile in (profiles or {}).get("InstanceProfiles", ())
    ]
    return build_frame("instance_profiles", rows)
