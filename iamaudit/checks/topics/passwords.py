"""The account's password policy."""

from iamaudit.checks.catalogue import Frame, Mask, check
from iamaudit.settings import Settings

_CURE = "`aws iam update-account-password-policy`: it replaces the whole policy, so state every option"
_BLIND = "Passwords set before the policy was, until they are changed."
_CONSOLE = "IAM > Account settings > Password policy"
_GUIDE = "id_credentials_passwords_account-policy.html"


@check(
    "password-policy",
    "The account has a password policy of its own",
    severity="medium",
    area="passwords",
    population="account",
    sources=("password_policy",),
    message="the account has no password policy: AWS's default of 8 characters holds",
    remediation=_CURE,
    blind_spot=_BLIND,
    console=_CONSOLE,
    documentation=_GUIDE,
)
def password_policy(account: Frame) -> Mask:
    """An exception is an account for which AWS's default holds."""
    return ~account.has_password_policy


@check(
    "password-length",
    "Passwords have at least {min_password_length} characters",
    severity="medium",
    area="passwords",
    population="account",
    sources=("password_policy",),
    message="the password policy asks for {min_password_length} characters",
    remediation=_CURE,
    blind_spot=_BLIND,
    console=_CONSOLE,
    documentation=_GUIDE,
)
def password_length(account: Frame, settings: Settings) -> Mask:
    """An account without a policy of its own has AWS's default of 8 characters."""
    return account.min_password_length < settings.min_password_length


@check(
    "password-reuse",
    "The last {min_password_reuse_prevention} passwords cannot be used again",
    severity="low",
    area="passwords",
    population="account",
    sources=("password_policy",),
    message="the password policy remembers {password_reuse_prevention} passwords",
    remediation=_CURE,
    blind_spot=_BLIND,
    console=_CONSOLE,
    documentation=_GUIDE,
)
def password_reuse(account: Frame, settings: Settings) -> Mask:
    """An account whose policy does not prevent reuse remembers 0 passwords."""
    return account.password_reuse_prevention < settings.min_password_reuse_prevention


@check(
    "password-uppercase",
    "Passwords have an uppercase letter",
    severity="low",
    area="passwords",
    population="account",
    sources=("password_policy",),
    message="the password policy asks for no uppercase letter",
    remediation=_CURE,
    blind_spot=_BLIND,
    console=_CONSOLE,
    documentation=_GUIDE,
)
def password_uppercase(account: Frame) -> Mask:
    """An exception is a policy that does not ask for an uppercase letter; AWS's default asks for none."""
    return ~account.require_uppercase


@check(
    "password-lowercase",
    "Passwords have a lowercase letter",
    severity="low",
    area="passwords",
    population="account",
    sources=("password_policy",),
    message="the password policy asks for no lowercase letter",
    remediation=_CURE,
    blind_spot=_BLIND,
    console=_CONSOLE,
    documentation=_GUIDE,
)
def password_lowercase(account: Frame) -> Mask:
    """An exception is a policy that does not ask for a lowercase letter; AWS's default asks for none."""
    return ~account.require_lowercase


@check(
    "password-number",
    "Passwords have a number",
    severity="low",
    area="passwords",
    population="account",
    sources=("password_policy",),
    message="the password policy asks for no number",
    remediation=_CURE,
    blind_spot=_BLIND,
    console=_CONSOLE,
    documentation=_GUIDE,
)
def password_number(account: Frame) -> Mask:
    """An exception is a policy that does not ask for a number; AWS's default asks for none."""
    return ~account.require_numbers


@check(
    "password-symbol",
    "Passwords have a symbol",
    severity="low",
    area="passwords",
    population="account",
    sources=("password_policy",),
    message="the password policy asks for no symbol",
    remediation=_CURE,
    blind_spot=_BLIND,
    console=_CONSOLE,
    documentation=_GUIDE,
)
def password_symbol(account: Frame) -> Mask:
    """An exception is a policy that does not ask for a symbol; AWS's default asks for none."""
    return ~account.require_symbols


@check(
    "password-expiry",
    "Passwords expire within {max_password_age_days} days",
    severity="low",
    area="passwords",
    population="account",
    sources=("password_policy",),
    message="passwords expire after {max_password_age} days (unknown: never)",
    remediation=_CURE,
    blind_spot="NIST advises against expiry without cause; decide, and waive this check if you follow it.",
    console=_CONSOLE,
    documentation=_GUIDE,
)
def password_expiry(account: Frame, settings: Settings) -> Mask:
    """An exception is a policy without expiry, or one over {max_password_age_days} days."""
    return (
        account.max_password_age.fillna(settings.max_password_age_days + 1) > settings.max_password_age_days
    )


@check(
    "password-change",
    "Users may change their own password",
    severity="low",
    area="passwords",
    population="account",
    sources=("password_policy",),
    message="users may not change their own password: whoever sets it for them knows it",
    remediation=_CURE,
    blind_spot="Users with an identity policy that lets them.",
    console=_CONSOLE,
    documentation=_GUIDE,
)
def password_change(account: Frame) -> Mask:
    """An exception is a policy without AllowUsersToChangePassword."""
    return ~account.users_may_change_password


@check(
    "password-age",
    "Console passwords are changed within {max_password_age_days} days",
    severity="low",
    area="passwords",
    population="users",
    where="has_password and not is_root and not is_gone",
    message="{name} last changed the password on {password_changed_at}",
    remediation="`aws iam update-login-profile --user-name {name} --password-reset-required`",
    blind_spot="How good the password is.",
    console=_CONSOLE,
    documentation=_GUIDE,
)
def password_age(users: Frame, settings: Settings) -> Mask:
    """The age is counted to the time the audit speaks for; <NA> where the report does not say."""
    return users.password_age_days > settings.max_password_age_days
