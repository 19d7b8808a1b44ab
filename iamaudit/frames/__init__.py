"""Snapshot in, DataFrames out: a projection with declared columns that decides nothing."""

from iamaudit.frames.account import account_frame, sources_frame
from iamaudit.frames.columns import COLUMNS, SOURCES_OF, build_frame, empty_frame
from iamaudit.frames.credentials import ReportRow, access_keys_frame, read_credential_report
from iamaudit.frames.inventory import (
    identity_providers_frame,
    instance_profiles_frame,
    mfa_devices_frame,
    server_certificates_frame,
)
from iamaudit.frames.organization import Organization, read_organization
from iamaudit.frames.permissions import (
    PrincipalPermissions,
    administrator,
    breadth_frame,
    permission_sets_frame,
    permissions_frame,
    policy_grants,
    principal_permissions,
)
from iamaudit.frames.policies import (
    PolicyRecord,
    attachments_frame,
    policies_frame,
    read_policies,
    statements_frame,
)
from iamaudit.frames.principals import groups_frame, roles_frame, users_frame
from iamaudit.frames.problems import policy_problems_frame
from iamaudit.frames.trust import trust_frame

__all__ = [
    "COLUMNS",
    "SOURCES_OF",
    "Organization",
    "PolicyRecord",
    "PrincipalPermissions",
    "ReportRow",
    "access_keys_frame",
    "account_frame",
    "administrator",
    "attachments_frame",
    "breadth_frame",
    "build_frame",
    "empty_frame",
    "groups_frame",
    "identity_providers_frame",
    "instance_profiles_frame",
    "mfa_devices_frame",
    "permission_sets_frame",
    "permissions_frame",
    "policies_frame",
    "policy_grants",
    "policy_problems_frame",
    "principal_permissions",
    "read_credential_report",
    "read_organization",
    "read_policies",
    "roles_frame",
    "server_certificates_frame",
    "sources_frame",
    "statements_frame",
    "trust_frame",
    "users_frame",
]
