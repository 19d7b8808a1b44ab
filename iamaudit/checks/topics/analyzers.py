"""IAM Access Analyzer, and root users of member accounts: what AWS watches or manages by itself."""

from iamaudit.checks.catalogue import EXPOSED, Frame, Mask, check
from iamaudit.checks.topics.tags import untagged

_REVIEW = (
    "`aws accessanalyzer get-finding-v2 --region {region} --analyzer-arn ARN --id {finding_id}` names the "
    "principal and the access; change the policy, or archive the finding with a reason"
)
_UNSEEN = (
    "The test does not see Regions without an active analyzer, nor who the outside principal is: the list of "
    "findings does not name it."
)


@check(
    "external-access-analyzer",
    "An external access analyzer is active in every Region that was asked",
    severity="medium",
    area="inventory",
    population="analyzer_regions",
    practice="access-analyzer",
    message="{region} has no active external access analyzer",
    remediation="`aws accessanalyzer create-analyzer --region {region} --analyzer-name external "
    "--type ACCOUNT`; in an organization, its delegated administrator creates one of the type ORGANIZATION",
    blind_spot="The test does not see Regions that were not asked, nor an analyzer of the organization in "
    "the account of its delegated administrator.",
)
def external_access_analyzer(analyzer_regions: Frame) -> Mask:
    """An exception is a Region without an analyzer of type `ACCOUNT` or `ORGANIZATION` and status `ACTIVE`.

    The population is the Regions that `iamaudit collect --regions` named, or the Region of the session. A
    Region in which the call was refused is not evaluated.
    """
    return analyzer_regions.external_analyzers == 0


@check(
    "analyzer-tagged",
    "Every analyzer of IAM Access Analyzer has a tag",
    severity="informational",
    area="inventory",
    population="analyzers",
    cause="practice",
    practice="tagging",
    message="analyzer {name} in {region} has no tag that says whose it is",
    remediation="`aws accessanalyzer tag-resource --region {region} --resource-arn {arn} --tags owner=OWNER`",
    blind_spot="The test does not see whether the tags are correct, nor analyzers in Regions that were not "
    "asked.",
)
def analyzer_tagged(analyzers: Frame) -> Mask:
    """An exception is an analyzer without `tags` in `ListAnalyzers`, or only with `aws:` tags of AWS.

    A Region in which the call was refused is not evaluated.
    """
    return untagged(analyzers.tags).where(analyzers.reason.isna())


@check(
    "analyzer-external-role",
    "External access to roles that IAM Access Analyzer found is removed or archived",
    severity="medium",
    area="trust",
    exposure=EXPOSED,
    population="analyzer_findings",
    cause="trust",
    practice="broad-trust",
    where="kind == 'ExternalAccess' and resource_type == 'AWS::IAM::Role'",
    message="IAM Access Analyzer in {region} finds that an outsider can assume {arn} "
    "(since {created_at|an unknown day})",
    remediation=_REVIEW,
    blind_spot=_UNSEEN,
)
def analyzer_external_role(analyzer_findings: Frame) -> Mask:
    """An exception is a finding about a role with `findingType` `ExternalAccess` and `status` `ACTIVE`.

    AWS proves from the trust policy that a principal outside of the account, or of the organization for an
    analyzer of that type, can assume the role. An archived finding is one that somebody accepted.
    """
    return analyzer_findings.status == "ACTIVE"


@check(
    "analyzer-external-resource",
    "External access to resources that IAM Access Analyzer found is removed or archived",
    severity="medium",
    area="inventory",
    exposure=EXPOSED,
    population="analyzer_findings",
    where="kind == 'ExternalAccess' and resource_type != 'AWS::IAM::Role'",
    message="IAM Access Analyzer in {region} finds that an outsider can reach {arn} "
    "(since {created_at|an unknown day})",
    remediation=_REVIEW,
    blind_spot=_UNSEEN,
)
def analyzer_external_resource(analyzer_findings: Frame) -> Mask:
    """An exception is a finding with `findingType` `ExternalAccess` and `status` `ACTIVE`.

    The population is resources such as buckets, keys and queues; `analyzer-external-role` judges roles. AWS
    proves from the policy of the resource that an outside principal can reach it. An archived finding is one
    that somebody accepted.
    """
    return analyzer_findings.status == "ACTIVE"


@check(
    "root-credentials-central",
    "Root credentials of member accounts are managed centrally",
    severity="medium",
    area="root",
    population="account_facts",
    practice="root-credentials",
    sources=("organization_features",),
    message="the organization of {account_id} does not manage the root credentials of its member accounts",
    remediation="in the management account: `aws iam enable-organizations-root-credentials-management`; then "
    "delete the root credentials of each member account under IAM > Root access management",
    blind_spot="The test does not see which member accounts still have root credentials.",
    console="management account, IAM > Root access management",
    documentation="id_root-user.html",
)
def root_credentials_central(account_facts: Frame) -> Mask:
    """An exception is an organization whose `EnabledFeatures` lack `RootCredentialsManagement`.

    AWS tells this to the management account and to the delegated administrator for IAM only. Elsewhere the
    check is not evaluated.
    """
    return ~account_facts.root_credentials_managed
