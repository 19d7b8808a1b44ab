"""Small hand-made accounts for tests: authorization details, credential reports and snapshots of them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from iamaudit.account import Account, read_account
from iamaudit.snapshot import SourceResult, write_snapshot

ACCOUNT = "111122223333"
IAM = f"arn:aws:iam::{ACCOUNT}"
AS_OF = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)

HEADER = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,"
    "password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,"
    "access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"
    "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,"
    "cert_2_active,cert_2_last_rotated"
)
_DEFAULTS = dict.fromkeys(HEADER.split(","), "N/A") | {
    "user_creation_time": "2024-01-01T00:00:00Z",
    "password_enabled": "false",
    "mfa_active": "false",
    "access_key_1_active": "false",
    "access_key_2_active": "false",
    "cert_1_active": "false",
    "cert_2_active": "false",
}


def ago(days: float) -> str:
    """Return the time that many days before ``AS_OF`` as the credential report writes it."""
    return (AS_OF - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def report(*rows: dict[str, str], header: str = HEADER) -> str:
    """Return a credential report; ``rows`` name only what differs from a user without any credential."""
    lines = [header]
    for row in rows:
        name = row["user"]
        arn = f"{IAM}:root" if name == "<root_account>" else f"{IAM}:user/{name}"
        fields = {**_DEFAULTS, "arn": arn, **row}
        lines.append(",".join(_quoted(fields.get(column, "")) for column in header.split(",")))
    return "\n".join(lines)


def key(slot: int, *, age: float, used: float | None = None, active: str = "true") -> dict[str, str]:
    """Return the columns of an access key made ``age`` days ago and used ``used`` days ago, or never."""
    prefix = f"access_key_{slot}"
    columns = {f"{prefix}_active": active, f"{prefix}_last_rotated": ago(age)}
    if used is not None:
        columns |= {
            f"{prefix}_last_used_date": ago(used),
            f"{prefix}_last_used_region": "eu-west-1",
            f"{prefix}_last_used_service": "s3",
        }
    return columns


def password(*, changed: float, used: float | None = None, mfa: str = "false") -> dict[str, str]:
    """Return the columns of a console password."""
    return {
        "password_enabled": "true",
        "password_last_used": "no_information" if used is None else ago(used),
        "password_last_changed": ago(changed),
        "mfa_active": mfa,
    }


def user(name: str, **fields: Any) -> dict[str, Any]:
    """Return a user of the authorization details."""
    base = {"UserName": name, "Arn": f"{IAM}:user/{name}", "UserId": f"AIDA{name}", "Path": "/"}
    return {**base, "CreateDate": "2024-01-01T00:00:00+00:00", "GroupList": [], **fields}


def group(name: str, **fields: Any) -> dict[str, Any]:
    """Return a group of the authorization details."""
    base = {"GroupName": name, "Arn": f"{IAM}:group/{name}", "GroupId": f"AGPA{name}", "Path": "/"}
    return {**base, "CreateDate": "2024-01-01T00:00:00+00:00", **fields}


def role(name: str, **fields: Any) -> dict[str, Any]:
    """Return a role of the authorization details that EC2 may assume."""
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    base = {"RoleName": name, "Arn": f"{IAM}:role/{name}", "RoleId": f"AROA{name}", "Path": "/"}
    return {
        **base,
        "CreateDate": "2024-01-01T00:00:00+00:00",
        "AssumeRolePolicyDocument": document(trust),
        "InstanceProfileList": [],
        **fields,
    }


def policy(name: str, *statements: dict[str, Any], arn: str = "", **fields: Any) -> dict[str, Any]:
    """Return a customer managed policy of the authorization details."""
    version = {
        "VersionId": "v2",
        "IsDefaultVersion": True,
        "CreateDate": "2024-02-01T00:00:00+00:00",
        "Document": document(*statements),
    }
    older = {"VersionId": "v1", "IsDefaultVersion": False, "Document": document(allow("*"))}
    return {
        "PolicyName": name,
        "Arn": arn or f"{IAM}:policy/{name}",
        "CreateDate": "2024-01-01T00:00:00+00:00",
        "PolicyVersionList": [older, version],
        **fields,
    }


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    """Return a policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: Any, resource: Any = "*", **fields: Any) -> dict[str, Any]:
    """Return an Allow statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **fields}


def deny(action: Any, resource: Any = "*", **fields: Any) -> dict[str, Any]:
    """Return a Deny statement."""
    return {"Effect": "Deny", "Action": action, "Resource": resource, **fields}


def attached(*names: str) -> dict[str, Any]:
    """Return the attachments of customer managed policies by name, or of any by ARN."""
    arns = [name if name.startswith("arn:") else f"{IAM}:policy/{name}" for name in names]
    return {
        "AttachedManagedPolicies": [{"PolicyArn": arn, "PolicyName": arn.rpartition("/")[2]} for arn in arns]
    }


def inline(kind: str, name: str, *statements: dict[str, Any]) -> dict[str, Any]:
    """Return one inline policy of a ``User``, ``Group`` or ``Role``."""
    return {f"{kind}PolicyList": [{"PolicyName": name, "PolicyDocument": document(*statements)}]}


def boundary(name: str) -> dict[str, Any]:
    """Return a permissions boundary."""
    arn = f"{IAM}:policy/{name}"
    return {"PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}}


def details(
    *, users: Any = (), groups: Any = (), roles: Any = (), policies: Any = (), **extra: Any
) -> dict[str, Any]:
    """Return authorization details."""
    return {
        "UserDetailList": list(users),
        "GroupDetailList": list(groups),
        "RoleDetailList": list(roles),
        "Policies": list(policies),
        **extra,
    }


def account_of(**sources: Any) -> Account:
    """Return the account that these sources tell of at ``AS_OF``, without a snapshot on disk."""
    manifest = SimpleNamespace(account_id=ACCOUNT, account_alias=None, caller_arn=None, started_at=AS_OF)
    return read_account(SimpleNamespace(read=sources.get, manifest=manifest), AS_OF)


def snapshot(folder: Path, *, caller_arn: str | None = None, at: datetime = AS_OF, **sources: Any) -> Path:
    """Write a snapshot taken ``at`` a moment, whose sources have this content, or this ``SourceResult``."""
    results = {
        name: content if isinstance(content, SourceResult) else SourceResult("collected", content)
        for name, content in sources.items()
    }
    return write_snapshot(
        folder,
        results,
        account_id=ACCOUNT,
        account_alias="example-prod",
        caller_arn=caller_arn,
        origin="files",
        started_at=at,
        finished_at=at,
    )


def _quoted(text: str) -> str:
    return f'"{text}"' if "," in text else text
