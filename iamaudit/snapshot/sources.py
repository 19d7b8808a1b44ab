"""The sources that a snapshot of this schema knows, with the permissions each needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of evidence.

    ``file`` is its name inside the snapshot folder, ``permissions`` the IAM actions that reading it needs
    (none for what is handed over only), ``title`` how an auditor would call it.
    """

    name: str
    file: str
    title: str
    permissions: tuple[str, ...]


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
    Source("access_keys", "access_keys.json", "access keys", ("iam:ListAccessKeys",)),
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
    Source("organization_policies", "organization_policies.json", "policies of the organization", ()),
)

SOURCES: Mapping[str, Source] = MappingProxyType({source.name: source for source in _SOURCES})
"""Every source by name, in the order in which they are collected."""
