"""Twenty accounts that no two tests would invent alike: valid in AWS, and as unkind as real ones.

Users called ``NA`` or like a formula, keys that were never used, people gone from the report, refused
sources, policies that say the same in ten ways, every kind of trust. A seed gives one account every time.
"""

import csv
import io
import random
from datetime import UTC, datetime, timedelta

from iamaudit.snapshot import SourceResult, write_snapshot
from tests.reperformance.generated_policies import document, statement
from tests.reperformance.generated_sources import LEFT_OUT, Further
from tests.reperformance.generated_trust import trust_policy
from tests.reperformance.raw import attached_to, boundary_of, last

ACCOUNT = "111122223333"
AS_OF = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
SEEDS = range(20)
TRUSTED = "777788889999"
"""The account of one's own that half of the audits name."""

NAMES = (
    *("NA", "=cmd", "null", "nan", "None", "True", "007", "+1", "-2", "@sum", "doe,jane", "a=b", "x_y.z"),
    *("ann", "Bob", "carol@example.com", "deploy-bot", "ci", "auditor", "break-glass", "zoe", "ivan", "li"),
)
GROUPS = ("admins", "NA", "developers", "empty", "readers", "=ops", "billing")
ROLES = (
    "NA",
    "deploy",
    "app",
    "etl",
    "auditor",
    "break-glass",
    "ReadOnly",
    "worker",
    "=x",
    "ci",
    "on-call",
    "batch",
)
AWS_POLICIES = (
    *(
        "AdministratorAccess",
        "ReadOnlyAccess",
        "SecurityAudit",
        "AWSSupportAccess",
        "AWSCloudShellFullAccess",
    ),
    *("job-function/ViewOnlyAccess", "IAMFullAccess", "AmazonS3FullAccess"),
)
LOOKALIKES = ("AdministratorAccess", "team/SecurityAudit", "policy/ReadOnlyAccess", "AWSCloudShellFullAccess")
"""Policies of the account that are called like AWS's own."""
MISSING = {
    3: ["credential_report"],
    5: ["authorization_details"],
    7: ["password_policy", "account_summary"],
    9: ["mfa_devices"],
    11: ["saml_providers"],
    13: ["server_certificates", "instance_profiles"],
    15: ["oidc_providers", "credential_report"],
    17: ["account_summary"],
    19: ["authorization_details", "mfa_devices"],
}
"""What could not be collected, by seed."""
PARTITIONS = {4: "aws-cn", 8: "aws-us-gov"}
SERVICE_LINKED = {"AWSServiceRoleForSupport": "support", "AWSServiceRoleForECS": "ecs"}


class Account:
    """One generated account; every choice is drawn from ``rng`` in order."""

    def __init__(self, seed):
        self.seed, self.rng = seed, random.Random(seed)  # noqa: S311 - reproducible, not secret
        self.partition = PARTITIONS.get(seed, "aws")
        self.iam = f"arn:{self.partition}:iam::{ACCOUNT}"
        self.aws = f"arn:{self.partition}:iam::aws:policy/"
        self.policies = self._policies()
        self.group_names = self._some(GROUPS, 3, 6)
        self.user_names = self._some(NAMES, 8, 16)
        self.users = [self._user(name) for name in self.user_names]
        self.groups = [self._group(name) for name in self.group_names]
        self.roles = self._roles()

    def _maybe(self, chance):
        return self.rng.random() < chance

    def _some(self, choices, least, most):
        return self.rng.sample(list(choices), min(len(choices), self.rng.randint(least, most)))

    def _ago(self, most=900):
        """A time before the audit, often right at an edge of a threshold."""
        edges = [
            0,
            0.9,
            1,
            29.9,
            30,
            30.99,
            31,
            44.9,
            45,
            89.99,
            90,
            90.99,
            91,
            365,
            365.99,
            366,
            400,
            700,
            899,
        ]
        days = self.rng.choice([edge for edge in edges if edge <= most])
        if self._maybe(0.4):
            days = self.rng.uniform(0, most)
        return AS_OF - timedelta(days=days)

    def _stamp(self, time):
        return time.strftime("%Y-%m-%dT%H:%M:%S") + self.rng.choice(["Z", "+00:00"])

    # policies and who holds them

    def _policies(self):
        made = []
        for number in range(self.rng.randint(8, 14)):
            versions = [
                {"VersionId": f"v{n}", "IsDefaultVersion": False, "Document": document(self.rng, self.iam)}
                for n in range(1, self.rng.randint(2, 6))
            ]
            self.rng.choice(versions)["IsDefaultVersion"] = True
            name = self.rng.choice(["p", "NA", "team", "=p"]) + str(number)
            made.append(
                {"PolicyName": name, "Arn": f"{self.iam}:policy/{name}", "PolicyVersionList": versions}
            )
        twin = {**made[0], "PolicyName": "twin", "Arn": f"{self.iam}:policy/team/twin"}
        made = [*made, twin] if self._maybe(0.5) else made
        alike = [name for name in LOOKALIKES if self._maybe(0.3)]
        return [
            {**self.rng.choice(made), "PolicyName": last(name), "Arn": f"{self.iam}:policy/{name}"}
            for name in alike
        ] + made

    def _attached(self, most=3):
        own = [policy["Arn"] for policy in self._some(self.policies[:-2], 0, most)]
        if self._maybe(0.25):
            own.append(self.aws + self.rng.choice(AWS_POLICIES))
        return {"AttachedManagedPolicies": [{"PolicyArn": arn, "PolicyName": last(arn)} for arn in own]}

    def _inline(self, kind):
        if not self._maybe(0.35):
            return {} if self._maybe(0.5) else {f"{kind}PolicyList": []}
        names = self._some(["own", "NA", "=1+1", "x"], 1, 2)
        return {
            f"{kind}PolicyList": [
                {"PolicyName": name, "PolicyDocument": document(self.rng, self.iam)} for name in names
            ]
        }

    def _boundary(self):
        if not self._maybe(0.2):
            return {}
        arn = self.rng.choice([policy["Arn"] for policy in self.policies[-4:]])
        if self._maybe(0.3):
            arn = self.aws + self.rng.choice(AWS_POLICIES)
        return {"PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}}

    def _tags(self):
        some = [{"Key": "owner", "Value": "NA"}, {"Key": "team", "Value": ""}]
        return self.rng.choice([{}, {"Tags": []}, {"Tags": some[:1]}, {"Tags": some}])

    def _path(self):
        return self.rng.choice(["/", "/", "/division/team/", "/NA/"])

    def _user(self, name):
        path = self._path()
        return {
            "UserName": name,
            "Arn": f"{self.iam}:user{path}{name}",
            "UserId": f"AIDA{self.rng.randrange(10**16):016}",
            "Path": path,
            "CreateDate": self._stamp(self._ago()),
            "GroupList": self._some(self.group_names, 0, 2) if self._maybe(0.7) else [],
            **self._attached(1),
            **self._inline("User"),
            **self._boundary(),
            **self._tags(),
        }

    def _group(self, name):
        path = self._path()
        arn = f"{self.iam}:group{path}{name}"
        common = {"GroupName": name, "Arn": arn, "GroupId": "AGPA0000000000000000", "Path": path}
        return {
            **common,
            "CreateDate": self._stamp(self._ago()),
            **self._attached(2),
            **self._inline("Group"),
        }

    def _roles(self):
        made = [self._role(name, self._path()) for name in self._some(ROLES, 6, 12)]
        for name, service in SERVICE_LINKED.items():
            made.append(
                self._role(name, f"/aws-service-role/{service}.amazonaws.com/", f"{service}.amazonaws.com")
            )
        for name in (
            "AWSReservedSSO_AdministratorAccess_0123456789abcdef",
            "AWSReservedSSO_NA_00000000deadbeef",
        ):
            made.append(self._role(name, self.rng.choice(["/", "/eu-west-1/"]), center=True))
        return made

    def _role(self, name, path, service=None, *, center=False):
        path = f"/aws-reserved/sso.amazonaws.com{path}" if center else path
        used = {"LastUsedDate": self._stamp(self._ago(400)), "Region": "eu-west-1"}
        return {
            "RoleName": name,
            "Arn": f"{self.iam}:role{path}{name}",
            "RoleId": f"AROA{self.rng.randrange(10**16):016}",
            "Path": path,
            "CreateDate": self._stamp(self._ago()),
            "AssumeRolePolicyDocument": trust_policy(self, service=service, center=center),
            "InstanceProfileList": [],
            "RoleLastUsed": self.rng.choice([{}, used, used]),
            **(
                self._of_service(name)
                if service
                else {**self._attached(), **self._inline("Role"), **self._boundary()}
            ),
            **self._tags(),
        }

    def _of_service(self, name):
        """A service-linked role has what its service gave it, and nothing else."""
        arn = f"{self.aws}aws-service-role/{name}Policy"
        return {"AttachedManagedPolicies": [{"PolicyArn": arn, "PolicyName": last(arn)}]}

    # what the sources say

    @property
    def details(self):
        held = {
            arn
            for item in (*self.users, *self.groups, *self.roles)
            for arn in (*attached_to(item), boundary_of(item))
            if arn and ":iam::aws:" in arn
        }
        listed = [self._aws_managed(arn) for arn in sorted(held) if self._maybe(0.8)]
        refused = [{"Arn": arn, "Reason": "AccessDenied"} for arn in sorted(held) if self._maybe(0.1)]
        return {
            "UserDetailList": self.users,
            "GroupDetailList": self.groups,
            "RoleDetailList": self.roles,
            "Policies": [*self.policies, *listed],
            "PoliciesNotCollected": refused,
        }

    def _aws_managed(self, arn):
        text = {"Version": "2012-10-17", "Statement": [statement(self.rng, self.iam)]}
        version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": text}
        return {"PolicyName": last(arn), "Arn": arn, "PolicyVersionList": [version]}

    @property
    def report(self):
        rows = [self._root_row()]
        rows += [self._row(user) for user in self.users if not self._maybe(0.1)]
        for name in self._some(["gone", "NA-gone"], 0, 2):
            ghost = {
                "UserName": name,
                "Arn": f"{self.iam}:user/{name}",
                "CreateDate": self._stamp(self._ago()),
            }
            rows.append(self._row(ghost))
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue().rstrip("\n")

    def _row(self, user):
        return {
            "user": user["UserName"],
            "arn": user["Arn"],
            "user_creation_time": user["CreateDate"],
            **self._password(),
            "mfa_active": self.rng.choice(["true", "false"]),
            **self._key(1, user["CreateDate"]),
            **self._key(2, user["CreateDate"]),
            **{f"cert_{n}_active": self.rng.choice(["false"] * 8 + ["true"]) for n in (1, 2)},
            **{f"cert_{n}_last_rotated": "N/A" for n in (1, 2)},
        }

    def _root_row(self):
        ghost = {
            "UserName": "<root_account>",
            "Arn": f"{self.iam}:root",
            "CreateDate": self._stamp(self._ago()),
        }
        used = self.rng.choice(["no_information", "N/A", "not_supported", self._stamp(self._ago())])
        password = self.rng.choice(["not_supported", "not_supported", "true", "false"])
        unsaid = {"password_last_changed": "not_supported", "password_next_rotation": "not_supported"}
        return {**self._row(ghost), "password_enabled": password, "password_last_used": used, **unsaid}

    def _password(self):
        if self._maybe(0.4):
            parts = ("last_used", "last_changed", "next_rotation")
            return {"password_enabled": "false", **{f"password_{part}": "N/A" for part in parts}}
        return {
            "password_enabled": "true",
            "password_last_used": self.rng.choice(
                ["no_information", self._stamp(self._ago()), self._stamp(self._ago())]
            ),
            "password_last_changed": self._stamp(self._ago()),
            "password_next_rotation": "N/A",
        }

    def _key(self, slot, born):
        prefix = f"access_key_{slot}"
        used = dict.fromkeys((f"{prefix}_last_used_{part}" for part in ("date", "region", "service")), "N/A")
        if self._maybe(0.4):
            return {f"{prefix}_active": "false", f"{prefix}_last_rotated": "N/A", **used}
        made = self._stamp(self._ago())
        if self._maybe(0.3):
            made = self._stamp(
                datetime.fromisoformat(born) + timedelta(minutes=self.rng.choice([0, 1, 59, 61]))
            )
        if self._maybe(0.6):
            service = self.rng.choice(["s3", "sts", "iam", "N/A"])
            used = {
                f"{prefix}_last_used_date": self._stamp(self._ago()),
                f"{prefix}_last_used_region": "N/A" if service == "N/A" else "eu-west-1",
                f"{prefix}_last_used_service": service,
            }
        active = self.rng.choice(["true", "true", "false"])
        return {f"{prefix}_active": active, f"{prefix}_last_rotated": made, **used}

    @property
    def password_policy(self):
        if self._maybe(0.25):
            return {"PasswordPolicy": None}
        flags = (
            "RequireSymbols",
            "RequireNumbers",
            "RequireUppercaseCharacters",
            "RequireLowercaseCharacters",
        )
        policy = {flag: self._maybe(0.5) for flag in (*flags, "AllowUsersToChangePassword")}
        policy |= {"MinimumPasswordLength": self.rng.choice([6, 8, 12, 13, 14, 20])}
        if self._maybe(0.6):
            policy |= {"ExpirePasswords": True, "MaxPasswordAge": self.rng.choice([1, 89, 90, 91, 365])}
        if self._maybe(0.6):
            policy |= {"PasswordReusePrevention": self.rng.choice([1, 5, 23, 24])}
        return {"PasswordPolicy": policy}

    @property
    def summary(self):
        is_off = self._maybe(0.4)
        return {
            "SummaryMap": {
                "AccountMFAEnabled": int(self._maybe(0.5)),
                "AccountAccessKeysPresent": int(self._maybe(0.3)),
                "AccountPasswordPresent": int(self._maybe(0.7)),
                "Users": len(self.users) + (1 if is_off else 0),
                "Groups": len(self.groups),
                "Roles": len(self.roles),
                "Policies": len(self.policies),
            }
        }

    @property
    def mfa_devices(self):
        devices, virtual = [], []
        for name in self.user_names:
            serials = [
                f"{self.iam}:mfa/{name}",
                f"GAHT{len(devices):08}",
                f"{self.iam}:u2f/user/{name}/key-ABCDEF",
            ]
            for serial in self._some(serials, 0, 2):
                devices.append(
                    {"UserName": name, "SerialNumber": serial, "EnableDate": self._stamp(self._ago())}
                )
        if self._maybe(0.4):
            name = self.rng.choice(["root-account-mfa-device", "my-phone"])
            root = {"Arn": f"{self.iam}:root", "UserId": ACCOUNT}
            virtual.append({"SerialNumber": f"{self.iam}:mfa/{name}", "User": root})
        if self._maybe(0.3):
            virtual.append({"SerialNumber": f"{self.iam}:mfa/nobody-has-it"})
        return {"MFADevices": devices, "VirtualMFADevices": virtual}

    @property
    def certificates(self):
        days = [-400, -1, -0.01, 0.01, 1, 29.9, 30, 31, 500]
        return {
            "ServerCertificateMetadataList": [
                {
                    "ServerCertificateName": f"NA{n}",
                    "Arn": f"{self.iam}:server-certificate/{'cloudfront/' if n % 2 else ''}NA{n}",
                    "Expiration": self._stamp(AS_OF + timedelta(days=self.rng.choice(days))),
                }
                for n in range(self.rng.randint(0, 4))
            ]
        }

    @property
    def saml_providers(self):
        days = [-1, 0.01, 29.9, 30, 31, 3000]
        names = self._some(["Okta", "NA", "AWSSSO_0123_DO_NOT_DELETE"], 0, 3)
        valid = [self._stamp(AS_OF + timedelta(days=self.rng.choice(days))) for _ in names]
        return {
            "SAMLProviderList": [
                {"Arn": f"{self.iam}:saml-provider/{name}", "ValidUntil": end}
                for name, end in zip(names, valid, strict=True)
            ]
        }

    @property
    def oidc_providers(self):
        names = self._some(
            ["token.actions.githubusercontent.com", "gitlab.com", "oidc.eks.example/id/NA"], 0, 3
        )
        return {
            "OpenIDConnectProviderList": [
                {
                    "Arn": f"{self.iam}:oidc-provider/{name}",
                    "ClientIDList": self._some(["sts.amazonaws.com", "x"], 0, 2),
                }
                for name in names
            ]
        }

    @property
    def instance_profiles(self):
        profiles = []
        for number in range(self.rng.randint(0, 5)):
            name = f"NA{number}"
            held = self._some(self.roles, 0, 1)
            roles = [{"RoleName": role["RoleName"], "Arn": role["Arn"]} for role in held]
            profiles.append(
                {"InstanceProfileName": name, "Arn": f"{self.iam}:instance-profile/{name}", "Roles": roles}
            )
        return {"InstanceProfiles": profiles}


def sources(seed):
    """Return every source of the account of a seed."""
    account = Account(seed)
    made = AS_OF - timedelta(hours=account.rng.choice([0.5, 3.9, 4, 4.1, 90]))
    found = {
        "authorization_details": account.details,
        "account_summary": account.summary,
        "password_policy": account.password_policy,
        "mfa_devices": account.mfa_devices,
        "saml_providers": account.saml_providers,
        "oidc_providers": account.oidc_providers,
        "server_certificates": account.certificates,
        "instance_profiles": account.instance_profiles,
    }
    results = {name: SourceResult("collected", content) for name, content in found.items()}
    generated_at = None if seed % 6 == 0 else made
    report = account.report
    results["credential_report"] = SourceResult("collected", report, generated_at=generated_at)
    further = Further(seed, account.iam, account.users, report, AS_OF).sources
    results |= {
        name: SourceResult("collected", content)
        for name, content in further.items()
        if name not in LEFT_OUT.get(seed, ())
    }
    for number, name in enumerate(MISSING.get(seed, ())):
        status = ("denied", "failed", "unavailable", "missing")[(seed // 2 + number) % 4]
        results[name] = SourceResult(status, reason="AccessDenied")
    return results


def write_account(folder, seed):
    """Write the snapshot of a seed's account and return its folder."""
    return write_snapshot(
        folder / str(seed),
        sources(seed),
        account_id=ACCOUNT,
        origin="files",
        started_at=AS_OF,
        finished_at=AS_OF,
    )
