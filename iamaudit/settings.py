"""Every threshold, with its default and where the default comes from."""

from dataclasses import dataclass, fields

from iamaudit.errors import ParameterError


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What counts as too old, too idle or too weak, in days, and how samples are drawn.

    ``max_key_age_days``
        CIS AWS Foundations 7.0 2.12, Security Hub IAM.3: 90.
    ``max_idle_days``
        CIS AWS Foundations 7.0 2.11, Security Hub IAM.22: 45.
    ``max_root_idle_days``
        Root should not have been used within this many days; CIS 7.0 2.7 leaves the number open, 90 is ours.
    ``new_key_grace_days``
        A key younger than this is not yet *never used*; ours.
    ``max_unused_days``
        Credentials unused for this long are removed; Security Hub IAM.8: 90.
    ``max_inactive_key_days``
        A deactivated key older than this is deleted; ours.
    ``max_password_age_days``
        Passwords expire within this many days; Security Hub IAM.17: 90.
    ``max_role_idle_days``
        Roles unused for this long are removed; 90 is ours.
    ``min_certificate_days``
        A server certificate is renewed this long before it expires; ours.
    ``max_administrators``
        Principals with every permission over IAM; ours.
    ``outlier_factor``
        A principal with more than this many times the actions of its peers' median is an outlier; ours.
    ``max_waived_findings``
        A waiver that covers more findings than this is too broad; ours.
    ``waiver_notice_days``
        A waiver that expires within this many days is named; ours.
    ``sample_size``
        Rows of a population that is bigger than this are drawn for a test by hand; 0 for none, 25 is ours.
    ``sample_seed``
        Another number draws another sample.
    ``min_password_length``
        CIS AWS Foundations 7.0 2.8: 14.
    ``min_password_reuse_prevention``
        Passwords remembered; CIS AWS Foundations 7.0 2.9: 24.
    """

    max_key_age_days: int = 90
    max_idle_days: int = 45
    max_root_idle_days: int = 90
    new_key_grace_days: int = 1
    max_unused_days: int = 90
    max_inactive_key_days: int = 30
    max_password_age_days: int = 90
    max_role_idle_days: int = 90
    min_certificate_days: int = 30
    max_administrators: int = 5
    outlier_factor: int = 10
    max_waived_findings: int = 10
    waiver_notice_days: int = 30
    sample_size: int = 25
    sample_seed: int = 1
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
