"""An account whose names, tags and descriptions try to run, to calculate or to vanish."""

from pathlib import Path
from typing import Any

from tests.accounts import (
    IAM,
    allow,
    attached,
    details,
    document,
    group,
    inline,
    key,
    password,
    policy,
    report,
    role,
    snapshot,
    user,
)

TEXT = "<img src=x onerror=alert(1)>"
"""Text that would run in a page which forgot to escape it."""
SCRIPT = "<script>alert(1)</script>"
NAMES = ("NA", "=cmd", "+SUM@x", "-1+1", "@x", "doe,jane", "null", TEXT, SCRIPT)
"""IAM itself refuses angle brackets in names; a snapshot that somebody hands over need not."""


def hostile_snapshot(folder: Path) -> Path:
    """Write a snapshot of the account: nearly every check finds somebody with such a name in it."""
    tags = [
        {"Key": "note", "Value": TEXT},
        {"Key": "owner", "Value": "=cmd()"},
        {"Key": "kind", "Value": SCRIPT},
    ]
    every = policy("=All", allow("*", Sid="+Everything"), Description=TEXT, Tags=tags)
    users = [user(name, Tags=tags, GroupList=["@Group"], **attached("=All")) for name in NAMES]
    rows = [{"user": name, **password(changed=500), **key(1, age=500)} for name in NAMES]
    return snapshot(
        folder,
        authorization_details=details(
            users=users,
            groups=[group("@Group", **inline("Group", TEXT, allow(["s3:*", "iam:PassRole"], Sid=SCRIPT)))],
            roles=[
                role("=cmd.exe+calc@x", Description=TEXT, Tags=tags, **attached("=All")),
                role(TEXT, AssumeRolePolicyDocument=document(_trust("*")), Description=SCRIPT),
                role(SCRIPT, AssumeRolePolicyDocument=document(_trust({"AWS": f"{IAM}:user/=cmd"}))),
            ],
            policies=[every],
        ),
        credential_report=report({"user": "<root_account>", **key(1, age=900)}, *rows),
        password_policy={"PasswordPolicy": {"MinimumPasswordLength": 6}},
    )


def _trust(principal: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
