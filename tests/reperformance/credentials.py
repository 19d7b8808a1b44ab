"""Passwords, access keys and MFA devices, from the credential report."""

from datetime import timedelta

from tests.reperformance.procedures import procedure
from tests.reperformance.raw import every, is_break_glass, no, over, reaches, some

REPORT = "credential_report"


def keys(raw):
    """Yield every key slot in use of the users that are still there; root has a check of its own."""
    for person in raw.present:
        for key in person.keys:
            yield person, key, (person.arn, key.slot)


def idle_days(raw, key):
    return raw.days_since(key.made if key.never else key.used)


@procedure("console-mfa", REPORT)
def console_mfa(raw):
    for user in raw.present:
        yield user.arn, user.has_password, no(user.has_mfa)


@procedure("access-key-rotation", REPORT)
def access_key_rotation(raw):
    for _, key, name in keys(raw):
        yield name, key.active, over(raw.days_since(key.made), raw.settings.max_key_age_days)


@procedure("access-key-year", REPORT)
def access_key_year(raw):
    for _, key, name in keys(raw):
        yield name, key.active, over(raw.days_since(key.made), 365)


@procedure("access-key-unused", REPORT)
def access_key_unused(raw):
    for _, key, name in keys(raw):
        yield name, key.active, reaches(idle_days(raw, key), raw.settings.max_idle_days)


@procedure("access-key-never-used", REPORT)
def access_key_never_used(raw):
    for _, key, name in keys(raw):
        is_old = reaches(raw.days_since(key.made), raw.settings.new_key_grace_days)
        yield name, key.active, every(key.never, is_old)


@procedure("access-key-inactive", REPORT)
def access_key_inactive(raw):
    for _, key, name in keys(raw):
        yield name, no(key.active), over(idle_days(raw, key), raw.settings.max_inactive_key_days)


@procedure("access-key-initial", REPORT)
def access_key_initial(raw):
    for person, key, name in keys(raw):
        together = None
        if key.made and person.made:
            together = abs(key.made - person.made) <= timedelta(hours=1)
        is_old = reaches(raw.days_since(key.made), raw.settings.new_key_grace_days)
        yield name, key.active, every(key.never, together, is_old)


@procedure("access-key-services", REPORT)
def access_key_services(raw):
    for _, key, name in keys(raw):
        does_work = None if key.service is None else key.service not in ("iam", "sts")
        yield name, every(key.active, no(key.never)), does_work


@procedure("one-active-access-key", REPORT)
def one_active_access_key(raw):
    for person in raw.present:
        yield person.arn, over(person.active_keys, 0), over(person.active_keys, 1)


@procedure("password-unused", REPORT)
def password_unused(raw):
    for user in raw.present:
        idle = raw.days_since(user.password_since)
        yield user.arn, user.has_password, reaches(idle, raw.settings.max_idle_days)


@procedure("password-age", REPORT)
def password_age(raw):
    for user in raw.present:
        age = raw.days_since(user.time("password_last_changed"))
        yield user.arn, user.has_password, over(age, raw.settings.max_password_age_days)


@procedure("credentials-unused-long", REPORT)
def credentials_unused_long(raw):
    limit = raw.settings.max_unused_days
    for user in raw.present:
        idle_password = every(user.has_password, reaches(raw.days_since(user.password_since), limit))
        idle_keys = [every(key.active, reaches(idle_days(raw, key), limit)) for key in user.keys]
        yield user.arn, has_credential(user), some(idle_password, *idle_keys)


@procedure("key-and-password", REPORT)
def key_and_password(raw):
    for user in raw.present:
        yield user.arn, user.has_password, over(user.active_keys, 0)


@procedure("signing-certificate", REPORT)
def signing_certificate(raw):
    for user in raw.present:
        yield user.arn, True, over(user.certificates, 0)


@procedure("user-mfa", REPORT)
def user_mfa(raw):
    for user in raw.present:
        yield user.arn, every(over(user.active_keys, 0), no(user.has_password)), no(user.has_mfa)


@procedure("user-mfa-hardware", REPORT, "mfa_devices")
def user_mfa_hardware(raw):
    told = raw.read("mfa_devices")
    devices = told.get("MFADevices", ())
    strong = {d["UserName"] for d in devices if not is_virtual(d["SerialNumber"])}
    for user in raw.present:
        is_known = "MFADevices" in told or user.has_mfa is False
        yield user.arn, user.has_password, user.name not in strong if is_known else None


@procedure("federation", REPORT)
def federation(raw):
    for user in raw.present:
        is_asked = not (user.detail and is_break_glass(user.detail))
        yield user.arn, every(user.has_password, is_asked), True


def has_credential(user):
    return some(user.has_password, over(user.active_keys, 0))


def is_virtual(serial):
    """A hardware token has a bare serial, a security key an ARN with ``u2f``."""
    return serial.startswith("arn:") and ":u2f/" not in serial
