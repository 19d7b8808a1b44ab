"""Root and the account's password policy."""

from tests.reperformance.procedures import procedure
from tests.reperformance.raw import every, no, over

RULES = {
    "password-uppercase": "RequireUppercaseCharacters",
    "password-lowercase": "RequireLowercaseCharacters",
    "password-number": "RequireNumbers",
    "password-symbol": "RequireSymbols",
    "password-change": "AllowUsersToChangePassword",
}


@procedure("root-access-key")
def root_access_key(raw):
    root = raw.root
    count = root.active_keys if root.row else raw.summary.get("AccountAccessKeysPresent")
    yield root.arn, True, over(count, 0)


def may_sign_in(raw):
    """Whether root has a password; where the report does not say it, the account summary does."""
    known = raw.root.has_password
    return known if known is not None else raw.summary.get("AccountPasswordPresent") != 0


@procedure("root-mfa")
def root_mfa(raw):
    root = raw.root
    told = raw.summary.get("AccountMFAEnabled")
    has_mfa = root.has_mfa if root.row else None if told is None else told == 1
    yield root.arn, True, every(no(has_mfa), may_sign_in(raw))


@procedure("root-mfa-hardware", "mfa_devices")
def root_mfa_hardware(raw):
    root, devices = raw.root, raw.read("mfa_devices").get("VirtualMFADevices", ())
    virtual = any(
        (device.get("User") or {}).get("Arn", "").endswith(":root")
        or device["SerialNumber"].endswith(":mfa/root-account-mfa-device")
        for device in devices
    )
    told = raw.summary.get("AccountMFAEnabled")
    has_mfa = root.has_mfa if root.row else None if told is None else told == 1
    yield root.arn, True, every(True if virtual else no(has_mfa), may_sign_in(raw))


@procedure("root-use", "credential_report")
def root_use(raw):
    root = raw.root
    idle = raw.days_since(root.last_used)
    is_recent = None if idle is None else idle < raw.settings.max_root_idle_days
    yield root.arn, True, False if root.was_never_used else is_recent


@procedure("root-certificate", "credential_report")
def root_certificate(raw):
    yield raw.root.arn, True, over(raw.root.certificates, 0)


def policy_of(raw):
    return raw.read("password_policy").get("PasswordPolicy")


@procedure("password-policy", "password_policy")
def password_policy(raw):
    yield raw.account_id, True, policy_of(raw) is None


@procedure("password-length", "password_policy")
def password_length(raw):
    length = (policy_of(raw) or {"MinimumPasswordLength": 8})["MinimumPasswordLength"]
    yield raw.account_id, True, length < raw.settings.min_password_length


@procedure("password-reuse", "password_policy")
def password_reuse(raw):
    remembered = (policy_of(raw) or {}).get("PasswordReusePrevention", 0)
    yield raw.account_id, True, remembered < raw.settings.min_password_reuse_prevention


@procedure("password-expiry", "password_policy")
def password_expiry(raw):
    days = (policy_of(raw) or {}).get("MaxPasswordAge", 0)
    yield raw.account_id, True, not 0 < days <= raw.settings.max_password_age_days


def rule(check, option):
    @procedure(check, "password_policy")
    def procedure_of_rule(raw):
        yield raw.account_id, True, not (policy_of(raw) or {}).get(option, False)


for check, option in RULES.items():
    rule(check, option)
