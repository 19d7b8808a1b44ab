"""The account root user: it can do everything, so it should do nothing."""

from iamaudit.checks.catalogue import EXPOSED, Frame, Mask, check
from iamaudit.settings import Settings

_CONSOLE = "signed in as root: account menu > Security credentials"
_GUIDE = "root-user-best-practices.html"

# Without a credential report root's MFA and keys are known from the account summary, hence `sources=()`:
# what neither of them tells is <NA> in the frame and so not judged.


@check(
    "root-access-key",
    "The root user has no access key",
    severity="critical",
    area="root",
    exposure=EXPOSED,
    population="users",
    where="is_root",
    sources=(),
    message="active access keys of root: {active_keys}",
    remediation=(
        "find what uses it (service and region of its last use in access_keys.csv) and give that a role; "
        "as root: `aws iam update-access-key --access-key-id KEY --status Inactive`; "
        "a quiet week later: `aws iam delete-access-key --access-key-id KEY`"
    ),
    blind_spot="Root users of other accounts of the organization.",
    console=_CONSOLE,
    documentation=_GUIDE,
)
def root_access_key(users: Frame) -> Mask:
    """An exception is a root user with an active access key (both slots are looked at)."""
    return users.active_keys > 0


@check(
    "root-mfa",
    "The root user signs in with MFA",
    severity="critical",
    area="root",
    exposure=EXPOSED,
    population="users",
    where="is_root",
    sources=(),
    message="root has no MFA device",
    remediation="as root, in the console: Security credentials, Assign MFA device; "
    "a FIDO key, and a second one kept apart",
    blind_spot="Whether the device is hardware, and who holds it.",
    console=_CONSOLE,
    documentation=_GUIDE,
)
def root_mfa(users: Frame) -> Mask:
    """An exception is a root user without MFA; one that has no password passes, as it cannot sign in."""
    return ~users.mfa_active & users.has_password.fillna(True)


@check(
    "root-use",
    "The root user has not been used for {max_root_idle_days} days",
    severity="high",
    area="root",
    exposure=EXPOSED,
    population="users",
    where="is_root",
    message="root was last used on {last_used_at}, {days_idle} days ago",
    remediation="use an administrator role for daily work; alarm on root sign-in in CloudTrail",
    blind_spot="What root did: that is in CloudTrail.",
    console="IAM > Credential report, first row",
    documentation="id_credentials_getting-report.html",
)
def root_use(users: Frame, settings: Settings) -> Mask:
    """The newest of the password's and both keys' last use counts, whichever came first."""
    return users.never_used.eq(False) & (users.days_idle < settings.max_root_idle_days)


@check(
    "root-mfa-hardware",
    "The MFA of the root user is hardware",
    severity="high",
    area="root",
    exposure=EXPOSED,
    population="users",
    where="is_root",
    sources=("mfa_devices",),
    message="the MFA of root is virtual, or there is none",
    remediation="as root, in the console: Security credentials, assign a FIDO key; remove the virtual device",
    blind_spot="AWS does not show hardware of root: it is inferred from MFA without a virtual device.",
    console=_CONSOLE,
    documentation=_GUIDE,
)
def root_mfa_hardware(users: Frame, mfa_devices: Frame) -> Mask:
    """An exception is a root user without MFA, or with a virtual device."""
    is_virtual = bool((mfa_devices.is_root & (mfa_devices.kind == "virtual")).any())
    return ~users.mfa_active | is_virtual


@check(
    "root-certificate",
    "The root user has no signing certificate",
    severity="critical",
    area="root",
    exposure=EXPOSED,
    population="users",
    where="is_root",
    message="active signing certificates of root: {active_certificates}",
    remediation="as root, in the console: Security credentials, X.509 certificates, deactivate; "
    "a quiet week later: delete",
    blind_spot="What was signed with it.",
    console=_CONSOLE,
    documentation=_GUIDE,
)
def root_certificate(users: Frame) -> Mask:
    """An exception is a root user with an active X.509 certificate."""
    return users.active_certificates > 0
