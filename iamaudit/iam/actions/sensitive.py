"""Powers that few should have over every resource of a kind, and the actions that give them.

The name of a power is the end of the ids of the checks about it: ``policy-pass-role`` asks which statements
give it, ``principal-pass-role`` who has it after every layer. One of the actions is enough to have it.
"""

from collections.abc import Mapping
from types import MappingProxyType

POWERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "pass-role": ("iam:PassRole",),
        "assume-role": ("sts:AssumeRole",),
        "credentials": (
            *("iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"),
            *("iam:CreateServiceSpecificCredential", "iam:ResetServiceSpecificCredential"),
            "iam:UploadSSHPublicKey",
        ),
        "kms-decrypt": ("kms:Decrypt", "kms:ReEncryptFrom"),
        "secrets": ("secretsmanager:GetSecretValue",),
        "parameters": (
            *("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"),
            "ssm:GetParameterHistory",
        ),
        "cloudtrail-stop": (
            *("cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail"),
            "cloudtrail:PutEventSelectors",
        ),
        "marketplace": ("aws-marketplace:Subscribe",),
    }
)
"""Each power with its actions, all of which take one type of resource, or none."""

DATA_READS = ("s3:GetObject", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan")
"""What reads the data that most accounts keep, without a secret or key of its own."""

SENSITIVE = (*dict.fromkeys(action for actions in POWERS.values() for action in actions), *DATA_READS)
"""The actions of all powers, and those that read data."""
