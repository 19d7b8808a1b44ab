"""The account root user: it can do everything, so it should do nothing."""

import pandas as pd

from iamaudit.checks.catalogue import EXPOSED, Frame, Mask, check
from iamaudit.settings import Settings

_CONSOLE = "signed in as root: account menu > Security credentials"
_GUIDE = "root-user-best-practices.html"

# Without a credential report root's MFA and keys are known from the account summary, hence `sources=()`:
# what neither of them tells is <NA> in the frame and so not judged.


@check(
    "root-access-key",
    "The root user has no active access key",
    severity="critical",
    area="root",
    exposure=EXPOSED,
    population="users",
    cause="credential",
    where="is_root",
    sources=(),
    message="root has {active_keys} active access {active_keys:key|keys}",
    remediation=(
        "find the program that uses it (access_keys.csv has service and Region of its last use) and give it "
        "a role; "
        "as root: `aws iam update-access-key --access-key-id KEY --status Inactive`; "
        "after a week without errors: `aws iam delete-access-key --access-key-id KEY`"
    ),
    blind_spot="The test does not see the root users of the organization's other accounts.",
    console=_CONSOLE,
    documentation=_GUIDE,
)
def root_access_key(users: Frame) -> Mask:
    """An exception is a root user with an active access key.

    The credential report says so in `access_key_1_active` or `access_key_2_active` of its first row. Without
    a report, `AccountAccessKeysPresent` of the account summary decides.
    """
    return users.active_keys > 0


@check(
    "root-mfa",
    "The root user signs in with MFA",
    severity="critical",
    area="root",
    exposure=EXPOSED,
    population="users",
    cause="credential",
    where="is_root",
    sources=(),
    message="root has no MFA device",
    remediation="as root, in the console: Security credentials, Assign MFA device; "
    "assign a FIDO security key, and a second one that is kept in another place",
    blind_spot="The test does not see who holds the device.",
    console=_CONSOLE,
    documentation=_GUIDE,
)
def root_mfa(users: Frame) -> Mask:
    """An exception is a root user whose `mfa_active` is false in the credential report.

    Without a report, `AccountMFAEnabled` of the account summary decides. A root user without a password
    cannot sign in and passes: `password_enabled` is false, or where the report does not say,
    `AccountPasswordPresent` of the account summary is 0.
    """
    return ~users.mfa_active & users.has_password.fillna(True)


@check(
    "root-use",
    "The root user has not been used for {max_root_idle_days} days",
    severity="high",
    area="root",
    exposure=EXPOSED,
    population="users",
    cause="credential",
    where="is_root",
    message="root was last used on {last_used_at}, {days_idle} {days_idle:day|days} ago",
    remediation="use an administrator role for daily work; set an alarm on events of root in CloudTrail",
    blind_spot="The test does not see what root did. CloudTrail records that.",
    console="IAM > Credential report, first row",
    documentation="id_credentials_getting-report.html",
)
def root_use(users: Frame, settings: Settings) -> Mask:
    """An exception is a root user whose last use is less than {max_root_idle_days} days back.

    The last use is the newest of `password_last_used`, `access_key_1_last_used_date` and
    `access_key_2_last_used_date`.
    """
    return users.never_used.eq(False) & (users.days_idle < settings.max_root_idle_days)


@check(
    "root-mfa-hardware",
    "The root user has MFA and no virtual MFA device",
    severity="low",
    area="root",
    population="users",
    cause="credential",
    where="is_root",
    sources=("mfa_devices",),
    message="root has no hardware MFA device: {device}",
    remediation="as root, in the console: Security credentials, assign a FIDO2 security key; remove the "
    "virtual device",
    blind_spot="The test does not see the device itself, as AWS lists only virtual devices of root. A "
    "passkey on a phone or computer passes like a security key or hardware token. Root sees in the console "
    "which one it is.",
    console=_CONSOLE,
    documentation=_GUIDE,
)
def root_mfa_hardware(users: Frame, mfa_devices: Frame) -> tuple[Frame, "pd.Series[bool]"]:
    """An exception is a root user without MFA (`mfa_active` false), or with a virtual MFA device.

    A virtual device belongs to root when `mfa_devices` has a row with `is_root` and kind `virtual`. A root
    user without a password cannot sign in and passes.
    """
    is_virtual = bool((mfa_devices.is_root & (mfa_devices.kind == "virtual")).any())
    answer = (~users.mfa_active | is_virtual) & users.has_password.fillna(True)
    has_none = users.mfa_active.eq(other=False).fillna(value=False)
    told = users.assign(device=has_none.map({True: "it has none", False: "its device is virtual"}))
    return told[answer.fillna(value=False)], answer.isna()


@check(
    "root-certificate",
    "The root user has no signing certificate",
    severity="critical",
    area="root",
    exposure=EXPOSED,
    population="users",
    cause="credential",
    where="is_root",
    message="root has {active_certificates} active signing {active_certificates:certificate|certificates}",
    remediation="as root, in the console: Security credentials, X.509 signing certificates, deactivate it; "
    "after a week without errors: delete it",
    blind_spot="The test does not see whether anything still uses the certificate: AWS does not record its "
    "use.",
    console=_CONSOLE,
    documentation=_GUIDE,
)
def root_certificate(users: Frame) -> Mask:
    """An exception is a root user with `cert_1_active` or `cert_2_active` true in the credential report."""
    return users.active_certificates > 0
