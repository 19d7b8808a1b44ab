"""Answers to what moto does not have, in the shape that AWS's API reference documents.

Nothing here was recorded from an account: which members there are follows the documentation of each operation
and the values are invented.
"""

import threading
import uuid
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


def operations():
    """Return the methods of moto's IAM that AWS has and moto does not, and what they keep."""
    jobs = Jobs()

    def generate_service_last_accessed_details(response):
        return jobs.generate(response)

    def get_service_last_accessed_details(response):
        return jobs.get(response)

    methods = (generate_service_last_accessed_details, get_service_last_accessed_details)
    return SimpleNamespace(jobs=jobs, methods={method.__name__: method for method in methods})
