"""The account root user: it can do everything, so it should do nothing."""

from iamaudit.checks.catalogue import Frame, Mask, check
from iamaudit.settings import Settings

# Without a credential report root's MFA and keys are known from the account summary, hence `sources=()`:
# what neither of them tells is <NA> in the frame and so not judged.


@check(
    "root-access-key",
    "The root user has no access key",
    severity="critical",
    population="users",
    where="is_root",
    sources=(),
    controls=("CIS 7.0 2.4", "CIS 5.0 1.3", "Security Hub IAM.4"),
    message="active access keys of root: {active_keys}",
    remediation=(
        "find what uses it (service and region of its last use in access_keys.csv) and give that a role; "
        "as root: `aws iam update-access-key --access-key-id KEY --status Inactive`; "
        "a quiet week later: `aws iam delete-access-key --access-key-id KEY`"
    ),
    blind_spot="Root users of other accounts of the organization.",
)
def root_access_key(users: Frame) -> Mask:
    """An exception is a root user with an active access key (both slots are looked at)."""
    return users.active_keys > 0


@check(
    "root-mfa",
    "The root user signs in with MFA",
    severity="critical",
    population="users",
    where="is_root",
    sources=(),
    controls=("CIS 7.0 2.5", "CIS 5.0 1.4", "Security Hub IAM.9"),
    message="root has no MFA device",
    remediation="as root, in the console: Security credentials, Assign MFA device; "
    "a FIDO key, and a second one kept apart",
    blind_spot="Whether the device is hardware, and who holds it.",
)
def root_mfa(users: Frame) -> Mask:
    """An exception is a root user without MFA; one that has no password passes, as it cannot sign in."""
    return ~users.mfa_active & users.has_password.fillna(True)


@check(
    "root-use",
    "The root user has not been used for {max_root_idle_days} days",
    severity="high",
    population="users",
    where="is_root",
    controls=("CIS 7.0 2.7", "CIS 5.0 1.6", "Security Hub IAM.20"),
    message="root was last used on {last_used_at}, {days_idle} days ago",
    remediation="use an administrator role for daily work; alarm on root sign-in in CloudTrail",
    blind_spot="What root did: that is in CloudTrail.",
)
def root_use(users: Frame, settings: Settings) -> Mask:
    """The newest of the password's and both keys' last use counts, whichever came first."""
    return users.never_used.eq(False) & (users.days_idle < settings.max_root_idle_days)
