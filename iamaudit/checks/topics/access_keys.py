"""Access keys of IAM users: how old, how idle, how many, what they are used for."""

import pandas as pd

from iamaudit.checks.catalogue import LONG_TERM, Frame, Mask, check
from iamaudit.checks.topics.later import LATER_USE
from iamaudit.settings import Settings

_ACTIVE = "is_active and not is_root and not is_gone"  # root has no key at all: root-access-key
_LATE = "The test does not see use within the last hours, which AWS has not recorded yet."
_UNUSED_GUIDE = "id_credentials_finding-unused.html"
_KEY_CURE = (
    "a user has two keys at most: if there are two, delete the one that nobody uses; "
    "`aws iam create-access-key --user-name {user}` and deploy the new key; "
    "`aws iam update-access-key --user-name {user} --access-key-id KEY --status Inactive`; "
    "after a week without errors: `aws iam delete-access-key --user-name {user} --access-key-id KEY`"
)
_KEY_REMOVAL = (
    "`aws iam update-access-key --user-name {user} --access-key-id KEY --status Inactive`; "
    "after a week without errors: `aws iam delete-access-key --user-name {user} --access-key-id KEY`"
)


@check(
    "access-key-rotation",
    "Access keys are rotated within {max_key_age_days} days",
    severity="medium",
    area="credentials",
    exposure=LONG_TERM,
    population="access_keys",
    where=_ACTIVE,
    message="key {slot} of {user} is {age_days} days old",
    remediation=_KEY_CURE,
    blind_spot="The test does not see copies of a key, or whether a new key has taken over every use of the "
    "old one.",
)
def access_key_rotation(access_keys: Frame, settings: Settings) -> Mask:
    """An exception is an active key whose `access_key_N_last_rotated` is over {max_key_age_days} days back.

    Days are whole days up to the as-of time.
    """
    return access_keys.age_days > settings.max_key_age_days


@check(
    "access-key-unused",
    "Access keys unused for {max_idle_days} days are disabled",
    severity="medium",
    area="credentials",
    exposure=LONG_TERM,
    population="access_keys",
    cause="credential",
    practice="unused-credentials",
    where=_ACTIVE,
    message="key {slot} of {user} has been idle for {idle_days} days",
    terms=LATER_USE,
    remediation=_KEY_REMOVAL,
    blind_spot=_LATE,
    console="IAM > Users, column Active key age",
    documentation=_UNUSED_GUIDE,
)
def access_key_unused(access_keys: Frame, settings: Settings) -> Mask:
    """An exception is an active key that has been idle for {max_idle_days} days or longer.

    It is idle since `access_key_N_last_used_date`; a key that was never used (`N/A`) is idle since
    `access_key_N_last_rotated`.
    """
    return access_keys.idle_days >= settings.max_idle_days


@check(
    "access-key-never-used",
    "Active access keys have been used",
    severity="medium",
    area="credentials",
    exposure=LONG_TERM,
    population="access_keys",
    cause="credential",
    practice="unused-credentials",
    where=_ACTIVE,
    message="key {slot} of {user} was made {age_days} {age_days:day|days} ago and never used",
    terms=LATER_USE,
    remediation=_KEY_REMOVAL,
    blind_spot="The test does not see use before April 2015, when AWS began to record it.",
)
def access_key_never_used(access_keys: Frame, settings: Settings) -> Mask:
    """An exception is an active key whose `access_key_N_last_used_date` is `N/A`.

    A key counts once it is {new_key_grace_days} {new_key_grace_days:day|days} old (whole days since
    `access_key_N_last_rotated`).
    """
    return access_keys.never_used & (access_keys.age_days >= settings.new_key_grace_days)


@check(
    "one-active-access-key",
    "Users have at most one active access key",
    severity="medium",
    area="credentials",
    exposure=LONG_TERM,
    population="users",
    cause="credential",
    practice="key-rotation",
    where="active_keys > 0 and not is_root and not is_gone",
    message="{name} has {active_keys} active access keys",
    remediation="find the older key: `aws iam list-access-keys --user-name {name}`; move its uses to the "
    "newer key; `aws iam update-access-key --user-name {name} --access-key-id KEY --status Inactive`; after "
    "a week without errors: `aws iam delete-access-key --user-name {name} --access-key-id KEY`",
    blind_spot="The test does not tell a rotation that is under way from two keys that stay.",
)
def one_active_access_key(users: Frame) -> Mask:
    """An exception is a user with `access_key_1_active` and `access_key_2_active` both true."""
    return users.active_keys > 1


@check(
    "access-key-inactive",
    "Inactive access keys are deleted within {max_inactive_key_days} days of their last use",
    severity="low",
    area="credentials",
    exposure=LONG_TERM,
    population="access_keys",
    cause="credential",
    practice="unused-credentials",
    where="not is_active and not is_root and not is_gone",
    message="key {slot} of {user} is inactive and has been idle for {idle_days} days",
    terms=LATER_USE,
    remediation="`aws iam delete-access-key --user-name {user} --access-key-id KEY`",
    blind_spot="The test does not see when a key was deactivated. AWS reports only its age and its last use.",
)
def access_key_inactive(access_keys: Frame, settings: Settings) -> Mask:
    """An exception is an inactive key that has been idle for over {max_inactive_key_days} days.

    It is idle since `access_key_N_last_used_date`; a key that was never used is idle since
    `access_key_N_last_rotated`. A principal with `iam:UpdateAccessKey` can activate it again.
    """
    return access_keys.idle_days > settings.max_inactive_key_days


@check(
    "access-key-year",
    "Active access keys are at most a year old",
    severity="high",
    area="credentials",
    exposure=LONG_TERM,
    population="access_keys",
    where=_ACTIVE,
    message="key {slot} of {user} is {age_days} days old",
    remediation=_KEY_CURE,
    blind_spot="The test does not see copies of the key.",
)
def access_key_year(access_keys: Frame) -> Mask:
    """An exception is an active key whose `access_key_N_last_rotated` is over 365 days back."""
    return access_keys.age_days > 365


@check(
    "access-key-initial",
    "Access keys are made when they are needed, not together with the user",
    severity="low",
    area="credentials",
    exposure=LONG_TERM,
    population="access_keys",
    cause="credential",
    practice="unused-credentials",
    where=_ACTIVE,
    message="key {slot} of {user} was made with the user on {created_at} and never used",
    terms=LATER_USE,
    remediation=_KEY_REMOVAL,
    blind_spot="The test does not see keys that were made later; `access-key-never-used` does.",
)
def access_key_initial(access_keys: Frame, users: Frame, settings: Settings) -> Mask:
    """An exception is an active key that was never used and was made within an hour of its user.

    The times are `access_key_N_last_rotated` and the user's creation. A key counts once it is
    {new_key_grace_days} {new_key_grace_days:day|days} old.
    """
    born = access_keys.arn.map(users.set_index("arn").created_at)
    together = (access_keys.created_at - born).abs() <= pd.Timedelta(hours=1)
    return access_keys.never_used & together & (access_keys.age_days >= settings.new_key_grace_days)


@check(
    "access-key-services",
    "Long-term access keys are used for IAM and STS only",
    severity="low",
    area="credentials",
    exposure=LONG_TERM,
    population="access_keys",
    cause="credential",
    practice="long-term-credentials",
    where=f"{_ACTIVE} and not never_used",
    message="key {slot} of {user} was last used for {last_used_service}",
    terms=LATER_USE,
    remediation="give the workload a role: an instance profile, a task role, or a web identity; then "
    + _KEY_REMOVAL,
    blind_spot="The test does not see what the key was used for before its last use, as AWS reports only "
    "that.",
)
def access_key_services(access_keys: Frame) -> Mask:
    """An exception is an active key whose `access_key_N_last_used_service` is neither `iam` nor `sts`.

    Keys that were never used are not in the population.
    """
    service = access_keys.last_used_service
    return (~service.isin(["iam", "sts"])).astype("boolean").mask(service.isna())
