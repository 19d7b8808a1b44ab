"""``Evidence``: one snapshot seen as lazy, cached frames."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import pandas as pd

from iamaudit import frames as f
from iamaudit.account import Account
from iamaudit.escalation import Escalation, role_access
from iamaudit.iam.actions import Catalogue, load_catalogue
from iamaudit.snapshot import Snapshot


class Evidence:
    """What a snapshot holds, at one moment; every frame is computed once, when it is first asked for."""

    def __init__(
        self, snapshot: Snapshot, *, as_of: datetime, trusted_accounts: Collection[str] = ()
    ) -> None:
        self.snapshot, self.as_of, self.trusted_accounts = snapshot, as_of, trusted_accounts

    @property
    def account_id(self) -> str:
        """The 12 digits of the account."""
        return self.snapshot.manifest.account_id

    @property
    def account_name(self) -> str:
        """The account's alias and id, or the id alone."""
        alias = self.snapshot.manifest.account_alias
        return f"{alias} ({self.account_id})" if alias else self.account_id

    @cached_property
    def catalogue(self) -> Catalogue:
        """The AWS actions against which patterns are read."""
        return load_catalogue()

    @cached_property
    def users(self) -> pd.DataFrame:
        """A row per IAM user, root first; the columns are in ``iamaudit.frames.COLUMNS``."""
        return f.users_frame(
            self._details, self._report, self.as_of, account_id=self.account_id, summary=self._summary
        )

    @cached_property
    def access_keys(self) -> pd.DataFrame:
        """A row per access key slot in use, root's included."""
        known = (
            None if self._details is None else frozenset(u["Arn"] for u in self._details["UserDetailList"])
        )
        return f.access_keys_frame(self._report, self.as_of, known_users=known, listed=self._listed_keys)

    @cached_property
    def groups(self) -> pd.DataFrame:
        """A row per group with its members."""
        return f.groups_frame(self._details)

    @cached_property
    def roles(self) -> pd.DataFrame:
        """A row per role."""
        return f.roles_frame(self._details, self.as_of)

    @cached_property
    def policies(self) -> pd.DataFrame:
        """A row per managed, inline and trust policy."""
        return f.policies_frame(self._details, self._policy_records)

    @cached_property
    def attachments(self) -> pd.DataFrame:
        """A row per policy on a principal, directly, inline, through a group or as boundary."""
        return f.attachments_frame(self._details)

    @cached_property
    def statements(self) -> pd.DataFrame:
        """A row per statement of every policy."""
        return f.statements_frame(self._policy_records, self.catalogue)

    @cached_property
    def policy_problems(self) -> pd.DataFrame:
        """A row per problem of a policy of the account: what it says and probably does not mean."""
        return f.policy_problems_frame(self._policy_records)

    @cached_property
    def permission_sets(self) -> pd.DataFrame:
        """A row per distinct permission set, service and access level: actions possible, and certain."""
        return f.permission_sets_frame(self.principals, self.catalogue)

    @cached_property
    def breadth(self) -> pd.DataFrame:
        """A row per user or role, the broadest first."""
        return f.breadth_frame(self.principals, self.catalogue, self.access.control)

    @cached_property
    def account(self) -> pd.DataFrame:
        """The one row about the account: password policy and summary."""
        return f.account_frame(
            account_id=self.account_id,
            alias=self.snapshot.manifest.account_alias,
            caller_arn=self.snapshot.manifest.caller_arn,
            summary=self._summary,
            password_policy=self.snapshot.read("password_policy"),
            details=self._details,
            reported_users=sum(not row.is_root for row in self._report) if self._report else None,
            report_age_hours=self.report_age_hours,
        )

    @cached_property
    def server_certificates(self) -> pd.DataFrame:
        """A row per server certificate stored in IAM."""
        return f.server_certificates_frame(self.snapshot.read("server_certificates"), self.as_of)

    @cached_property
    def trust(self) -> pd.DataFrame:
        """A row per role and principal that its trust policy names."""
        return f.trust_frame(self._policy_records, self.account_id, self.trusted_accounts)

    @cached_property
    def mfa_devices(self) -> pd.DataFrame:
        """A row per MFA device."""
        return f.mfa_devices_frame(self.snapshot.read("mfa_devices"), self.account_id)

    @cached_property
    def identity_providers(self) -> pd.DataFrame:
        """A row per SAML and OpenID Connect provider."""
        saml, oidc = self.snapshot.read("saml_providers"), self.snapshot.read("oidc_providers")
        return f.identity_providers_frame(saml, oidc, self.trust, self.as_of)

    @cached_property
    def instance_profiles(self) -> pd.DataFrame:
        """A row per instance profile."""
        return f.instance_profiles_frame(self.snapshot.read("instance_profiles"))

    @cached_property
    def sources(self) -> pd.DataFrame:
        """A row per source of evidence with its status."""
        return f.sources_frame(self.snapshot)

    @cached_property
    def access(self) -> Account:
        """Who is there and what each may do, for questions."""
        return Account(
            self.account_id, self._details, self._policy_records, self._organization, self.catalogue
        )

    @property
    def principals(self) -> list[f.PrincipalPermissions]:
        """The effective permissions of every user and role as action sets."""
        return self.access.principals

    @cached_property
    def escalation(self) -> Escalation:
        """Who can become whom, for questions about one principal."""
        return Escalation(self.access, self._details, self.trust, self.users, self.access_keys, self.as_of)

    @property
    def escalation_paths(self) -> pd.DataFrame:
        """A row per principal or outsider that can become an administrator, or read all data of a kind."""
        return self.escalation.paths

    @property
    def escalation_ways(self) -> pd.DataFrame:
        """A row per way to more permissions: who can take it, to whom, and what blocks it."""
        return self.escalation.ways_frame

    @cached_property
    def role_access(self) -> pd.DataFrame:
        """A row per role: who is trusted, who in the account may really assume it, and what it may do."""
        return role_access(self.escalation, self.breadth)

    @property
    def choke_points(self) -> pd.DataFrame:
        """A row per statement without which the most paths to an administrator are gone."""
        return self.escalation.choke_points

    @property
    def missing(self) -> pd.DataFrame:
        """The sources that are no evidence in this snapshot, and why."""
        return self.sources[self.sources.status != "collected"].reset_index(drop=True)

    @property
    def report_age_hours(self) -> float | None:
        """The age of the credential report at ``as_of`` in hours; AWS serves one for up to 4 hours."""
        record = self.snapshot.manifest.sources.get("credential_report")
        made = record.generated_at if record else None
        return None if made is None else (self.as_of - made).total_seconds() / 3600

    @cached_property
    def _listed_keys(self) -> Sequence[Mapping[str, Any]]:
        listed = self.snapshot.read("access_keys")
        return () if listed is None else listed["AccessKeyMetadata"]

    @cached_property
    def _details(self) -> Any:
        return self.snapshot.read("authorization_details")

    @cached_property
    def _report(self) -> list[f.ReportRow]:
        return f.read_credential_report(self.snapshot.read("credential_report"))

    @cached_property
    def _summary(self) -> Any:
        stored = self.snapshot.read("account_summary")
        return None if stored is None else stored["SummaryMap"]

    @cached_property
    def _organization(self) -> f.Organization:
        return f.read_organization(self.snapshot.read("organization_policies"), self.account_id)

    @cached_property
    def _policy_records(self) -> list[f.PolicyRecord]:
        return [*f.read_policies(self._details), *self._organization.records]
