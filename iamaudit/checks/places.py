"""Where in the console a check can be seen with one's own eyes, and the page of AWS on its subject."""

from typing import NamedTuple

_GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"


class Place(NamedTuple):
    """The way through the console, and the page of the documentation."""

    console: str
    documentation: str


def place_of(check: str, population: str) -> Place:
    """Return the place of a check: that of the longest beginning of its id, else of its population."""
    begun = [start for start in _BY_ID if check.startswith(start)]
    console, page = _BY_ID[max(begun, key=len)] if begun else _BY_POPULATION[population]
    return Place(console, page if page.startswith("https:") else f"{_GUIDE}{page}")


_BY_ID = {
    "root-": ("signed in as root: account menu > Security credentials", "root-user-best-practices.html"),
    "root-use": ("IAM > Credential report, first row", "id_credentials_getting-report.html"),
    "password-": ("IAM > Account settings > Password policy", "id_credentials_passwords_account-policy.html"),
    "password-unused": ("IAM > Users, column Console last sign-in", "id_credentials_finding-unused.html"),
    "console-mfa": ("IAM > Users, column MFA", "id_credentials_mfa.html"),
    "user-mfa": ("IAM > Users > USER > Security credentials", "id_credentials_mfa.html"),
    "administrator-mfa": ("IAM > Users > USER > Security credentials", "id_credentials_mfa.html"),
    "credentials-unused": ("IAM > Credential report", "id_credentials_finding-unused.html"),
    "user-idle": ("IAM > Users, column Last activity", "id_credentials_finding-unused.html"),
    "signing-certificate": ("IAM > Users > USER > Security credentials", "id_credentials.html"),
    "access-key-unused": ("IAM > Users, column Active key age", "id_credentials_finding-unused.html"),
    "role-idle": ("IAM > Roles, column Last activity", "access_policies_last-accessed.html"),
    "role-never-used": ("IAM > Roles, column Last activity", "access_policies_last-accessed.html"),
    "identity-boundary": ("IAM > Users > USER > Permissions boundary", "access_policies_boundaries.html"),
    "policy-boundary": ("IAM > Policies > POLICY > Entities attached", "access_policies_boundaries.html"),
    "policy-pass-role": ("IAM > Policies > POLICY > Permissions", "id_roles_use_passrole.html"),
    "policy-version": (
        "IAM > Policies > POLICY > Policy versions",
        "access_policies_managed-versioning.html",
    ),
    "policy-meaning": ("IAM > Policies > POLICY > Edit", "access-analyzer-reference-policy-checks.html"),
    "support-role": (
        "IAM > Roles > ROLE > Permissions",
        "https://docs.aws.amazon.com/awssupport/latest/user/",
    ),
    "federation": ("IAM > Identity providers", "id_roles_providers.html"),
    "trust-external": (
        "IAM > Roles > ROLE > Trust relationships",
        "id_roles_common-scenarios_third-party.html",
    ),
    "trust-web-identity": ("IAM > Roles > ROLE > Trust relationships", "id_roles_create_for-idp_oidc.html"),
    "evidence-": ("IAM > Dashboard, IAM resources", "id_credentials_getting-report.html"),
}
_BY_POPULATION = {
    "users": ("IAM > Users > USER", "id_users.html"),
    "access_keys": ("IAM > Users > USER > Security credentials", "id_credentials_access-keys.html"),
    "groups": ("IAM > User groups > GROUP", "id_groups.html"),
    "roles": ("IAM > Roles > ROLE", "id_roles.html"),
    "policies": ("IAM > Policies > POLICY", "access_policies_managed-vs-inline.html"),
    "attachments": ("IAM > Users or Roles > NAME > Permissions", "access_policies_manage-attach-detach.html"),
    "statements": ("IAM > Policies > POLICY > Permissions", "reference_policies_elements.html"),
    "policy_problems": ("IAM > Policies > POLICY > Edit", "access-analyzer-reference-policy-checks.html"),
    "permission_sets": ("IAM > Users or Roles > NAME > Permissions", "best-practices.html"),
    "breadth": ("IAM > Users or Roles > NAME > Permissions", "best-practices.html"),
    "trust": ("IAM > Roles > ROLE > Trust relationships", "id_roles_update-role-trust-policy.html"),
    "mfa_devices": ("IAM > Users > USER > Security credentials", "id_credentials_mfa.html"),
    "identity_providers": ("IAM > Identity providers > PROVIDER", "id_roles_providers.html"),
    "instance_profiles": (
        "IAM > Roles > ROLE, instance profile ARN",
        "id_roles_use_switch-role-ec2_instance-profiles.html",
    ),
    "account": ("IAM > Dashboard", "best-practices.html"),
    "server_certificates": ("none: AWS CLI only", "id_credentials_server-certs.html"),
    "sources": ("none", "security-iam-awsmanpol.html"),
    "role_access": ("IAM > Roles > ROLE > Trust relationships", "id_roles_update-role-trust-policy.html"),
    "code_keys": ("IAM > Users > USER > Security credentials", "securing_access-keys.html"),
}
