"""What IAM keeps beside principals and policies: keys, devices, certificates, providers, profiles, rules."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from iamaudit.account.report_rows import ROOT_NAME
from iamaudit.account.times import parse_time

Raw = Mapping[str, Any]

# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
_AWS_DEFAULT_PASSWORD_POLICY = {"MinimumPasswordLength": 8, "PasswordReusePrevention": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordPolicy:
    """The rules for passwords; not ``is_own`` are AWS's default: 8 characters, no reuse prevention."""

    is_own: bool
    min_length: int | None
    reuse_prevention: int
    max_age: int | None
    require_uppercase: bool
    require_lowercase: bool
    require_numbers: bool
    require_symbols: bool
    users_may_change: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSummary:
    """What AWS counts in the account; ``None`` is what it does not tell."""

    root_mfa_enabled: bool | None = None
    root_has_password: bool | None = None
    root_access_keys: int | None = None
    users: int | None = None
    groups: int | None = None
    roles: int | None = None
    policies: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedKey:
    """An access key as AWS lists it, with its id."""

    user: str
    key_id: str
    status: str
    created_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MfaDevice:
    """An MFA device; ``arn`` is its owner's, or its own when nobody has it."""

    serial: str
    user: str | None
    is_root: bool
    is_assigned: bool
    enabled_at: datetime | None
    arn: str

    @property
    def kind(self) -> str:
        """``virtual``, ``security key`` or ``hardware``, by the serial."""
        if not self.serial.startswith("arn:"):
            return "hardware"
        return "security key" if ":u2f/" in self.serial else "virtual"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCertificate:
    """A server certificate stored in IAM."""

    name: str
    arn: str
    id: str | None
    path: str | None
    uploaded_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityProvider:
    """A provider of federated identities; ``kind`` is ``SAML`` or ``OIDC``."""

    arn: str
    kind: str
    created_at: datetime | None
    valid_until: datetime | None
    audiences: tuple[str, ...]

    @property
    def name(self) -> str:
        """What stands behind the kind in the ARN."""
        return self.arn.partition("-provider/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceProfile:
    """An instance profile and the names of the roles in it."""

    name: str
    arn: str
    path: str | None
    created_at: datetime | None
    roles: tuple[str, ...]


def read_password_policy(source: Raw | None) -> PasswordPolicy | None:
    """Return the rules that hold: ``{"PasswordPolicy": null}`` says that the account has none of its own."""
    if source is None:
        return None
    own = source.get("PasswordPolicy")
    rules: Raw = own or _AWS_DEFAULT_PASSWORD_POLICY
    return PasswordPolicy(
        is_own=own is not None,
        min_length=rules.get("MinimumPasswordLength"),
        reuse_prevention=rules.get("PasswordReusePrevention", 0),
        max_age=rules.get("MaxPasswordAge") or None,
        require_uppercase=rules.get("RequireUppercaseCharacters", False),
        require_lowercase=rules.get("RequireLowercaseCharacters", False),
        require_numbers=rules.get("RequireNumbers", False),
        require_symbols=rules.get("RequireSymbols", False),
        users_may_change=rules.get("AllowUsersToChangePassword", False),
    )


def read_summary(source: Raw | None) -> AccountSummary:
    """Return AWS's counts; without a summary nothing is known."""
    counts: Mapping[str, int] = {} if source is None else source["SummaryMap"]
    mfa, password = counts.get("AccountMFAEnabled"), counts.get("AccountPasswordPresent")
    return AccountSummary(
        root_mfa_enabled=None if mfa is None else mfa == 1,
        root_has_password=None if password is None else password == 1,
        root_access_keys=counts.get("AccountAccessKeysPresent"),
        users=counts.get("Users"),
        groups=counts.get("Groups"),
        roles=counts.get("Roles"),
        policies=counts.get("Policies"),
    )


def read_listed_keys(source: Raw | None) -> tuple[ListedKey, ...]:
    """Return the users' access keys."""
    return tuple(
        ListedKey(
            user=key["UserName"],
            key_id=key["AccessKeyId"],
            status=key["Status"],
            created_at=parse_time(key.get("CreateDate")),
        )
        for key in (source or {}).get("AccessKeyMetadata", ())
    )


def read_mfa_devices(source: Raw | None, account_id: str, partition: str) -> tuple[MfaDevice, ...]:
    """Return the MFA devices by serial.

    The virtual device of root is listed; a hardware one of root is not, AWS tells its serial to nobody.
    """
    found = {device.serial: device for device in _virtual(source or {})}
    for device in (source or {}).get("MFADevices", ()):
        found[device["SerialNumber"]] = MfaDevice(
            serial=device["SerialNumber"],
            user=device["UserName"],
            is_root=False,
            is_assigned=True,
            enabled_at=parse_time(device.get("EnableDate")),
            arn=f"arn:{partition}:iam::{account_id}:user/{device['UserName']}",
        )
    return tuple(device for _, device in sorted(found.items()))


def _virtual(source: Raw) -> Iterator[MfaDevice]:
    for device in source.get("VirtualMFADevices", ()):
        owner, serial = device.get("User") or {}, device["SerialNumber"]
        is_root = str(owner.get("Arn", "")).endswith(":root") or serial.endswith("root-account-mfa-device")
        yield MfaDevice(
            serial=serial,
            user=ROOT_NAME if is_root else owner.get("UserName"),
            is_root=is_root,
            is_assigned=bool(owner) or device.get("EnableDate") is not None,
            enabled_at=parse_time(device.get("EnableDate")),
            arn=owner.get("Arn") or serial,
        )


def read_server_certificates(source: Raw | None) -> tuple[ServerCertificate, ...]:
    """Return the server certificates."""
    return tuple(
        ServerCertificate(
            name=certificate["ServerCertificateName"],
            arn=certificate["Arn"],
            id=certificate.get("ServerCertificateId"),
            path=certificate.get("Path"),
            uploaded_at=parse_time(certificate.get("UploadDate")),
            expires_at=parse_time(certificate.get("Expiration")),
        )
        for certificate in (source or {}).get("ServerCertificateMetadataList", ())
    )


def read_identity_providers(saml: Raw | None, oidc: Raw | None) -> tuple[IdentityProvider, ...]:
    """Return the SAML and OpenID Connect providers, each kind by ARN."""
    lists = (
        ("SAML", (saml or {}).get("SAMLProviderList", ())),
        ("OIDC", (oidc or {}).get("OpenIDConnectProviderList", ())),
    )
    return tuple(
        IdentityProvider(
            arn=provider["Arn"],
            kind=kind,
            created_at=parse_time(provider.get("CreateDate")),
            valid_until=parse_time(provider.get("ValidUntil")),
            audiences=tuple(provider.get("ClientIDList") or ()),
        )
        for kind, providers in lists
        for provider in sorted(providers, key=lambda p: str(p["Arn"]))
    )


def read_instance_profiles(source: Raw | None) -> tuple[InstanceProfile, ...]:
    """Return the instance profiles."""
    return tuple(
        InstanceProfile(
            name=profile["InstanceProfileName"],
            arn=profile["Arn"],
            path=profile.get("Path"),
            created_at=parse_time(profile.get("CreateDate")),
            roles=tuple(role["RoleName"] for role in profile.get("Roles", ())),
        )
        for profile in (source or {}).get("InstanceProfiles", ())
    )
