"""A user or role on one screen."""

from collections.abc import Iterator
from functools import cached_property

import pandas as pd
from markupsafe import Markup

from iamaudit import frames as f
from iamaudit.account import Actor
from iamaudit.audit.dossiers.dossier import Dossier
from iamaudit.audit.dossiers.principal_sections import sections_of
from iamaudit.audit.dossiers.words import actions_of, administrator, day, is_known, keys, sign_in, used, worst
from iamaudit.audit.judgement import Judgement
from iamaudit.escalation import become_by, becomes
from iamaudit.tables import Html, Section, paths
from iamaudit.tables.markup import count_of, first_of


class PrincipalDossier(Dossier):
    """All that an audit knows of one user or role.

    Its frames are rows of the audit's: ``identity`` (of ``users`` or ``roles``), ``access_keys``,
    ``mfa_devices``, ``policies`` (of ``attachments``), ``permissions`` (by service and access level),
    ``services`` (by service), ``trust``, ``paths`` (of ``escalation_paths``), ``last_accessed`` (by service),
    ``use`` (of ``permission_use``), ``findings`` and ``observations``. ``becomes`` and ``become_by`` are
    whom it can become, and who can become it, in one step: ``principal``, ``verdict``, ``rules``,
    ``permissions`` and ``needs``. ``separators`` are ``audit.separators`` of it, ``steps`` its paths with the
    statements behind them.

    >>> alice = audit.principal("alice.moreau")
    >>> alice.become_by, alice.services[alice.services.write > 0]
    """

    def __init__(self, audit: Judgement, who: Actor, session: str = "") -> None:
        super().__init__(audit, who.arn)
        self._who, self._session = who, session

    @property
    def arn(self) -> str:
        """The ARN of the user or role."""
        return self._who.arn

    @property
    def kind(self) -> str:
        """``user``, ``role`` or ``root``."""
        return self._who.type

    @property
    def title(self) -> str:
        """``user/name``, ``role/name`` or ``root``."""
        return "root" if self._who.type == "root" else self._who.label

    @cached_property
    def identity(self) -> pd.DataFrame:
        """The one row of ``users`` or ``roles``."""
        return self._rows("roles" if self._who.type == "role" else "users", "arn")

    @cached_property
    def access_keys(self) -> pd.DataFrame:
        """A row per access key slot in use."""
        return self._rows("access_keys", "arn")

    @cached_property
    def mfa_devices(self) -> pd.DataFrame:
        """A row per MFA device."""
        return self._rows("mfa_devices", "arn")

    @cached_property
    def policies(self) -> pd.DataFrame:
        """A row per policy that applies to it: directly, inline, through a group or as boundary."""
        return self._rows("attachments", "principal")

    @cached_property
    def permissions(self) -> pd.DataFrame:
        """A row per service and access level with a possible action; root has none."""
        return f.permissions_frame(self._breadth, self._audit.permission_sets)

    @cached_property
    def services(self) -> pd.DataFrame:
        """A row per service with a possible action, the most that changes permissions first."""
        return f.services_frame(self.permissions)

    @cached_property
    def becomes(self) -> pd.DataFrame:
        """A row per principal that it can become in one step, and for ``administrator``."""
        found = becomes(self._audit.escalation, self.arn) if self._is_detailed else ()
        return f.becoming_frame(found, self._audit.access)

    @cached_property
    def become_by(self) -> pd.DataFrame:
        """A row per principal or outsider that can become it in one step."""
        found = become_by(self._audit.escalation, self.arn) if self._is_detailed else ()
        return f.becoming_frame(found, self._audit.access)

    @cached_property
    def paths(self) -> pd.DataFrame:
        """Its rows of ``escalation_paths``: to an administrator, and to data."""
        return self._rows("escalation_paths", "principal")

    @property
    def steps(self) -> Html:
        """Every path to an administrator with the statements behind each step, and what blocks others."""
        if not self._is_detailed:
            return Html(
                Markup('<p class="empty">{}</p>').format(self.or_unknown("It is no longer in the account."))
            )
        return paths(self._audit.escalation, self.arn)

    @cached_property
    def separators(self) -> pd.DataFrame:
        """A row per statement that keeps what it may possibly do from being certain."""
        found = self._audit.access.separators(self.arn) if self._is_detailed else ()
        return f.separators_frame(found)

    @cached_property
    def trust(self) -> pd.DataFrame:
        """A row per principal that the trust policy of a role names."""
        return self._rows("trust", "role")

    @cached_property
    def last_accessed(self) -> pd.DataFrame:
        """A row per granted service, the last used first."""
        rows = self._rows("last_accessed", "principal")
        rows = rows[rows.action.isna()]
        return rows.sort_values("last_used_at", ascending=False, kind="stable", ignore_index=True)

    @cached_property
    def use(self) -> pd.DataFrame:
        """Its row of ``permission_use``: what it used of what it is granted."""
        return self._rows("permission_use", "principal")

    @cached_property
    def findings(self) -> pd.DataFrame:
        """A row per finding about it, the first to act on first."""
        return self._rows("findings", "resource")

    @cached_property
    def observations(self) -> pd.DataFrame:
        """A row per observation that has one of its findings."""
        every = self._audit.observations
        return every[every.id.isin(self.findings.observation)].reset_index(drop=True)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Who it is, how it signs in, what it may do, whom it can become, and when it was last used."""
        return [
            ("ARN", self.arn),
            ("Account", f"{self._audit.account_name}, as of {day(self._audit.as_of)}"),
            *self._about_identity(),
            *self._about_permissions(),
            *self._about_becoming(),
            ("Observations", worst(self.observations.severity)),
            ("Findings", worst(self.findings.severity)),
        ]

    @property
    def sections(self) -> list[Section]:
        """Observations, findings, credentials, policies, permissions, escalation and last use."""
        return sections_of(self)

    @property
    def unseen(self) -> list[str]:
        """What the audit does not see of it, a sentence each."""
        who, use = self._who, self.use.to_dict("records")
        own = [
            *(f"The policy {policy}: its document was not collected." for policy in who.missing),
            *(f"The group {group}: the authorization details lack it." for group in who.unknown_groups),
            *(f"What it used: {row['reason']}." for row in use if row["state"] != "evaluated"),
        ]
        if self._session:
            own.append(f"The session {self._session}: a session policy may allow it less than its role.")
        return [*own, *super().unseen]

    def _about_identity(self) -> Iterator[tuple[str, str]]:
        for row in self.identity.to_dict("records"):
            made = f"created {day(row['created_at'])}"
            flags = (("break-glass", "is_break_glass"), ("service-linked", "is_service_linked"))
            kinds = [word for word, flag in flags if is_known(row.get(flag)) and row[flag]]
            gone = ["no longer in the account"] if row.get("is_gone") is True else []
            yield "Kind", ", ".join([self._who.type, made, *kinds, *gone])
            if self._who.type != "role":
                yield "Sign-in", sign_in(row)
                none = self.or_unknown("none", "credential_report")
                yield "Access keys", keys(self.access_keys) if len(self.access_keys) else none
                yield "Groups", first_of(row["groups"]) if len(row["groups"]) else self.or_unknown("none")
            yield (
                "Boundary",
                row["boundary_arn"] if is_known(row["boundary_arn"]) else self.or_unknown("none"),
            )
            yield "Last use", used(row)
            owner = self._audit.owners.owner(self.arn, row["tags"] if is_known(row["tags"]) else None)
            yield "Owner", owner or "not recorded"
            if is_known(row["tags"]):
                yield "Tagged", row["tags"]
        if self._session:
            yield "Session", self._session

    def _about_permissions(self) -> Iterator[tuple[str, str]]:
        everything = len(self._audit.catalogue.names)
        for row in self._breadth.to_dict("records"):
            yield "Permissions", actions_of(row, everything)
            yield "Administrator", administrator(row["administrator"], self.paths)
        for row in self.use[self.use.state == "evaluated"].to_dict("records"):
            granted, days = int(row["services_granted"]), self._audit.use_period.days
            yield "Used", f"{row['services_used']:,} of {count_of(granted, 'service')} in {days:,} days"

    def _about_becoming(self) -> Iterator[tuple[str, str]]:
        if self.is_almighty:
            yield "Can become", "anybody, as an administrator"
        elif len(self.becomes):
            yield "Can become", f"{len(self.becomes):,} in one step, the surest is {self.becomes.verdict[0]}"
        if len(self.become_by):
            surest = self.become_by.verdict[0]
            yield (
                "Can be taken over",
                f"by {len(self.become_by):,} besides administrators, the surest is {surest}",
            )

    @property
    def is_almighty(self) -> bool:
        """Whether it surely is an administrator."""
        return self._who.type == "root" or bool(self._breadth.administrator.eq("yes").any())

    @cached_property
    def _breadth(self) -> pd.DataFrame:
        return self._rows("breadth", "principal")

    @property
    def _is_detailed(self) -> bool:
        return self.arn in self._audit.access.actors
