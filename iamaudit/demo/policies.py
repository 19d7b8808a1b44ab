"""The customer managed policies of the demo account, and the words that all its policies are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from iamaudit.demo.facts import ACCOUNT_ID

Document = dict[str, Any]

AWS = "arn:aws:iam::aws:policy/"
OWN = f"arn:aws:iam::{ACCOUNT_ID}:policy/"


def document(*statements: Mapping[str, Any]) -> Document:
    """Return a policy document of ``statements``."""
    return {"Version": "2012-10-17", "Statement": [dict(statement) for statement in statements]}


def allow(actions: str | Sequence[str], resources: str | Sequence[str] = "*", **more: Any) -> Document:
    """Return an Allow statement."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def deny(actions: str | Sequence[str], resources: str | Sequence[str] = "*", **more: Any) -> Document:
    """Return a Deny statement."""
    return {"Effect": "Deny", "Action": actions, "Resource": resources, **more}


def _words(*lines: str) -> list[str]:
    return " ".join(lines).split()


@dataclass(frozen=True, slots=True)
class CustomerPolicy:
    """A customer managed policy; ``versions`` are oldest first, ``default`` counts from 1 (0: the newest)."""

    name: str
    created: tuple[str, ...]
    versions: tuple[Document, ...]
    description: str = ""
    default: int = 0
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """The policy's ARN."""
        return OWN + self.name

    @property
    def default_version(self) -> int:
        """The number of the version in force."""
        return self.default or len(self.versions)


def _policy(name: str, created: str, *statements: Mapping[str, Any], description: str = "") -> CustomerPolicy:
    return CustomerPolicy(name, (created,), (document(*statements),), description)


_LAKE = ["arn:aws:s3:::example-data-lake", "arn:aws:s3:::example-data-lake/*"]
_REPORTS = ["arn:aws:s3:::example-reports", "arn:aws:s3:::example-reports/*"]

POLICIES: tuple[CustomerPolicy, ...] = (
    _policy(
        "ComplianceScannerPolicy",
        "2025-01-21",
        allow(
            _words(
                "iam:Get* iam:List* s3:GetObject s3:ListBucket",
                "ec2:Describe* ec2:GetConsoleOutput vpc:Describe*",
            ),
            Sid="Scan",
        ),
        description="What the compliance scanner reads every night",
    ),
    _policy(
        "BusinessHoursOnly",
        "2025-03-11",
        allow(
            ["ec2:StartInstances", "ec2:StopInstances", "ec2:RebootInstances"],
            Sid="OfficeHours",
            Condition={
                "DateGreaterThan": {"aws:CurrentTime": "09:00Z"},
                "DateLessThan": {"aws:CurrentTime": "17:00Z"},
            },
        ),
        description="Start and stop instances between nine and five",
    ),
    _policy(
        "DeployAnything", "2024-12-02", allow("*", Sid="Everything"), description="Until deploys are scoped"
    ),
    _policy(
        "DeveloperAccess",
        "2024-11-12",
        {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*"},
        description="Everything but identity",
    ),
    _policy(
        "DataLakeAccess",
        "2025-02-04",
        allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"], _LAKE, Sid="Lake"),
        allow(["glue:Get*", "glue:BatchGet*", "glue:StartJobRun", "glue:CreateTable", "glue:UpdateTable"]),
        allow(["athena:StartQueryExecution", "athena:StopQueryExecution", "athena:Get*", "athena:List*"]),
        allow(
            ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:PutItem"],
            f"arn:aws:dynamodb:*:{ACCOUNT_ID}:table/events-*",
        ),
    ),
    _policy(
        "BackupStorage", "2024-11-26", allow("s3:*", Sid="AllOfS3"), description="Backups of all buckets"
    ),
    _policy(
        "OpsToolkit",
        "2025-01-08",
        allow(["ec2:Describe*", "ec2:RunInstances", "ec2:TerminateInstances", "ec2:CreateTags"]),
        allow(["ec2:*SecurityGroup*", "ec2:AttachVolume", "ec2:DetachVolume", "ec2:CreateSnapshot"]),
        allow(["ssm:*", "logs:*"], Sid="RunAndRead"),
        allow(
            ["cloudwatch:Get*", "cloudwatch:List*", "cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"]
        ),
    ),
    _policy(
        "BillingViewer",
        "2025-05-19",
        allow(["ce:Get*", "ce:Describe*", "ce:List*", "cur:DescribeReportDefinitions"]),
        allow(["billing:Get*", "budgets:ViewBudget", "tax:GetTaxRegistration", "invoicing:Get*"]),
    ),
    _policy(
        "RequireMfa",
        "2025-04-07",
        {
            "Sid": "NothingWithoutMfa",
            "Effect": "Deny",
            "NotAction": _words(
                "iam:ChangePassword iam:CreateVirtualMFADevice iam:EnableMFADevice iam:ListMFADevices",
                "sts:GetSessionToken",
            ),
            "Resource": "*",
            "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
        },
    ),
    _policy(
        "DeveloperBoundary",
        "2025-06-03",
        allow(["s3:*", "dynamodb:*", "lambda:*", "logs:*", "cloudwatch:*", "sqs:*"], Sid="Ceiling"),
        deny(["iam:*", "organizations:*", "s3:DeleteBucket*"], Sid="Never"),
        description="The most that a sandbox may ever do",
    ),
    _policy(
        "ReportsAccess",
        "2025-09-16",
        allow(["s3:GetObjects", "s3:PutObject"], "arn:aws:s3:::example-reports/*"),
        allow("s3:ListBucket", "arn:aws:s3:::example-reports"),
        description="Write the monthly reports",
    ),
    _policy(
        "CiDeployAccess",
        "2024-12-09",
        allow(["cloudformation:*", "ecr:*"], Sid="Stacks"),
        allow(["ecs:UpdateService", "ecs:RegisterTaskDefinition", "ecs:Describe*", "ecs:List*"]),
        allow("iam:PassRole", f"arn:aws:iam::{ACCOUNT_ID}:role/ecs-task-storefront"),
    ),
    _policy(
        "LambdaRelease",
        "2025-07-22",
        allow(["lambda:CreateFunction", "lambda:InvokeFunction", "lambda:UpdateFunctionCode"]),
        allow("iam:PassRole", f"arn:aws:iam::{ACCOUNT_ID}:role/*", Sid="PassAnyRole"),
    ),
    _policy(
        "AssumeReleaseManager",
        "2025-07-22",
        allow("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT_ID}:role/release-manager"),
    ),
    _policy(
        "ReleaseNotes",
        "2026-06-22",
        allow(["s3:PutObject", "s3:GetObject"], "arn:aws:s3:::example-release-notes/*"),
        allow(["iam:CreatePolicyVersion", "iam:GetPolicy*"], OWN + "ReleaseNotes", Sid="MaintainOwnPolicy"),
    ),
    _policy("LegacyFtpSync", "2024-11-05", allow("s3:PutObject", "arn:aws:s3:::example-ftp-inbox/*")),
    _policy(
        "MetricsPublisher",
        "2025-07-07",
        allow("cloudwatch:PutMetricData"),
        allow(
            ["logs:CreateLogStream", "logs:PutLogEvents"], f"arn:aws:logs:*:{ACCOUNT_ID}:log-group:/metrics/*"
        ),
    ),
    CustomerPolicy(
        "NetworkReadOnly",
        ("2025-02-18", "2025-08-05", "2026-03-24", "2026-09-08"),
        (
            document(allow(["ec2:*"])),
            document(allow(["ec2:Describe*", "ec2:CreateFlowLogs"])),
            document(allow(["ec2:Describe*", "ec2:Get*", "elasticloadbalancing:Describe*"])),
            document(allow(["ec2:Describe*", "ec2:Get*", "elasticloadbalancing:*"])),
        ),
        "Look at the network",
        default=3,
    ),
    CustomerPolicy(
        "VendorMonitoring",
        ("2025-10-14",),
        (
            document(
                allow(["cloudwatch:Get*", "cloudwatch:List*", "logs:FilterLogEvents", "tag:GetResources"])
            ),
        ),
        "Asked for by the vendor",
        tags={"requested-by": "karl.jensen", "ticket": "OPS-2231"},
    ),
    _policy(
        "CloudTrailGuard",
        "2025-08-26",
        deny(
            ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail"],
            Sid="KeepTheTrail",
            Condition={"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT_ID}:role/BreakGlassAdmin"}},
        ),
    ),
    _policy(
        "IamAuditRead",
        "2026-01-19",
        allow(
            _words(
                "iam:GenerateCredentialReport iam:GenerateServiceLastAccessedDetails",
                "iam:GetAccountAuthorizationDetails iam:GetServiceLastAccessedDetails",
                "iam:GetAccountPasswordPolicy iam:GetAccountSummary iam:GetCredentialReport",
                "iam:GetOpenIDConnectProvider iam:GetPolicy iam:GetPolicyVersion",
                "iam:ListAccessKeys iam:ListAccountAliases",
                "iam:ListInstanceProfiles iam:ListMFADevices iam:ListOpenIDConnectProviders",
                "iam:ListSAMLProviders iam:ListServerCertificates iam:ListVirtualMFADevices",
                "iam:GetAccessKeyLastUsed iam:GetLoginProfile iam:ListOrganizationsFeatures",
                "iam:ListServiceSpecificCredentials iam:ListSigningCertificates iam:ListSSHPublicKeys",
                "access-analyzer:ListAnalyzers access-analyzer:ListFindings",
                "sts:GetCallerIdentity",
            ),
            Sid="ReadIdentity",
        ),
        description="The least that iamaudit needs",
    ),
    _policy(
        "OldAuditExport",
        "2024-11-19",
        allow(["iam:Get*", "iam:List*", "s3:PutObject"]),
        description="Replaced by IamAuditRead",
    ),
    _policy("KmsOperator", "2025-11-11", allow("kms:*", Sid="AllKeys")),
    _policy("QuarantineDenyAll", "2025-12-01", deny("*"), description="For accounts under investigation"),
    _policy("ReportReaders", "2026-02-10", allow(["s3:GetObject", "s3:ListBucket"], _REPORTS)),
)

MANAGED = (
    "AdministratorAccess",
    "AmazonSSMManagedInstanceCore",
    "AutoScalingServiceRolePolicy",
    "AWSGlueServiceRole",
    "AWSLambdaBasicExecutionRole",
    "AWSSupportAccess",
    "AmazonECSTaskExecutionRolePolicy",
    "IAMReadOnlyAccess",
    "PowerUserAccess",
    "ReadOnlyAccess",
    "SecurityAudit",
    "ViewOnlyAccess",
)
"""The AWS managed policies in use, by name."""
