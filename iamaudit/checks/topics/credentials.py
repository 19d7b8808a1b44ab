"""How IAM users sign in: MFA, unused passwords, and kinds of credentials that should not meet."""

import pandas as pd

from iamaudit.checks.catalogue import EXPOSED, LONG_TERM, Frame, Mask, check
from iamaudit.checks.topics.later import LATER_LOGIN, LATER_USE
from iamaudit.settings import Settings

_LATE = "The test does not see use within the last hours, which AWS has not recorded yet."
_UNUSED_GUIDE = "id_credentials_finding-unused.html"
_MFA_GUIDE = "id_credentials_mfa.html"


@check(
    "console-mfa",
    "Users who have a console password have MFA",
    severity="high",
    area="credentials",
    exposure=EXPOSED,
    population="users",
    cause="credential",
    practice="no-mfa",
    where="has_password and not is_root and not is_gone",
    message="{name} has a console password and no MFA device",
    terms=LATER_LOGIN,
    remediation="the user registers an MFA device under Security credentials; a user who does not need the "
    "console loses the password instead: `aws iam delete-login-profile --user-name {name}`",
    blind_spot="The test does not see federated users, whose MFA is their identity provider's.",
    console="IAM > Users, column MFA",
    documentation=_MFA_GUIDE,
)
def console_mfa(users: Frame) -> Mask:
    """An exception is a user whose `password_enabled` is true and whose `mfa_active` is false."""
    return ~users.mfa_active


@check(
    "password-unused",
    "Console passwords unused for {max_idle_days} days are removed",
    severity="medium",
    area="credentials",
    exposure=LONG_TERM,
    population="users",
    cause="credential",
    practice="unused-credentials",
    where="has_password and not is_root and not is_gone",
    message="the password of {name} has been idle for {password_idle_days} days",
    terms=LATER_LOGIN,
    remediation="`aws iam delete-login-profile --user-name {name}`",
    blind_spot="The test does not see sign-ins within the last hours, which AWS has not recorded yet.",
    console="IAM > Users, column Console last sign-in",
    documentation=_UNUSED_GUIDE,
)
def password_unused(users: Frame, settings: Settings) -> Mask:
    """An exception is a password that has been idle for {max_idle_days} days or longer.

    It is idle since `password_last_used`; a password that was never used (`no_information`) is idle since
    `password_last_changed`.
    """
    return users.password_idle_days >= settings.max_idle_days


@check(
    "credentials-unused-long",
    "Passwords and access keys unused for {max_unused_days} days are removed",
    severity="medium",
    area="credentials",
    exposure=LONG_TERM,
    population="users",
    cause="credential",
    practice="unused-credentials",
    where="not is_root and not is_gone and (has_password or active_keys > 0)",
    message="{name} has not used {unused}",
    terms=f"{LATER_USE} {LATER_LOGIN}",
    remediation="`aws iam delete-login-profile --user-name {name}` for the password; "
    "`aws iam update-access-key --user-name {name} --access-key-id KEY --status Inactive` for a key",
    blind_spot=_LATE,
    console="IAM > Credential report",
    documentation=_UNUSED_GUIDE,
)
def credentials_unused_long(
    users: Frame, access_keys: Frame, settings: Settings
) -> tuple[Frame, "pd.Series[bool]"]:
    """An exception is a user with a password or an active key idle for {max_unused_days} days or longer.

    Each is looked at alone, and is idle since its last use; what was never used is idle since
    `password_last_changed` or `access_key_N_last_rotated`.
    """
    is_idle = access_keys.is_active & (access_keys.idle_days >= settings.max_unused_days)
    keys = access_keys[is_idle.fillna(value=False)]
    idle, unknown = users.arn.isin(keys.arn), users.arn.isin(access_keys.arn[is_idle.isna()])
    passwords = users.has_password & (users.password_idle_days >= settings.max_unused_days)
    answer = passwords | idle.astype("boolean").mask(unknown & ~idle)
    words = "key " + keys.slot.astype("string") + " for " + keys.idle_days.astype("string") + " days"
    words = users.arn.map(words.groupby(keys.arn).agg(", ".join)).astype("string")
    password = "the password for " + users.password_idle_days.astype("string") + " days"
    unused = password.where(passwords.fillna(value=False)).str.cat(words, sep=", ", na_rep="").str.strip(", ")
    told = users.assign(
        unused=unused, proof=users.evidence
    )  # the values of a password prove nothing of a key
    return told[answer.fillna(value=False)], answer.isna()


@check(
    "key-and-password",
    "Users who have a console password have no active access key",
    severity="low",
    area="credentials",
    population="users",
    cause="credential",
    practice="long-term-credentials",
    where="has_password and not is_root and not is_gone",
    message="{name} has a console password and {active_keys} active access {active_keys:key|keys}",
    terms=LATER_LOGIN,
    remediation="give the program a role; then `aws iam update-access-key --user-name {name} "
    "--access-key-id KEY --status Inactive`; after a week without errors: `aws iam delete-access-key "
    "--user-name {name} --access-key-id KEY`",
    blind_spot="The test does not see whether the person or a program uses the key.",
)
def key_and_password(users: Frame) -> Mask:
    """An exception is a user whose `password_enabled` is true and who has an active access key.

    One person is one exception, however many keys there are.
    """
    return users.active_keys > 0


@check(
    "signing-certificate",
    "Users have no active signing certificate",
    severity="medium",
    area="credentials",
    exposure=LONG_TERM,
    population="users",
    cause="credential",
    practice="key-rotation",
    where="not is_root and not is_gone",
    message="{name} has {active_certificates} active signing {active_certificates:certificate|certificates}",
    remediation="`aws iam list-signing-certificates --user-name {name}`; "
    "`aws iam update-signing-certificate --user-name {name} --certificate-id ID --status Inactive`; after a "
    "week without errors: `aws iam delete-signing-certificate --user-name {name} --certificate-id ID`",
    blind_spot="The test does not see whether anything still uses the certificate: AWS does not record its "
    "use.",
    console="IAM > Users > USER > Security credentials",
    documentation="id_credentials.html",
)
def signing_certificate(users: Frame) -> Mask:
    """An exception is a user with `cert_1_active` or `cert_2_active` true."""
    return users.active_certificates > 0


@check(
    "user-mfa",
    "Users who have an access key and no password have MFA",
    severity="informational",
    area="credentials",
    population="users",
    cause="credential",
    practice="no-mfa",
    where="active_keys > 0 and not has_password and not is_root and not is_gone",
    message="{name} has {active_keys} active access {active_keys:key|keys} and no MFA device",
    terms=LATER_LOGIN,
    remediation="give a program a role instead of the user; a person registers an MFA device, and the "
    "policies of the person require `aws:MultiFactorAuthPresent`",
    blind_spot="The test does not see whether a policy requires MFA when the key is used. The conditions in "
    "statements.csv show it.",
    console="IAM > Users > USER > Security credentials",
    documentation=_MFA_GUIDE,
)
def user_mfa(users: Frame) -> Mask:
    """An exception is a user with an active key, without a console password, whose `mfa_active` is false.

    Users who have a console password are judged by `console-mfa`, so that nobody is counted twice. Most
    users of this population are programs, which should use a role instead.
    """
    return ~users.mfa_active


@check(
    "user-mfa-hardware",
    "Users who have a console password have a passkey, security key or hardware token",
    severity="informational",
    area="credentials",
    population="users",
    cause="credential",
    practice="hardware-mfa",
    where="has_password and not is_root and not is_gone",
    sources=("credential_report", "mfa_devices"),
    message="{name} has neither a passkey or security key nor a hardware token",
    terms=LATER_LOGIN,
    remediation="the user registers a security key under Security credentials, then removes the virtual "
    "device",
    blind_spot="The test does not tell a security key from a passkey on a phone or computer: the serial "
    "number of both has `:u2f/`. `aws iam get-mfa-device` names the certifications of a security key. The "
    "test does not see federated users, whose MFA is their identity provider's.",
    console="IAM > Users > USER > Security credentials",
    documentation=_MFA_GUIDE,
)
def user_mfa_hardware(users: Frame) -> Mask:
    """An exception is a user without any MFA device, or with `virtual` devices only, in `mfa_devices`.

    A hardware token has a bare serial number. A passkey or security key has an ARN with `:u2f/`. A user with
    MFA is not evaluated where the users were not asked for their devices.
    """
    return users.mfa_kind.isin(["virtual", "none"]).astype("boolean").mask(users.mfa_kind.isna())
