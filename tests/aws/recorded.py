"""Answers to what moto does not have, in the shape that AWS's API reference documents.

Nothing here was recorded from an account: which members there are follows the documentation of each operation
and the values are invented.
"""

import threading
import uuid
from datetime import UTC, datetime
from types import SimpleNamespace

from moto.core.responses import ActionResult
from moto.iam.exceptions import NotFoundException

LAST_ACCESSED = {
    # A service of which AWS tracks actions, one of which it does not, and one that was never used.
    "JobType": "ACTION_LEVEL",
    "JobCreationDate": "2026-11-01T07:50:00Z",
    "JobCompletionDate": "2026-11-01T07:50:04Z",
    "ServicesLastAccessed": [
        {
            "ServiceName": "AWS Identity and Access Management",
            "ServiceNamespace": "iam",
            "LastAuthenticated": "2026-10-30T12:00:00Z",
            "LastAuthenticatedEntity": "{arn}",
            "LastAuthenticatedRegion": "us-east-1",
            "TotalAuthenticatedEntities": 1,
            "TrackedActionsLastAccessed": [
                {
                    "ActionName": "ListUsers",
                    "LastAccessedEntity": "{arn}",
                    "LastAccessedTime": "2026-10-30T12:00:00Z",
                    "LastAccessedRegion": "us-east-1",
                },
                {"ActionName": "CreateUser"},
            ],
        },
        {
            "ServiceName": "Amazon Simple Queue Service",
            "ServiceNamespace": "sqs",
            "LastAuthenticated": "2026-09-01T12:00:00Z",
            "LastAuthenticatedEntity": "{arn}",
            "LastAuthenticatedRegion": "eu-west-1",
            "TotalAuthenticatedEntities": 1,
        },
        {"ServiceName": "AWS Cost Explorer", "ServiceNamespace": "ce", "TotalAuthenticatedEntities": 0},
    ],
}


class Jobs:
    """Last-accessed jobs as AWS runs them: under way at first, in pages, unknown to other sessions.

    ``states`` says by ARN which states a job goes through before it is completed, ``failing`` which ends how.
    """

    def __init__(self):
        self.page, self.states, self.failing = 2, {}, {}
        self.arns, self.begun, self.left = {}, [], {}
        self.lock = threading.Lock()

    def generate(self, response):
        arn, level = response._get_param("Arn"), response._get_param("Granularity")
        name = arn.rsplit("/", 1)[-1]
        held = (
            response.backend.users
            if ":user/" in arn
            else {r.name: r for r in response.backend.roles.values()}
        )
        if name not in held:
            raise NotFoundException(f"The entity {arn} does not exist.")
        job = str(uuid.uuid5(uuid.NAMESPACE_URL, arn))
        with self.lock:
            self.begun.append((arn, level))
            self.arns[job] = arn
            self.left[job] = [*self.states.get(arn, ())]
        return ActionResult({"JobId": job})

    def get(self, response):
        job, marker = response._get_param("JobId"), int(response._get_param("Marker") or 0)
        with self.lock:
            state = self.left[job].pop(0) if self.left.get(job) else None
        if job not in self.arns or state == "forgotten":
            raise NotFoundException(f"The job {job} does not exist.")
        arn = self.arns[job]
        begun = {key: value for key, value in LAST_ACCESSED.items() if key.startswith("Job")}
        if state == "IN_PROGRESS":
            begun.pop("JobCompletionDate")
            return ActionResult({**begun, "JobStatus": "IN_PROGRESS", "ServicesLastAccessed": []})
        if arn in self.failing:
            error = {"Code": "ServiceError", "Message": self.failing[arn]}
            return ActionResult({**begun, "JobStatus": "FAILED", "ServicesLastAccessed": [], "Error": error})
        services, end = _told_of(arn), marker + self.page
        more = {"IsTruncated": True, "Marker": str(end)} if end < len(services) else {"IsTruncated": False}
        page = {"ServicesLastAccessed": services[marker:end], **more}
        return ActionResult({**begun, "JobStatus": "COMPLETED", **page})


def _told_of(value):
    """Return the services, with the principal's ARN in place."""

    def put(arn, item):
        if isinstance(item, dict):
            return {key: put(arn, each) for key, each in item.items()}
        if isinstance(item, list):
            return [put(arn, each) for each in item]
        return arn if item == "{arn}" else item

    return put(value, LAST_ACCESSED["ServicesLastAccessed"])


def last_accessed(arn):
    """Return what AWS says of a principal, all pages as one."""
    begun = {key: value for key, value in LAST_ACCESSED.items() if key.startswith("Job")}
    return {**begun, "JobStatus": "COMPLETED", "ServicesLastAccessed": _told_of(arn)}


# Of an invented key that nobody kept; moto reads what it is given.
CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBKjCB0aADAgECAgEBMAoGCCqGSM49BAMCMB8xHTAbBgNVBAMMFGludmVudGVk
LmV4YW1wbGUuY29tMB4XDTI1MDEwMTAwMDAwMFoXDTM1MDEwMTAwMDAwMFowHzEd
MBsGA1UEAwwUaW52ZW50ZWQuZXhhbXBsZS5jb20wWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAT4sh9tCNhB/xw4vgqCUF08cPpJtPCKohAcvYHOlcX4TFgyYZauM2+z
7rnD3/YBDgWefqFnY3gPeVAxGbND9Qi9MAoGCCqGSM49BAMCA0gAMEUCICOSLKpw
LKKLAytrYazqlNleJSp/fgNj6rPTCqLg75+XAiEAr1szCaluKgFSe3janh1gncgv
9uFHTvCuik+SGMfVGiE=
-----END CERTIFICATE-----
"""
SERVICE_SPECIFIC = {
    "UserName": "nora",
    "Status": "Active",
    "ServiceUserName": "nora-at-444455556666",
    "CreateDate": "2025-01-01T00:00:00Z",
    "ServiceSpecificCredentialId": "ACCAEXAMPLE000000001",
    "ServiceName": "codecommit.amazonaws.com",
}
FEATURES = {"OrganizationId": "o-exampleorg1", "EnabledFeatures": ["RootCredentialsManagement"]}
ANALYZER = {
    "arn": "arn:aws:access-analyzer:us-east-1:444455556666:analyzer/external",
    "name": "external",
    "type": "ACCOUNT",
    "createdAt": datetime(2025, 1, 1, tzinfo=UTC),
    "status": "ACTIVE",
}
FINDING = {
    "id": "00000000-0000-4000-8000-000000000001",
    "resource": "arn:aws:s3:::example",
    "resourceType": "AWS::S3::Bucket",
    "resourceOwnerAccount": "444455556666",
    "status": "ACTIVE",
    "findingType": "ExternalAccess",
    **dict.fromkeys(("analyzedAt", "createdAt", "updatedAt"), datetime(2026, 10, 1, tzinfo=UTC)),
}


def answer_access_analyzer(client):
    """Answer for a service that moto does not have at all, before anything is sent."""
    answers = {"ListAnalyzers": {"analyzers": [ANALYZER]}, "ListFindingsV2": {"findings": [FINDING]}}

    def answer(model, **_):
        parsed = {**answers[model.name], "ResponseMetadata": {"RequestId": str(uuid.uuid4())}}
        return SimpleNamespace(status_code=200), parsed

    client.meta.events.register_last("before-call", answer)
    return client


def operations():
    """Return the methods of moto's IAM that AWS has and moto does not, and what they keep."""
    jobs = Jobs()

    def generate_service_last_accessed_details(response):
        return jobs.generate(response)

    def get_service_last_accessed_details(response):
        return jobs.get(response)

    def list_service_specific_credentials(response):
        mine = [SERVICE_SPECIFIC] if response._get_param("UserName") == "nora" else []
        return ActionResult({"ServiceSpecificCredentials": mine, "IsTruncated": False})

    def list_organizations_features(_):
        return ActionResult(FEATURES)

    methods = (
        generate_service_last_accessed_details,
        get_service_last_accessed_details,
        list_service_specific_credentials,
        list_organizations_features,
    )
    return SimpleNamespace(jobs=jobs, methods={method.__name__: method for method in methods})
