"""What principals may do in effect, whatever their policies are called."""

import pandas as pd

from iamaudit.checks.catalogue import EXPOSED, Frame, Mask, check
from iamaudit.settings import Settings

_READERS = r"(?i)audit|read.?only|viewer|view.?only|scanner|monitor"
_CURE = "give it what it uses: `aws iam generate-service-last-accessed-details --arn {principal}` shows that"


@check(
    "administrator-few",
    "The account has at most {max_administrators} administrators",
    severity="high",
    area="permissions",
    population="account",
    message="the account has {administrators} administrators: {names}",
    remediation="take the administrator's permissions from those who do not need them: "
    "`aws iam generate-service-last-accessed-details --arn ARN` shows what each of them uses",
    blind_spot="The test does not count root, nor those who become an administrator through a role that they "
    "may assume.",
    console="IAM > Users or Roles > NAME > Permissions",
)
def administrator_few(account: Frame, breadth: Frame, settings: Settings) -> Frame:
    """Count the users and roles whose effective permissions surely include every action that changes IAM.

    These are the rows of `breadth` with `administrator == 'yes'`. The account is an exception when there are
    more than {max_administrators}.
    """
    names = breadth.principal_name[breadth.administrator == "yes"]
    is_over = len(names) > settings.max_administrators
    return account.assign(administrators=len(names), names=", ".join(names))[[is_over] * len(account)]


@check(
    "administrator-user",
    "No user is an administrator",
    severity="high",
    area="permissions",
    population="breadth",
    where="principal_type == 'user'",
    message="{principal_name} is an administrator with long-term credentials",
    remediation="give the person a role with MFA; " + _CURE,
    blind_spot="Who becomes administrator by way of a role.",
)
def administrator_user(breadth: Frame) -> Mask:
    """An exception may do all that changes IAM on every resource, in any case or under some condition.

    Of whoever holds a policy that was not collected, and is none by the others, nobody knows.
    """
    return is_administrator(breadth)


def is_administrator(breadth: Frame) -> Mask:
    """Return who is an administrator, surely or under a condition; a policy that nobody has may make one."""
    found = (breadth.administrator != "no").astype("boolean")
    return found.mask(~found & ~breadth.is_complete)


@check(
    "administrator-mfa",
    "Administrators who have a console password have MFA",
    severity="critical",
    area="permissions",
    exposure=EXPOSED,
    population="breadth",
    where="principal_type == 'user' and (administrator != 'no' or not is_complete) and has_password",
    sources=("credential_report", "authorization_details"),
    message="{principal_name} is an administrator, has a console password and no MFA",
    remediation="assign an MFA device today; until then "
    "`aws iam delete-login-profile --user-name {principal_name}`",
    blind_spot="The test does not see administrators who sign in through an identity provider.",
    console="IAM > Users > USER > Security credentials",
    documentation="id_credentials_mfa.html",
)
def administrator_mfa(breadth: Frame) -> Mask:
    """An exception is such a user for whom the credential report says `mfa_active` false.

    An administrator is a user whose effective permissions include every action that changes IAM, surely or
    under a condition. Whoever holds a policy that was not collected may be one: without MFA nobody knows.
    """
    return is_administrator(breadth) & ~breadth.mfa_active


def _holds(frame: Frame, attachments: Frame, policy: str) -> Mask:
    is_held = attachments.policy.str.endswith(f":iam::aws:policy/{policy}") & (attachments.how == "direct")
    held = attachments[is_held]
    return frame.arn.isin(held.principal)


@check(
    "administrator-policy-user",
    "AdministratorAccess is attached to no user",
    severity="critical",
    area="permissions",
    population="users",
    where="not is_root and not is_gone",
    sources=("authorization_details",),
    message="AdministratorAccess is attached to {name}",
    remediation="`aws iam detach-user-policy --user-name {name} --policy-arn "
    "arn:aws:iam::aws:policy/AdministratorAccess`, once a role takes its place",
    blind_spot="Policies of the account that allow the same.",
)
def administrator_policy_user(users: Frame, attachments: Frame) -> Mask:
    """An exception holds the AWS managed policy directly."""
    return _holds(users, attachments, "AdministratorAccess")


@check(
    "administrator-policy-group",
    "AdministratorAccess is attached to no group",
    severity="high",
    area="permissions",
    population="groups",
    message="AdministratorAccess is attached to the group {name} with {member_count} members",
    remediation="`aws iam detach-group-policy --group-name {name} --policy-arn "
    "arn:aws:iam::aws:policy/AdministratorAccess`, once a role takes its place",
    blind_spot="Policies of the account that allow the same.",
)
def administrator_policy_group(groups: Frame, attachments: Frame) -> Mask:
    """An exception holds the AWS managed policy directly."""
    return _holds(groups, attachments, "AdministratorAccess")


@check(
    "administrator-policy-role",
    "AdministratorAccess is attached to no role",
    severity="high",
    area="permissions",
    population="roles",
    where="not is_service_linked",
    message="AdministratorAccess is attached to {name}",
    remediation="`aws iam detach-role-policy --role-name {name} --policy-arn "
    "arn:aws:iam::aws:policy/AdministratorAccess`, but for one break-glass role",
    blind_spot="Policies of the account that allow the same.",
)
def administrator_policy_role(roles: Frame, attachments: Frame) -> Mask:
    """An exception holds the AWS managed policy directly."""
    return _holds(roles, attachments, "AdministratorAccess")


@check(
    "cloudshell-full-access",
    "AWSCloudShellFullAccess is attached to nobody",
    severity="medium",
    area="permissions",
    population="policies",
    where="is_aws_managed and name == 'AWSCloudShellFullAccess'",
    message="AWSCloudShellFullAccess is attached {attachment_count} times: files leave through it",
    remediation="detach it; a policy without cloudshell:GetFileDownloadUrls and GetFileUploadUrls is enough",
    blind_spot="The test does not see other policies that allow the same.",
)
def cloudshell_full_access(policies: Frame) -> Mask:
    """AWS lists a managed policy in the details only while something holds it."""
    return policies.attachment_count > 0


def _holds_aws(breadth: Frame, attachments: Frame, *policies: str) -> Mask:
    """Return who holds one of these AWS managed policies, directly or through a group."""
    held = attachments.policy.str.contains(":iam::aws:policy/") & attachments.policy.str.endswith(policies)
    return breadth.principal.isin(attachments.principal[held & (attachments.how != "boundary")])


@check(
    "reader-data",
    "No auditor or scanner may read data",
    severity="medium",
    area="permissions",
    population="breadth",
    message="{principal_name} is meant to read settings and may read data: {reads_data}",
    remediation="use SecurityAudit or ViewOnlyAccess in place of ReadOnlyAccess and of wildcards in `Get*`",
    blind_spot="The test does not see auditors whose name and policies do not say so.",
)
def reader_data(breadth: Frame, attachments: Frame) -> Mask:
    """An exception is meant to see settings and may read contents, after every layer.

    Meant to see settings are principals whose name says audit, scanner, monitor, viewer, view-only or
    read-only, and who hold SecurityAudit or ViewOnlyAccess. Contents are the actions in `reads_data`, as
    `s3:GetObject` and `secretsmanager:GetSecretValue`, possible on any resource.
    """
    meant = breadth.principal_name.str.contains(_READERS)
    meant |= _holds_aws(breadth, attachments, "/SecurityAudit", "/ViewOnlyAccess")
    return meant & (breadth.reads_data.str.len() > 0)


@check(
    "reader-writes",
    "No principal that is meant to read may change anything",
    severity="high",
    area="permissions",
    population="breadth",
    message="{principal_name} is meant to read and may do {write} actions of Write and "
    "{permissions_management} of Permissions management",
    remediation=_CURE,
    blind_spot="The test does not see readers whose name and policies do not say so. Tagging is not counted.",
)
def reader_writes(breadth: Frame, attachments: Frame) -> Mask:
    """An exception is meant to read and may do an action of Write or Permissions management.

    Meant to read are principals whose name says audit, scanner, monitor, viewer, view-only or read-only, and
    who hold ReadOnlyAccess, SecurityAudit or ViewOnlyAccess. The levels are AWS's, corrected by
    `access_levels.toml`. ReadOnlyAccess has one Write action of its own, `s3express:CreateSession` for
    sessions that only read; it is allowed to its holders.
    """
    everything = _holds_aws(breadth, attachments, "/ReadOnlyAccess")
    meant = breadth.principal_name.str.contains(_READERS) | everything
    meant |= _holds_aws(breadth, attachments, "/SecurityAudit", "/ViewOnlyAccess")
    changes = (breadth.write > everything.astype("int64")) | (breadth.permissions_management > 0)
    return meant & changes


@check(
    "identity-boundary",
    "Principals that may make identities have a permissions boundary",
    severity="medium",
    area="permissions",
    population="breadth",
    where="manages_identities and administrator == 'no'",
    message="{principal_name} may make or widen identities and has no permissions boundary",
    remediation="set a boundary, and ask in its policy that what it makes has one: "
    "condition iam:PermissionsBoundary",
    blind_spot="The test does not see conditions on `iam:PermissionsBoundary` in the principal's policies.",
    console="IAM > Users > USER > Permissions boundary",
    documentation="access_policies_boundaries.html",
)
def identity_boundary(breadth: Frame, attachments: Frame) -> Mask:
    """An exception may create users or roles or write their policies, and has no permissions boundary.

    The population are principals that are no administrators and may do one of `iam:CreateUser`, `CreateRole`,
    `Put*Policy`, `Attach*Policy`, `CreatePolicyVersion` and `SetDefaultPolicyVersion` of users and roles.
    """
    return ~breadth.principal.isin(attachments.principal[attachments.how == "boundary"])


@check(
    "breadth-outlier",
    "No principal may do more than {outlier_factor} times as much as its peers",
    severity="medium",
    area="permissions",
    population="breadth",
    message="{principal_name} may do {actions_possible} actions, its peers {peer_median}",
    remediation=_CURE,
    blind_spot="The test does not judge principals with fewer than four peers of their kind and path.",
)
def breadth_outlier(breadth: Frame, settings: Settings) -> Frame:
    """An exception may do more than {outlier_factor} times the median number of actions of its peers.

    The number is `actions_possible`. Peers are the users, or the roles, of one path, where there are at least
    five.
    """
    path = breadth.principal.str.replace(r"^.*?:(?:user|role)(/.*?)[^/]*$", r"\1", regex=True)
    peers = breadth.groupby([breadth.principal_type, path]).actions_possible
    median, count = peers.transform("median"), peers.transform("size")
    found = (count >= 5) & (median > 0) & (breadth.actions_possible > settings.outlier_factor * median)
    return breadth[found].assign(peer_median=median[found].astype("Int64"))


@check(
    "access-incomplete",
    "Every policy that somebody holds was collected",
    severity="medium",
    area="evidence",
    population="breadth",
    message="a policy or group of {principal_name} was not collected: what it may do is not known",
    remediation="collect again with iam:GetPolicy and iam:GetPolicyVersion",
    blind_spot="The test does not see policies of resources and of the organization.",
)
def access_incomplete(breadth: Frame) -> Mask:
    """An exception holds a policy, or is in a group, whose content is not in `authorization_details.json`.

    `is_complete` of the frame `breadth` is false: what such a policy allows or denies is not known.
    """
    return pd.Series(~breadth.is_complete, index=breadth.index)
