"""Passwords and access keys of IAM users: how old, how idle, how many, how protected."""

import pandas as pd

from iamaudit.checks.catalogue import EXPOSED, LONG_TERM, Frame, Mask, check
from iamaudit.settings import Settings

_ACTIVE = "is_active and not is_gone"
_UNUSED_GUIDE = "id_credentials_finding-unused.html"
_MFA_GUIDE = "id_credentials_mfa.html"
_KEY_CURE = (
    "`aws iam create-access-key --user-name {user}` and deploy the new key; "
    "`aws iam update-access-key --user-name {user} --access-key-id KEY --status Inactive`; "
    "after a quiet week: `aws iam delete-access-key --user-name {user} --access-key-id KEY`"
)
_KEY_REMOVAL = (
    "`aws iam update-access-key --user-name {user} --access-key-id KEY --status Inactive`; "
    "after a quiet week: `aws iam delete-access-key --user-name {user} --access-key-id KEY`"
)


@check(
    "console-mfa",
    "Every user with a console password has MFA",
    severity="high",
    area="credentials",
    exposure=EXPOSED,
    population="users",
    where="has_password and not is_root and not is_gone",
    message="{name} has a console password and no MFA device",
    remediation="the user assigns a device under Security credentials; until then "
    "`aws iam delete-login-profile --user-name {name}`",
    blind_spot="Federated users, whose MFA is their identity provider's.",
    console="IAM > Users, column MFA",
    documentation=_MFA_GUIDE,
)
def console_mfa(users: Frame) -> Mask:
    """An exception is a user who has a console password and no MFA device."""
    return ~users.mfa_active


@check(
    "access-key-rotation",
    "Active access keys are rotated within {max_key_age_days} days",
    severity="medium",
    area="credentials",
    exposure=LONG_TERM,
    population="access_keys",
    where=_ACTIVE,
    message="key {slot} of {user} is {age_days} days old",
    remediation=_KEY_CURE,
    blind_spot="Copies of the key, and keys of other accounts.",
)
def access_key_rotation(access_keys: Frame, settings: Settings) -> Mask:
    """Age is as-of date minus last_rotated; an exception is a key over {max_key_age_days} days old."""
    return access_keys.age_days > settings.max_key_age_days


@check(
    "access-key-unused",
    "Access keys unused for {max_idle_days} days are disabled",
    severity="medium",
    area="credentials",
    exposure=LONG_TERM,
    population="access_keys",
    where=_ACTIVE,
    message="key {slot} of {user} has been idle for {idle_days} days",
    remediation=_KEY_REMOVAL,
    blind_spot="Use within the last hours that AWS has not recorded yet.",
    console="IAM > Users, column Active key age",
    documentation=_UNUSED_GUIDE,
)
def access_key_unused(access_keys: Frame, settings: Settings) -> Mask:
    """Idle since the last use; a key that was never used is idle since it was made."""
    return access_keys.idle_days >= settings.max_idle_days


@check(
    "password-unused",
    "Console passwords unused for {max_idle_days} days are removed",
    severity="medium",
    area="credentials",
    exposure=LONG_TERM,
    population="users",
    where="has_password and not is_root and not is_gone",
    message="the password of {name} has been idle for {password_idle_days} days",
    remediation="`aws iam delete-login-profile --user-name {name}`",
    blind_spot="Sign-ins within the last hours that AWS has not recorded yet.",
    console="IAM > Users, column Console last sign-in",
    documentation=_UNUSED_GUIDE,
)
def password_unused(users: Frame, settings: Settings) -> Mask:
    """Idle since the last sign-in; a password that was never used is idle since it was last changed."""
    return users.password_idle_days >= settings.max_idle_days


@check(
    "access-key-never-used",
    "No active access key was made and never used",
    severity="medium",
    area="credentials",
    exposure=LONG_TERM,
    population="access_keys",
    where=_ACTIVE,
    message="key {slot} of {user} was made {age_days} days ago and never used",
    remediation=_KEY_REMOVAL,
    blind_spot="Use before AWS kept track (April 2015).",
)
def access_key_never_used(access_keys: Frame, settings: Settings) -> Mask:
    """An exception is an active key that was never used; one under {new_key_grace_days} days old has time."""
    return access_keys.never_used & (access_keys.age_days >= settings.new_key_grace_days)


@check(
    "one-active-access-key",
    "No user has two active access keys",
    severity="medium",
    area="credentials",
    exposure=LONG_TERM,
    population="users",
    where="active_keys > 0 and not is_gone",
    message="{name} has {active_keys} active access keys",
    remediation="finish the rotation: move every use to the newer key, then remove the older one",
    blind_spot="A rotation that is under way looks the same.",
)
def one_active_access_key(users: Frame) -> Mask:
    """An exception is a user, root included, whose both access keys are active."""
    return users.active_keys > 1


@check(
    "access-key-inactive",
    "Deactivated access keys are deleted within {max_inactive_key_days} days",
    severity="low",
    area="credentials",
    exposure=LONG_TERM,
    population="access_keys",
    where="not is_active and not is_gone",
    message="key {slot} of {user} is inactive and {age_days} days old",
    remediation="`aws iam delete-access-key --user-name {user} --access-key-id KEY`",
    blind_spot="When it was deactivated: AWS tells its age only.",
)
def access_key_inactive(access_keys: Frame, settings: Settings) -> Mask:
    """An inactive key can be activated again by whoever may call UpdateAccessKey."""
    return access_keys.age_days > settings.max_inactive_key_days


@check(
    "access-key-year",
    "No active access key is older than a year",
    severity="high",
    area="credentials",
    exposure=LONG_TERM,
    population="access_keys",
    where=_ACTIVE,
    message="key {slot} of {user} is {age_days} days old",
    remediation=_KEY_CURE,
    blind_spot="Copies of the key.",
)
def access_key_year(access_keys: Frame) -> Mask:
    """An exception is a key over 365 days old, whatever the rotation that was agreed."""
    return access_keys.age_days > 365


@check(
    "access-key-initial",
    "No access key was made together with its user and never used",
    severity="low",
    area="credentials",
    exposure=LONG_TERM,
    population="access_keys",
    where="is_active and not is_root and not is_gone",
    message="key {slot} of {user} was made with the user on {created_at} and never used",
    remediation=_KEY_REMOVAL,
    blind_spot="Keys made later and never used: those have a check of their own.",
)
def access_key_initial(access_keys: Frame, users: Frame) -> Mask:
    """Made within an hour of the user, as the console does when it is asked for programmatic access."""
    born = access_keys.arn.map(users.set_index("arn").created_at)
    together = (access_keys.created_at - born).abs() <= pd.Timedelta(hours=1)
    return access_keys.never_used & together


@check(
    "access-key-services",
    "Long-term access keys are used for IAM and STS only",
    severity="low",
    area="credentials",
    exposure=LONG_TERM,
    population="access_keys",
    where="is_active and not never_used and not is_gone",
    message="key {slot} of {user} was last used for {last_used_service}",
    remediation="give the workload a role: an instance profile, a task role, or a web identity; "
    "then remove the key",
    blind_spot="What the key did before its last use.",
)
def access_key_services(access_keys: Frame) -> Mask:
    """A key that does work itself, rather than assume a role, is a credential that lies in code somewhere."""
    service = access_keys.last_used_service
    return (~service.isin(["iam", "sts"])).astype("boolean").mask(service.isna())


@check(
    "credentials-unused-long",
    "No credential is unused for {max_unused_days} days",
    severity="medium",
    area="credentials",
    exposure=LONG_TERM,
    population="users",
    where="not is_root and not is_gone and (has_password or active_keys > 0)",
    message="{name} has a credential that was not used for {max_unused_days} days or more",
    remediation="`aws iam delete-login-profile --user-name {name}` for the password; "
    "`aws iam update-access-key --user-name {name} --access-key-id KEY --status Inactive` for a key",
    blind_spot="Use within the last hours that AWS has not recorded yet.",
    console="IAM > Credential report",
    documentation=_UNUSED_GUIDE,
)
def credentials_unused_long(users: Frame, access_keys: Frame, settings: Settings) -> Mask:
    """The password and each active key are looked at alone; never used counts since it was made."""
    idle_keys = access_keys[access_keys.is_active & (access_keys.idle_days >= settings.max_unused_days)]
    idle_password = (users.password_idle_days >= settings.max_unused_days).fillna(value=False)
    return (users.has_password & idle_password) | users.arn.isin(idle_keys.arn)


@check(
    "key-and-password",
    "No user has a console password and an access key",
    severity="low",
    area="credentials",
    population="users",
    where="has_password and not is_root and not is_gone",
    message="{name} has a password and {active_keys} active access keys",
    remediation="give the program a user or, better, a role of its own; remove the key from the person",
    blind_spot="Roles that the person may assume.",
)
def key_and_password(users: Frame) -> Mask:
    """Such a user is a person and a program at once: neither can be locked out without the other."""
    return users.active_keys > 0


@check(
    "signing-certificate",
    "No user has an active signing certificate",
    severity="medium",
    area="credentials",
    exposure=LONG_TERM,
    population="users",
    where="not is_root and not is_gone",
    message="{name} has {active_certificates} active signing certificates",
    remediation="`aws iam list-signing-certificates --user-name {name}`; "
    "`aws iam update-signing-certificate --user-name {name} --certificate-id ID --status Inactive`",
    blind_spot="Uses of EC2's old SOAP interface, the only thing they are for.",
    console="IAM > Users > USER > Security credentials",
    documentation="id_credentials.html",
)
def signing_certificate(users: Frame) -> Mask:
    """X.509 certificates are a forgotten third kind of long-term credential."""
    return users.active_certificates > 0


@check(
    "user-mfa",
    "Every user with a credential has MFA",
    severity="medium",
    area="credentials",
    population="users",
    where="not is_root and not is_gone and (has_password or active_keys > 0)",
    message="{name} has credentials and no MFA device",
    remediation="the user assigns a device; programs get a role instead",
    blind_spot="Whether a policy asks for MFA: see the conditions in statements.csv.",
    console="IAM > Users > USER > Security credentials",
    documentation=_MFA_GUIDE,
)
def user_mfa(users: Frame) -> Mask:
    """Users of access keys are counted too, unlike in the check of the console."""
    return ~users.mfa_active


@check(
    "user-mfa-hardware",
    "The MFA of every console user is hardware or a security key",
    severity="low",
    area="credentials",
    population="users",
    where="has_password and not is_root and not is_gone",
    sources=("credential_report", "mfa_devices"),
    message="{name} has no security key and no hardware device",
    remediation="the user assigns a FIDO key under Security credentials, then removes the virtual device",
    blind_spot="Federated users, whose MFA is their identity provider's.",
    console="IAM > Users > USER > Security credentials",
    documentation=_MFA_GUIDE,
)
def user_mfa_hardware(users: Frame, mfa_devices: Frame) -> Mask:
    """A virtual device is a secret that can be copied; a security key is not."""
    return ~users.name.isin(mfa_devices.user[mfa_devices.kind != "virtual"])
