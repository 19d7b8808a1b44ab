"""How IAM users sign in: MFA, unused passwords, and kinds of credentials that should not meet."""

from iamaudit.checks.catalogue import EXPOSED, LONG_TERM, Frame, Mask, check
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
    remediation="the user assigns a device under Security credentials; until then "
    "`aws iam delete-login-profile --user-name {name}`",
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
    message="{name} has a password or access key that has been idle for {max_unused_days} days or longer",
    remediation="`aws iam delete-login-profile --user-name {name}` for the password; "
    "`aws iam update-access-key --user-name {name} --access-key-id KEY --status Inactive` for a key",
    blind_spot=_LATE,
    console="IAM > Credential report",
    documentation=_UNUSED_GUIDE,
)
def credentials_unused_long(users: Frame, access_keys: Frame, settings: Settings) -> Mask:
    """An exception is a user with a password or an active key idle for {max_unused_days} days or longer.

    Each is looked at alone, and is idle since its last use; what was never used is idle since
    `password_last_changed` or `access_key_N_last_rotated`.
    """
    is_idle = access_keys.is_active & (access_keys.idle_days >= settings.max_unused_days)
    idle, unknown = (
        users.arn.isin(access_keys.arn[m]) for m in (is_idle.fillna(value=False), is_idle.isna())
    )
    idle_keys = idle.astype("boolean").mask(unknown & ~idle)
    return (users.has_password & (users.password_idle_days >= settings.max_unused_days)) | idle_keys


@check(
    "key-and-password",
    "Users who sign in to the console have no access key",
    severity="low",
    area="credentials",
    population="users",
    cause="credential",
    practice="long-term-credentials",
    where="has_password and not is_root and not is_gone",
    message="{name} has a console password and {active_keys} active access {active_keys:key|keys}",
    remediation="give the program a user or, better, a role of its own; remove the key from the person",
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
    "`aws iam update-signing-certificate --user-name {name} --certificate-id ID --status Inactive`",
    blind_spot="The test does not see whether anything still uses the certificate, which only the old SOAP "
    "interface of EC2 takes.",
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
    remediation="a program gets a role instead of the user; a person assigns a device, and policies test "
    "aws:MultiFactorAuthPresent",
    blind_spot="The test does not see whether a policy asks for MFA when the key is used; the conditions in "
    "statements.csv tell.",
    console="IAM > Users > USER > Security credentials",
    documentation=_MFA_GUIDE,
)
def user_mfa(users: Frame) -> Mask:
    """An exception is a user with an active key, without a console password, whose `mfa_active` is false.

    Users who have a console password are judged by `console-mfa`, so that nobody is counted twice. Most
    users of this population are programs, for which a role is the cure.
    """
    return ~users.mfa_active


@check(
    "user-mfa-hardware",
    "Users who have a console password use a security key or hardware MFA",
    severity="informational",
    area="credentials",
    population="users",
    cause="credential",
    practice="hardware-mfa",
    where="has_password and not is_root and not is_gone",
    sources=("credential_report", "mfa_devices"),
    message="{name} has no security key and no hardware device",
    remediation="the user assigns a FIDO key under Security credentials, then removes the virtual device",
    blind_spot="The test does not see federated users, whose MFA is their identity provider's.",
    console="IAM > Users > USER > Security credentials",
    documentation=_MFA_GUIDE,
)
def user_mfa_hardware(users: Frame, mfa_devices: Frame) -> Mask:
    """An exception is a user without a device of another kind than `virtual` in `mfa_devices`.

    A hardware token has a bare serial number, a security key an ARN with `:u2f/`.
    """
    return ~users.name.isin(mfa_devices.user[mfa_devices.kind != "virtual"])
