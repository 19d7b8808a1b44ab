"""The users of the demo account: who they are, and what became of their credentials."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from iamaudit.demo.facts import ACCOUNT_ID
from iamaudit.demo.policies import OWN, Document, allow, document


@dataclass(frozen=True, slots=True)
class Key:
    """An access key; ``used`` is the day, service and Region of its last use, ``None`` for never."""

    created: str
    used: tuple[str, str, str] | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class Login:
    """A console password: when it was set and last used (``None``: nobody ever signed in with it)."""

    changed: str
    used: str | None


@dataclass(frozen=True, slots=True)
class User:
    """An IAM user."""

    name: str
    created: str
    groups: tuple[str, ...] = ()
    login: Login | None = None
    mfa: str | None = None
    keys: tuple[Key, ...] = ()
    policies: tuple[str, ...] = ()
    inline: Mapping[str, Document] = field(default_factory=dict)
    boundary: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Root:
    """What is known about the account root user."""

    created: str
    password_used: str
    key: Key


ROOT = Root("2024-10-07T09:12:44", "2026-10-24", Key("2024-10-08", ("2026-10-26", "s3", "us-east-1")))

_TEAM = {"kind": "person"}


def _owned(owner: str) -> Mapping[str, str]:
    return {"kind": "service", "owner": owner}


USERS: tuple[User, ...] = (
    # The security team: five analysts, one of them under a role name.
    User(
        "security-analyst",
        "2024-10-14",
        ("SecurityTeam",),
        Login("2026-08-17", "2026-10-30"),
        "2024-10-14",
        (Key("2026-08-20", ("2026-10-30", "iam", "us-east-1")),),
        tags=_TEAM,
    ),
    User("amara.diallo", "2024-10-21", ("SecurityTeam",), Login("2026-06-09", "2026-10-29"), "2024-10-21"),
    User(
        "jonas.weber",
        "2025-01-13",
        ("SecurityTeam",),
        Login("2026-05-11", "2026-10-28"),
        "2025-01-13",
        (Key("2026-06-01", ("2026-10-29", "securityhub", "eu-west-1")),),
    ),
    User("priya.raman", "2025-09-01", ("SecurityTeam",), Login("2025-09-01", "2026-10-28")),
    User(
        "tomas.novak",
        "2026-03-16",
        ("SecurityTeam",),
        Login("2026-09-14", "2026-10-30"),
        "2026-03-16",
        (Key("2026-09-10", ("2026-10-31", "access-analyzer", "eu-west-1")),),
    ),
    # Administrators
    User("helen.park", "2024-10-08", ("Administrators",), Login("2026-07-06", "2026-10-27"), "2024-10-08"),
    User(
        "marcus.lund",
        "2024-10-09",
        ("Administrators",),
        Login("2024-11-18", "2026-10-30"),
        keys=(Key("2024-11-18", ("2026-10-27", "iam", "us-east-1")),),
        tags=_TEAM,
    ),
    # Developers
    User(
        "alice.moreau",
        "2024-11-12",
        ("Developers",),
        Login("2026-04-13", "2026-10-30"),
        "2024-11-13",
        (
            Key("2026-03-02", ("2026-10-30", "s3", "eu-west-1")),
            Key("2026-09-21", ("2026-10-30", "lambda", "eu-west-1")),
        ),
    ),
    User(
        "ben.carter",
        "2024-11-12",
        ("Developers",),
        Login("2025-05-06", "2026-07-14"),
        keys=(Key("2025-05-06", ("2026-06-30", "ec2", "eu-west-1")),),
    ),
    User(
        "dmitri.volkov",
        "2025-01-20",
        ("Developers",),
        Login("2026-08-10", "2026-10-30"),
        "2025-01-20",
        (
            Key("2025-01-20", ("2025-09-03", "ecr", "eu-west-1"), active=False),
            Key("2026-08-11", ("2026-10-30", "ecr", "eu-west-1")),
        ),
    ),
    User(
        "emeka.obi",
        "2026-02-16",
        ("Developers",),
        Login("2026-02-16", None),
        boundary=OWN + "DeveloperBoundary",
        tags={"kind": "person", "team": "sandbox"},
    ),
    # Data engineers
    User(
        "chloe.tan",
        "2025-03-03",
        ("DataEngineers",),
        Login("2026-09-28", "2026-10-31"),
        "2025-03-03",
        (Key("2026-10-05", ("2026-10-31", "dynamodb", "eu-west-1")),),
    ),
    User(
        "greta.holm",
        "2025-02-04",
        ("DataEngineers",),
        Login("2026-05-25", "2026-10-30"),
        "2025-02-04",
        (Key("2025-11-24", ("2026-10-30", "athena", "eu-west-1")),),
    ),
    User(
        "hugo.silva",
        "2025-04-28",
        ("DataEngineers",),
        Login("2026-05-12", "2026-10-29"),
        "2025-04-28",
        (Key("2026-05-12", ("2026-10-29", "glue", "eu-west-1")),),
    ),
    User(
        "ines.duarte",
        "2025-08-11",
        ("DataEngineers",),
        Login("2025-08-11", "2026-10-22"),
        keys=(Key("2026-07-27", ("2026-10-15", "glue", "eu-west-1")),),
    ),
    # Operations
    User(
        "karl.jensen",
        "2025-01-08",
        ("Operations",),
        Login("2026-03-30", "2026-10-30"),
        "2025-01-08",
        (Key("2025-08-18", ("2026-10-31", "ssm", "eu-west-1")),),
    ),
    User(
        "fatima.zahra",
        "2025-10-20",
        ("Operations",),
        Login("2026-10-19", "2026-10-31"),
        "2025-10-20",
        (Key("2026-11-01T02:15:37"),),
    ),
    User("lena.fischer", "2025-06-23", ("Operations",), Login("2026-06-22", "2026-10-26"), "2025-06-24"),
    User(
        "mateo.ruiz",
        "2026-01-12",
        ("Operations",),
        Login("2026-01-12", "2026-10-21"),
        "2026-01-12",
        (Key("2026-01-13"),),
    ),
    User(
        "noor.abadi",
        "2025-03-31",
        ("Operations",),
        Login("2025-03-31", "2026-10-19"),
        keys=(Key("2025-03-31", ("2026-10-30", "ec2", "eu-west-1")),),
        tags=_TEAM,
    ),
    # Finance and support
    User("nadia.haddad", "2025-05-19", ("BillingViewers",), Login("2026-05-18", "2026-10-23"), "2025-05-19"),
    User("jane.doe", "2025-11-03", ("BillingViewers",), Login("2025-11-03", "2026-08-03"), "2025-11-03"),
    User("oscar.lindqvist", "2025-06-10", ("SupportDesk",), Login("2026-07-13", "2026-10-30"), "2025-06-10"),
    # Machines
    User(
        "compliance-scanner",
        "2025-01-21",
        keys=(Key("2026-04-20", ("2026-11-01T03:05:12", "iam", "us-east-1")),),
        policies=(OWN + "ComplianceScannerPolicy",),
        tags=_owned("Security"),
    ),
    User(
        "test-reader",
        "2026-10-12",
        keys=(Key("2026-10-12", ("2026-10-30", "s3", "eu-west-1")),),
        inline={"ListTestReports": document(allow("s3:ListBucket", "arn:aws:s3:::example-test-reports"))},
        tags=_owned("Application development"),
    ),
    User(
        "ci-deployer",
        "2024-12-09",
        ("ServiceAccounts",),
        keys=(
            Key("2024-12-09", ("2026-10-31", "cloudformation", "eu-west-1")),
            Key("2025-10-02"),
        ),
        policies=(OWN + "CiDeployAccess",),
        tags=_owned("Release engineering"),
    ),
    User(
        "backup-agent",
        "2024-11-26",
        ("ServiceAccounts",),
        keys=(Key("2025-02-10", ("2026-11-01T01:30:02", "s3", "eu-west-1")),),
        policies=(OWN + "BackupStorage",),
        tags=_owned("Cloud operations"),
    ),
    User(
        "metrics-exporter",
        "2025-07-07",
        ("ServiceAccounts",),
        keys=(Key("2025-07-07", ("2026-11-01T05:55:00", "monitoring", "eu-west-1")),),
        tags=_owned("Cloud operations"),
    ),
    User(
        "terraform-runner",
        "2025-07-22",
        ("ServiceAccounts",),
        keys=(Key("2025-12-15", ("2026-10-31", "sts", "us-east-1")),),
        policies=(OWN + "AssumeReleaseManager",),
        tags=_owned("Platform engineering"),
    ),
    User(
        "release-bot",
        "2026-06-22",
        keys=(Key("2026-06-22", ("2026-10-28", "s3", "eu-west-1")),),
        policies=(OWN + "ReleaseNotes",),
        tags=_owned("Release engineering"),
    ),
    User(
        "legacy-ftp-sync",
        "2024-11-05",
        keys=(
            Key("2024-11-05", ("2025-04-17", "s3", "eu-west-1")),
            Key("2024-11-07", ("2024-12-20", "s3", "eu-west-1"), active=False),
        ),
        policies=(OWN + "LegacyFtpSync",),
        tags=_owned("Finance"),
    ),
    User(
        "asset-inventory",
        "2026-02-03",
        ("ServiceAccounts",),
        keys=(Key("2026-02-03", ("2026-05-02", "sts", "us-east-1")),),
    ),
    User("survey-export", "2025-06-16", ("ServiceAccounts",), keys=(Key("2025-06-16", active=False),)),
)

SECURITY_KEY = ("helen.park", f"arn:aws:iam::{ACCOUNT_ID}:u2f/user/helen.park/yubikey-5c", "2025-02-17")
"""A FIDO key beside the virtual device: its owner, serial number and day."""

SPARE_DEVICE = "ben.carter"
"""The name of a virtual device that was made and never assigned."""
