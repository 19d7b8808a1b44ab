"""The roles of the demo account: who may take them, and what they may then do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from iamaudit.demo.facts import ACCOUNT_ID, EXTERNAL_ACCOUNT_ID, identifier
from iamaudit.demo.policies import AWS, OWN, Document, allow, document

GITHUB = "token.actions.githubusercontent.com"
SAML_PROVIDER = "AWSSSO_0f1e2d3c4b5a6978_DO_NOT_DELETE"
SERVICE_LINKED = ("autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling")

_SSO_PATH = "/aws-reserved/sso.amazonaws.com/"
_ROOT = f"arn:aws:iam::{ACCOUNT_ID}:root"
_VENDOR = f"arn:aws:iam::{EXTERNAL_ACCOUNT_ID}:root"


@dataclass(frozen=True, slots=True)
class Role:
    """An IAM role; ``used`` is the day and Region of its last use, ``None`` for never."""

    name: str
    created: str
    trust: Document
    used: tuple[str, str] | None = None
    policies: tuple[str, ...] = ()
    inline: Mapping[str, Document] = field(default_factory=dict)
    boundary: str | None = None
    description: str = ""
    path: str = "/"
    tags: Mapping[str, str] = field(default_factory=dict)
    instance_profile: str | None = None


def _trust(principal: Any, condition: Any = None, action: str | list[str] = "sts:AssumeRole") -> Document:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    if condition:
        statement["Condition"] = condition
    return document(statement)


def _service(name: str, condition: Any = None) -> Document:
    return _trust({"Service": f"{name}.amazonaws.com"}, condition)


def _github(operator: str, sub: str) -> Document:
    condition = {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}
    condition.setdefault(operator, {})[f"{GITHUB}:sub"] = sub
    provider = {"Federated": f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{GITHUB}"}
    return _trust(provider, condition, "sts:AssumeRoleWithWebIdentity")


_SSO_TRUST = _trust(
    {"Federated": f"arn:aws:iam::{ACCOUNT_ID}:saml-provider/{SAML_PROVIDER}"},
    {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
    ["sts:AssumeRoleWithSAML", "sts:TagSession"],
)
_WITH_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def _role(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT_ID}:role/{name}"


ROLES: tuple[Role, ...] = (
    Role(
        "iamaudit-auditor",
        "2026-01-19",
        _trust({"AWS": _ROOT}),
        ("2026-10-31T07:55:03", "us-east-1"),
        (OWN + "IamAuditRead",),
        description="Reads identity for the nightly audit",
        tags={"owner": "Security"},
    ),
    Role(
        "ComplianceScannerRole",
        "2025-01-21",
        _service("ec2"),
        ("2026-11-01T03:05:11", "eu-west-1"),
        (AWS + "ReadOnlyAccess",),
        description="The instance on which the compliance scanner runs",
        instance_profile="ComplianceScannerRole",
    ),
    # GitHub
    Role(
        "github-deploy",
        "2024-12-02",
        _github("StringLike", "repo:example-org/*"),
        ("2026-10-31", "eu-west-1"),
        (OWN + "DeployAnything",),
        description="Deploys from any repository of the organization",
    ),
    Role(
        "github-preview",
        "2026-04-07",
        _github("StringEquals", "repo:example-org/storefront:ref:refs/heads/main"),
        ("2026-10-30", "eu-west-1"),
        inline={
            "Preview": document(allow(["s3:PutObject", "s3:DeleteObject"], "arn:aws:s3:::example-preview/*"))
        },
    ),
    # The vendor
    Role(
        "vendor-monitoring",
        "2025-10-14",
        _trust({"AWS": _VENDOR}, {"StringEquals": {"sts:ExternalId": "example-prod-7d41"}}),
        ("2026-10-31", "eu-west-1"),
        (OWN + "VendorMonitoring",),
        description="Monitoring by the vendor",
        tags={"contract": "2025-118"},
    ),
    Role(
        "vendor-billing",
        "2025-05-20",
        _trust({"AWS": _VENDOR}),
        ("2026-07-02", "us-east-1"),
        (OWN + "BillingViewer",),
    ),
    # The way up: terraform-runner -> release-manager -> platform-deployer -> BreakGlassAdmin
    Role(
        "release-manager",
        "2025-07-22",
        _trust({"AWS": f"arn:aws:iam::{ACCOUNT_ID}:user/terraform-runner"}),
        ("2026-10-31", "eu-west-1"),
        (OWN + "LambdaRelease",),
        {"AssumeDeployer": document(allow("sts:AssumeRole", _role("platform-deployer")))},
    ),
    Role(
        "platform-deployer",
        "2025-07-22",
        _trust({"AWS": _role("release-manager")}),
        ("2026-10-12", "eu-west-1"),
        (AWS + "PowerUserAccess",),
        {"AssumeAdmin": document(allow("sts:AssumeRole", _role("BreakGlassAdmin")))},
    ),
    Role(
        "BreakGlassAdmin",
        "2024-10-10",
        document(
            {"Effect": "Allow", "Principal": {"AWS": _role("platform-deployer")}, "Action": "sts:AssumeRole"},
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:user/helen.park"},
                "Action": "sts:AssumeRole",
                "Condition": _WITH_MFA,
            },
        ),
        ("2026-04-11", "eu-west-1"),
        (AWS + "AdministratorAccess",),
        tags={"duty": "break-glass"},
    ),
    # Workloads
    Role(
        "ops-automation",
        "2025-04-15",
        _service("lambda"),
        ("2026-10-31", "eu-west-1"),
        (AWS + "AdministratorAccess",),
        description="Cleans up after experiments",
    ),
    Role(
        "lambda-order-processor",
        "2025-01-30",
        _service("lambda"),
        ("2026-10-31", "eu-west-1"),
        (AWS + "service-role/AWSLambdaBasicExecutionRole",),
        {
            "Orders": document(
                allow(
                    ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
                    f"arn:aws:dynamodb:eu-west-1:{ACCOUNT_ID}:table/orders",
                ),
                allow("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ACCOUNT_ID}:orders"),
            )
        },
    ),
    Role(
        "report-builder",
        "2025-09-16",
        _service("lambda"),
        ("2026-10-01", "eu-west-1"),
        (OWN + "ReportsAccess", AWS + "service-role/AWSLambdaBasicExecutionRole"),
    ),
    Role(
        "ec2-web",
        "2024-11-14",
        _service("ec2"),
        ("2026-10-31", "eu-west-1"),
        (AWS + "AmazonSSMManagedInstanceCore",),
        instance_profile="web",
    ),
    Role(
        "ec2-batch",
        "2024-11-26",
        _service("ec2"),
        ("2026-09-11", "eu-west-1"),
        (OWN + "BackupStorage",),
        instance_profile="batch",
    ),
    Role(
        "ecs-task-storefront",
        "2025-02-26",
        _service("ecs-tasks", {"ArnLike": {"aws:SourceArn": f"arn:aws:ecs:eu-west-1:{ACCOUNT_ID}:*"}}),
        ("2026-10-31", "eu-west-1"),
        (AWS + "service-role/AmazonECSTaskExecutionRolePolicy",),
        {"Catalogue": document(allow("s3:GetObject", "arn:aws:s3:::example-catalogue/*"))},
    ),
    Role(
        "sandbox-builder",
        "2025-06-03",
        _service("codebuild"),
        ("2026-10-08", "eu-west-1"),
        (AWS + "PowerUserAccess",),
        boundary=OWN + "DeveloperBoundary",
        description="Builds in the sandbox; its boundary keeps it to a few services",
    ),
    Role(
        "data-pipeline",
        "2025-02-04",
        _service("glue"),
        ("2026-10-31", "eu-west-1"),
        (AWS + "service-role/AWSGlueServiceRole", OWN + "DataLakeAccess"),
    ),
    Role(
        "cloudformation-exec",
        "2024-12-09",
        _service("cloudformation"),
        ("2026-10-31", "eu-west-1"),
        inline={
            "Stacks": document(
                allow(["dynamodb:*", "ecs:*", "elasticloadbalancing:*", "lambda:*", "rds:*", "s3:*"]),
                allow(["iam:PassRole", "iam:CreateRole", "iam:AttachRolePolicy"], Sid="StackRoles"),
            )
        },
    ),
    Role(
        "stepfunctions-orders",
        "2025-12-08",
        _service("states", {"StringEquals": {"aws:SourceAccount": ACCOUNT_ID}}),
        ("2026-10-30", "eu-west-1"),
        inline={
            "Invoke": document(
                allow("lambda:InvokeFunction", f"arn:aws:lambda:*:{ACCOUNT_ID}:function:order-*")
            )
        },
    ),
    Role(
        "sns-forwarder",
        "2026-05-05",
        _service("sns"),
        None,
        inline={"Logs": document(allow(["logs:CreateLogGroup", "logs:PutLogEvents"]))},
    ),
    # People, through the account or the identity provider
    Role(
        "network-inspector",
        "2025-02-18",
        _trust({"AWS": _ROOT}),
        ("2026-08-19", "eu-west-1"),
        (OWN + "NetworkReadOnly",),
    ),
    Role(
        "support-engineer",
        "2025-06-10",
        _trust({"AWS": _ROOT}, _WITH_MFA),
        ("2026-10-20", "us-east-1"),
        (AWS + "AWSSupportAccess", AWS + "ReadOnlyAccess"),
    ),
    Role(
        "AWSReservedSSO_AdministratorAccess_0f1e2d3c4b5a6978",
        "2025-03-17",
        _SSO_TRUST,
        ("2026-10-29", "eu-west-1"),
        (AWS + "AdministratorAccess",),
        path=_SSO_PATH,
    ),
    Role(
        "AWSReservedSSO_ViewOnlyAccess_8a9b0c1d2e3f4051",
        "2025-03-17",
        _SSO_TRUST,
        ("2026-10-30", "eu-west-1"),
        (AWS + "job-function/ViewOnlyAccess",),
        path=_SSO_PATH,
    ),
    # Left behind
    Role(
        "cross-account-backup",
        "2024-11-26",
        # AWS shows the unique id of a principal that was deleted after it was named here.
        _trust({"AWS": identifier("AROA", "deleted-backup-operator")}),
        ("2025-02-21", "eu-west-1"),
        (OWN + "BackupStorage",),
    ),
    Role("legacy-import", "2024-11-07", _service("ec2"), None, description="Imports of the old shop"),
    Role("inventory-reader", "2026-02-03", _service("lambda"), None, (AWS + "job-function/ViewOnlyAccess",)),
)
