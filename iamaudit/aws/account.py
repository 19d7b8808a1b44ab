"""The account as a whole: summary, password policy, aliases, certificates, providers and profiles."""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from iamaudit.aws.answers import error_code, member, one_line, read_pages
from iamaudit.snapshot import SourceResult

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


_ABSENT = (
    "AccountNotManagementOrDelegatedAdministrator",
    "OrganizationNotFound",
    "OrganizationNotInAllFeaturesMode",
    "ServiceAccessNotEnabled",
)
NOT_TOLD_OF_ORGANIZATIONS = frozenset({*_ABSENT, *(f"{name}Exception" for name in _ABSENT)})
"""Error codes of AWS for who is not told of an organization's features."""


def collect_account_summary(iam: "IAMClient") -> SourceResult:
    """Return the counts that AWS keeps of the account's IAM."""
    summary = member(iam.get_account_summary(), "SummaryMap")
    return SourceResult("collected", {"SummaryMap": summary}, rows={"SummaryMap": len(summary)})


def collect_password_policy(iam: "IAMClient") -> SourceResult:
    """Return the password policy; that the account has none is an answer: ``null``."""
    try:
        policy: Any = member(iam.get_account_password_policy(), "PasswordPolicy")
    except ClientError as error:
        if error_code(error) != "NoSuchEntity":
            raise
        policy = None
    return SourceResult(
        "collected", {"PasswordPolicy": policy}, rows={"PasswordPolicy": int(policy is not None)}
    )


def collect_account_aliases(iam: "IAMClient") -> SourceResult:
    """Return the account's alias, as the list that AWS gives."""
    return _listed(iam, "list_account_aliases", "AccountAliases")


def collect_server_certificates(iam: "IAMClient") -> SourceResult:
    """Return the metadata of the server certificates stored in IAM, never their bodies."""
    return _listed(iam, "list_server_certificates", "ServerCertificateMetadataList")


def collect_instance_profiles(iam: "IAMClient") -> SourceResult:
    """Return the instance profiles with their roles."""
    return _listed(iam, "list_instance_profiles", "InstanceProfiles")


def collect_saml_providers(iam: "IAMClient") -> SourceResult:
    """Return the SAML providers, without their metadata documents."""
    providers = member(iam.list_saml_providers(), "SAMLProviderList")
    return SourceResult(
        "collected", {"SAMLProviderList": providers}, rows={"SAMLProviderList": len(providers)}
    )


def collect_oidc_providers(iam: "IAMClient") -> SourceResult:
    """Return the OpenID Connect providers, each with its URL, audiences and thumbprints."""
    providers = []
    for listed in member(iam.list_open_id_connect_providers(), "OpenIDConnectProviderList"):
        arn = member(listed, "Arn")
        answer: dict[str, Any] = {**iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)}
        answer.pop("ResponseMetadata")
        providers.append({"Arn": arn, **answer})
    return SourceResult(
        "collected",
        {"OpenIDConnectProviderList": providers},
        rows={"OpenIDConnectProviderList": len(providers)},
    )


def collect_organization_features(iam: "IAMClient") -> SourceResult:
    """Return what the organization does for root users: whether members may have root credentials at all.

    Only the management account and a delegated administrator are told; elsewhere this is unavailable.
    """
    try:
        answer = iam.list_organizations_features()
    except ClientError as error:
        if error_code(error) not in NOT_TOLD_OF_ORGANIZATIONS:
            raise
        return SourceResult("unavailable", reason=one_line(error))
    features = member(answer, "EnabledFeatures")
    content = {"OrganizationId": answer.get("OrganizationId"), "EnabledFeatures": features}
    return SourceResult("collected", content, rows={"EnabledFeatures": len(features)})


def _listed(iam: "IAMClient", operation: str, key: str) -> SourceResult:
    items = [item for page in read_pages(iam, operation) for item in member(page, key)]
    return SourceResult("collected", {key: items}, rows={key: len(items)})
