"""``Evidence``: one snapshot seen as lazy, cached frames."""

from collections.abc import Collection
from datetime import datetime
from functools import cached_property

import pandas as pd

from iamaudit import frames as f
from iamaudit.account import Account, PrincipalPermissions, on_every_resource, read_account
from iamaudit.audit.memory import give_back
from iamaudit.escalation import Escalation, Takeover
from iamaudit.iam.actions import Catalogue
from iamaudit.snapshot import Snapshot


class Evidence:
    """What a snapshot holds, at one moment; every frame is computed once, when it is first asked for."""

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        as_of: datetime,
        trusted_accounts: Collection[str] = (),
        break_glass: Collection[str] = (),
    ) -> None:
        self.snapshot, self.as_of = snapshot, as_of
        self.trusted_accounts, self.break_glass = trusted_accounts, break_glass

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
    def access(self) -> Account:
        """Who is there and what each may do, read once: what every frame is made of, and for questions."""
        return read_account(self.snapshot, self.as_of)

    @property
    def catalogue(self) -> Catalogue:
        """The AWS actions against which patterns are read."""
        return self.access.catalogue

    @property
    def principals(self) -> list[PrincipalPermissions]:
        """The effective permissions of every user and role as action sets."""
        return self.access.principals

    @property
    def escalation(self) -> Escalation:
        """Who can become whom, for questions about one principal."""
        _ = self.escalation_paths  # found by a search, or read back
        return self._search if "_search" in vars(self) else self._remembering

    @cached_property
    def _search(self) -> Escalation:
        return Escalation(self.access, self.as_of)

    def _forget_search(self) -> None:
        """Give back the memory of the search and the account; who asks about a principal reads it again."""
        for name in ("_search", "access"):
            vars(self).pop(name, None)
        give_back()

    @cached_property
    def _remembering(self) -> Escalation:
        self.access.remember(dict(zip(self.breadth.principal, self.breadth.administrator, strict=True)))
        paths = f.remembered_paths(self.escalation_paths, self.access)
        return Escalation(self.access, self.as_of, paths, self._known_takeovers)

    def _known_takeovers(self) -> list[Takeover]:
        return f.remembered_takeovers(self._takeovers)

    @cached_property
    def _takeovers(self) -> pd.DataFrame:
        """Who can become whom in one step, for questions about one principal."""
        return f.takeovers_frame(self._search.takeovers)

    @property
    def report_age_hours(self) -> float | None:
        """The age of the credential report at ``as_of`` in hours; AWS serves one for up to 4 hours."""
        record = self.snapshot.manifest.sources.get("credential_report")
        made = record.generated_at if record else None
        return None if made is None else (self.as_of - made).total_seconds() / 3600

    @cached_property
    def users(self) -> pd.DataFrame:
        """A row per IAM user with its credentials and their last use, root first."""
        return f.users_frame(self.access, self.as_of, self.break_glass)

    @cached_property
    def access_keys(self) -> pd.DataFrame:
        """A row per access key slot in use, root's included."""
        return f.access_keys_frame(self.access, self.as_of)

    @cached_property
    def user_credentials(self) -> pd.DataFrame:
        """A row per SSH public key, service-specific credential and signing certificate of a user."""
        return f.user_credentials_frame(self.access, self.as_of)

    @cached_property
    def groups(self) -> pd.DataFrame:
        """A row per group with its members."""
        return f.groups_frame(self.access.groups)

    @cached_property
    def roles(self) -> pd.DataFrame:
        """A row per role."""
        return f.roles_frame(self.access.roles, self.as_of, self.break_glass)

    @cached_property
    def policies(self) -> pd.DataFrame:
        """A row per managed, inline and trust policy."""
        return f.policies_frame(self.access)

    @cached_property
    def attachments(self) -> pd.DataFrame:
        """A row per policy on a principal, directly, inline, through a group or as boundary."""
        return f.attachments_frame(self.access)

    @cached_property
    def statements(self) -> pd.DataFrame:
        """A row per statement of every policy."""
        return f.statements_frame(self.access)

    @cached_property
    def policy_problems(self) -> pd.DataFrame:
        """A row per problem of a policy of the account: what it says and probably does not mean."""
        return f.policy_problems_frame(self.access.policies.values())

    @cached_property
    def permission_sets(self) -> pd.DataFrame:
        """A row per distinct permission set, service and access level: actions possible, and certain."""
        return f.permission_sets_frame(self.principals, self.catalogue)

    @cached_property
    def breadth(self) -> pd.DataFrame:
        """A row per user or role, the broadest first."""
        access = self.access
        everywhere = on_every_resource(access)
        return f.breadth_frame(access.principals, self.catalogue, access.credentials, everywhere)

    @cached_property
    def account_facts(self) -> pd.DataFrame:
        """The one row about the account: password policy and summary."""
        return f.account_facts_frame(self.access, self.report_age_hours)

    @cached_property
    def server_certificates(self) -> pd.DataFrame:
        """A row per server certificate stored in IAM."""
        return f.server_certificates_frame(self.access.server_certificates, self.as_of)

    @cached_property
    def trust(self) -> pd.DataFrame:
        """A row per role and principal that its trust policy names."""
        return f.trust_frame(self.access.trusted, self.trusted_accounts, self.access.credentials)

    @cached_property
    def mfa_devices(self) -> pd.DataFrame:
        """A row per MFA device."""
        return f.mfa_devices_frame(self.access.mfa_devices)

    @cached_property
    def analyzer_regions(self) -> pd.DataFrame:
        """A row per Region of which IAM Access Analyzer was asked."""
        return f.analyzer_regions_frame(self.access)

    @cached_property
    def analyzers(self) -> pd.DataFrame:
        """A row per analyzer of IAM Access Analyzer, with its tags."""
        return f.analyzers_frame(self.access)

    @cached_property
    def analyzer_findings(self) -> pd.DataFrame:
        """A row per finding of IAM Access Analyzer."""
        return f.analyzer_findings_frame(self.access, self.as_of)

    @cached_property
    def identity_providers(self) -> pd.DataFrame:
        """A row per SAML and OpenID Connect provider."""
        return f.identity_providers_frame(self.access.identity_providers, self.trust, self.as_of)

    @cached_property
    def instance_profiles(self) -> pd.DataFrame:
        """A row per instance profile."""
        return f.instance_profiles_frame(self.access.instance_profiles)

    @cached_property
    def sources(self) -> pd.DataFrame:
        """A row per source of evidence with its status."""
        return f.sources_frame(self.snapshot)

    @cached_property
    def escalation_paths(self) -> pd.DataFrame:
        """A row per principal or outsider that can become an administrator, or read all data of a kind."""
        return f.escalation_paths_frame(self._search)

    @cached_property
    def escalation_ways(self) -> pd.DataFrame:
        """A row per way to more permissions: who can take it, to whom, and what blocks it."""
        return f.escalation_ways_frame(self._search)

    @cached_property
    def role_access(self) -> pd.DataFrame:
        """A row per role: who is trusted, who in the account may really assume it, and what it may do."""
        return f.role_access_frame(self._search, self.breadth)

    @cached_property
    def choke_search(self) -> pd.DataFrame:
        """The one row about the search for choke points: what it looked at, and its conclusion."""
        return f.choke_search_frame(self._search.choke_points)

    @cached_property
    def principal_sets(self) -> pd.DataFrame:
        """A row per set of principals that ``escalation_ways`` names, and principal in it."""
        return f.principal_sets_frame(self._search)

    @cached_property
    def choke_points(self) -> pd.DataFrame:
        """A row per statement without which the most paths to an administrator are gone."""
        return f.choke_points_frame(self._search.choke_points, self._search.label)

    @cached_property
    def last_accessed(self) -> pd.DataFrame:
        """A row per principal and granted service, and per action that AWS tracks: when it was last used."""
        return f.last_accessed_frame(self.access, self.as_of)

    @property
    def missing(self) -> pd.DataFrame:
        """The sources that are not evidence in this snapshot, and why."""
        return self.sources[self.sources.status != "collected"].reset_index(drop=True)
