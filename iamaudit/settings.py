"""Every parameter of an audit, declared once: default, meaning, unit and where the default comes from.

The parameters cell of the notebooks and the files in ``params/`` are written from here.
"""

from dataclasses import dataclass, field, fields
from typing import Any

from iamaudit.errors import ParameterError

_OURS = "ours"
_MOST = 1_000_000_000
"""More than any threshold can mean; tables could not hold what is much larger."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a notebook takes: ``source`` says who asks for the default of a threshold."""

    name: str
    default: str | int
    meaning: str
    unit: str = ""
    source: str = ""


def _threshold(default: int, meaning: str, *, unit: str, source: str = _OURS) -> Any:
    return field(default=default, metadata={"meaning": meaning, "unit": unit, "source": source})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What counts as too old, too idle or too weak, and how samples are drawn."""

    max_key_age_days: int = _threshold(
        90,
        "Active access keys older than this many days are not rotated",
        unit="days",
        source="CIS AWS Foundations 7.0 2.12, Security Hub IAM.3",
    )
    max_idle_days: int = _threshold(
        45,
        "Credentials idle for this many days are unused",
        unit="days",
        source="CIS AWS Foundations 7.0 2.11, Security Hub IAM.22",
    )
    max_root_idle_days: int = _threshold(
        90,
        "The root user should not have been used within this many days",
        unit="days",
        source="CIS AWS Foundations 7.0 2.7 leaves the number open",
    )
    new_key_grace_days: int = _threshold(
        1, "Access keys younger than this many days do not count as never used", unit="days"
    )
    new_role_grace_days: int = _threshold(
        30, "Roles younger than this many days do not count as never used", unit="days"
    )
    max_unused_days: int = _threshold(
        90,
        "Users and their credentials unused for this many days are removed",
        unit="days",
        source="Security Hub IAM.8",
    )
    max_inactive_key_days: int = _threshold(
        30, "Inactive access keys idle for more than this many days are deleted", unit="days"
    )
    max_password_age_days: int = _threshold(
        90, "Passwords expire within this many days", unit="days", source="Security Hub IAM.17"
    )
    max_role_idle_days: int = _threshold(90, "Roles unused for this many days are removed", unit="days")
    max_permission_idle_days: int = _threshold(
        400,
        "Permissions idle this many days, at most 400, are unused",
        unit="days",
        source="IAM User Guide: AWS tracks the use of services for 400 days",
    )
    min_certificate_days: int = _threshold(
        30, "Certificates are renewed this many days before they expire", unit="days"
    )
    max_administrators: int = _threshold(5, "More administrators than this are too many", unit="principals")
    outlier_factor: int = _threshold(
        10,
        "More than this many times the actions of its peers make an outlier",
        unit="times",
    )
    max_waived_findings: int = _threshold(
        10, "A waiver that covers more findings than this is too broad", unit="findings"
    )
    waiver_notice_days: int = _threshold(
        30, "Waivers that expire within this many days are named", unit="days"
    )
    sample_size: int = _threshold(
        25, "Rows of a sample, 1.6 times at medium, 2.4 at high severity; 0 for none", unit="rows"
    )
    sample_seed: int = _threshold(1, "Another seed draws another sample", unit="as seed")
    min_password_length: int = _threshold(
        14,
        "Passwords have at least this many characters",
        unit="characters",
        source="CIS AWS Foundations 7.0 2.8",
    )
    min_password_reuse_prevention: int = _threshold(
        24,
        "A new password differs from this many before it",
        unit="passwords",
        source="CIS AWS Foundations 7.0 2.9",
    )

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
                cure = f"give a whole number from 0 to {_MOST:,}"
                raise ParameterError(f"`{item.name}` is `{value!r}`: {cure}")


DEFAULTS = Settings()

SNAPSHOT = Parameter("snapshot", "demo", "Folder of a snapshot; unless given, demo, the embedded account")
PARAMS = Parameter("params", "", "YAML file of parameters; what this cell or the run gives counts before it")
INPUTS = (
    Parameter("as_of", "", "Moment that the audit speaks for, ISO 8601; unless given, that of the snapshot"),
    Parameter("waivers", "", "YAML file of findings that somebody accepted until a day"),
    Parameter("attestations", "", "YAML file of signed answers to controls that no evidence decides"),
    Parameter("owners", "", "YAML file of who answers for which user and role"),
    Parameter("checks", "", "Python file of checks of your own"),
    Parameter("code_scan", "", "File that iamaudit scan-code PATH --write FILE wrote"),
    Parameter("trusted_accounts", "", "Accounts of your own that roles may trust, separated by commas"),
    Parameter("previous", "", "Older snapshot to compare with; unless given, the newest one beside"),
    Parameter("break_glass", "", "Users and roles kept for an emergency (role/NAME), separated by commas"),
)
"""Texts that say what to audit by; an empty one is left out."""

THRESHOLDS = tuple(
    Parameter(item.name, getattr(DEFAULTS, item.name), **item.metadata) for item in fields(Settings)
)

PARAMETERS = (SNAPSHOT, *INPUTS, *THRESHOLDS)
"""All that an audit takes."""

Settings.__doc__ = f"{Settings.__doc__}\n\n" + "\n".join(
    f"``{each.name}``\n    {each.meaning}. Default: {each.default} {each.unit} ({each.source})."
    for each in THRESHOLDS
)


IN_EVERY_CELL = (SNAPSHOT.name, "as_of", PARAMS.name)
"""What a reader of any notebook may change."""


def parameters_line(name: str) -> str:
    """Return the line of a parameter in a cell that is tagged ``parameters``.

    An empty text and ``None`` give nothing: then the params file counts, else the default.
    """
    parameter = next(each for each in (*PARAMETERS, PARAMS) if each.name == name)
    if isinstance(parameter.default, str):
        return f'{name}: str = ""  # {parameter.meaning}'
    return f"{name}: int = None  # {parameter.meaning}; default {parameter.default}"


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
