"""What a snapshot stores, as values: each source is read once, when somebody first asks for it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Literal

from iamaudit.account import other_sources as other
from iamaudit.account.actors import Group, Role, User
from iamaudit.account.analyzers import AccessAnalyzer, read_access_analyzer, read_root_features
from iamaudit.account.details import Details, read_details
from iamaudit.account.last_accessed import LastAccessed, read_last_accessed
from iamaudit.account.later_facts import LaterFacts, read_later_facts
from iamaudit.account.organization_levels import Organization, read_organization
from iamaudit.account.principal_keys import time_keys
from iamaudit.account.report_rows import ReportRow, read_credential_report
from iamaudit.account.stored_policy import Policy
from iamaudit.account.user_credentials import UserCredential, read_user_credentials
from iamaudit.collector import collector_paused
from iamaudit.snapshot import Snapshot


class Stored:
    """The facts about an account; nothing above this knows how AWS words them."""

    def __init__(self, snapshot: Snapshot, as_of: datetime | None = None) -> None:
        self._read, self._begun_at = snapshot.read, snapshot.manifest.started_at
        self.now: Mapping[str, str] = {} if as_of is None else time_keys(as_of)
        self.account_id = snapshot.manifest.account_id
        self.alias, self.caller_arn = snapshot.manifest.account_alias, snapshot.manifest.caller_arn

    @cached_property
    def partition(self) -> str:
        """The partition of the account: ``aws``, ``aws-cn`` or ``aws-us-gov``."""
        known = (*self.users, *self.roles, *self.groups, *([self.caller_arn] if self.caller_arn else ()))
        return known[0].split(":")[1] if known else "aws"

    @cached_property
    def _details(self) -> Details:
        source = self._read("authorization_details")
        with collector_paused():
            return read_details(source)

    @property
    def is_detailed(self) -> bool:
        """Whether there are authorization details at all."""
        return self._details.is_known

    @cached_property
    def users(self) -> Mapping[str, User]:
        """Every user of the authorization details, by ARN, with what the credential report knows of it."""
        rows, users = self.credentials, self._details.users
        return {
            arn: _with_credentials(each, rows[arn]) if arn in rows else each for arn, each in users.items()
        }

    @cached_property
    def roles(self) -> Mapping[str, Role]:
        """Every role, by ARN."""
        return self._details.roles

    @cached_property
    def groups(self) -> Mapping[str, Group]:
        """Every group, by ARN."""
        return self._details.groups

    @cached_property
    def policies(self) -> Mapping[str, Policy]:
        """Every policy of the account by its name, sorted, and then those of the organization."""
        return {**self._details.policies, **{p.policy: p for p in self.organization.policies}}

    @cached_property
    def tested_keys(self) -> frozenset[str]:
        """The condition keys that any policy tests, older versions included, in lower case."""
        documents = (d for policy in self.policies.values() for d in (policy.document, *policy.older))
        return frozenset(c.key.lower() for d in documents for s in d.statements for c in s.conditions)

    @cached_property
    def organization(self) -> Organization:
        """The SCPs and RCPs above the account."""
        return read_organization(self._read("organization_policies"), self.account_id)

    @cached_property
    def credentials(self) -> Mapping[str, ReportRow]:
        """The rows of the credential report by ARN, in its order; none without a report.

        What AWS was asked after it made the report is in them.
        """
        rows, later = read_credential_report(self._read("credential_report")), self.later_facts
        return {row.arn: later.told_by(row) for row in rows}

    @cached_property
    def later_facts(self) -> LaterFacts:
        """What AWS said of keys and passwords after it made the report."""
        return read_later_facts(
            self._begun_at,
            self.listed_keys,
            self._read("access_keys_last_used"),
            self._read("login_profiles"),
        )

    @cached_property
    def listed_keys(self) -> tuple[other.ListedKey, ...]:
        """The users' access keys as AWS lists them."""
        return other.read_listed_keys(self._read("access_keys"))

    @cached_property
    def mfa_devices(self) -> tuple[other.MfaDevice, ...]:
        """The MFA devices by serial."""
        return other.read_mfa_devices(self._read("mfa_devices"), self.account_id, self.partition)

    @cached_property
    def listed_devices(self) -> Literal["none", "virtual", "every"]:
        """Which MFA devices are listed: the virtual ones alone where the users were not asked."""
        source = self._read("mfa_devices")
        return "none" if source is None else "every" if "MFADevices" in source else "virtual"

    @cached_property
    def user_credentials(self) -> tuple[UserCredential, ...]:
        """The users' SSH public keys, service-specific credentials and signing certificates."""
        names = ("ssh_public_keys", "service_specific_credentials", "signing_certificates")
        return read_user_credentials(*map(self._read, names))

    @cached_property
    def access_analyzer(self) -> AccessAnalyzer:
        """What IAM Access Analyzer told in each Region that was asked."""
        return read_access_analyzer(self._read("access_analyzer"))

    @cached_property
    def root_features(self) -> frozenset[str] | None:
        """What the organization does for the root users of its accounts; ``None`` when that is not known."""
        return read_root_features(self._read("organization_features"))

    @cached_property
    def server_certificates(self) -> tuple[other.ServerCertificate, ...]:
        """The server certificates stored in IAM."""
        return other.read_server_certificates(self._read("server_certificates"))

    @cached_property
    def identity_providers(self) -> tuple[other.IdentityProvider, ...]:
        """The SAML and OpenID Connect providers."""
        return other.read_identity_providers(self._read("saml_providers"), self._read("oidc_providers"))

    @cached_property
    def instance_profiles(self) -> tuple[other.InstanceProfile, ...]:
        """The instance profiles."""
        return other.read_instance_profiles(self._read("instance_profiles"))

    @cached_property
    def summary(self) -> other.AccountSummary:
        """What AWS counts."""
        return other.read_summary(self._read("account_summary"))

    @cached_property
    def password_policy(self) -> other.PasswordPolicy | None:
        """The rules for passwords, ``None`` when nobody knows."""
        return other.read_password_policy(self._read("password_policy"))

    @cached_property
    def last_accessed(self) -> Mapping[str, LastAccessed] | None:
        """When each user and role last used what, by ARN; ``None`` when that was not collected."""
        return read_last_accessed(self._read("last_accessed"))


def _with_credentials(user: User, row: ReportRow) -> User:
    has_no_key = all(row.flag(f"access_key_{number}_active") is False for number in (1, 2))
    return replace(user, may_sign=not has_no_key, signs_in=row.flag("password_enabled") is True)
