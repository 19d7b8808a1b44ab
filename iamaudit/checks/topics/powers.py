"""Who may do it after every layer: the powers over every role, key, secret, user or trail."""

import pandas as pd

from iamaudit.checks.catalogue import Frame, check
from iamaudit.iam.actions import POWERS

_BELOW = "administrator != 'yes' and not is_service_linked"
_CURE = (
    "name the resources in the statement that allows it, `iamaudit explain` shows which; keep the power for "
    "a role that is used with approval"
)
_BLIND = "It does not see resource-based policies, session policies, or what the principal can become."


def _having(breadth: Frame, power: str) -> tuple[Frame, "pd.Series[bool]"]:
    """Return who has a power, and of whom nobody knows because a policy was not collected."""
    wanted = POWERS[power]
    surely, perhaps = (
        column.map(lambda names: any(name in wanted for name in names)).astype("bool")
        for column in (breadth.open_actions, breadth.open_conditional)
    )
    has = surely | perhaps
    found = breadth[has]
    under = pd.Series(" under a condition", index=found.index, dtype="string")
    under = under.mask(~found.is_complete, ", perhaps: a policy of it was not collected")
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
    remediation=_CURE,
    blind_spot=_BLIND + " It does not see which services the role may be passed to.",
    documentation="id_roles_use_passrole.html",
)
def principal_pass_role(breadth: Frame) -> tuple[Frame, "pd.Series[bool]"]:
    """An exception may do `iam:PassRole` on a role that no policy names, after every layer.

    All of its policies, those of its groups, the permissions boundary and the SCPs are combined, with every
    Deny. `open_actions` holds what no condition limits, `open_conditional` what a condition limits. Certain
    administrators are left out: other checks are about them. Where a policy was not collected and the others
    do not allow it, the row is not judged.
    """
    return _having(breadth, "pass-role")


@check(
    "principal-assume-role",
    "Only administrators may assume every role",
    severity="medium",
    area="permissions",
    population="breadth",
    where=_BELOW,
    message="{principal_name} may assume every role that trusts the account{under}",
    remediation=_CURE,
    blind_spot=_BLIND + " It does not ask which roles trust the principal: the frame `role_access` does.",
)
def principal_assume_role(breadth: Frame) -> tuple[Frame, "pd.Series[bool]"]:
    """An exception may do `sts:AssumeRole` on a role that no policy names, after every layer.

    The layers are combined as in `principal-pass-role`.
    """
    return _having(breadth, "assume-role")


@check(
    "principal-credentials",
    "Only administrators may make credentials for every user",
    severity="high",
    area="permissions",
    population="breadth",
    where=_BELOW,
    message="{principal_name} may make credentials for every user{under}",
    remediation=_CURE,
    blind_spot=_BLIND,
)
def principal_credentials(breadth: Frame) -> tuple[Frame, "pd.Series[bool]"]:
    """An exception may make a key, password, SSH key or service credential of a user that no policy names.

    The actions are those of `policy-credentials`; the layers are combined as in `principal-pass-role`.
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
    remediation=_CURE,
    blind_spot=_BLIND + " It does not see key policies, which may keep IAM policies from deciding.",
)
def principal_kms_decrypt(breadth: Frame) -> tuple[Frame, "pd.Series[bool]"]:
    """An exception may do `kms:Decrypt` or `kms:ReEncryptFrom` with a key that no policy names.

    The layers are combined as in `principal-pass-role`.
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
    remediation=_CURE,
    blind_spot=_BLIND + " It does not see the policies of the secrets and of their keys.",
)
def principal_secrets(breadth: Frame) -> tuple[Frame, "pd.Series[bool]"]:
    """An exception may do `secretsmanager:GetSecretValue` on a secret that no policy names.

    The layers are combined as in `principal-pass-role`.
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
    remediation=_CURE,
    blind_spot=_BLIND + " It does not see which parameters are SecureStrings and who may use their keys.",
)
def principal_parameters(breadth: Frame) -> tuple[Frame, "pd.Series[bool]"]:
    """An exception may read the value of a parameter that no policy names.

    The actions are those of `policy-parameters`; the layers are combined as in `principal-pass-role`.
    """
    return _having(breadth, "parameters")


@check(
    "principal-cloudtrail-stop",
    "Only administrators may stop every trail",
    severity="high",
    area="permissions",
    population="breadth",
    where=_BELOW,
    message="{principal_name} may stop every trail{under}",
    remediation=_CURE + "; let an SCP protect the trails of the organization",
    blind_spot=_BLIND + " It does not see who may change the bucket that holds the trail.",
)
def principal_cloudtrail_stop(breadth: Frame) -> tuple[Frame, "pd.Series[bool]"]:
    """An exception may stop, delete or change a trail that no policy names.

    The actions are those of `policy-cloudtrail-stop`; the layers are combined as in `principal-pass-role`.
    """
    return _having(breadth, "cloudtrail-stop")
