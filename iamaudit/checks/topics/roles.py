"""Roles: used or not, tagged, and the few that every account should have."""

from typing import Any

from iamaudit.checks.catalogue import Frame, Mask, check
from iamaudit.settings import Settings

_OWN = "not is_service_linked"


@check(
    "role-idle",
    "Roles unused for {max_role_idle_days} days are removed",
    severity="medium",
    area="roles",
    population="roles",
    where=_OWN,
    message="{name} has not been used for {days_idle} days",
    remediation="look at what may assume it; take its policies away first, delete it a quiet month later: "
    "`aws iam delete-role --role-name {name}`",
    blind_spot="Use more than 400 days ago looks like none; break-glass roles are idle by design.",
    console="IAM > Roles, column Last activity",
    documentation="access_policies_last-accessed.html",
)
def role_idle(roles: Frame, settings: Settings) -> Mask:
    """Idle since the last use; a role that was never used is idle since it was made."""
    return roles.days_idle >= settings.max_role_idle_days


@check(
    "role-never-used",
    "Every role has been used",
    severity="low",
    area="roles",
    population="roles",
    where=_OWN,
    message="{name} was made {days_idle} days ago and never used",
    remediation="`aws iam delete-role --role-name {name}` once nobody misses it",
    blind_spot="Use more than 400 days ago looks like none.",
    console="IAM > Roles, column Last activity",
    documentation="access_policies_last-accessed.html",
)
def role_never_used(roles: Frame, settings: Settings) -> Mask:
    """An exception is a role over {new_key_grace_days} days old that AWS has never seen used."""
    return roles.last_used_at.isna() & (roles.days_idle > settings.new_key_grace_days)


@check(
    "role-tagged",
    "Every role is tagged",
    severity="low",
    area="roles",
    population="roles",
    where=_OWN,
    message="{name} has no tag: nobody knows whose it is",
    remediation="`aws iam tag-role --role-name {name} --tags Key=owner,Value=OWNER`",
    blind_spot="Whether the tags are true.",
)
def role_tagged(roles: Frame) -> Mask:
    """An exception is a role without any tag."""
    return roles.tags.isna()


@check(
    "role-inline-policy",
    "No role has an inline policy",
    severity="low",
    area="roles",
    population="roles",
    where=_OWN,
    message="{name} has an inline policy",
    remediation="make it a managed policy; `aws iam delete-role-policy --role-name {name} "
    "--policy-name POLICY`",
    blind_spot="What the policy allows.",
)
def role_inline_policy(roles: Frame, attachments: Frame) -> Mask:
    """An inline policy is in no list of policies and has no versions."""
    return roles.arn.isin(attachments.principal[attachments.how == "inline"])


@check(
    "role-without-policy",
    "Every role has a policy",
    severity="low",
    area="roles",
    population="roles",
    where=_OWN,
    message="{name} has no policy",
    remediation="`aws iam delete-role --role-name {name}` if nothing names it in a resource policy",
    blind_spot="Roles that resource policies give permissions to.",
)
def role_without_policy(roles: Frame, attachments: Frame) -> Mask:
    """A role without a policy is an identity that waits for permissions."""
    return ~roles.arn.isin(attachments.principal[attachments.how != "boundary"])


def _role_with(policy: str) -> Any:
    """Return a function that says whether no role of the account holds an AWS managed policy."""

    def missing(account: Frame, attachments: Frame) -> Mask:
        held = attachments[(attachments.principal_type == "role") & attachments.policy.str.endswith(policy)]
        return (account.account_id != "") & (len(held) == 0)

    return missing


@check(
    "support-role",
    "A role for AWS Support exists",
    severity="low",
    area="roles",
    population="account",
    message="no role has the policy AWSSupportAccess",
    remediation="a role for incident handlers: `aws iam attach-role-policy --role-name ROLE --policy-arn "
    "arn:aws:iam::aws:policy/AWSSupportAccess`",
    blind_spot="Permission sets that were not assigned in this account.",
    console="IAM > Roles > ROLE > Permissions",
    documentation="https://docs.aws.amazon.com/awssupport/latest/user/",
)
def support_role(account: Frame, attachments: Frame) -> Mask:
    """An exception is an account in which no role has the AWS managed policy AWSSupportAccess."""
    mask: Mask = _role_with("policy/AWSSupportAccess")(account, attachments)
    return mask


@check(
    "audit-role",
    "A role for auditors exists",
    severity="low",
    area="roles",
    population="account",
    message="no role has the policy SecurityAudit",
    remediation="make a role for auditors: `aws iam attach-role-policy --role-name ROLE --policy-arn "
    "arn:aws:iam::aws:policy/SecurityAudit`",
    blind_spot="Roles with a policy of the account that says the same.",
)
def audit_role(account: Frame, attachments: Frame) -> Mask:
    """An exception is an account in which no role has the AWS managed policy SecurityAudit."""
    mask: Mask = _role_with("policy/SecurityAudit")(account, attachments)
    return mask
