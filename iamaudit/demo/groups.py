"""The groups of the demo account, through which most of its people get their permissions."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from iamaudit.demo.facts import ACCOUNT_ID
from iamaudit.demo.policies import AWS, OWN, Document, allow, deny, document


@dataclass(frozen=True, slots=True)
class Group:
    """An IAM group."""

    name: str
    created: str
    policies: tuple[str, ...] = ()
    inline: Mapping[str, Document] = field(default_factory=dict)


GROUPS: tuple[Group, ...] = (
    Group("Administrators", "2024-10-09", (AWS + "AdministratorAccess",)),
    Group("SecurityTeam", "2024-10-14", (AWS + "SecurityAudit", AWS + "IAMReadOnlyAccess")),
    Group(
        "Developers",
        "2024-11-12",
        (OWN + "DeveloperAccess", OWN + "RequireMfa"),
        {
            "GuardRails": document(
                deny("organizations:LeaveOrganization", Sid="StayInTheOrganization"),
                deny(
                    ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail"],
                    Sid="KeepTheTrail",
                    Condition={"StringNotEquals": {"aws:PrincipalTag/duty": "break-glass"}},
                ),
            ),
            # A Deny on a group object stops changes to the group, not what its members do to themselves.
            "ProtectSecurityTeam": document(deny("iam:*", f"arn:aws:iam::{ACCOUNT_ID}:group/SecurityTeam")),
        },
    ),
    Group(
        "DataEngineers",
        "2025-02-04",
        (OWN + "DataLakeAccess", OWN + "RequireMfa"),
        {"Notebooks": document(allow(["sagemaker:List*", "sagemaker:Describe*"]))},
    ),
    Group(
        "Operations", "2025-01-08", (OWN + "OpsToolkit", OWN + "BusinessHoursOnly", OWN + "CloudTrailGuard")
    ),
    Group("BillingViewers", "2025-05-19", (OWN + "BillingViewer",)),
    Group("SupportDesk", "2025-06-10", (AWS + "AWSSupportAccess", AWS + "job-function/ViewOnlyAccess")),
    Group("ServiceAccounts", "2024-11-05", (OWN + "MetricsPublisher",)),
    Group("Contractors", "2025-03-25", (AWS + "job-function/ViewOnlyAccess",)),
    Group("LegacyDeployers", "2024-11-26", (AWS + "PowerUserAccess",)),
)
