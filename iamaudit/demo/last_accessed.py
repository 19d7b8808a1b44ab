"""What the demo's users and roles used of what they may use, as AWS's last accessed reports say it.

AWS reports every service that identity policies allow. It leaves out the tracked actions of a service when
the principal used none of them, and all activity before its tracking period of 400 days.
"""

import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from iamaudit.demo.facts import AS_OF, COLLECTED_AT, REGION, moment
from iamaudit.demo.people import USERS, User
from iamaudit.demo.roles import ROLES, SERVICE_LINKED
from iamaudit.iam.actions import Catalogue, load_catalogue
from iamaudit.iam.evaluate import document_grants, settled, united
from iamaudit.iam.policy import parse_document

Used = Mapping[str, str]
"""The services in use, with the names of the tracked actions that were used."""

_TRACKED_DAYS = 400

_DATA_ACTIONS = (
    "s3:*Object* s3:ListBucket* s3:AbortMultipartUpload s3:ListMultipartUploadParts",
    "dynamodb:*Item dynamodb:Query dynamodb:Scan dynamodb:PartiQL* dynamodb:GetRecords",
    "lambda:Invoke* sqs:*Message* sns:Publish* logs:*Events logs:GetQueryResults",
    "cloudwatch:PutMetricData cloudwatch:GetMetric* iam:PassRole ecr:BatchGetImage ecr:GetDownload*",
)
"""Actions on data, and one that no call stands for: AWS does not track their use."""

_TRACKED = (
    "access-analyzer athena cloudformation cloudtrail cloudwatch config dynamodb ec2 ecr ecs glue guardduty",
    "iam kms lambda logs rds s3 securityhub sns sqs ssm sts",
)
"""Services whose management actions AWS tracks, among those that the demo uses."""

_OF_GROUPS: Mapping[str, Used] = {
    "SecurityTeam": {
        "iam": "GenerateCredentialReport GetAccountSummary GetCredentialReport GetUser ListRoles ListUsers",
        "access-analyzer": "ListAnalyzers ListFindings",
        "cloudtrail": "DescribeTrails GetTrailStatus",
        "guardduty": "ListDetectors ListFindings",
        "securityhub": "GetFindings",
    },
    "Administrators": {
        "iam": "CreateUser DeleteLoginProfile GetUser ListUsers UpdateLoginProfile",
        "ec2": "DescribeInstances DescribeSecurityGroups",
        "s3": "ListAllMyBuckets PutBucketPolicy",
        "sts": "AssumeRole",
        "health": "",
    },
    "Developers": {
        "lambda": "CreateFunction GetFunction ListFunctions UpdateFunctionCode UpdateFunctionConfiguration",
        "dynamodb": "CreateTable DescribeTable ListTables",
        "logs": "DescribeLogGroups DescribeLogStreams StartQuery",
        "s3": "CreateBucket ListAllMyBuckets",
        "ecr": "DescribeRepositories GetAuthorizationToken",
        "ec2": "DescribeInstances DescribeVpcs",
    },
    "DataEngineers": {
        "s3": "",
        "glue": "GetDatabases GetTables StartJobRun UpdateTable",
        "athena": "GetQueryExecution ListWorkGroups StartQueryExecution",
        "dynamodb": "",
    },
    "Operations": {
        "ec2": "CreateSnapshot DescribeInstances DescribeVolumes StartInstances StopInstances",
        "ssm": "DescribeInstanceInformation GetParameter SendCommand StartSession",
        "logs": "DescribeLogGroups StartQuery",
        "cloudwatch": "ListMetrics PutMetricAlarm",
    },
    "BillingViewers": {"ce": "", "billing": "", "budgets": ""},
    "SupportDesk": {"support": "", "ec2": "DescribeInstances", "s3": "ListAllMyBuckets"},
    "ServiceAccounts": {"cloudwatch": ""},
}

_OF_PRINCIPALS: Mapping[str, Used] = {
    "compliance-scanner": {
        "iam": "GetAccountSummary GetRole ListRoles ListUsers",
        "ec2": "DescribeInstances DescribeSecurityGroups",
        "s3": "",
    },
    "ci-deployer": {
        "cloudformation": "CreateChangeSet DescribeChangeSet DescribeStacks ExecuteChangeSet",
        "ecr": "BatchCheckLayerAvailability GetAuthorizationToken PutImage",
        "ecs": "DescribeServices RegisterTaskDefinition UpdateService",
    },
    "backup-agent": {
        "s3": "GetBucketLocation GetBucketVersioning GetEncryptionConfiguration GetLifecycleConfiguration "
        "ListAllMyBuckets PutLifecycleConfiguration",
        "cloudwatch": "",
    },
    "terraform-runner": {"sts": "AssumeRole"},
    "release-bot": {"s3": ""},
    "test-reader": {"s3": ""},
    "legacy-ftp-sync": {"s3": ""},
    "iamaudit-auditor": {"iam": "GetAccountAuthorizationDetails GetCredentialReport ListAccountAliases"},
    "ComplianceScannerRole": {
        "ec2": "DescribeInstances DescribeSecurityGroups DescribeVpcs",
        "iam": "GetAccountSummary ListRoles ListUsers",
        "s3": "GetBucketPolicy ListAllMyBuckets",
    },
    "github-deploy": {
        "cloudformation": "CreateStack DescribeStacks UpdateStack",
        "lambda": "GetFunction UpdateFunctionCode",
        "ecs": "DescribeServices UpdateService",
        "s3": "GetBucketLocation",
    },
    "github-preview": {"s3": ""},
    "vendor-monitoring": {"cloudwatch": "ListMetrics", "logs": "", "tag": ""},
    "vendor-billing": {"ce": "", "cur": ""},
    "release-manager": {"lambda": "UpdateFunctionCode", "sts": "AssumeRole"},
    "platform-deployer": {
        "cloudformation": "CreateStack DescribeStacks",
        "ecs": "CreateService UpdateService",
        "rds": "DescribeDBInstances ModifyDBInstance",
    },
    "BreakGlassAdmin": {"iam": "DeactivateMFADevice UpdateLoginProfile", "ec2": "DescribeInstances"},
    "ops-automation": {
        "ec2": "DeleteSnapshot DescribeInstances DescribeSnapshots TerminateInstances",
        "lambda": "DeleteFunction ListFunctions",
        "logs": "DeleteLogGroup DescribeLogGroups",
        "s3": "DeleteBucket ListAllMyBuckets",
    },
    "lambda-order-processor": {"logs": "CreateLogStream", "dynamodb": "", "sqs": ""},
    "report-builder": {"s3": "", "logs": "CreateLogStream"},
    "ec2-web": {"ssm": "UpdateInstanceInformation", "ssmmessages": "", "ec2messages": ""},
    "ec2-batch": {"s3": "ListAllMyBuckets"},
    "ecs-task-storefront": {"ecr": "BatchCheckLayerAvailability GetAuthorizationToken", "logs": "", "s3": ""},
    "sandbox-builder": {"s3": "CreateBucket", "lambda": "CreateFunction UpdateFunctionCode", "logs": ""},
    "data-pipeline": {"glue": "GetTable UpdateTable", "s3": "GetBucketLocation", "logs": ""},
    "cloudformation-exec": {
        "lambda": "CreateFunction GetFunction UpdateFunctionConfiguration",
        "dynamodb": "CreateTable DescribeTable",
        "s3": "CreateBucket PutBucketPolicy",
        "iam": "AttachRolePolicy CreateRole",
    },
    "stepfunctions-orders": {"lambda": ""},
    "network-inspector": {"ec2": "DescribeSubnets DescribeVpcs", "elasticloadbalancing": ""},
    "support-engineer": {"support": "", "ec2": "DescribeInstances", "cloudwatch": "ListMetrics"},
    "AWSReservedSSO_AdministratorAccess_0f1e2d3c4b5a6978": {
        "iam": "GetRole ListRoles ListUsers",
        "ec2": "DescribeInstances RunInstances",
        "s3": "ListAllMyBuckets",
        "health": "",
    },
    "AWSReservedSSO_ViewOnlyAccess_8a9b0c1d2e3f4051": {"ec2": "DescribeInstances", "s3": "ListAllMyBuckets"},
    SERVICE_LINKED[1]: {"ec2": "DescribeInstances RunInstances TerminateInstances"},
}
"""What each did itself; who is not named here did what the members of its groups do."""


def job_of(arn: str) -> str:
    """Return the id of the job that reports on a principal."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, arn))


def report_of(iam: Any, job: str) -> dict[str, Any] | None:
    """Return the report of a job on one of the users and roles of moto's IAM backend."""
    for made in (*iam.users.values(), *iam.roles.values()):
        if job_of(made.arn) == job:
            return {
                "JobStatus": "COMPLETED",
                "JobType": "ACTION_LEVEL",
                "JobCreationDate": COLLECTED_AT,
                "JobCompletionDate": COLLECTED_AT + timedelta(seconds=2),
                "IsTruncated": False,
                "ServicesLastAccessed": list(_services(iam, made, load_catalogue())),
            }
    return None


def _services(iam: Any, made: Any, catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    granted, last = _granted(iam, made, catalogue), _last_use(made.name)
    used = _used(made.name) if last is not None and (AS_OF - last).days < _TRACKED_DAYS else {}
    for service in catalogue.services:
        if not catalogue.service_mask(service) & granted:
            continue
        said = {"ServiceName": service, "ServiceNamespace": service, "TotalAuthenticatedEntities": 0}
        if service in used and last is not None:
            said |= {
                "TotalAuthenticatedEntities": 1,
                "LastAuthenticated": last,
                "LastAuthenticatedEntity": made.arn,
                "LastAuthenticatedRegion": "us-east-1" if service == "iam" else REGION,
            }
            tracked = catalogue.names_of(catalogue.service_mask(service) & granted & _tracked(catalogue))
            if tracked and used[service]:
                said["TrackedActionsLastAccessed"] = [
                    _action(made.arn, said, name.partition(":")[2], used[service].split()) for name in tracked
                ]
        yield said


def _action(arn: str, service: Mapping[str, Any], name: str, used: list[str]) -> dict[str, Any]:
    if name not in used:
        return {"ActionName": name}
    days = used.index(name) * 9 % 40  # not everything is done every day
    return {
        "ActionName": name,
        "LastAccessedEntity": arn,
        "LastAccessedTime": service["LastAuthenticated"] - timedelta(days=days),
        "LastAccessedRegion": service["LastAuthenticatedRegion"],
    }


def _tracked(catalogue: Catalogue) -> int:
    services = " ".join(_TRACKED).split()
    data = catalogue.expand_patterns(" ".join(_DATA_ACTIONS).split())
    return catalogue.expand_patterns(f"{service}:*" for service in services) & ~data


def _granted(iam: Any, made: Any, catalogue: Catalogue) -> int:
    """Return what the identity policies of a user or role may allow; boundaries do not count."""
    groups = [g for g in iam.groups.values() if any(user.name == made.name for user in g.users)]
    holders = [made, *(groups if made in iam.users.values() else ())]
    documents = [
        *(_in_force(policy) for holder in holders for policy in holder.managed_policies.values()),
        *(text for holder in holders for text in holder.policies.values()),
    ]
    said = (document_grants(parse_document(each), catalogue) for each in documents)
    grants = settled(united(said))
    return grants.possible & ~grants.denied


def _in_force(policy: Any) -> Any:
    return next(version.document for version in policy.versions if version.is_default)


def _used(name: str) -> Used:
    own = _OF_PRINCIPALS.get(name)
    groups = next((user.groups for user in USERS if user.name == name), ())
    return own if own is not None else {k: v for g in groups for k, v in _OF_GROUPS.get(g, {}).items()}


def _last_use(name: str) -> datetime | None:
    for user in USERS:
        if user.name == name:
            days = [key.used[0] for key in user.keys if key.used]
            return max((moment(day, name, 62) for day in [*days, *_signed_in(user)]), default=None)
    for role in ROLES:
        if role.name == name:
            return moment(role.used[0], name, 60) if role.used else None
    return moment("2026-10-31", name, 60)


def _signed_in(user: User) -> list[str]:
    return [user.login.used] if user.login and user.login.used else []
