"""Roles: used or not, tagged, and the few that every account should have."""

import pandas as pd

from iamaudit.checks.catalogue import Frame, Mask, check
from iamaudit.checks.topics.tags import untagged
from iamaudit.settings import Settings

_OWN = "not is_service_linked and sso_permission_set.isna()"
"""Roles that the account may change: neither service-linked ones nor those that IAM Identity Center made."""
_IDLE = "not is_break_glass"
_LAST_ACTIVITY = "IAM > Roles, column Last activity"
_LAST_USED = "access_policies_last-accessed.html"


@check(
    "role-idle",
    "Roles unused for {max_role_idle_days} days are removed",
    severity="medium",
    area="roles",
    population="roles",
    cause="practice",
    practice="unused",
    where=f"{_OWN} and {_IDLE}",
    message="{name} has not been used for {days_idle} days",
    remediation="ask the owner and those who may assume the role; block it in a way that can be undone: "
    "`aws iam attach-role-policy --role-name {name} --policy-arn "
    "arn:aws:iam::aws:policy/AWSDenyAll`; after a month without errors: remove its policies and instance "
    "profiles, then `aws iam delete-role --role-name {name}`",
    blind_spot="AWS keeps the last use of a role for 400 days. The test counts a role that was last used "
    "earlier as never used. It does not see whether a role is kept for an emergency, unless a tag or the "
    "parameter `break_glass` says so.",
    console=_LAST_ACTIVITY,
    documentation=_LAST_USED,
)
def role_idle(roles: Frame, settings: Settings) -> Mask:
    """An exception is a role idle for {max_role_idle_days} days or longer.

    A role is idle since `RoleLastUsed.LastUsedDate`; a role that was never used is idle since its creation.
    Service-linked roles, roles of IAM Identity Center (see `permission-set-idle`) and break-glass roles are
    left out.
    """
    return roles.days_idle >= settings.max_role_idle_days


@check(
    "permission-set-idle",
    "Permission sets unused in the account for {max_role_idle_days} days are unassigned",
    severity="low",
    area="roles",
    population="roles",
    practice="permission-sets",
    where=f"sso_permission_set.notna() and {_IDLE}",
    message="the permission set {sso_permission_set} has not been used in this account for {days_idle} days",
    remediation="in IAM Identity Center: remove the assignments of {sso_permission_set} to this account "
    "(`aws sso-admin delete-account-assignment`); Identity Center then deletes the role {name}",
    blind_spot="The test does not see to whom the permission set is assigned, nor its use in other accounts.",
    console="IAM Identity Center > AWS accounts > ACCOUNT > Permission sets",
    documentation="https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html",
)
def permission_set_idle(roles: Frame, settings: Settings) -> Mask:
    """An exception is a role `AWSReservedSSO_NAME_DIGITS` idle for {max_role_idle_days} days or longer.

    It is idle since `RoleLastUsed.LastUsedDate`, or since its creation when it was never used. NAME is the
    permission set.
    """
    return roles.days_idle >= settings.max_role_idle_days


@check(
    "role-never-used",
    "Roles are used within {new_role_grace_days} days of their creation",
    severity="low",
    area="roles",
    population="roles",
    cause="practice",
    practice="unused",
    where=f"{_OWN} and {_IDLE}",
    message="{name} was made {age_days} days ago and never used",
    remediation="ask the owner; block the role in a way that can be undone: "
    "`aws iam attach-role-policy --role-name {name} --policy-arn "
    "arn:aws:iam::aws:policy/AWSDenyAll`; after a month without errors: remove its policies and instance "
    "profiles, then `aws iam delete-role --role-name {name}`",
    blind_spot="AWS keeps the last use of a role for 400 days. The test counts a role that was last used "
    "earlier as never used.",
    console=_LAST_ACTIVITY,
    documentation=_LAST_USED,
)
def role_never_used(roles: Frame, settings: Settings) -> Mask:
    """An exception is a role without `RoleLastUsed.LastUsedDate`, {new_role_grace_days} or more days old."""
    return roles.last_used_at.isna() & (roles.age_days >= settings.new_role_grace_days)


@check(
    "role-tagged",
    "Every role has a tag",
    severity="informational",
    area="roles",
    population="roles",
    cause="practice",
    practice="tagging",
    where=_OWN,
    message="{name} has no tag that says whose it is",
    remediation="`aws iam tag-role --role-name {name} --tags Key=owner,Value=OWNER`",
    blind_spot="The test does not see whether the tags are correct.",
)
def role_tagged(roles: Frame) -> Mask:
    """An exception is a role without `Tags` in the authorization details, or only with `aws:` tags of AWS.

    Service-linked roles and roles of IAM Identity Center are left out, as AWS manages them.
    """
    return untagged(roles.tags)


@check(
    "role-inline-policy",
    "Roles have no inline policies",
    severity="informational",
    area="roles",
    population="roles",
    cause="practice",
    practice="direct-policies",
    where=_OWN,
    message="{name} has an inline policy",
    remediation="`aws iam create-policy --policy-name POLICY --policy-document file://policy.json` with the "
    "same document; `aws iam attach-role-policy --role-name {name} --policy-arn ARN`; then "
    "`aws iam delete-role-policy --role-name {name} --policy-name POLICY`",
    blind_spot="The test does not see what the policy allows.",
)
def role_inline_policy(roles: Frame, attachments: Frame) -> Mask:
    """An exception is a role with a `RolePolicyList` in the authorization details.

    Service-linked roles and roles of IAM Identity Center are left out: the account may not change them.
    """
    return roles.arn.isin(attachments.principal[attachments.how == "inline"].unique())


@check(
    "role-without-policy",
    "Every role has a policy",
    severity="informational",
    area="roles",
    population="roles",
    cause="practice",
    practice="unused",
    where=_OWN,
    message="{name} has no policy",
    remediation="search the resource-based policies of the account for the ARN of the role; if none names "
    "it: `aws iam delete-role --role-name {name}`",
    blind_spot="The test does not see permissions that a resource policy gives to the role.",
)
def role_without_policy(roles: Frame, attachments: Frame) -> Mask:
    """An exception is a role without `AttachedManagedPolicies` and without `RolePolicyList`.

    A permissions boundary grants nothing and is not a policy of the role.
    """
    return ~roles.arn.isin(attachments.principal[attachments.how != "boundary"].unique())


def _roles_with(policy: str, attachments: Frame) -> bool:
    """Say whether a role of the account holds an AWS managed policy."""
    is_held = attachments.policy.str.fullmatch(rf"arn:[\w-]+:iam::aws:policy/{policy}")
    return bool((is_held & (attachments.principal_type == "role") & (attachments.how == "direct")).any())


@check(
    "support-role",
    "A role for AWS Support exists",
    severity="informational",
    area="roles",
    population="account_facts",
    cause="practice",
    practice="service-roles",
    message="no role has the policy AWSSupportAccess",
    remediation="create a role that incident handlers may assume: `aws iam create-role --role-name ROLE "
    "--assume-role-policy-document file://trust.json`; then `aws iam attach-role-policy --role-name ROLE "
    "--policy-arn arn:aws:iam::aws:policy/AWSSupportAccess`",
    blind_spot="The test does not see permission sets of IAM Identity Center that are not assigned in this "
    "account.",
    console="IAM > Roles > ROLE > Permissions",
    documentation="https://docs.aws.amazon.com/awssupport/latest/user/",
)
def support_role(account: Frame, attachments: Frame) -> Mask:
    """An exception is an account in which no role has the AWS managed policy AWSSupportAccess attached."""
    return pd.Series(not _roles_with("AWSSupportAccess", attachments), index=account.index)


@check(
    "audit-role",
    "A role for auditors exists",
    severity="informational",
    area="roles",
    population="account_facts",
    cause="practice",
    practice="service-roles",
    message="no role has the policy SecurityAudit, and the principal that collected this evidence is not a "
    "role that only reads",
    remediation="create a role that auditors may assume: `aws iam create-role --role-name ROLE "
    "--assume-role-policy-document file://trust.json`; then `aws iam attach-role-policy --role-name ROLE "
    "--policy-arn arn:aws:iam::aws:policy/SecurityAudit`",
    blind_spot="The test does not recognize other roles for auditors: those that hold customer managed or "
    "inline policies and did not collect this evidence.",
    console="IAM > Roles > ROLE > Permissions",
)
def audit_role(account: Frame, attachments: Frame, breadth: Frame) -> Mask:
    """An exception is an account that has neither of two kinds of role.

    One has the AWS managed policy SecurityAudit attached. The other collected this evidence (`caller_arn` in
    the manifest), and its effective permissions have no Write and no Permissions management action.
    """
    caller = account.caller_arn.str.extract(r":assumed-role/([^/]+)/", expand=False)
    only_reads = (breadth.principal_type == "role") & (breadth.write + breadth.permissions_management == 0)
    is_auditor = caller.isin(breadth.principal_name[only_reads])
    return ~(is_auditor | _roles_with("SecurityAudit", attachments))
