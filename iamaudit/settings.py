"""Every threshold, with its default and where the default comes from."""

from dataclasses import dataclass, fields

from iamaudit.errors import ParameterError


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What counts as too old, too idle or too weak. All durations are in days.

    ``max_key_age_days``
        CIS AWS Foundations 7.0 2.12, Security Hub IAM.3: 90.
    ``max_idle_days``
        CIS AWS Foundations 7.0 2.11, Security Hub IAM.22: 45.
    ``max_root_idle_days``
        Root should not have been used within this many days; CIS 7.0 2.7 leaves the number open, 90 is ours.
    ``new_key_grace_days``
        A key younger than this is not yet *never used*; ours.
    ``min_password_length``
        CIS AWS Foundations 7.0 2.8: 14.
    ``min_password_reuse_prevention``
        Passwords remembered; CIS AWS Foundations 7.0 2.9: 24.
    """

    max_key_age_days: int = 90
    max_idle_days: int = 45
    max_root_idle_days: int = 90
    new_key_grace_days: int = 1
    min_password_length: int = 14
    min_password_reuse_prevention: int = 24

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise ParameterError(f"`{item.name}` is `{value!r}`: give a whole number, 0 or more")


DEFAULTS = Settings()


SENSITIVE_ACTIONS = (
    "iam:CreateAccessKey",
    "iam:CreatePolicyVersion",
    "iam:AttachUserPolicy",
    "iam:AttachRolePolicy",
    "iam:UpdateAssumeRolePolicy",
    "iam:PassRole",
    "sts:AssumeRole",
    "lambda:UpdateFunctionCode",
    "ssm:SendCommand",
    "secretsmanager:GetSecretValue",
    "s3:GetObject",
    "s3:DeleteObject",
    "kms:Decrypt",
    "kms:ScheduleKeyDeletion",
    "cloudtrail:StopLogging",
    "organizations:LeaveOrganization",
)
"""What an auditor asks about first: more permissions, others' credentials, data, and the trail of it all."""
