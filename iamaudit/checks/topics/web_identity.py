"""Which identities of a web identity or SAML provider roles trust."""

from iamaudit.checks.catalogue import EXPOSED, Frame, Mask, check

_CURE = (
    "save the present one: `aws iam get-role --role-name {role_name}`; "
    "`aws iam update-assume-role-policy --role-name {role_name} --policy-document file://trust.json`"
)
_OIDC_GUIDE = "id_roles_create_for-idp_oidc.html"


@check(
    "trust-web-identity-subject",
    "Roles for web identities name the subject of the token",
    severity="high",
    area="trust",
    exposure=EXPOSED,
    population="trust",
    decides=("Principal", "Condition"),
    where="kind == 'web identity'",
    message="{role_name} trusts every identity of {provider}: no condition names the subject",
    remediation="add a condition on the `:sub` of the token, for example for GitHub "
    "`repo:ORGANIZATION/REPOSITORY:ref:refs/heads/main`; " + _CURE,
    blind_spot="The test does not see claims other than the subject that narrow the trust as much.",
    documentation=_OIDC_GUIDE,
)
def trust_web_identity_subject(trust: Frame) -> Mask:
    """An exception is an Allow whose conditions test no `:sub`, or only what any organization matches.

    `repo:*` is such a pattern. Of several values in one condition the widest counts; of several conditions
    the narrowest. Negated operators such as `StringNotLike` name no subject.
    """
    return trust.subject_width.isin(["none", "anyone"])


@check(
    "trust-web-identity-wildcard",
    "Roles for web identities name one repository and branch",
    severity="medium",
    area="trust",
    exposure=EXPOSED,
    population="trust",
    decides=("Principal", "Condition"),
    where="kind == 'web identity'",
    message="{role_name} trusts more than one repository or branch: {subjects}",
    remediation="name the repository and the branch or environment in the condition on `:sub`; " + _CURE,
    blind_spot="The test does not see claims other than the subject that narrow the trust as much.",
    documentation=_OIDC_GUIDE,
)
def trust_web_identity_wildcard(trust: Frame) -> Mask:
    """An exception is an Allow that tests `:sub` with a wildcard for repositories or branches.

    The organization is named and one repository or branch is not, as in `repo:ORGANIZATION/*`. `*` and `?`
    are wildcards for `StringLike` and its variants only.
    """
    return trust.subject_width.isin(["organization", "project", "ref"])


@check(
    "trust-web-identity-audience",
    "Roles for web identities and SAML name the audience",
    severity="medium",
    area="trust",
    exposure=EXPOSED,
    population="trust",
    decides=("Principal", "Condition"),
    where="kind in ['web identity', 'SAML']",
    message="{role_name} does not test the audience of {provider}",
    remediation="add a condition on the `:aud`, which is in most cases `sts.amazonaws.com` for a web "
    "identity and `https://signin.aws.amazon.com/saml` for SAML; " + _CURE,
    blind_spot="The test does not judge which audience is named. The column `audiences` of the frame `trust` "
    "shows it.",
    documentation=_OIDC_GUIDE,
)
def trust_web_identity_audience(trust: Frame) -> Mask:
    """An exception is an Allow for a web identity or SAML provider whose conditions test no `:aud`.

    The pattern `*` tests nothing. Without the condition the role accepts a token for every audience that its
    provider accepts.
    """
    return trust.audiences.str.len() == 0
