"""Identity policies as people write them: one meaning in many spellings."""

ACTIONS = (
    *(
        "*",
        "*:*",
        "**",
        "s3:*",
        "S3:GetObject",
        "s3:Get*",
        "iam:*",
        "IAM:PassRole",
        "iam:pass*",
        "iam:P?ssRole",
        "iam:Get*",
    ),
    *("kms:*", "K?S:*", "kms:Decrypt", "kms:De*", "KMS:ReEncryptFrom", "kms:re*", "kms:Describe*", "kms:D*"),
    *("sts:AssumeRole", "sts:*", "STS:Assume*", "sts:GetCallerIdentity", "cloudtrail:*", "cloudtrail:Stop*"),
    *("cloudtrail:LookupEvents", "aws-marketplace:Subscribe", "aws-marketplace:S*", "aws-marketplace:View*"),
    *("secretsmanager:GetSecretValue", "secretsmanager:Get*", "secretsmanager:List*", "secretsmanager:?*"),
    *(
        "ssm:GetParameter",
        "ssm:GetParameter*",
        "ssm:Describe*",
        "ssm:*",
        "iam:CreateAccessKey",
        "iam:Create*",
    ),
    *(
        "iam:UpdateLoginProfile",
        "iam:UploadSSHPublicKey",
        "iam:*AccessKey*",
        "ec2:Describe*",
        "ec2:RunInstances",
    ),
    *("sso:*", "sso-admin:Foo", "s3:GetObjekt", "nosuch:Thing", "dynamodb:?*", "logs:***", "lambda:Invoke*"),
)
CONDITIONS = (
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"StringEquals": {"aws:RequestedRegion": ["eu-west-1"]}},
    {},
)


def document(rng, iam):
    """Return a document of one to three statements, in a list or alone; some are of the old version."""
    statements = [statement(rng, iam) for _ in range(rng.choice([1, 1, 2, 3]))]
    body = statements[0] if len(statements) == 1 and rng.random() < 0.4 else statements
    version = rng.choice([{"Version": "2012-10-17"}] * 6 + [{"Version": "2008-10-17"}, {}])
    return {**version, "Statement": body}


def statement(rng, iam):
    made = {"Effect": rng.choice(["Allow"] * 5 + ["Deny"])}
    if rng.random() < 0.3:
        made["Sid"] = rng.choice(["NA", "", "S1"])
    actions = rng.sample(ACTIONS, rng.choice([1, 1, 1, 2, 3]))
    made["NotAction" if rng.random() < 0.12 else "Action"] = one_or_list(rng, actions)
    resources = rng.choice(_resources(iam))
    made["NotResource" if rng.random() < 0.08 and resources != "*" else "Resource"] = resources
    if actions in (["IAM:PassRole"], ["iam:pass*"]):
        made["Condition"] = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    elif rng.random() < 0.25:
        made["Condition"] = rng.choice(CONDITIONS)
    return made


def one_or_list(rng, values):
    return values[0] if len(values) == 1 and rng.random() < 0.6 else values


def _resources(iam):
    partition, account = iam.split(":")[1], iam.split(":")[4]
    here = f"arn:{partition}"
    return (
        *("*",) * 8,
        ["*"],
        [f"{iam}:role/app", "*"],
        f"{iam}:role/*",
        f"{here}:iam::*:role/*",
        f"{iam}:role/app-*",
        f"{iam}:user/${{aws:username}}",
        f"{iam}:user/*",
        f"{iam}:group/admins",
        [f"{iam}:group/admins", f"{iam}:group/NA"],
        f"{here}:s3:::bucket/*",
        f"{here}:s3:::*",
        f"{here}:kms:*:*:key/*",
        f"{here}:kms:*:{account}:key/*",
        f"{here}:kms:eu-west-1:{account}:key/11111111-2222-3333-4444-555555555555",
        f"{here}:secretsmanager:*:*:secret:*",
        f"{here}:secretsmanager:eu-west-1:{account}:secret:app-*",
        f"{here}:ssm:*:*:parameter/*",
        f"{here}:ssm:*:*:*",
    )
