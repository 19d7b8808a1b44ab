"""What a check says of itself unless it says otherwise, by its population: area, console, page, cause."""

from typing import NamedTuple

CAUSES = ("statement", "credential", "principal", "trust", "path", "practice")
"""What has to change so that a finding goes away, as ``iamaudit.checks.observations`` gathers findings.

A policy's statement, a user's credentials, a principal's permissions, a role's trust policy, whatever opens
an escalation path, or a practice that is the same about many resources.
"""


class Defaults(NamedTuple):
    """The area of a report, the way through the console, a page of AWS's IAM User Guide, and the cause."""

    area: str
    console: str
    documentation: str
    cause: str = "practice"
    practice: str = ""


def defaults_of(population: str) -> Defaults:
    """Return the facts of the checks of a population that give none of their own."""
    return _BY_POPULATION.get(population, _ELSE)


_PERMISSIONS = "IAM > Users or Roles > NAME > Permissions"
_TRUST = "IAM > Roles > ROLE > Trust relationships"
_TRUST_GUIDE = "id_roles_update-role-trust-policy.html"
_KEYS = "IAM > Users > USER > Security credentials"
_EDIT = "IAM > Policies > POLICY > Edit"
_VALIDATION_GUIDE = "access-analyzer-reference-policy-checks.html"
_ELSE = Defaults("evidence", "not in the console", "best-practices.html")
_BY_POPULATION = {
    "users": Defaults("users", "IAM > Users > USER", "id_users.html"),
    "access_keys": Defaults(
        "credentials", _KEYS, "id_credentials_access-keys.html", "credential", "key-rotation"
    ),
    "user_credentials": Defaults(
        "credentials", _KEYS, "id_credentials_service-specific-creds.html", "credential", "key-rotation"
    ),
    "analyzer_regions": Defaults(
        "inventory", "IAM > Access Analyzer > Analyzer settings", "access-analyzer-getting-started.html"
    ),
    "analyzers": Defaults(
        "inventory", "IAM > Access Analyzer > Analyzer settings", "access-analyzer-getting-started.html"
    ),
    "analyzer_findings": Defaults(
        "trust",
        "IAM > Access Analyzer > External access",
        "access-analyzer-findings.html",
        practice="external-findings",
    ),
    "mfa_devices": Defaults("credentials", _KEYS, "id_credentials_mfa.html"),
    "code_keys": Defaults("code", _KEYS, "securing_access-keys.html", "credential"),
    "groups": Defaults("users", "IAM > User groups > GROUP", "id_groups.html"),
    "roles": Defaults("roles", "IAM > Roles > ROLE", "id_roles.html"),
    "policies": Defaults("policies", "IAM > Policies > POLICY", "access_policies_managed-vs-inline.html"),
    "attachments": Defaults("policies", _PERMISSIONS, "access_policies_manage-attach-detach.html"),
    "statements": Defaults(
        "policies",
        "IAM > Policies > POLICY > Permissions",
        "reference_policies_elements.html",
        "statement",
    ),
    "policy_problems": Defaults("policies", _EDIT, _VALIDATION_GUIDE, "practice", "policy-mistakes"),
    "permissions": Defaults("permissions", _PERMISSIONS, "best-practices.html", "principal"),
    "breadth": Defaults("permissions", _PERMISSIONS, "best-practices.html", "principal", "least-privilege"),
    "trust": Defaults("trust", _TRUST, _TRUST_GUIDE, "trust"),
    "role_access": Defaults("trust", _TRUST, _TRUST_GUIDE, "trust"),
    "escalation_paths": Defaults("escalation", _PERMISSIONS, "best-practices.html", "path"),
    "identity_providers": Defaults(
        "inventory", "IAM > Identity providers > PROVIDER", "id_roles_providers.html"
    ),
    "instance_profiles": Defaults(
        "inventory",
        "IAM > Roles > ROLE, instance profile ARN",
        "id_roles_use_switch-role-ec2_instance-profiles.html",
    ),
    "server_certificates": Defaults(
        "inventory",
        "not in the console",
        "id_credentials_server-certs.html",
        practice="server-certificates",
    ),
    "account_facts": Defaults("inventory", "IAM > Dashboard", "best-practices.html"),
    "sources": Defaults("evidence", "not in the console", "security-iam-awsmanpol.html", practice="evidence"),
}
