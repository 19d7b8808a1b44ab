"""Certificates, identity providers, instance profiles, and whether the evidence agrees with itself."""

from tests.reperformance.people import DETAILS
from tests.reperformance.procedures import procedure
from tests.reperformance.raw import ROOT, managed_by, moment
from tests.reperformance.trusting import trusted

PROFILES = "instance_profiles"
EC2 = ("ec2.amazonaws.com", "ec2.amazonaws.com.cn")


def days_left(raw, text):
    end = moment(text)
    return None if end is None else (end - raw.as_of).days


def certificates(raw):
    for each in raw.read("server_certificates").get("ServerCertificateMetadataList", ()):
        yield each["Arn"], days_left(raw, each.get("Expiration"))


@procedure("server-certificate-expired", "server_certificates")
def server_certificate_expired(raw):
    for arn, left in certificates(raw):
        yield arn, True, None if left is None else left < 0


@procedure("server-certificate-expiring", "server_certificates")
def server_certificate_expiring(raw):
    for arn, left in certificates(raw):
        yield (
            arn,
            None if left is None else left >= 0,
            None if left is None else left < raw.settings.min_certificate_days,
        )


@procedure("server-certificate-in-acm", "server_certificates")
def server_certificate_in_acm(raw):
    for arn, _ in certificates(raw):
        yield arn, True, True


def saml(raw):
    return raw.read("saml_providers").get("SAMLProviderList", [])


def oidc(raw):
    return raw.read("oidc_providers").get("OpenIDConnectProviderList", [])


@procedure("saml-provider-valid", "saml_providers")
def saml_provider_valid(raw):
    for provider in saml(raw):
        left = days_left(raw, provider.get("ValidUntil"))
        yield provider["Arn"], True, None if left is None else left < raw.settings.min_certificate_days


@procedure("oidc-provider-audience", "oidc_providers")
def oidc_provider_audience(raw):
    for provider in oidc(raw):
        yield provider["Arn"], True, not provider.get("ClientIDList")


@procedure("identity-provider-used", "saml_providers", "oidc_providers", DETAILS)
def identity_provider_used(raw):
    named = {each.value for each in trusted(raw) if each.type == "Federated"}
    for provider in (*saml(raw), *oidc(raw)):
        yield provider["Arn"], True, provider["Arn"] not in named


@procedure("instance-profile-role", PROFILES)
def instance_profile_role(raw):
    for profile in raw.read(PROFILES).get("InstanceProfiles", ()):
        yield profile["Arn"], True, not profile["Roles"]


@procedure("instance-role-profile", DETAILS, PROFILES)
def instance_role_profile(raw):
    profiles = raw.read(PROFILES).get("InstanceProfiles", ())
    inside = {role["Arn"] for profile in profiles for role in profile["Roles"]}
    for each in trusted(raw):
        if each.type == "Service" and each.value in EC2:
            yield each.id, True, each.role["Arn"] not in inside


@procedure("evidence-report-age", "credential_report")
def evidence_report_age(raw):
    made = moment(raw.manifest["sources"]["credential_report"]["generated_at"])
    yield raw.account_id, True, None if made is None else (raw.as_of - made).total_seconds() > 4 * 3600


@procedure("evidence-users-agree", "credential_report", DETAILS)
def evidence_users_agree(raw):
    reported = {row["arn"] for row in raw.report if row["user"] != ROOT}
    detailed = {user["Arn"] for user in raw.details["UserDetailList"]}
    yield raw.account_id, True, reported != detailed


@procedure("evidence-summary-agrees", "account_summary", DETAILS)
def evidence_summary_agrees(raw):
    listed = {
        "Users": len(raw.details["UserDetailList"]),
        "Groups": len(raw.groups),
        "Roles": len(raw.roles),
        "Policies": sum(
            managed_by(policy["Arn"]) == "customer managed" for policy in raw.details["Policies"]
        ),
    }
    told = [None if name not in raw.summary else raw.summary[name] != count for name, count in listed.items()]
    yield raw.account_id, True, True if True in told else None if None in told else False
