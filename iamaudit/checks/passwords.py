"""The account's password policy."""

from iamaudit.checks.catalogue import Frame, Mask, check
from iamaudit.settings import Settings

_CURE = "`aws iam update-account-password-policy`: it replaces the whole policy, so state every option"
_BLIND = "Passwords set before the policy was, until they are changed."


@check(
    "password-length",
    "Passwords have at least {min_password_length} characters",
    severity="medium",
    population="account",
    sources=("password_policy",),
    controls=("CIS 7.0 2.8", "CIS 5.0 1.7", "Security Hub IAM.15"),
    message="the password policy asks for {min_password_length} characters",
    remediation=_CURE,
    blind_spot=_BLIND,
)
def password_length(account: Frame, settings: Settings) -> Mask:
    """An account without a policy of its own has AWS's default of 8 characters."""
    return account.min_password_length < settings.min_password_length


@check(
    "password-reuse",
    "The last {min_password_reuse_prevention} passwords cannot be used again",
    severity="low",
    population="account",
    sources=("password_policy",),
    controls=("CIS 7.0 2.9", "CIS 5.0 1.8", "Security Hub IAM.16"),
    message="the password policy remembers {password_reuse_prevention} passwords",
    remediation=_CURE,
    blind_spot=_BLIND,
)
def password_reuse(account: Frame, settings: Settings) -> Mask:
    """An account whose policy does not prevent reuse remembers 0 passwords."""
    return account.password_reuse_prevention < settings.min_password_reuse_prevention
