"""Whom roles trust."""

from iamaudit.checks.catalogue import EXPOSED, Frame, Mask, check
from iamaudit.checks.topics.administrators import is_administrator
from iamaudit.checks.topics.later import LATER_LOGIN
from iamaudit.iam.actions import DATA_READS

_CURE = (
    "save the present one: `aws iam get-role --role-name {role_name}`; "
    "`aws iam update-assume-role-policy --role-name {role_name} --policy-document file://trust.json`"
)
_THIRD_PARTY_GUIDE = "id_roles_common-scenarios_third-party.html"


@check(
    "trust-anyone",
    "Every role names who may assume it",
    severity="critical",
    area="trust",
    exposure=EXPOSED,
    population="trust",
    decides=("Principal",),
    message="anybody may assume {role_name} (conditions: {conditions|none})",
    remediation="name the accounts, users, roles or services in the element Principal; " + _CURE,
    blind_spot="The test does not decide who can meet the condition. The message shows it.",
)
def trust_anyone(trust: Frame) -> Mask:
    """An exception is an Allow statement of a trust policy whose `Principal` is `*` or `{"AWS": "*"}`.

    A condition does not end the exception.
    """
    return trust.kind == "anyone"


@check(
    "trust-external-id",
    "Roles for other accounts require an external id, MFA or the organization",
    severity="high",
    area="trust",
    exposure=EXPOSED,
    population="trust",
    decides=("Principal", "Condition"),
    where="kind == 'external account'",
    message="{role_name} trusts account {account} without external id, MFA or organization",
    remediation="agree on an external id with the owner of the account, and test it in the condition "
    "`sts:ExternalId`; " + _CURE,
    blind_spot="The test does not know whether the account belongs to the organization, or whether the "
    "external id is hard to guess.",
    documentation=_THIRD_PARTY_GUIDE,
)
def trust_external_id(trust: Frame) -> Mask:
    """An exception is an Allow for another account whose conditions test none of these keys.

    They are `sts:ExternalId`, `aws:MultiFactorAuthPresent`, `aws:MultiFactorAuthAge`, `aws:PrincipalOrgID`
    and `aws:PrincipalOrgPaths`. A condition that a request without the key meets, or any value (`*`, `o-*`,
    MFA that may be `false`), tests nothing. Without one of the keys, another
    customer of a vendor who uses that account can make the vendor's software act here (confused deputy).
    """
    return ~(trust.has_external_id | trust.has_mfa | trust.has_organization)


@check(
    "trust-external-administrator",
    "Roles for other accounts stay below administrator",
    severity="critical",
    area="trust",
    exposure=EXPOSED,
    population="trust",
    decides=("Principal",),
    where="kind == 'external account'",
    message="account {account} may assume {role_name}, which is an administrator",
    remediation="replace the policies of the role by what the other account needs; until then narrow the "
    "trust policy: " + _CURE,
    blind_spot="The test does not follow the role to other principals: `escalation-outsider` does.",
    documentation=_THIRD_PARTY_GUIDE,
)
def trust_external_administrator(trust: Frame, breadth: Frame) -> Mask:
    """An exception is a role whose effective permissions include every action that changes resources of IAM.

    The column `administrator` of the frame `breadth` says `yes`, or `perhaps` where a condition limits
    it. A role is not evaluated when one of its policies was not collected and the others make no
    administrator of it.
    """
    return trust.role.map(is_administrator(breadth).set_axis(breadth.principal)).astype("boolean")


@check(
    "trust-external-read-all",
    "Roles for other accounts read named buckets and tables only",
    severity="high",
    area="trust",
    exposure=EXPOSED,
    population="trust",
    decides=("Principal",),
    where="kind == 'external account'",
    message="account {account} may assume {role_name}, which may read every object in S3 or every item in "
    "DynamoDB",
    remediation="replace ReadOnlyAccess by SecurityAudit or ViewOnlyAccess, or name the buckets and tables; "
    "until then narrow the trust policy: " + _CURE,
    blind_spot="The test does not see bucket policies and key policies, which may deny the access.",
    documentation=_THIRD_PARTY_GUIDE,
)
def trust_external_read_all(trust: Frame, breadth: Frame) -> Mask:
    """An exception is a role that may read every object in S3, or every item in DynamoDB.

    Deny statements, the permissions boundary and SCPs are taken into account. One of `s3:GetObject`,
    `dynamodb:GetItem`, `dynamodb:Query` and `dynamodb:Scan` is in `open_actions` or `open_conditional` of the
    frame `breadth`. A role is not evaluated when one of its policies was not collected and the others do not
    allow it.
    """
    everything = breadth.open_actions + breadth.open_conditional
    reads = everything.map(lambda names: any(name in DATA_READS for name in names)).astype("boolean")
    reads = reads.mask(~reads & ~breadth.is_complete)
    return trust.role.map(reads.set_axis(breadth.principal)).astype("boolean")


@check(
    "trust-external-write",
    "Roles for other accounts cannot manage permissions",
    severity="high",
    area="trust",
    exposure=EXPOSED,
    population="trust",
    decides=("Principal",),
    where="kind == 'external account'",
    message="account {account} may assume {role_name}, which may manage permissions",
    remediation="remove the actions of the access level Permissions management from its policies; until then "
    "narrow the trust policy: " + _CURE,
    blind_spot="The test does not count actions that change resources and manage no permissions. The column "
    "`write` of the frame `breadth` counts them.",
    documentation=_THIRD_PARTY_GUIDE,
)
def trust_external_write(trust: Frame, breadth: Frame) -> Mask:
    """An exception is a role with an effective action of the access level Permissions management.

    The column `permissions_management` of the frame `breadth` is 1 or more; it includes actions that a
    condition limits. The levels are AWS's, corrected by `access_levels.toml`.
    """
    return trust.role.isin(breadth.principal[breadth.permissions_management > 0])


@check(
    "trust-deleted",
    "Every principal that a trust policy names exists",
    severity="low",
    area="trust",
    population="trust",
    decides=("Principal",),
    cause="practice",
    practice="unused",
    message="{role_name} trusts {trusted}, the unique id of a deleted user or role",
    remediation="remove the id from the trust policy; " + _CURE,
    blind_spot="The test does not see principals of other accounts that were deleted and created again under "
    "the same name.",
)
def trust_deleted(trust: Frame) -> Mask:
    """An exception is a principal that is a unique id, such as `AIDA...` or `AROA...`, instead of an ARN.

    AWS replaces the ARN by the id when the user or role is deleted. The id matches nobody.
    """
    return trust.kind == "deleted"


@check(
    "trust-account",
    "Roles that trust this account name its users or roles",
    severity="low",
    area="trust",
    population="trust",
    decides=("Principal", "Condition"),
    cause="trust",
    practice="broad-trust",
    where="kind == 'same account' and not is_service_linked",
    message="{role_name} trusts the whole account: any user or role with sts:AssumeRole may assume it",
    remediation="name the users or roles in the element Principal; " + _CURE,
    blind_spot="The test does not see who has `sts:AssumeRole`. The frame `role_access` does.",
)
def trust_account(trust: Frame) -> Mask:
    """An exception is an Allow without `Condition` whose principal is the account id or its `:root` ARN."""
    is_account = trust.trusted.str.endswith(":root") | trust.trusted.eq(trust.account)
    return is_account & ~trust.is_conditional


@check(
    "trust-user-mfa",
    "Users with a console password need MFA to assume a role",
    severity="medium",
    area="trust",
    population="trust",
    decides=("Principal", "Condition"),
    cause="trust",
    practice="broad-trust",
    where="kind == 'same account' and trusted.str.contains(':user/') and has_password",
    sources=("authorization_details", "credential_report"),
    message="{trusted} may assume {role_name} without MFA",
    terms=LATER_LOGIN,
    remediation="add the condition `aws:MultiFactorAuthPresent` to the trust policy; " + _CURE,
    blind_spot="The test does not see users who assume a role that trusts the whole account.",
)
def trust_user_mfa(trust: Frame) -> Mask:
    """An exception is an Allow of a trust policy that names such a user and tests no MFA key.

    The MFA keys are `aws:MultiFactorAuthPresent` and `aws:MultiFactorAuthAge`. Users whose `password_enabled`
    is false are left out: they are programs and have no MFA device.
    """
    return ~trust.has_mfa


@check(
    "trust-confused-deputy",
    "Roles for services name the account or resource that the service acts for",
    severity="low",
    area="trust",
    population="trust",
    decides=("Principal", "Condition"),
    cause="trust",
    practice="broad-trust",
    where="source_context == 'sent' and not is_service_linked",
    message="{role_name} trusts {trusted} on behalf of any account (confused deputy)",
    remediation="add the condition `aws:SourceArn`, or at least `aws:SourceAccount`, to the trust policy; "
    + _CURE,
    blind_spot="The test does not judge services for which AWS does not document whether they send these "
    "keys.",
)
def trust_confused_deputy(trust: Frame) -> Mask:
    """An exception is an Allow for a service that tests neither `aws:SourceArn` nor `aws:SourceAccount`.

    `aws:SourceOrgID` and `aws:SourceOrgPaths` count as well. A pattern that any account meets, such as `*` or
    `arn:aws:states:*:*:*`, tests nothing. The population is the services that send these
    keys (`source_context` is `sent`). EC2 and services like it do not send them.
    """
    return ~trust.has_source


@check(
    "trust-accounts-known",
    "Roles trust known accounts only",
    severity="medium",
    area="trust",
    population="trust",
    decides=("Principal",),
    cause="trust",
    practice="broad-trust",
    where="kind in ['external account', 'known account']",
    parameters=("trusted_accounts",),
    message="{role_name} trusts account {account}, which is not in `trusted_accounts`",
    remediation="find out who owns the account; add it to the parameter `trusted_accounts`, or remove it "
    "from the trust policy: " + _CURE,
    blind_spot="The test does not know which accounts belong to the organization, unless `trusted_accounts` "
    "names them.",
)
def trust_accounts_known(trust: Frame) -> Mask:
    """An exception is an account in a trust policy that the parameter `trusted_accounts` does not name."""
    return trust.kind == "external account"


@check(
    "trust-unassumed",
    "Roles for this account can be assumed by somebody in it",
    severity="low",
    area="trust",
    population="role_access",
    cause="practice",
    practice="unused",
    where="not is_service_linked",
    message="{role_name} trusts this account only, and no user or role in it may assume it",
    remediation="allow `sts:AssumeRole` on the role to those who need it; if nobody does, remove its "
    "policies and then `aws iam delete-role --role-name {role_name}`",
    blind_spot="The test does not see permissions that are granted for a short time, for example by a "
    "pipeline.",
)
def trust_unassumed(role_access: Frame, trust: Frame) -> Mask:
    """An exception is a role that trusts this account or its principals only, none of which may assume it.

    `assumed_by_count` and `perhaps_by_count` of the frame `role_access` are both 0.
    """
    own = role_access.role.isin(trust.role[trust.kind == "same account"])
    other = role_access.role.isin(trust.role[~trust.kind.isin(["same account", "deleted"])])
    return own & ~other & (role_access.assumed_by_count == 0) & (role_access.perhaps_by_count == 0)
