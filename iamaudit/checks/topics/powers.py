"""Principals that may effectively act on every role, key, secret, user or trail."""

import pandas as pd

from iamaudit.checks.catalogue import Frame, check
from iamaudit.iam.actions import POWERS

_BELOW = "administrator != 'yes' and not is_service_linked"
_CURE = (
    "find the statement that allows it: `iamaudit explain {principal} ACTION`; name the resources in it; "
    "where somebody needs every resource, use a separate role with approval"
)
_TERMS = (
    "Effective permissions are what the policies of the principal and of its groups allow, its permissions "
    "boundary and the SCPs permit, and nothing denies. The action is in `open_actions` (no condition) or "
    "`open_conditional` (under a condition) of the frame `breadth`. Principals with `administrator == 'yes'` "
    "are not in the population. A principal is not evaluated when one of its policies was not collected and "
    "the others do not allow the action."
)
_BLIND = (
    "The test does not see resource-based policies, session policies, or what the principal may do through "
    "other principals."
)


def _having(breadth: Frame, power: str) -> tuple[Frame, "pd.Series[bool]"]:
    """Return who has a power, and who cannot be judged because a policy was not collected."""
    wanted = POWERS[power]
    surely, perhaps = (
        column.map(lambda names: any(name in wanted for name in names)).astype("bool")
        for column in (breadth.open_actions, breadth.open_conditional)
    )
    has = surely | perhaps
    found = breadth[has]
    under = pd.Series(" under a condition", index=found.index, dtype="string")
    under = under.mask(~found.is_complete, ", unless a policy that was not collected denies it")
    under = under.mask(surely[has], "")
    return found.assign(under=under), ~breadth.is_complete & ~has


@check(
    "principal-pass-role",
    "Only administrators may pass every role",
    severity="high",
    area="permissions",
    population="breadth",
    where=_BELOW,
    message="{principal_name} may pass every role{under}",
    terms=_TERMS,
    remediation=_CURE,
    blind_spot=_BLIND + " It does not see which services the role may be passed to.",
    documentation="id_roles_use_passrole.html",
)
def principal_pass_role(breadth: Frame) -> tuple[Frame, "pd.Series[bool]"]:
    """An exception is a principal whose effective permissions include `iam:PassRole` on every role."""
    return _having(breadth, "pass-role")


@check(
    "principal-assume-role",
    "Only administrators may assume every role",
    severity="medium",
    area="permissions",
    population="breadth",
    where=_BELOW,
    message="{principal_name} may assume every role that trusts the account{under}",
    terms=_TERMS,
    remediation=_CURE,
    blind_spot=_BLIND + " It does not ask which roles trust the principal. The frame `role_access` does.",
)
def principal_assume_role(breadth: Frame) -> tuple[Frame, "pd.Series[bool]"]:
    """An exception is a principal whose effective permissions include `sts:AssumeRole` on every role."""
    return _having(breadth, "assume-role")


@check(
    "principal-credentials",
    "Only administrators may create credentials for every user",
    severity="high",
    area="permissions",
    population="breadth",
    where=_BELOW,
    message="{principal_name} may create credentials for every user{under}",
    terms=_TERMS,
    remediation=_CURE,
    blind_spot=_BLIND,
)
def principal_credentials(breadth: Frame) -> tuple[Frame, "pd.Series[bool]"]:
    """An exception is a principal that may effectively create a credential for every user.

    The actions are `iam:CreateAccessKey`, `CreateLoginProfile`, `UpdateLoginProfile`,
    `CreateServiceSpecificCredential`, `ResetServiceSpecificCredential` and `UploadSSHPublicKey`.
    """
    return _having(breadth, "credentials")


@check(
    "principal-kms-decrypt",
    "Only administrators may decrypt with every KMS key",
    severity="medium",
    area="permissions",
    population="breadth",
    where=_BELOW,
    message="{principal_name} may decrypt with every key{under}",
    terms=_TERMS,
    remediation=_CURE,
    blind_spot=_BLIND + " It does not see key policies, which may keep IAM policies from deciding.",
)
def principal_kms_decrypt(breadth: Frame) -> tuple[Frame, "pd.Series[bool]"]:
    """An exception is a principal that may effectively decrypt with every KMS key.

    The action is `kms:Decrypt` or `kms:ReEncryptFrom`.
    """
    return _having(breadth, "kms-decrypt")


@check(
    "principal-secrets",
    "Only administrators may read every secret of Secrets Manager",
    severity="high",
    area="permissions",
    population="breadth",
    where=_BELOW,
    message="{principal_name} may read every secret{under}",
    terms=_TERMS,
    remediation=_CURE,
    blind_spot=_BLIND + " It does not see the policies of the secrets and of their keys.",
)
def principal_secrets(breadth: Frame) -> tuple[Frame, "pd.Series[bool]"]:
    """An exception is a principal that may effectively read every secret of Secrets Manager.

    The action is `secretsmanager:GetSecretValue`.
    """
    return _having(breadth, "secrets")


@check(
    "principal-parameters",
    "Only administrators may read every parameter of Systems Manager",
    severity="medium",
    area="permissions",
    population="breadth",
    where=_BELOW,
    message="{principal_name} may read every parameter{under}",
    terms=_TERMS,
    remediation=_CURE,
    blind_spot=_BLIND + " It does not see which parameters are SecureStrings and who may use their keys.",
)
def principal_parameters(breadth: Frame) -> tuple[Frame, "pd.Series[bool]"]:
    """An exception is a principal that may effectively read every parameter of Systems Manager.

    The actions are `ssm:GetParameter`, `GetParameters`, `GetParametersByPath` and `GetParameterHistory`.
    """
    return _having(breadth, "parameters")


@check(
    "principal-cloudtrail-stop",
    "Only administrators may stop or change every trail",
    severity="high",
    area="permissions",
    population="breadth",
    where=_BELOW,
    message="{principal_name} may stop or change every trail{under}",
    terms=_TERMS,
    remediation=_CURE + "; let an SCP protect the trails of the organization",
    blind_spot=_BLIND + " It does not see who may change the bucket that holds the trail.",
)
def principal_cloudtrail_stop(breadth: Frame) -> tuple[Frame, "pd.Series[bool]"]:
    """An exception is a principal that may effectively stop, delete or change every trail.

    The actions are `cloudtrail:StopLogging`, `DeleteTrail`, `UpdateTrail` and `PutEventSelectors`.
    """
    return _having(breadth, "cloudtrail-stop")
