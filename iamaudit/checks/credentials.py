"""Passwords and access keys of IAM users: how old, how idle, how many, how protected."""

from iamaudit.checks.catalogue import Frame, Mask, check
from iamaudit.settings import Settings

_ACTIVE = "is_active and not is_gone"
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
    population="users",
    where="has_password and not is_root and not is_gone",
    controls=("CIS 7.0 2.10", "CIS 5.0 1.9", "Security Hub IAM.5"),
    message="{name} has a console password and no MFA device",
    remediation="the user assigns a device under Security credentials; until then "
    "`aws iam delete-login-profile --user-name {name}`",
    blind_spot="Federated users, whose MFA is their identity provider's.",
)
def console_mfa(users: Frame) -> Mask:
    """An exception is a user who has a console password and no MFA device."""
    return ~users.mfa_active


@check(
    "access-key-rotation",
    "Active access keys are rotated within {max_key_age_days} days",
    severity="medium",
    population="access_keys",
    where=_ACTIVE,
    controls=("CIS 7.0 2.12", "CIS 5.0 1.13", "Security Hub IAM.3"),
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
    population="access_keys",
    where=_ACTIVE,
    controls=("CIS 7.0 2.11", "CIS 5.0 1.11", "Security Hub IAM.22"),
    message="key {slot} of {user} has been idle for {idle_days} days",
    remediation=_KEY_REMOVAL,
    blind_spot="Use within the last hours that AWS has not recorded yet.",
)
def access_key_unused(access_keys: Frame, settings: Settings) -> Mask:
    """Idle since the last use; a key that was never used is idle since it was made."""
    return access_keys.idle_days >= settings.max_idle_days


@check(
    "password-unused",
    "Console passwords unused for {max_idle_days} days are removed",
    severity="medium",
    population="users",
    where="has_password and not is_root and not is_gone",
    controls=("CIS 7.0 2.11", "CIS 5.0 1.11", "Security Hub IAM.22"),
    message="the password of {name} has been idle for {password_idle_days} days",
    remediation="`aws iam delete-login-profile --user-name {name}`",
    blind_spot="Sign-ins within the last hours that AWS has not recorded yet.",
)
def password_unused(users: Frame, settings: Settings) -> Mask:
    """Idle since the last sign-in; a password that was never used is idle since it was last changed."""
    return users.password_idle_days >= settings.max_idle_days


@check(
    "access-key-never-used",
    "No active access key was made and never used",
    severity="medium",
    population="access_keys",
    where=_ACTIVE,
    controls=("CIS 5.0 1.10", "CIS 3.0 1.11"),
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
    population="users",
    where="active_keys > 0 and not is_gone",
    controls=("CIS 5.0 1.12", "CIS 3.0 1.13"),
    message="{name} has {active_keys} active access keys",
    remediation="finish the rotation: move every use to the newer key, then remove the older one",
    blind_spot="A rotation that is under way looks the same.",
)
def one_active_access_key(users: Frame) -> Mask:
    """An exception is a user, root included, whose both access keys are active."""
    return users.active_keys > 1
