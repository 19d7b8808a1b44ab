"""The account's password policy."""

from iamaudit.checks.catalogue import Frame, Mask, check
from iamaudit.checks.topics.later import LATER_LOGIN
from iamaudit.settings import Settings

_CURE = (
    "note the options in force: `aws iam get-account-password-policy`; then set all of them in one command, "
    "since it resets those that are left out: `aws iam update-account-password-policy "
    "--minimum-password-length LENGTH --password-reuse-prevention NUMBER "
    "--require-uppercase-characters --require-lowercase-characters --require-numbers --require-symbols "
    "--allow-users-to-change-password`; where passwords have to expire, add `--max-password-age DAYS`"
)
_BLIND = (
    "The test does not see passwords that are older than the policy. The policy applies to them at their "
    "next change."
)
_CONSOLE = "IAM > Account settings > Password policy"
_GUIDE = "id_credentials_passwords_account-policy.html"


@check(
    "password-policy",
    "The account has a password policy of its own",
    severity="medium",
    area="passwords",
    population="account_facts",
    cause="practice",
    practice="password-policy",
    sources=("password_policy",),
    message="the account has no password policy: AWS's default of 8 characters holds",
    remediation=_CURE,
    blind_spot=_BLIND,
    console=_CONSOLE,
    documentation=_GUIDE,
)
def password_policy(account: Frame) -> Mask:
    """An exception is an account for which `GetAccountPasswordPolicy` finds no policy."""
    return ~account.has_password_policy


@check(
    "password-length",
    "Passwords have at least {min_password_length} characters",
    severity="medium",
    area="passwords",
    population="account_facts",
    cause="practice",
    practice="password-policy",
    sources=("password_policy",),
    message="the password policy asks for {min_password_length} {min_password_length:character|characters}",
    remediation=_CURE,
    blind_spot=_BLIND,
    console=_CONSOLE,
    documentation=_GUIDE,
)
def password_length(account: Frame, settings: Settings) -> Mask:
    """An exception is a `MinimumPasswordLength` below {min_password_length}.

    For an account without a policy of its own it is AWS's default of 8.
    """
    return account.min_password_length < settings.min_password_length


@check(
    "password-reuse",
    "The last {min_password_reuse_prevention} passwords cannot be used again",
    severity="low",
    area="passwords",
    population="account_facts",
    cause="practice",
    practice="password-policy",
    sources=("password_policy",),
    message="the password policy remembers {password_reuse_prevention} "
    "{password_reuse_prevention:password|passwords}",
    remediation=_CURE,
    blind_spot=_BLIND,
    console=_CONSOLE,
    documentation=_GUIDE,
)
def password_reuse(account: Frame, settings: Settings) -> Mask:
    """An exception is a `PasswordReusePrevention` below {min_password_reuse_prevention}.

    A policy without it, and AWS's default, count as 0.
    """
    return account.password_reuse_prevention < settings.min_password_reuse_prevention


@check(
    "password-uppercase",
    "Passwords contain an uppercase letter",
    severity="low",
    area="passwords",
    population="account_facts",
    cause="practice",
    practice="password-policy",
    sources=("password_policy",),
    message="the password policy asks for no uppercase letter",
    remediation=_CURE,
    blind_spot=_BLIND,
    console=_CONSOLE,
    documentation=_GUIDE,
)
def password_uppercase(account: Frame) -> Mask:
    """An exception is a policy without `RequireUppercaseCharacters`, or an account without a policy."""
    return ~account.require_uppercase


@check(
    "password-lowercase",
    "Passwords contain a lowercase letter",
    severity="low",
    area="passwords",
    population="account_facts",
    cause="practice",
    practice="password-policy",
    sources=("password_policy",),
    message="the password policy asks for no lowercase letter",
    remediation=_CURE,
    blind_spot=_BLIND,
    console=_CONSOLE,
    documentation=_GUIDE,
)
def password_lowercase(account: Frame) -> Mask:
    """An exception is a policy without `RequireLowercaseCharacters`, or an account without a policy."""
    return ~account.require_lowercase


@check(
    "password-number",
    "Passwords contain a number",
    severity="low",
    area="passwords",
    population="account_facts",
    cause="practice",
    practice="password-policy",
    sources=("password_policy",),
    message="the password policy asks for no number",
    remediation=_CURE,
    blind_spot=_BLIND,
    console=_CONSOLE,
    documentation=_GUIDE,
)
def password_number(account: Frame) -> Mask:
    """An exception is a policy without `RequireNumbers`, or an account without a policy."""
    return ~account.require_numbers


@check(
    "password-symbol",
    "Passwords contain a symbol",
    severity="low",
    area="passwords",
    population="account_facts",
    cause="practice",
    practice="password-policy",
    sources=("password_policy",),
    message="the password policy asks for no symbol",
    remediation=_CURE,
    blind_spot=_BLIND,
    console=_CONSOLE,
    documentation=_GUIDE,
)
def password_symbol(account: Frame) -> Mask:
    """An exception is a policy without `RequireSymbols`, or an account without a policy."""
    return ~account.require_symbols


@check(
    "password-expiry",
    "Passwords expire within {max_password_age_days} days",
    severity="low",
    area="passwords",
    population="account_facts",
    cause="practice",
    practice="password-policy",
    sources=("password_policy",),
    message="passwords {expiry}",
    remediation=_CURE,
    blind_spot="The test does not consider NIST SP 800-63B, which advises against expiry without cause. An "
    "organization that follows it waives this check.",
    console=_CONSOLE,
    documentation=_GUIDE,
)
def password_expiry(account: Frame, settings: Settings) -> Frame:
    """An exception is a `MaxPasswordAge` above {max_password_age_days} days, or a policy without one.

    Passwords of an account without a policy never expire.
    """
    age = account.max_password_age
    expiry = "expire after " + age.astype("string") + " days"
    is_late = (age > settings.max_password_age_days).fillna(value=True)
    return account.assign(expiry=expiry.fillna("never expire"))[is_late]


@check(
    "password-change",
    "Users may change their own password",
    severity="low",
    area="passwords",
    population="account_facts",
    cause="practice",
    practice="password-policy",
    sources=("password_policy",),
    message="users may not change their own password, so the administrator who sets it knows it",
    remediation=_CURE,
    blind_spot="The test does not see users whose own policies allow `iam:ChangePassword`.",
    console=_CONSOLE,
    documentation=_GUIDE,
)
def password_change(account: Frame) -> Mask:
    """An exception is a policy without `AllowUsersToChangePassword`, or an account without a policy."""
    return ~account.users_may_change_password


@check(
    "password-age",
    "Console passwords are changed within {max_password_age_days} days",
    severity="low",
    area="passwords",
    population="users",
    cause="practice",
    practice="password-policy",
    where="has_password and not is_root and not is_gone",
    message="the password of {name} is {password_age_days} {password_age_days:day|days} old",
    terms=LATER_LOGIN,
    remediation="let users change their own password (`password-change`), or the user is locked out; "
    "`aws iam update-login-profile --user-name {name} --password-reset-required`",
    blind_spot="The test does not see how strong the password is.",
    console=_CONSOLE,
    documentation=_GUIDE,
)
def password_age(users: Frame, settings: Settings) -> Mask:
    """An exception is a password whose `password_last_changed` is over {max_password_age_days} days back.

    Days are whole days up to the as-of time.
    """
    return users.password_age_days > settings.max_password_age_days
