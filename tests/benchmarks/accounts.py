"""Generated accounts of any size, shaped like real ones: many small policies, a few broad, some denies."""

import random
from collections.abc import Iterator
from typing import Any

ACCOUNT = "111122223333"
_IAM = f"arn:aws:iam::{ACCOUNT}"
_SERVICES = [
    "s3",
    "ec2",
    "lambda",
    "dynamodb",
    "sqs",
    "sns",
    "logs",
    "kms",
    "ecs",
    "rds",
    "glue",
    "athena",
    "ssm",
    "iam",
    "sts",
    "cloudwatch",
]
_VERBS = ("Get*", "List*", "Describe*", "Put*", "Create*", "Update*", "Delete*", "*", "GetO?ject", "*Tag*")


def generate_details(*, users: int, roles: int, policies: int, seed: int = 1) -> dict[str, Any]:
    """Return authorization details with that many principals and customer managed policies.

    Every user is in two of 300 groups, every principal has one to three policies, every third an inline
    policy and every tenth a permissions boundary.
    """
    rng = random.Random(seed)  # noqa: S311 - reproducible, not secret
    managed = [_managed(rng, number) for number in range(policies)]
    groups = [
        {**_principal("group", "GroupName", f"group-{n}"), **_attached(rng, managed), "GroupPolicyList": []}
        for n in range(300)
    ]
    user_list = [
        {
            **_principal("user", "UserName", f"user-{n}"),
            **_attached(rng, managed),
            "GroupList": [group["GroupName"] for group in rng.sample(groups, 2)],
            "UserPolicyList": list(_inline(rng, n)),
            **_boundary(managed, n),
        }
        for n in range(users)
    ]
    role_list = [
        {
            **_principal("role", "RoleName", f"role-{n}"),
            **_attached(rng, managed),
            "RolePolicyList": list(_inline(rng, n)),
            "InstanceProfileList": [],
            "AssumeRolePolicyDocument": _document(
                {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ),
            **_boundary(managed, n),
        }
        for n in range(roles)
    ]
    return {
        "UserDetailList": user_list,
        "GroupDetailList": groups,
        "RoleDetailList": role_list,
        "Policies": managed,
    }


def _principal(kind: str, key: str, name: str) -> dict[str, Any]:
    arn = f"{_IAM}:{kind}/{name}"
    return {key: name, "Arn": arn, "Path": "/", "CreateDate": "2025-01-01T00:00:00+00:00"}


def _attached(
    rng: random.Random, managed: list[dict[str, Any]], least: int = 1, most: int = 3
) -> dict[str, Any]:
    chosen = rng.sample(managed, rng.randint(least, most))
    return {
        "AttachedManagedPolicies": [{"PolicyName": p["PolicyName"], "PolicyArn": p["Arn"]} for p in chosen]
    }


def _boundary(managed: list[dict[str, Any]], number: int) -> dict[str, Any]:
    if number % 10:
        return {}
    arn = managed[number % len(managed)]["Arn"]
    return {"PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}}


def _inline(rng: random.Random, number: int) -> Iterator[dict[str, Any]]:
    if number % 3 == 0:
        yield {"PolicyName": "own", "PolicyDocument": _document(_statement(rng))}


def _managed(rng: random.Random, number: int) -> dict[str, Any]:
    statements = [_statement(rng) for _ in range(rng.randint(1, 6))]
    if number % 50 == 0:
        statements.append({"Effect": "Allow", "Action": "*", "Resource": "*"})
    if number % 20 == 0:
        statements.append({"Effect": "Deny", "NotAction": ["iam:*", "sts:*"], "Resource": "*"})
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": _document(*statements)}
    name = f"policy-{number}"
    return {"PolicyName": name, "Arn": f"{_IAM}:policy/{name}", "PolicyVersionList": [version]}


def _statement(rng: random.Random) -> dict[str, Any]:
    service = rng.choice(_SERVICES)
    statement: dict[str, Any] = {
        "Effect": "Deny" if rng.random() < 0.1 else "Allow",
        "Action": [f"{service}:{verb}" for verb in rng.sample(_VERBS, rng.randint(1, 4))],
        "Resource": "*"
        if rng.random() < 0.5
        else f"arn:aws:{service}:*:{ACCOUNT}:thing-{rng.randint(1, 99)}/*",
    }
    if rng.random() < 0.2:
        statement["Condition"] = {"StringEquals": {"aws:PrincipalTag/team": f"team-{rng.randint(1, 9)}"}}
    return statement


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


_RISKY = (
    *(
        "iam:PassRole",
        "iam:CreateAccessKey",
        "iam:AttachRolePolicy",
        "iam:AttachUserPolicy",
        "iam:PutUserPolicy",
    ),
    *("iam:PutRolePolicy", "iam:CreatePolicyVersion", "iam:UpdateAssumeRolePolicy", "iam:AddUserToGroup"),
    *("iam:CreateLoginProfile", "iam:UpdateLoginProfile", "iam:SetDefaultPolicyVersion", "sts:AssumeRole"),
    *("iam:*", "iam:Create*", "iam:Attach*", "lambda:*", "lambda:Create*", "lambda:Invoke*", "ec2:*"),
    *("ec2:RunInstances", "ecs:*", "glue:*", "cloudformation:*", "codebuild:*", "ssm:*", "sagemaker:*"),
    *("states:*", "s3:Get*", "s3:*", "dynamodb:*", "secretsmanager:Get*", "kms:*", "logs:*", "sts:*"),
)
_TRUSTED_SERVICES = (
    *("ec2", "lambda", "ecs-tasks", "glue", "cloudformation", "codebuild", "sagemaker", "states", "ssm"),
)


def generate_permissive(*, users: int, roles: int, policies: int, seed: int = 1) -> dict[str, Any]:
    """Return authorization details in which nearly no two principals are alike and nearly all can escalate.

    Every principal holds two to five of the managed policies, at random, and an inline policy of its own;
    statements name risky actions on everything, on a part of the account or on one service's resources, some
    under a condition, some denied; roles trust services, the account, or users and roles by name.
    """
    rng = random.Random(seed)  # noqa: S311 - reproducible, not secret
    names = [*(f"user/user-{n}" for n in range(users)), *(f"role/role-{n}" for n in range(roles))]
    managed = [_permissive_policy(rng, number) for number in range(policies)]
    user_list = [
        {
            **_principal("user", "UserName", f"user-{n}"),
            **_attached(rng, managed, 2, 5),
            "GroupList": [],
            "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": _document(_risky(rng, n))}],
        }
        for n in range(users)
    ]
    role_list = [
        {
            **_principal("role", "RoleName", f"role-{n}"),
            **_attached(rng, managed, 2, 5),
            "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": _document(_risky(rng, n))}],
            "InstanceProfileList": [],
            "AssumeRolePolicyDocument": _document(_trust(rng, names)),
        }
        for n in range(roles)
    ]
    return {
        "UserDetailList": user_list,
        "GroupDetailList": [],
        "RoleDetailList": role_list,
        "Policies": managed,
    }


def _permissive_policy(rng: random.Random, number: int) -> dict[str, Any]:
    statements = [_risky(rng, number) for _ in range(rng.randint(2, 6))]
    if number % 100 == 0:
        statements.append({"Effect": "Allow", "Action": "*", "Resource": "*"})
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": _document(*statements)}
    name = f"policy-{number}"
    return {"PolicyName": name, "Arn": f"{_IAM}:policy/{name}", "PolicyVersionList": [version]}


def _risky(rng: random.Random, number: int) -> dict[str, Any]:
    kind = rng.random()
    resource: Any = "*"
    if kind > 0.7:
        resource = [f"{_IAM}:role/role-{rng.randint(1, 99)}*", f"{_IAM}:user/user-{rng.randint(1, 99)}*"]
    elif kind > 0.6:
        resource = f"arn:aws:lambda:*:{ACCOUNT}:function:team-{rng.randint(1, 99)}-*"
    statement: dict[str, Any] = {
        "Effect": "Deny" if rng.random() < 0.06 else "Allow",
        "Action": rng.sample(_RISKY, rng.randint(1, 5)),
        "Resource": resource,
    }
    if rng.random() < 0.15:
        statement["Condition"] = rng.choice(_CONDITIONS)
    return statement


_CONDITIONS: list[dict[str, Any]] = [
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}},
    {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
    {"StringEquals": {"iam:PassedToService": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}},
    {"StringEquals": {"aws:PrincipalTag/team": "red"}},
]


def _trust(rng: random.Random, names: list[str]) -> dict[str, Any]:
    kind = rng.random()
    principal: dict[str, Any] = {"AWS": f"{_IAM}:root"}
    if kind < 0.6:
        principal = {"Service": f"{rng.choice(_TRUSTED_SERVICES)}.amazonaws.com"}
    elif kind < 0.8:
        principal = {"AWS": [f"{_IAM}:{name}" for name in rng.sample(names, 2)]}
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
