"""Certificates, identity providers, instance profiles, and whether the evidence agrees with itself."""

import pandas as pd

from iamaudit.checks.catalogue import Frame, Mask, check
from iamaudit.settings import Settings

_EVIDENCE_CONSOLE = "IAM > Dashboard, IAM resources"
_EVIDENCE_GUIDE = "id_credentials_getting-report.html"


@check(
    "server-certificate-expired",
    "No expired server certificate is stored in IAM",
    severity="medium",
    area="inventory",
    population="server_certificates",
    message="{name} expired on {expires_at}",
    remediation="once no listener uses it: "
    "`aws iam delete-server-certificate --server-certificate-name {name}`",
    blind_spot="Certificates in ACM.",
)
def server_certificate_expired(server_certificates: Frame) -> Mask:
    """An exception is a certificate whose expiration lies before the as-of date."""
    return server_certificates.expires_in_days < 0


@check(
    "server-certificate-expiring",
    "Server certificates are renewed {min_certificate_days} days before they expire",
    severity="low",
    area="inventory",
    population="server_certificates",
    where="expires_in_days >= 0",
    message="{name} expires on {expires_at}",
    remediation="move it to ACM, which renews by itself, or upload the next one",
    blind_spot="Certificates in ACM.",
)
def server_certificate_expiring(server_certificates: Frame, settings: Settings) -> Mask:
    """An exception is a certificate that expires within {min_certificate_days} days."""
    return server_certificates.expires_in_days < settings.min_certificate_days


@check(
    "server-certificate-in-acm",
    "Server certificates are kept in ACM",
    severity="low",
    area="inventory",
    population="server_certificates",
    message="{name} is kept in IAM",
    remediation="import it into ACM, change the listener, then "
    "`aws iam delete-server-certificate --server-certificate-name {name}`",
    blind_spot="Regions that ACM does not serve.",
)
def server_certificate_in_acm(server_certificates: Frame) -> Mask:
    """IAM neither renews certificates nor shows who uses them."""
    return pd.Series(True, index=server_certificates.index, dtype="boolean")


@check(
    "saml-provider-valid",
    "The metadata of every SAML provider is valid for {min_certificate_days} days",
    severity="medium",
    area="inventory",
    population="identity_providers",
    where="kind == 'SAML'",
    message="the metadata of {name} is valid until {valid_until}",
    remediation="`aws iam update-saml-provider --saml-provider-arn {arn} --saml-metadata-document file://NEW`",
    blind_spot="The certificate of the identity provider itself.",
)
def saml_provider_valid(identity_providers: Frame, settings: Settings) -> Mask:
    """Nobody can sign in through a provider whose metadata has expired."""
    return identity_providers.expires_in_days < settings.min_certificate_days


@check(
    "oidc-provider-audience",
    "Every OpenID Connect provider names its audiences",
    severity="low",
    area="inventory",
    population="identity_providers",
    where="kind == 'OIDC'",
    message="{name} has no audience",
    remediation="`aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn {arn} "
    "--client-id sts.amazonaws.com`",
    blind_spot="Whether the audiences are the right ones.",
)
def oidc_provider_audience(identity_providers: Frame) -> Mask:
    """An exception is a provider without client id."""
    return identity_providers.audiences.str.len() == 0


@check(
    "identity-provider-used",
    "Every identity provider is trusted by a role",
    severity="low",
    area="inventory",
    population="identity_providers",
    message="no role trusts {name}",
    remediation="remove it: `aws iam delete-open-id-connect-provider`, or `delete-saml-provider`, with {arn}",
    blind_spot="Roles that are made by a pipeline when they are needed.",
    sources=("saml_providers", "oidc_providers", "authorization_details"),
)
def identity_provider_used(identity_providers: Frame) -> Mask:
    """A provider that nothing trusts is a door that waits for a lock."""
    return identity_providers.roles.str.len() == 0


@check(
    "instance-profile-role",
    "Every instance profile has a role",
    severity="low",
    area="inventory",
    population="instance_profiles",
    message="{name} has no role",
    remediation="`aws iam delete-instance-profile --instance-profile-name {name}`",
    blind_spot="Instances that run with it.",
)
def instance_profile_role(instance_profiles: Frame) -> Mask:
    """Whoever may add a role to it gives that role to what runs with the profile."""
    return instance_profiles.roles.str.len() == 0


@check(
    "instance-role-profile",
    "Every role for EC2 is in an instance profile",
    severity="low",
    area="inventory",
    population="trust",
    where="principal == 'Service: ec2.amazonaws.com'",
    sources=("authorization_details", "instance_profiles"),
    message="{role_name} is for EC2 and in no instance profile",
    remediation="`aws iam delete-role --role-name {role_name}` if no instance is meant to have it",
    blind_spot="Instance profiles that are made when an instance starts.",
)
def instance_role_profile(trust: Frame, instance_profiles: Frame) -> Mask:
    """No instance can have such a role; whoever may make a profile and start one can."""
    return ~trust.role_name.isin(instance_profiles.roles.explode())


@check(
    "evidence-report-age",
    "The credential report is no older than AWS keeps one",
    severity="low",
    area="evidence",
    population="account",
    sources=("credential_report",),
    message="the credential report was made {report_age_hours} hours before the audit's date",
    remediation="collect again: AWS makes a new report once the last one is four hours old",
    blind_spot="Changes since the report was made.",
    console=_EVIDENCE_CONSOLE,
    documentation=_EVIDENCE_GUIDE,
)
def evidence_report_age(account: Frame) -> Mask:
    """Over four hours the report no longer shows the account; <NA> when nobody knows when it was made."""
    return account.report_age_hours.astype("Float64") > 4


def _differ(account: Frame, one: str, other: str) -> Mask:
    return account[one] != account[other]


@check(
    "evidence-users-agree",
    "Credential report and authorization details name as many users",
    severity="low",
    area="evidence",
    population="account",
    sources=("credential_report", "authorization_details"),
    message="the credential report has {reported_users} users, the authorization details {detailed_users}",
    remediation="collect again; users made or deleted in between explain a difference",
    blind_spot="As many, and others.",
    console=_EVIDENCE_CONSOLE,
    documentation=_EVIDENCE_GUIDE,
)
def evidence_users_agree(account: Frame) -> Mask:
    """Root, which is in the report only, is not counted."""
    return _differ(account, "reported_users", "detailed_users")


@check(
    "evidence-summary-agrees",
    "The account summary counts what the authorization details list",
    severity="low",
    area="evidence",
    population="account",
    sources=("account_summary", "authorization_details"),
    message="summary and details: {users} and {detailed_users} users, {groups} and {detailed_groups} groups, "
    "{roles} and {detailed_roles} roles, {policies} and {detailed_policies} policies",
    remediation="collect again; what was made or deleted in between explains a difference",
    blind_spot="As many, and others.",
    console=_EVIDENCE_CONSOLE,
    documentation=_EVIDENCE_GUIDE,
)
def evidence_summary_agrees(account: Frame) -> Mask:
    """Users, groups, roles and customer managed policies are compared one by one."""
    pairs = [(kind, f"detailed_{kind}") for kind in ("users", "groups", "roles", "policies")]
    first, *rest = (_differ(account, one, other) for one, other in pairs)
    for differs in rest:
        first = first | differs
    return first
