"""Whom roles trust."""

from iamaudit.checks.catalogue import EXPOSED, Frame, Mask, check
from iamaudit.checks.topics.grants import is_administrator

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
    blind_spot="Whether the condition can be met by strangers: see the conditions.",
)
def trust_anyone(trust: Frame) -> Mask:
    """An exception is a principal `*` in an Allow, with or without condition."""
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
    blind_spot="Whether the account belongs to the organization, and whether the external id is secret.",
    documentation=_THIRD_PARTY_GUIDE,
)
def trust_external_id(trust: Frame) -> Mask:
    """Without one of them, whoever can make that account's software act may act here."""
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
    blind_spot="What the role becomes by way of other roles.",
    documentation=_THIRD_PARTY_GUIDE,
)
def trust_external_administrator(trust: Frame, breadth: Frame) -> Mask:
    """An administrator is whoever may do all that changes IAM, by effective permission.

    Of a role that holds a policy that was not collected, and is none by the others, nobody knows.
    """
    return trust.role.map(is_administrator(breadth).set_axis(breadth.principal)).astype("boolean")


@check(
    "trust-external-read-all",
    "No role for another account may read everything",
    severity="high",
    area="trust",
    exposure=EXPOSED,
    population="trust",
    where="kind == 'external account'",
    message="{role_name} has ReadOnlyAccess, which reads data, and account {account} may assume it",
    remediation="use SecurityAudit or ViewOnlyAccess; " + _CURE,
    blind_spot="Policies of the account that read as much.",
    documentation=_THIRD_PARTY_GUIDE,
)
def trust_external_read_all(trust: Frame, attachments: Frame) -> Mask:
    """An exception holds the AWS managed policy ReadOnlyAccess; as permissions boundary it gives nothing."""
    read_all = attachments.policy.str.endswith(":iam::aws:policy/ReadOnlyAccess")
    return trust.role.isin(attachments.principal[read_all & (attachments.how == "direct")])


@check(
    "trust-external-write",
    "Roles for other accounts do not manage permissions",
    severity="high",
    area="trust",
    exposure=EXPOSED,
    population="trust",
    where="kind == 'external account'",
    message="account {account} may assume {role_name}, which may manage permissions",
    remediation="take the actions of access level Permissions management out of its policies; " + _CURE,
    blind_spot="Other changes: see permission_sets.csv.",
    documentation=_THIRD_PARTY_GUIDE,
)
def trust_external_write(trust: Frame, breadth: Frame) -> Mask:
    """An exception may do any action of the access level Permissions management."""
    return trust.role.isin(breadth.principal[breadth.permissions_management > 0])


@check(
    "trust-deleted",
    "No role trusts a deleted principal",
    severity="low",
    area="trust",
    population="trust",
    message="{role_name} trusts {principal}, which is what is left of a deleted principal",
    remediation="take it out of the trust policy; " + _CURE,
    blind_spot="Principals of other accounts that were deleted and made anew under the same name.",
)
def trust_deleted(trust: Frame) -> Mask:
    """AWS puts the unique id of a deleted user or role in its place: it names nobody any more."""
    return trust.kind == "deleted"


@check(
    "trust-account",
    "Roles name the principals of the account that they trust",
    severity="low",
    area="trust",
    population="trust",
    where="kind == 'same account' and not is_service_linked",
    message="{role_name} trusts the whole account: everybody with sts:AssumeRole may assume it",
    remediation="name the users or roles; " + _CURE,
    blind_spot="Who has sts:AssumeRole: see `audit.who_can`.",
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
    blind_spot="Claims beside the subject that narrow as much.",
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
    blind_spot="Claims beside the subject that narrow as much.",
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
    blind_spot="What the audience is: see trust.csv.",
    documentation=_OIDC_GUIDE,
)
def trust_web_identity_audience(trust: Frame) -> Mask:
    """A token made for another service must not open this account."""
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
    blind_spot="Services of which it is not known whether they send these keys.",
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
    "Somebody can assume every role that is meant for people of the account",
    severity="low",
    area="trust",
    population="role_access",
    where="not is_service_linked",
    message="{role_name} trusts this account, and nobody in it may assume it",
    remediation="delete the role, or give sts:AssumeRole to those who need it",
    blind_spot="Root, which cannot assume roles, and permissions given later.",
)
def trust_unassumed(role_access: Frame, trust: Frame) -> Mask:
    """An exception trusts this account or principals of it, and no policy lets anybody use that."""
    own = role_access.role.isin(trust.role[trust.kind == "same account"])
    other = role_access.role.isin(trust.role[~trust.kind.isin(["same account", "deleted"])])
    return own & ~other & (role_access.assumed_by_count == 0) & (role_access.perhaps_by_count == 0)
