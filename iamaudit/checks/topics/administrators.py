"""How many principals are administrators, how they sign in, and who holds AdministratorAccess."""

from iamaudit.checks.catalogue import EXPOSED, Frame, Mask, check
from iamaudit.checks.topics.later import LATER_LOGIN
from iamaudit.settings import Settings

_CURE = (
    "find out what it uses: `aws iam generate-service-last-accessed-details --arn {principal}`, then "
    "`aws iam get-service-last-accessed-details --job-id JOB`; replace its policies by one that allows only "
    "that"
)


@check(
    "administrator-few",
    "The account has at most {max_administrators} administrators",
    severity="high",
    area="permissions",
    population="account_facts",
    cause="practice",
    practice="administrators",
    message="the account has {administrators} {administrators:administrator|administrators}: {names}",
    remediation="find out what each of them uses: `aws iam generate-service-last-accessed-details --arn "
    "ARN`, then `aws iam get-service-last-accessed-details --job-id JOB`; replace the policies of those who "
    "do not need administrator permissions",
    blind_spot="The test does not count root, or principals that become an administrator through a role that "
    "they may assume.",
    console="IAM > Users or Roles > NAME > Permissions",
)
def administrator_few(account: Frame, breadth: Frame, settings: Settings) -> tuple[Frame, list[bool]]:
    """An exception is an account in which more than {max_administrators} users and roles are administrators.

    An administrator has effective permissions that surely include every action that changes resources of
    IAM: it is a row of `breadth` with `administrator == 'yes'`. The account is not evaluated when the number
    would be higher than {max_administrators} together with the principals of which a policy was not
    collected (`is_complete` is false).
    """
    sure = breadth.administrator == "yes"
    names = breadth.principal_name[sure]
    is_over = len(names) > settings.max_administrators
    may_be_over = int((sure | ~breadth.is_complete).sum()) > settings.max_administrators
    places = "; ".join(breadth.evidence[sure])
    found = account.assign(administrators=len(names), names=", ".join(names), evidence=places)
    found = found[[is_over] * len(account)]
    return found, [may_be_over and not is_over] * len(account)


@check(
    "administrator-user",
    "Administrators are roles, not users",
    severity="high",
    area="permissions",
    population="breadth",
    cause="principal",
    practice="administrators",
    where="principal_type == 'user'",
    message="{principal_name} is an IAM user with administrator access",
    remediation="give the person a role that requires MFA; then " + _CURE,
    blind_spot="The test does not see users who become an administrator through a role or another user.",
)
def administrator_user(breadth: Frame) -> Mask:
    """An exception is a user whose effective permissions include every action that changes resources of IAM.

    The column `administrator` of the frame `breadth` says `yes`, or `perhaps` where a condition limits
    it. A user is not evaluated when one of its policies was not collected and the others make no
    administrator of it.
    """
    return is_administrator(breadth)


def is_administrator(breadth: Frame) -> Mask:
    """Return who is an administrator, surely or under a condition; unknown where a policy is missing."""
    found = (breadth.administrator != "no").astype("boolean")
    return found.mask(~found & ~breadth.is_complete)


@check(
    "administrator-mfa",
    "Administrators with a console password have MFA",
    severity="critical",
    area="permissions",
    exposure=EXPOSED,
    population="breadth",
    cause="credential",
    practice="no-mfa",
    where="principal_type == 'user' and (administrator != 'no' or not is_complete) and has_password",
    sources=("credential_report", "authorization_details"),
    message="{principal_name} is an administrator, has a console password and no MFA",
    terms=LATER_LOGIN,
    remediation="the user registers an MFA device under Security credentials today; if that is not possible, "
    "remove the password: `aws iam delete-login-profile --user-name {principal_name}`",
    blind_spot="The test does not see administrators who sign in through an identity provider.",
    console="IAM > Users > USER > Security credentials",
    documentation="id_credentials_mfa.html",
)
def administrator_mfa(breadth: Frame) -> tuple[Frame, Mask]:
    """An exception is an administrator with `password_enabled` true and `mfa_active` false.

    An administrator is a user whose effective permissions include every action that changes resources of
    IAM, surely or under a condition. A user without MFA is not evaluated when one of its policies was not
    collected and the others make no administrator of it.
    """
    answer = is_administrator(breadth) & ~breadth.mfa_active
    places = breadth.evidence + "; credential_report.csv user = " + breadth.principal_name
    return breadth.assign(evidence=places)[answer.fillna(value=False)], answer.isna()


def _holds(frame: Frame, attachments: Frame, policy: str) -> Mask:
    is_held = attachments.policy.str.endswith(f":iam::aws:policy/{policy}") & (attachments.how == "direct")
    held = attachments[is_held]
    return frame.arn.isin(held.principal)


@check(
    "administrator-policy-user",
    "Users work without AdministratorAccess",
    severity="critical",
    area="permissions",
    population="users",
    cause="practice",
    practice="administrators",
    where="not is_root and not is_gone",
    sources=("authorization_details",),
    message="AdministratorAccess is attached to {name}",
    remediation="give the user a role or a group for the task; then `aws iam detach-user-policy --user-name "
    "{name} --policy-arn arn:aws:iam::aws:policy/AdministratorAccess`",
    blind_spot="The test does not see other policies that allow the same: `policy-all-actions` does.",
)
def administrator_policy_user(users: Frame, attachments: Frame) -> Mask:
    """An exception is a user whose `AttachedManagedPolicies` name the AWS managed policy."""
    return _holds(users, attachments, "AdministratorAccess")


@check(
    "administrator-policy-group",
    "Groups work without AdministratorAccess",
    severity="high",
    area="permissions",
    population="groups",
    cause="practice",
    practice="administrators",
    message="AdministratorAccess is attached to the group {name} with {member_count} "
    "{member_count:member|members}",
    remediation="give the members a role that requires MFA; then `aws iam detach-group-policy --group-name "
    "{name} --policy-arn arn:aws:iam::aws:policy/AdministratorAccess`",
    blind_spot="The test does not see other policies that allow the same: `policy-all-actions` does.",
)
def administrator_policy_group(groups: Frame, attachments: Frame) -> Mask:
    """An exception is a group whose `AttachedManagedPolicies` name the AWS managed policy."""
    return _holds(groups, attachments, "AdministratorAccess")


@check(
    "administrator-policy-role",
    "Roles work without AdministratorAccess",
    severity="high",
    area="permissions",
    population="roles",
    cause="practice",
    practice="administrators",
    where="not is_service_linked",
    message="AdministratorAccess is attached to {name}",
    remediation="attach a policy with the actions that the role uses; then `aws iam detach-role-policy "
    "--role-name {name} --policy-arn arn:aws:iam::aws:policy/AdministratorAccess`; keep it for one "
    "break-glass role and accept that by a waiver",
    blind_spot="The test does not see other policies that allow the same: `policy-all-actions` does.",
)
def administrator_policy_role(roles: Frame, attachments: Frame) -> Mask:
    """An exception is a role whose `AttachedManagedPolicies` name the AWS managed policy."""
    return _holds(roles, attachments, "AdministratorAccess")
