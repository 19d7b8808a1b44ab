"""Whether principals may do what they are there for, and no more: readers, boundaries, outliers."""

import pandas as pd

from iamaudit.checks.catalogue import Frame, Mask, check
from iamaudit.settings import Settings

_READERS = r"(?i)audit|read.?only|viewer|view.?only|scanner|monitor"
_CURE = (
    "find out what it uses: `aws iam generate-service-last-accessed-details --arn {principal}`, then "
    "`aws iam get-service-last-accessed-details --job-id JOB`; replace its policies by one that allows only "
    "that"
)


@check(
    "cloudshell-full-access",
    "AWSCloudShellFullAccess is not in use",
    severity="medium",
    area="permissions",
    population="policies",
    cause="practice",
    practice="least-privilege",
    where="is_aws_managed",
    message="AWSCloudShellFullAccess is attached to {attachment_count} "
    "{attachment_count:principal|principals}: it lets them download files from the console",
    remediation="attach a policy without `cloudshell:GetFileDownloadUrls` and "
    "`cloudshell:GetFileUploadUrls`; then detach AWSCloudShellFullAccess",
    blind_spot="The test does not see other policies that allow the same actions.",
)
def cloudshell_full_access(policies: Frame) -> Mask:
    """An exception is the AWS managed policy of this name if a user, group or role has it attached.

    `AttachedManagedPolicies` of the user, group or role name it. The population is every AWS managed policy
    in use: authorization details list one only while it is attached or used as a boundary.
    """
    return policies.name.eq("AWSCloudShellFullAccess") & (policies.attachment_count > 0)


def _holds_aws(breadth: Frame, attachments: Frame, *policies: str) -> Mask:
    """Return who holds one of these AWS managed policies, directly or through a group."""
    held = attachments.policy.str.contains(":iam::aws:policy/") & attachments.policy.str.endswith(policies)
    return breadth.principal.isin(attachments.principal[held & (attachments.how != "boundary")].unique())


@check(
    "reader-data",
    "Auditors and scanners read settings, not data",
    severity="medium",
    area="permissions",
    population="breadth",
    message="{principal_name} is meant to read settings and may read data: {reads_data}",
    remediation="replace ReadOnlyAccess, and wildcards such as `Get*`, by SecurityAudit or ViewOnlyAccess",
    blind_spot="The test does not recognize auditors whose name and policies do not say so.",
)
def reader_data(breadth: Frame, attachments: Frame) -> Mask:
    """An exception is an auditor or scanner that may effectively read data on any resource.

    A principal counts as auditor or scanner when its name contains audit, scanner, monitor, viewer, view-only
    or read-only, or when it holds SecurityAudit or ViewOnlyAccess. It may read data when `reads_data` of the
    frame `breadth` names an action, such as `s3:GetObject` or `secretsmanager:GetSecretValue`.
    """
    meant = breadth.principal_name.str.contains(_READERS)
    meant |= _holds_aws(breadth, attachments, "/SecurityAudit", "/ViewOnlyAccess")
    return meant & (breadth.reads_data.str.len() > 0)


@check(
    "reader-writes",
    "Read-only principals cannot change anything",
    severity="high",
    area="permissions",
    population="breadth",
    message="{principal_name} is meant to be read-only and may use {write} {write:action|actions} of the "
    "level Write and {permissions_management} of Permissions management",
    remediation=_CURE,
    blind_spot="The test does not recognize readers whose name and policies do not say so. The test does not "
    "count actions that only change tags.",
)
def reader_writes(breadth: Frame, attachments: Frame) -> Mask:
    """An exception is a read-only principal with an effective action of Write or Permissions management.

    A principal counts as read-only when its name contains audit, scanner, monitor, viewer, view-only or
    read-only, or when it holds ReadOnlyAccess, SecurityAudit or ViewOnlyAccess. `write` or
    `permissions_management` of the frame `breadth` is 1 or more. The levels are AWS's, corrected by
    `access_levels.toml`. For holders of ReadOnlyAccess one Write action is left out, since that policy
    allows `s3express:CreateSession` for sessions that only read.
    """
    everything = _holds_aws(breadth, attachments, "/ReadOnlyAccess")
    meant = breadth.principal_name.str.contains(_READERS) | everything
    meant |= _holds_aws(breadth, attachments, "/SecurityAudit", "/ViewOnlyAccess")
    changes = (breadth.write > everything.astype("int64")) | (breadth.permissions_management > 0)
    return meant & changes


@check(
    "identity-boundary",
    "Principals that may create identities have a permissions boundary",
    severity="medium",
    area="permissions",
    population="breadth",
    cause="path",
    where="manages_identities and administrator == 'no'",
    message="{principal_name} may create identities or widen their permissions, and has no permissions "
    "boundary",
    remediation="write a boundary that requires the same boundary for every identity that is created, by the "
    "condition `iam:PermissionsBoundary`; allow in it all else that the principal uses, because what a "
    "boundary leaves out is denied at once; then set it: `aws iam put-user-permissions-boundary --user-name "
    "NAME --permissions-boundary ARN` or `aws iam put-role-permissions-boundary --role-name NAME "
    "--permissions-boundary ARN`",
    blind_spot="The test does not see conditions on `iam:PermissionsBoundary` in the principal's policies.",
    console="IAM > Users > USER > Permissions boundary",
    documentation="access_policies_boundaries.html",
)
def identity_boundary(breadth: Frame, attachments: Frame) -> Mask:
    """An exception is a principal without `PermissionsBoundary` in the authorization details.

    The population is the principals below administrator that may effectively use one of `iam:CreateUser`,
    `CreateRole`, `Put*Policy`, `Attach*Policy`, `CreatePolicyVersion` and `SetDefaultPolicyVersion`.
    """
    return ~breadth.principal.isin(attachments.principal[attachments.how == "boundary"].unique())


@check(
    "breadth-outlier",
    "Principals have at most {outlier_factor} times the permissions of their peers",
    severity="medium",
    area="permissions",
    population="breadth",
    message="{principal_name} may use {actions_possible} {actions_possible:action|actions}; the median of "
    "its peers is {peer_median}",
    remediation=_CURE,
    blind_spot="The test does not judge users or roles of an IAM path that has fewer than five.",
)
def breadth_outlier(breadth: Frame, settings: Settings) -> Frame:
    """An exception is a principal with over {outlier_factor} times the median number of actions of its peers.

    The number is `actions_possible` of the frame `breadth`. Peers are the users, or the roles, with the same
    IAM path, the principal itself included. A set of fewer than five is not tested.
    """
    path = breadth.principal.str.replace(r"^.*?:(?:user|role)(/.*?)[^/]*$", r"\1", regex=True)
    peers = breadth.groupby([breadth.principal_type, path]).actions_possible
    median, count = peers.transform("median"), peers.transform("size")
    found = (count >= 5) & (median > 0) & (breadth.actions_possible > settings.outlier_factor * median)
    return breadth[found].assign(peer_median=median[found].astype("Int64"))


@check(
    "access-incomplete",
    "Every policy that a principal holds was collected",
    severity="medium",
    area="evidence",
    population="breadth",
    cause="practice",
    practice="evidence",
    message="a policy or group of {principal_name} was not collected, so its permissions are not known",
    remediation="allow the collecting role `iam:GetPolicy` and `iam:GetPolicyVersion`, and collect again",
    blind_spot="The test does not tell whether resource-based policies and policies of the organization were "
    "collected.",
)
def access_incomplete(breadth: Frame) -> Mask:
    """An exception is a principal with a policy or group that is not in `authorization_details.json`.

    Its row of the frame `breadth` has `is_complete` false.
    """
    return pd.Series(~breadth.is_complete, index=breadth.index)
