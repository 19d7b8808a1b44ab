"""What a thorough collection asks for beside the rest: keys, logins, credentials, last access, analyzers.

The choices are drawn from a generator of their own, so that the account of a seed stays the same.
"""

import csv
import io
import random
from datetime import timedelta

from tests.reperformance.raw import moment

SERVICES = ("codecommit", "cassandra", "bedrock", "logs")
LEFT_OUT = {
    2: ["access_keys_last_used"],
    6: ["login_profiles", "last_accessed"],
    8: ["ssh_public_keys"],
    10: ["access_keys", "access_keys_last_used"],
    12: ["service_specific_credentials"],
    14: ["access_analyzer", "organization_features"],
    16: ["signing_certificates", "login_profiles"],
}
"""What was not collected, by seed."""


class Further:
    """The sources of one account; ``users`` are those of its details, ``report`` is its credential report."""

    def __init__(self, seed, iam, users, report, as_of):
        self.rng = random.Random(f"further {seed}")  # noqa: S311 - reproducible, not secret
        self.iam, self.users, self.as_of = iam, users, as_of
        self.names = [user["UserName"] for user in users]
        self.rows = [row for row in csv.DictReader(io.StringIO(report)) if row["user"] != "<root_account>"]
        self.count = 0

    def _maybe(self, chance):
        return self.rng.random() < chance

    def _ago(self):
        days = self.rng.choice([0.1, 1, 29.9, 30, 45, 89.99, 90, 90.01, 91, 365, 366, 399, 700])
        return (self.as_of - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S") + "+00:00"

    def _id(self, prefix):
        self.count += 1
        return f"{prefix}{self.rng.randrange(10**8):08}{self.count:08}"

    @property
    def sources(self):
        keys = self._keys()
        return {
            "access_keys": {"AccessKeyMetadata": keys},
            "access_keys_last_used": {"AccessKeys": [self._use(key) for key in keys if self._maybe(0.9)]},
            "login_profiles": {"LoginProfiles": self._logins()},
            "ssh_public_keys": {"SSHPublicKeys": [*self._of_some("SSHPublicKeyId", "APKA", "UploadDate")]},
            "signing_certificates": {"Certificates": [*self._of_some("CertificateId", "CERT", "UploadDate")]},
            "service_specific_credentials": {"ServiceSpecificCredentials": self._service_credentials()},
            "last_accessed": {user["Arn"]: self._last_access() for user in self.users if self._maybe(0.9)},
            "access_analyzer": self._analyzers(),
            "organization_features": {
                "EnabledFeatures": self.rng.sample(["RootCredentialsManagement", "RootSessions"], 1)
            },
        }

    def _keys(self):
        """Most keys of the report, some of another second, now and then two of the same."""
        found = []
        for row in self.rows:
            for slot in (1, 2):
                made = row[f"access_key_{slot}_last_rotated"]
                if not moment(made) or self._maybe(0.1):
                    continue
                key = {"UserName": row["user"], "Status": self.rng.choice(["Active", "Inactive"])}
                ids = [self._id("AKIA") for _ in range(2 if self._maybe(0.1) else 1)]
                dated = {} if self._maybe(0.05) else {"CreateDate": self._ago() if self._maybe(0.1) else made}
                found += [{**key, "AccessKeyId": each, **dated} for each in ids]
        return found

    def _use(self, key):
        used = {"ServiceName": "N/A", "Region": "N/A"}
        if self._maybe(0.6):
            service = self.rng.choice(["s3", "sts", "iam", "N/A"])
            used = {"LastUsedDate": self._ago(), "ServiceName": service, "Region": "eu-west-1"}
        return {"AccessKeyId": key["AccessKeyId"], "UserName": key["UserName"], "AccessKeyLastUsed": used}

    def _logins(self):
        names = [row["user"] for row in self.rows if row["password_enabled"] == "true" and self._maybe(0.7)]
        return [{"UserName": name, "PasswordResetRequired": self._maybe(0.3)} for name in names]

    def _of_some(self, name, prefix, date):
        for user in self.names:
            for _ in range(self.rng.choice([0, 0, 1, 2])):
                made = {} if self._maybe(0.1) else {date: self._ago()}
                status = self.rng.choice(["Active", "Active", "Inactive"])
                yield {"UserName": user, name: self._id(prefix), "Status": status, **made}

    def _service_credentials(self):
        found = []
        for each in self._of_some("ServiceSpecificCredentialId", "ACCA", "CreateDate"):
            more = {"ServiceName": f"{self.rng.choice(SERVICES)}.amazonaws.com"}
            if self._maybe(0.2):
                more["ExpirationDate"] = self._ago()
            if self._maybe(0.2):
                more["ServiceCredentialAlias"] = "x"
            found.append({**each, **more})
        return found

    def _last_access(self):
        if self._maybe(0.1):
            return {"JobStatus": "FAILED", "Error": {"Code": "ServiceError", "Message": "later"}}
        return {
            "JobStatus": "COMPLETED",
            "ServicesLastAccessed": [
                self._service_use(name) for name in ("s3", *SERVICES) if self._maybe(0.7)
            ],
        }

    def _service_use(self, name):
        use = {"ServiceNamespace": name}
        if self._maybe(0.6):
            use |= {"LastAuthenticated": self._ago(), "LastAuthenticatedRegion": "eu-west-1"}
        if self._maybe(0.3):
            use["TrackedActionsLastAccessed"] = [
                {"ActionName": "One", "LastAccessedTime": self._ago()},
                {"ActionName": "Two"},
            ]
        return use

    def _analyzers(self):
        regions = ["eu-west-1", "us-east-1", "eu-north-1"]
        refused = [{"Region": regions.pop(), "Reason": "AccessDenied"}] if self._maybe(0.3) else []
        analyzers, findings = [], []
        for region in regions:
            for kind in self.rng.sample(["ACCOUNT", "ORGANIZATION", "ACCOUNT_UNUSED_ACCESS"], 2):
                arn = f"arn:aws:access-analyzer:{region}:111122223333:analyzer/{kind}"
                status = self.rng.choice(["ACTIVE", "ACTIVE", "FAILED"])
                tags = self.rng.choice([{}, {"owner": "na"}, {"aws:cloudformation:stack-id": "na"}])
                analyzers.append({"arn": arn, "name": kind, "type": kind, "status": status, "Region": region})
                analyzers[-1]["tags"] = tags
                findings += [self._finding(arn, region) for _ in range(self.rng.choice([0, 1, 3]))]
        return {
            "Regions": regions,
            "Analyzers": analyzers,
            "Findings": findings,
            **({"RegionsNotCollected": refused} if refused else {}),
        }

    def _finding(self, analyzer, region):
        kind = self.rng.choice(["AWS::IAM::Role", "AWS::S3::Bucket"])
        return {
            "id": self._id("f"),
            "resource": f"{self.iam}:role/NA" if kind == "AWS::IAM::Role" else "arn:aws:s3:::na",
            "resourceType": kind,
            "status": self.rng.choice(["ACTIVE", "ARCHIVED", "RESOLVED"]),
            "findingType": self.rng.choice(["ExternalAccess", "ExternalAccess", "UnusedIAMRole"]),
            "AnalyzerArn": analyzer,
            "Region": region,
            "createdAt": self._ago(),
        }
