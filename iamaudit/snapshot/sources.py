"""The sources that a snapshot of this schema knows, with the permissions each needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

Preset = Literal["fast", "default", "thorough"]
"""How much a collection asks for: ``fast`` for the account as a whole, ``default`` also for each user of whom
the credential report shows a key or a device, ``thorough`` also for every user, role and key by itself."""

PRESETS: tuple[Preset, ...] = get_args(Preset)


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of evidence.

    ``file`` is its name inside the snapshot folder, ``permissions`` the IAM actions that reading it needs
    (none for what is handed over only), ``title`` how an auditor would call it. ``preset`` is the
    smallest one that asks for it.
    """

    name: str
    file: str
    title: str
    permissions: tuple[str, ...]
    preset: Preset = "fast"


_SOURCES = (
    Source("caller_identity", "caller_identity.json", "caller identity", ("sts:GetCallerIdentity",)),
    Source(
        "credential_report",
        "credential_report.csv",
        "credential report",
        ("iam:GenerateCredentialReport", "iam:GetCredentialReport"),
    ),
    Source(
        "authorization_details",
        "authorization_details.json",
        "account authorization details",
        ("iam:GetAccountAuthorizationDetails", "iam:GetPolicy", "iam:GetPolicyVersion"),
    ),
    Source("account_summary", "account_summary.json", "account summary", ("iam:GetAccountSummary",)),
    Source("password_policy", "password_policy.json", "password policy", ("iam:GetAccountPasswordPolicy",)),
    Source("account_aliases", "account_aliases.json", "account aliases", ("iam:ListAccountAliases",)),
    Source(
        "mfa_devices", "mfa_devices.json", "MFA devices", ("iam:ListVirtualMFADevices", "iam:ListMFADevices")
    ),
    Source("access_keys", "access_keys.json", "access keys", ("iam:ListAccessKeys",), preset="default"),
    Source("saml_providers", "saml_providers.json", "SAML providers", ("iam:ListSAMLProviders",)),
    Source(
        "oidc_providers",
        "oidc_providers.json",
        "OpenID Connect providers",
        ("iam:ListOpenIDConnectProviders", "iam:GetOpenIDConnectProvider"),
    ),
    Source(
        "server_certificates",
        "server_certificates.json",
        "server certificates",
        ("iam:ListServerCertificates",),
    ),
    Source("instance_profiles", "instance_profiles.json", "instance profiles", ("iam:ListInstanceProfiles",)),
    Source(
        "last_accessed",
        "last_accessed.json",
        "last access to services and actions",
        ("iam:GenerateServiceLastAccessedDetails", "iam:GetServiceLastAccessedDetails"),
        preset="thorough",
    ),
    Source(
        "login_profiles",
        "login_profiles.json",
        "login profiles",
        ("iam:GetLoginProfile",),
        preset="thorough",
    ),
    Source(
        "ssh_public_keys",
        "ssh_public_keys.json",
        "SSH public keys",
        ("iam:ListSSHPublicKeys",),
        preset="thorough",
    ),
    Source(
        "service_specific_credentials",
        "service_specific_credentials.json",
        "service-specific credentials",
        ("iam:ListServiceSpecificCredentials",),
        preset="thorough",
    ),
    Source(
        "signing_certificates",
        "signing_certificates.json",
        "signing certificates",
        ("iam:ListSigningCertificates",),
        preset="thorough",
    ),
    Source(
        "access_keys_last_used",
        "access_keys_last_used.json",
        "last use of access keys",
        ("iam:GetAccessKeyLastUsed",),
        preset="thorough",
    ),
    Source(
        "organization_features",
        "organization_features.json",
        "root features of the organization",
        ("iam:ListOrganizationsFeatures",),
        preset="thorough",
    ),
    Source(
        "access_analyzer",
        "access_analyzer.json",
        "IAM Access Analyzer",
        (
            "access-analyzer:ListAnalyzers",
            "access-analyzer:ListFindings",
        ),
        preset="thorough",
    ),
    Source("organization_policies", "organization_policies.json", "policies of the organization", ()),
)

SOURCES: Mapping[str, Source] = MappingProxyType({source.name: source for source in _SOURCES})
"""Every source by name, in the order in which they are collected."""


def sources_of(preset: Preset) -> frozenset[str]:
    """Return the sources that a preset asks for."""
    up_to = PRESETS[: PRESETS.index(preset) + 1]
    return frozenset(source.name for source in _SOURCES if source.permissions and source.preset in up_to)
