"""Set moto's state directly, for what moto has no call for.

moto stamps everything with the present, gives ids in its own form, knows no permissions boundary of users,
nothing of root, and leaves names out of the authorization details. So this module writes to the objects of
moto's IAM backend after :mod:`iamaudit.demo.story` has made them. An attribute in snake case on such an
object appears in moto's answers under AWS's name.
"""

import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AccessKeyLastUsed, AccountSummary, AWSManagedPolicy, iam_backends
from moto.sts.models import sts_backends

from iamaudit.demo.facts import ACCOUNT_ID, EXTERNAL_ACCOUNT_ID, identifier, moment
from iamaudit.demo.groups import GROUPS
from iamaudit.demo.people import ROOT, SECURITY_KEY, USERS, User
from iamaudit.demo.policies import MANAGED, POLICIES
from iamaudit.demo.roles import ROLES, SERVICE_LINKED
from iamaudit.demo.story import CERTIFICATES

_CERTIFICATE_DAYS = (("2025-04-29", 398), ("2026-05-27", 199))
_SERVICE_LINKED_DAYS = ("2024-11-14", "2026-10-31")


def backend() -> Any:
    """Return moto's IAM backend of the demo account."""
    return iam_backends[ACCOUNT_ID]["aws"]


def empty_accounts() -> None:
    """Empty moto's IAM and STS of the demo's accounts."""
    for account in (ACCOUNT_ID, EXTERNAL_ACCOUNT_ID):
        for service in (iam_backends, sts_backends):
            service[account]["aws"].reset()


def add_managed_policies() -> None:
    """Put in the AWS managed policies in use, and no others, whatever the user's moto is set to load."""
    iam = backend()
    iam.aws_managed_policies, iam.managed_policies = [], {}
    data = json.loads(aws_managed_policies_data)
    for name in MANAGED:
        policy = AWSManagedPolicy.from_data(name, ACCOUNT_ID, "aws", data[name])
        iam.aws_managed_policies.append(policy)
        iam.managed_policies[policy.arn] = policy


def set_state() -> None:
    """Give everything in the account its date, its id and the fields that moto leaves out."""
    iam = backend()
    for user in USERS:
        _set_user(iam, user)
    _set_devices(iam)
    _set_groups_and_roles(iam)
    _set_policies(iam)
    _set_providers_and_certificates(iam)
    # AWS leaves out what the password policy does not ask for; moto says 0 and False.
    iam.account_password_policy.max_password_age = iam.account_password_policy.hard_expiry = None
    iam.account_summary = _Summary(iam)
    _sort(iam)


def _naive(text: str, owner: str, minutes: int = 0) -> datetime:
    return moment(text, owner, minutes).replace(tzinfo=None)  # moto keeps UTC without saying so


def _set_user(iam: Any, user: User) -> None:
    made = iam.users[user.name]
    made.id = identifier("AIDA", user.name)
    made.create_date = _naive(user.created, user.name)
    if user.boundary:
        made.permissions_boundary = {
            "PermissionsBoundaryType": "PermissionsBoundaryPolicy",
            "PermissionsBoundaryArn": user.boundary,
        }
    if user.login:
        made.password_last_changed = _naive(user.login.changed, user.name, 3)
        used = user.login.used
        made.password_last_used = _naive(used, user.name, 60) if used else None
    for number, (key, made_key) in enumerate(zip(user.keys, made.access_keys, strict=True), start=1):
        del iam.access_keys[made_key.access_key_id]
        made_key.access_key_id = identifier("AKIA", f"{user.name}/{number}", 20)
        iam.access_keys[made_key.access_key_id] = made_key
        made_key.create_date = _naive(key.created, user.name, 10 + number)
        made_key.last_used = None
        if key.used:
            day, service, region = key.used
            made_key.last_used = AccessKeyLastUsed(_naive(day, user.name, 60 + number), service, region)


def _set_devices(iam: Any) -> None:
    days = {user.name: user.mfa for user in USERS if user.mfa}
    for device in iam.virtual_mfa_devices.values():
        # AWS shows seeds and QR codes only when a device is made.
        device.base32_string_seed = device.qr_code_png = None
        if device.user:
            device.enable_date = _naive(days[device.user.name], device.user.name, 5)
            device.user.mfa_devices[device.serial_number].enable_date = device.enable_date
    owner, serial, day = SECURITY_KEY
    iam.users[owner].mfa_devices[serial].enable_date = _naive(day, owner)


def _set_groups_and_roles(iam: Any) -> None:
    for group in GROUPS:
        made = iam.groups[group.name]
        made.id, made.create_date = identifier("AGPA", group.name), _naive(group.created, group.name)
    days = {role.name: (role.created, role.used) for role in ROLES}
    created, used = _SERVICE_LINKED_DAYS
    days[SERVICE_LINKED[1]] = (created, (used, "eu-west-1"))
    for made in iam.roles.values():
        created, last_use = days[made.name]
        made.id, made.create_date = identifier("AROA", made.name), _naive(created, made.name)
        made.last_used = _naive(last_use[0], made.name, 60) if last_use else None
        made.last_used_region = last_use[1] if last_use else None
    for profile in iam.instance_profiles.values():
        profile.id = identifier("AIPA", profile.name)
        profile.create_date = profile.roles[0].create_date + timedelta(minutes=1)


def _set_policies(iam: Any) -> None:
    boundaries = [user.boundary for user in USERS] + [role.boundary for role in ROLES]
    for made in iam.managed_policies.values():
        made.policy_name, made.policy_id = made.name, identifier("ANPA", made.name)
        made.permissions_boundary_usage_count = boundaries.count(made.arn)
    for policy in POLICIES:
        made = iam.managed_policies[policy.arn]
        made.id = made.policy_id
        days = [_naive(day, policy.name) for day in policy.created]
        made.create_date, made.update_date = days[0], days[-1]
        for version, document, day in zip(made.versions, policy.versions, days, strict=True):
            # The story had to put a date before the hours of `BusinessHoursOnly`; AWS's users leave it out.
            version.document, version.create_date = json.dumps(document), day
        made.versions.reverse()  # AWS lists the newest first


def _set_providers_and_certificates(iam: Any) -> None:
    for provider in iam.open_id_providers.values():
        provider.create_date = _naive("2024-12-02", "github")
    for provider in iam.saml_providers.values():
        provider.create_date = _naive("2025-03-17", "sso")
        provider.valid_until = _naive("2125-03-17", "sso")
    certificates = {certificate.cert_name: certificate for certificate in iam.certificates.values()}
    for name, (day, days) in zip(CERTIFICATES, _CERTIFICATE_DAYS, strict=True):
        certificate = certificates[name]
        certificate.certificate_id = identifier("ASCA", name)
        certificate.upload_date = _naive(day, name)
        certificate.expiration = _naive(f"{day}T00:00:00", name) + timedelta(days=days)


def _sort(iam: Any) -> None:
    """Put everything in the order of names, so that no answer depends on how the story was told."""
    iam.users = _by(iam.users.values(), lambda user: user.name)
    iam.groups = _by(iam.groups.values(), lambda group: group.name)
    iam.roles = _by(iam.roles.values(), lambda role: role.id, lambda role: role.name)
    iam.managed_policies = _by(iam.managed_policies.values(), lambda policy: policy.arn)
    iam.instance_profiles = _by(iam.instance_profiles.values(), lambda profile: profile.name)
    iam.virtual_mfa_devices = _by(iam.virtual_mfa_devices.values(), lambda device: device.serial_number)


def _by(
    items: Iterable[Any], key: Callable[[Any], str], order: Callable[[Any], str] | None = None
) -> dict[str, Any]:
    order = order or key
    return {key(item): item for item in sorted(items, key=lambda item: (order(item).lower(), order(item)))}


class _Summary(AccountSummary):
    """moto's account summary with what AWS counts: root's credentials, all devices, versions."""

    @property
    def summary_map(self) -> dict[str, int]:
        """The summary, under AWS's names."""
        iam = self._iam_backend
        own = [policy for policy in iam.managed_policies.values() if policy not in iam.aws_managed_policies]
        assigned = {serial for user in iam.users.values() for serial in user.mfa_devices}
        return {
            **super().summary_map,
            "AccountAccessKeysPresent": int(ROOT.key.active),
            "AccountMFAEnabled": 0,
            "AccountPasswordPresent": 1,
            "MFADevices": len(assigned | set(iam.virtual_mfa_devices)),
            "MFADevicesInUse": len(assigned),
            "Policies": len(own),
            "PolicyVersionsInUse": sum(len(policy.versions) for policy in own),
        }
