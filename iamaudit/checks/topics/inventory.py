"""Certificates, identity providers, instance profiles, and whether the evidence agrees with itself."""

import pandas as pd

from iamaudit.checks.catalogue import Frame, Mask, check
from iamaudit.settings import Settings

_EVIDENCE_CONSOLE = "IAM > Dashboard, IAM resources"
_EVIDENCE_GUIDE = "id_credentials_getting-report.html"


@check(
    "server-certificate-expired",
    "Server certificates in IAM are valid",
    severity="low",
    area="inventory",
    population="server_certificates",
    message="{name} expired on {expires_at}",
    remediation="move every load balancer and distribution that uses it to a valid certificate; then "
    "`aws iam delete-server-certificate --server-certificate-name {name}`",
    blind_spot="The test does not see certificates in ACM.",
)
def server_certificate_expired(server_certificates: Frame) -> Mask:
    """An exception is a server certificate whose `Expiration` lies before the as-of time."""
    return server_certificates.expires_in_days < 0


@check(
    "server-certificate-expiring",
    "Server certificates are renewed {min_certificate_days} days before they expire",
    severity="low",
    area="inventory",
    population="server_certificates",
    where="expires_in_days >= 0",
    message="{name} expires on {expires_at}, in {expires_in_days} {expires_in_days:day|days}",
    remediation="request a certificate in ACM (it renews those that it issues, not those that are imported): "
    "`aws acm request-certificate --domain-name DOMAIN --validation-method DNS`; move the listeners to it",
    blind_spot="The test does not see certificates in ACM.",
)
def server_certificate_expiring(server_certificates: Frame, settings: Settings) -> Mask:
    """An exception is a server certificate whose `Expiration` is less than {min_certificate_days} days ahead.

    Certificates that have expired already are left out.
    """
    return server_certificates.expires_in_days < settings.min_certificate_days


@check(
    "server-certificate-in-acm",
    "Server certificates are kept in ACM, not in IAM",
    severity="informational",
    area="inventory",
    population="server_certificates",
    message="{name} is kept in IAM",
    remediation="request a certificate in ACM: `aws acm request-certificate --domain-name DOMAIN "
    "--validation-method DNS`; move the listeners to it; then "
    "`aws iam delete-server-certificate --server-certificate-name {name}`",
    blind_spot="The test does not see whether the certificate is used in a Region without ACM.",
)
def server_certificate_in_acm(server_certificates: Frame) -> Mask:
    """Every server certificate that `ListServerCertificates` returns is an exception.

    IAM neither renews certificates nor shows what uses them.
    """
    return pd.Series(True, index=server_certificates.index, dtype="boolean")


@check(
    "saml-provider-valid",
    "The metadata of every SAML provider stays valid for {min_certificate_days} days or more",
    severity="medium",
    area="inventory",
    population="identity_providers",
    practice="identity-providers",
    where="kind == 'SAML'",
    sources=("saml_providers",),
    message="the metadata of {name} is valid until {valid_until|an unknown day}",
    remediation="`aws iam update-saml-provider --saml-provider-arn {arn} --saml-metadata-document "
    "file://metadata.xml`",
    blind_spot="The test does not see when the certificates in the metadata expire. IAM does not act on "
    "their expiry, so that an expired one may still be accepted.",
)
def saml_provider_valid(identity_providers: Frame, settings: Settings) -> Mask:
    """An exception is a SAML provider whose `ValidUntil` is less than {min_certificate_days} days ahead.

    AWS gives this date for the provider as a whole, not for the certificates in its metadata.
    """
    return identity_providers.expires_in_days < settings.min_certificate_days


@check(
    "oidc-provider-audience",
    "Every OpenID Connect provider names its audiences",
    severity="low",
    area="inventory",
    population="identity_providers",
    practice="identity-providers",
    where="kind == 'OIDC'",
    sources=("oidc_providers",),
    message="{name} has no audience",
    remediation="`aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn {arn} "
    "--client-id sts.amazonaws.com`",
    blind_spot="The test does not see whether the audiences are the right ones.",
)
def oidc_provider_audience(identity_providers: Frame) -> Mask:
    """An exception is an OpenID Connect provider whose `ClientIDList` is empty."""
    return identity_providers.audiences.str.len() == 0


@check(
    "identity-provider-used",
    "Every identity provider is trusted by a role",
    severity="low",
    area="inventory",
    population="identity_providers",
    cause="practice",
    practice="unused",
    message="no role trusts {name}",
    remediation="ask the owner; then `aws iam delete-open-id-connect-provider --open-id-connect-provider-arn "
    "{arn}`, or for SAML `aws iam delete-saml-provider --saml-provider-arn {arn}`",
    blind_spot="The test does not see roles that a pipeline creates and deletes again.",
    sources=("saml_providers", "oidc_providers", "authorization_details"),
)
def identity_provider_used(identity_providers: Frame) -> Mask:
    """An exception is a SAML or OpenID Connect provider that no trust policy names under `Federated`."""
    return identity_providers.roles.str.len() == 0


@check(
    "instance-profile-role",
    "Every instance profile has a role",
    severity="informational",
    area="inventory",
    population="instance_profiles",
    cause="practice",
    practice="unused",
    message="{name} has no role",
    remediation="make sure that no instance uses it: `aws ec2 describe-iam-instance-profile-associations` "
    "in each Region; then `aws iam delete-instance-profile --instance-profile-name {name}`",
    blind_spot="The test does not see instances that run with the profile.",
)
def instance_profile_role(instance_profiles: Frame) -> Mask:
    """An exception is an instance profile whose `Roles` are empty.

    A principal that may add a role to it gives that role to the instances that run with the profile.
    """
    return instance_profiles.roles.str.len() == 0


@check(
    "instance-role-profile",
    "Every role for EC2 is in an instance profile",
    severity="informational",
    area="inventory",
    population="trust",
    decides=("Principal",),
    cause="practice",
    practice="unused",
    where="principal == 'Service: ec2.amazonaws.com'",
    sources=("authorization_details", "instance_profiles"),
    message="{role_name} is for EC2 and in no instance profile",
    remediation="ask the owner; if no instance is meant to have the role: remove its policies, then "
    "`aws iam delete-role --role-name {role_name}`",
    blind_spot="The test does not see instance profiles that are made when an instance starts.",
)
def instance_role_profile(trust: Frame, instance_profiles: Frame) -> Mask:
    """An exception is a role that trusts `ec2.amazonaws.com` and is in the `Roles` of no instance profile."""
    return ~trust.role_name.isin(instance_profiles.roles.explode())


@check(
    "evidence-report-age",
    "The credential report is at most four hours old",
    severity="low",
    area="evidence",
    population="account_facts",
    cause="practice",
    practice="evidence",
    sources=("credential_report",),
    message="the credential report was made {report_age_hours} hours before the as-of time",
    remediation="collect again: AWS makes a new report once the last one is four hours old",
    blind_spot="The test does not see changes since the report was made.",
    console=_EVIDENCE_CONSOLE,
    documentation=_EVIDENCE_GUIDE,
)
def evidence_report_age(account: Frame) -> Mask:
    """An exception is a report whose `GeneratedTime` is over 4 hours before the as-of time.

    AWS serves a report for four hours before it makes a new one.
    """
    return account.report_age_hours.astype("Float64") > 4


@check(
    "evidence-users-agree",
    "Credential report and authorization details name the same users",
    severity="low",
    area="evidence",
    population="account_facts",
    cause="practice",
    practice="evidence",
    sources=("credential_report", "authorization_details"),
    message="only the credential report has: {reported|nobody}; only the authorization details have: "
    "{detailed|nobody}",
    remediation="collect again; users made or deleted in between explain a difference",
    blind_spot="The test does not see a user who was deleted and made again under the same name in between.",
    console=_EVIDENCE_CONSOLE,
    documentation=_EVIDENCE_GUIDE,
)
def evidence_users_agree(account: Frame, users: Frame) -> Frame:
    """An exception is an account in which the two sources do not name the same users, by ARN.

    The names that only one of them has are listed. Root is in the report only and is left out.
    """
    people = users[~users.is_root]
    reported = people.name[people.is_gone]
    detailed = people.name[~people.evidence.str.contains(" user = ", regex=False)]  # of a row of the report
    differ = bool(len(reported) + len(detailed))
    named = {"reported": ", ".join(reported) or None, "detailed": ", ".join(detailed) or None}
    return account.assign(**named)[[differ] * len(account)]


@check(
    "evidence-summary-agrees",
    "The account summary counts what the authorization details list",
    severity="low",
    area="evidence",
    population="account_facts",
    cause="practice",
    practice="evidence",
    sources=("account_summary", "authorization_details"),
    message="the account summary counts {users} {users:user|users}, {groups} {groups:group|groups}, {roles} "
    "{roles:role|roles} and {policies} customer managed {policies:policy|policies}; the authorization "
    "details "
    "list {detailed_users}, {detailed_groups}, {detailed_roles} and {detailed_policies}",
    remediation="collect again; what was made or deleted in between explains a difference",
    blind_spot="The account summary has counts and no names: the test does not see a resource that is "
    "missing when another one was added.",
    console=_EVIDENCE_CONSOLE,
    documentation=_EVIDENCE_GUIDE,
)
def evidence_summary_agrees(account: Frame) -> Mask:
    """An exception is an account for which a count of the summary differs from the authorization details.

    `Users`, `Groups`, `Roles` and `Policies` (customer managed) are compared one by one.
    """
    kinds = ("users", "groups", "roles", "policies")
    users, groups, roles, policies = (account[kind] != account[f"detailed_{kind}"] for kind in kinds)
    return users | groups | roles | policies
