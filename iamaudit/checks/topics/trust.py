"""Whom roles trust."""

from iamaudit.checks.catalogue import EXPOSED, Frame, Mask, check
from iamaudit.checks.topics.grants import is_administrator
from iamaudit.iam.actions import DATA_READS

_CURE = "`aws iam update-assume-role-policy --role-name {role_name} --policy-document file://trust.json`"
_THIRD_PARTY_GUIDE = "id_roles_common-scenarios_third-party.html"
_OIDC_GUIDE = "id_roles_create_for-idp_oidc.html"


@check(
    "trust-anyone",
    "No role trusts everybody",
    severity="critical",
    area="trust",
    exposure=EXPOSED,
    population="trust",
    message="{role_name} trusts everybody ({conditions})",
    remediation="name the account or principal; " + _CURE,
    blind_spot="The test does not decide whether strangers can meet the condition; the message shows it.",
)
def trust_anyone(trust: Frame) -> Mask:
    """An exception is an Allow in a trust policy with the principal `*`, with or without a condition."""
    return trust.kind == "anyone"


@check(
    "trust-external-id",
    "Roles for other accounts ask for an external id, MFA or the organization",
    severity="high",
    area="trust",
    exposure=EXPOSED,
    population="trust",
    where="kind == 'external account'",
    message="{role_name} trusts account {account} without external id, MFA or organization",
    remediation="agree on an external id, and test sts:ExternalId; " + _CURE,
    blind_spot="The test does not know whether the account is of the organization, or whether the external "
    "id is secret.",
    documentation=_THIRD_PARTY_GUIDE,
)
def trust_external_id(trust: Frame) -> Mask:
    """An exception is an Allow for another account whose conditions test none of these keys.

    They are `sts:ExternalId`, `aws:MultiFactorAuthPresent`, `aws:MultiFactorAuthAge`, `aws:PrincipalOrgID`
    and `aws:PrincipalOrgPaths`. Without one of them, whoever can make that account's software act may act
    here.
    """
    return ~(trust.has_external_id | trust.has_mfa | trust.has_organization)


@check(
    "trust-external-administrator",
    "No role for another account is an administrator",
    severity="critical",
    area="trust",
    exposure=EXPOSED,
    population="trust",
    where="kind == 'external account'",
    message="{role_name} is an administrator, and account {account} may assume it",
    remediation="give the role what the other account needs; " + _CURE,
    blind_spot="The test does not follow the role to what it can become through other roles.",
    documentation=_THIRD_PARTY_GUIDE,
)
def trust_external_administrator(trust: Frame, breadth: Frame) -> Mask:
    """An administrator is whoever may do all that changes IAM, by effective permission.

    Of a role that holds a policy that was not collected, and is none by the others, nobody knows.
    """
    return trust.role.map(is_administrator(breadth).set_axis(breadth.principal)).astype("boolean")


@check(
    "trust-external-read-all",
    "No role for another account may read all data of S3 or DynamoDB",
    severity="high",
    area="trust",
    exposure=EXPOSED,
    population="trust",
    where="kind == 'external account'",
    message="{role_name} may read every object in S3 or every item in DynamoDB, and account {account} may "
    "assume it",
    remediation="use SecurityAudit or ViewOnlyAccess, or name the buckets and tables; " + _CURE,
    blind_spot="The test does not see bucket policies and key policies, which may deny.",
    documentation=_THIRD_PARTY_GUIDE,
)
def trust_external_read_all(trust: Frame, breadth: Frame) -> Mask:
    """An exception may do one of four actions on a resource that no policy names, after every layer.

    They are `s3:GetObject`, `dynamodb:GetItem`, `dynamodb:Query` and `dynamodb:Scan`, in `open_actions` or
    `open_conditional` of the frame `breadth`. Of a role that holds a policy that was not collected, and may
    not by the others, nobody knows.
    """
    everything = breadth.open_actions + breadth.open_conditional
    reads = everything.map(lambda names: any(name in DATA_READS for name in names)).astype("boolean")
    reads = reads.mask(~reads & ~breadth.is_complete)
    return trust.role.map(reads.set_axis(breadth.principal)).astype("boolean")


@check(
    "trust-external-write",
    "No role for another account may manage permissions",
    severity="high",
    area="trust",
    exposure=EXPOSED,
    population="trust",
    where="kind == 'external account'",
    message="account {account} may assume {role_name}, which may manage permissions",
    remediation="take the actions of access level Permissions management out of its policies; " + _CURE,
    blind_spot="The test does not count actions that change resources without managing permissions: see the "
    "column `write` of `breadth`.",
    documentation=_THIRD_PARTY_GUIDE,
)
def trust_external_write(trust: Frame, breadth: Frame) -> Mask:
    """An exception may do, after every layer, an action of the access level Permissions management.

    The levels are AWS's, corrected by `access_levels.toml`; the count is `permissions_management` of the
    frame `breadth`, actions that a condition limits included.
    """
    return trust.role.isin(breadth.principal[breadth.permissions_management > 0])


@check(
    "trust-deleted",
    "No role trusts a deleted principal",
    severity="low",
    area="trust",
    population="trust",
    message="{role_name} trusts {principal}, which is what is left of a deleted principal",
    remediation="take it out of the trust policy; " + _CURE,
    blind_spot="The test does not see principals of other accounts that were deleted and made anew under the "
    "same name.",
)
def trust_deleted(trust: Frame) -> Mask:
    """An exception is a principal that is a unique id, as `AIDA...` or `AROA...`, and no ARN.

    AWS puts the id in the place of a user or role that was deleted: it names nobody any more.
    """
    return trust.kind == "deleted"


@check(
    "trust-account",
    "Roles that trust this account name its users or roles",
    severity="low",
    area="trust",
    population="trust",
    where="kind == 'same account' and not is_service_linked",
    message="{role_name} trusts the whole account: everybody with sts:AssumeRole may assume it",
    remediation="name the users or roles; " + _CURE,
    blind_spot="The test does not ask who has `sts:AssumeRole`: `audit.who_can` does.",
)
def trust_account(trust: Frame) -> Mask:
    """An exception trusts the account itself, by its id or as `:root`, without any condition."""
    is_account = trust.trusted.str.endswith(":root") | trust.trusted.eq(trust.account)
    return is_account & ~trust.is_conditional


@check(
    "trust-user-mfa",
    "Users who have a console password need MFA to assume a role",
    severity="medium",
    area="trust",
    population="trust",
    where="kind == 'same account' and trusted.str.contains(':user/') and has_password",
    sources=("authorization_details", "credential_report"),
    message="{trusted} may assume {role_name} without MFA",
    remediation="test aws:MultiFactorAuthPresent in the trust policy; " + _CURE,
    blind_spot="The test does not see users who assume a role that trusts the whole account.",
)
def trust_user_mfa(trust: Frame) -> Mask:
    """An exception is an Allow statement that names such a user and tests no MFA key.

    The MFA keys are `aws:MultiFactorAuthPresent` and `aws:MultiFactorAuthAge`. Users without a console
    password are programs, which have no device.
    """
    return ~trust.has_mfa


@check(
    "trust-web-identity-subject",
    "Roles for web identities name the subject",
    severity="high",
    area="trust",
    exposure=EXPOSED,
    population="trust",
    where="kind == 'web identity'",
    message="{role_name} trusts everybody whom {provider} knows: it does not test the subject",
    remediation="test the `:sub` of the token, as `repo:ORGANIZATION/REPOSITORY:ref:refs/heads/main`; "
    + _CURE,
    blind_spot="The test does not see claims other than the subject that narrow the trust as much.",
    documentation=_OIDC_GUIDE,
)
def trust_web_identity_subject(trust: Frame) -> Mask:
    """An exception tests no subject, or one that any organization fits, as `*` or `repo:*`.

    Of several subjects in one condition the widest counts. `StringNotLike` and its like name no subject.
    """
    return trust.subject_width.isin(["none", "anyone"])


@check(
    "trust-web-identity-wildcard",
    "Roles for web identities do not trust a whole organization",
    severity="medium",
    area="trust",
    exposure=EXPOSED,
    population="trust",
    where="kind == 'web identity'",
    message="{role_name} trusts {subjects}",
    remediation="name repository and branch or environment; " + _CURE,
    blind_spot="The test does not see claims other than the subject that narrow the trust as much.",
    documentation=_OIDC_GUIDE,
)
def trust_web_identity_wildcard(trust: Frame) -> Mask:
    """An exception names an organization, and a wildcard lets in other repositories or branches of it.

    Only `StringLike` and its like read `*` and `?` as wildcards.
    """
    return trust.subject_width.isin(["organization", "project", "ref"])


@check(
    "trust-web-identity-audience",
    "Roles for web identities name the audience",
    severity="medium",
    area="trust",
    exposure=EXPOSED,
    population="trust",
    where="kind in ['web identity', 'SAML']",
    message="{role_name} does not test the audience of {provider}",
    remediation="test the `:aud` of the token, `sts.amazonaws.com` mostly; " + _CURE,
    blind_spot="The test does not judge which audience is named: see the column `audiences` of `trust`.",
    documentation=_OIDC_GUIDE,
)
def trust_web_identity_audience(trust: Frame) -> Mask:
    """An exception is an Allow for a web identity or SAML whose conditions test no `:aud`.

    Without that test, a token that was made for another service opens the role as well.
    """
    return trust.audiences.str.len() == 0


@check(
    "trust-confused-deputy",
    "Roles for services say for whom the service may act",
    severity="low",
    area="trust",
    population="trust",
    where="source_context == 'sent' and not is_service_linked",
    message="{role_name} lets {principal} in for whomever it acts",
    remediation="test aws:SourceAccount, or better aws:SourceArn, in the trust policy; " + _CURE,
    blind_spot="The test does not judge services of which it is not known whether they send these keys.",
)
def trust_confused_deputy(trust: Frame) -> Mask:
    """Asked of services that send these keys only: EC2 and the like hold the role themselves."""
    return ~trust.has_source


@check(
    "trust-accounts-known",
    "Roles trust only accounts that are known",
    severity="medium",
    area="trust",
    population="trust",
    where="kind in ['external account', 'known account']",
    parameters=("trusted_accounts",),
    message="{role_name} trusts account {account}, which is not among the known ones",
    remediation="name the account in the parameter `trusted_accounts` once it is known whose it is, or "
    + _CURE,
    blind_spot="The test does not know which accounts belong to the organization, unless the parameter names "
    "them.",
)
def trust_accounts_known(trust: Frame) -> Mask:
    """An exception is an account in a trust policy that the parameter `trusted_accounts` does not name."""
    return trust.kind == "external account"


@check(
    "trust-unassumed",
    "Every role that trusts only this account can be assumed by somebody in it",
    severity="low",
    area="trust",
    population="role_access",
    where="not is_service_linked",
    message="{role_name} trusts this account, and nobody in it may assume it",
    remediation="delete the role, or give sts:AssumeRole to those who need it",
    blind_spot="The test does not see permissions that are given only for a time, by a pipeline for example.",
)
def trust_unassumed(role_access: Frame, trust: Frame) -> Mask:
    """An exception trusts this account or principals of it, and no policy lets anybody use that."""
    own = role_access.role.isin(trust.role[trust.kind == "same account"])
    other = role_access.role.isin(trust.role[~trust.kind.isin(["same account", "deleted"])])
    return own & ~other & (role_access.assumed_by_count == 0) & (role_access.perhaps_by_count == 0)
