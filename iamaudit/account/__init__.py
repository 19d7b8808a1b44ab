"""The account: everything that a snapshot knows of it as values, read once, and questions to them.

It is the one place that walks AWS's JSON. A snapshot knows identity policies, groups, boundaries and the
trust policies of roles, and the SCPs and RCPs if somebody handed them over. It does not know the policies of
other resources, session policies, nor the context of a request beyond the caller: a verdict here is about
what it knows, and *depends* wherever a condition needs more.
"""

from iamaudit.account.account import Account
from iamaudit.account.actors import (
    Actor,
    Attachment,
    Group,
    Role,
    User,
    find_actor,
    is_break_glass,
    parse_context,
)
from iamaudit.account.administrators import changes_identities
from iamaudit.account.analyzers import AccessAnalyzer, Analyzer, AnalyzerFinding
from iamaudit.account.changes import Change, Separator
from iamaudit.account.explained import Answer, Permitted, Reach
from iamaudit.account.held import hold_account, read_account
from iamaudit.account.last_accessed import TRACKED_DAYS, LastAccessed, LastUse, ServiceUse, actions_since
from iamaudit.account.on_every_resource import best_on_every_resource, on_every_resource
from iamaudit.account.one_action import AboutAction, MayDo, statements_about, who_may
from iamaudit.account.organization_levels import Organization
from iamaudit.account.other_sources import (
    AccountSummary,
    IdentityProvider,
    InstanceProfile,
    ListedKey,
    MfaDevice,
    PasswordPolicy,
    ServerCertificate,
)
from iamaudit.account.permission_use import PermissionUse, permission_use
from iamaudit.account.principal_keys import OF_TEMPORARY, carried_keys, lacked_keys, may_carry, time_keys
from iamaudit.account.principal_permissions import PrincipalPermissions, known_of, permissions_of
from iamaudit.account.proposal_words import policy_words, proposal_lines, proposal_rows, proposal_summary
from iamaudit.account.report_rows import ROOT_NAME, ReportKey, ReportRow
from iamaudit.account.right_sizing import (
    MAX_MANAGED_SIZE,
    Compared,
    NarrowedPolicy,
    Period,
    RightSized,
    compare_use,
    right_size,
)
from iamaudit.account.stored_policy import Policy
from iamaudit.account.trusted import Trusted
from iamaudit.account.user_credentials import UserCredential

__all__ = [
    "MAX_MANAGED_SIZE",
    "OF_TEMPORARY",
    "ROOT_NAME",
    "TRACKED_DAYS",
    "AboutAction",
    "AccessAnalyzer",
    "Account",
    "AccountSummary",
    "Actor",
    "Analyzer",
    "AnalyzerFinding",
    "Answer",
    "Attachment",
    "Change",
    "Compared",
    "Group",
    "IdentityProvider",
    "InstanceProfile",
    "LastAccessed",
    "LastUse",
    "ListedKey",
    "MayDo",
    "MfaDevice",
    "NarrowedPolicy",
    "Organization",
    "PasswordPolicy",
    "Period",
    "PermissionUse",
    "Permitted",
    "Policy",
    "PrincipalPermissions",
    "Reach",
    "ReportKey",
    "ReportRow",
    "RightSized",
    "Role",
    "Separator",
    "ServerCertificate",
    "ServiceUse",
    "Trusted",
    "User",
    "UserCredential",
    "actions_since",
    "best_on_every_resource",
    "carried_keys",
    "changes_identities",
    "compare_use",
    "find_actor",
    "hold_account",
    "is_break_glass",
    "known_of",
    "lacked_keys",
    "may_carry",
    "on_every_resource",
    "parse_context",
    "permission_use",
    "permissions_of",
    "policy_words",
    "proposal_lines",
    "proposal_rows",
    "proposal_summary",
    "read_account",
    "right_size",
    "statements_about",
    "time_keys",
    "who_may",
]
