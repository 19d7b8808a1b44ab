"""A group on one screen."""

from functools import cached_property

import pandas as pd

from iamaudit import frames as f
from iamaudit.audit.dossiers.dossier import SERVICE_COLUMNS, Dossier
from iamaudit.audit.dossiers.words import Row, day, worst
from iamaudit.tables import Section
from iamaudit.tables.markup import count_of


class GroupDossier(Dossier):
    """All that an audit knows of one group.

    ``identity`` is its row of ``groups``, ``members`` the rows of ``breadth`` of its members. ``policies``
    and ``findings`` are its rows of ``attachments`` and ``findings``. ``permissions`` and ``services`` are
    what its policies allow by themselves, less what they deny. ``joined_by`` has a row per principal that may
    add a user to it.

    >>> developers = audit.group("Developers")
    >>> developers.members, developers.joined_by
    """

    @property
    def arn(self) -> str:
        """The ARN of the group."""
        return self._subject

    @property
    def title(self) -> str:
        """``group/name``."""
        return f"group/{self._row['name']}"

    @cached_property
    def identity(self) -> pd.DataFrame:
        """The one row of ``groups``."""
        return self._rows("groups", "arn")

    @cached_property
    def members(self) -> pd.DataFrame:
        """A row per member: what it may do by all its policies, of this group and others."""
        every = self._audit.breadth
        is_in = every.principal_type.eq("user") & every.principal_name.isin(self._row["members"])
        return every[is_in].reset_index(drop=True)

    @cached_property
    def policies(self) -> pd.DataFrame:
        """A row per policy of the group."""
        return self._rows("attachments", "principal")

    @cached_property
    def findings(self) -> pd.DataFrame:
        """A row per finding about the group or one of its policies."""
        about = [self.arn, *self.policies.policy[self.policies.kind.eq("inline")]]
        every = self._audit.findings
        return every[every.resource.isin(about)].reset_index(drop=True)

    @cached_property
    def permissions(self) -> pd.DataFrame:
        """A row per service and access level with an action that its policies allow by themselves."""
        return self._allowed_by(self.policies.policy, self.title)

    @cached_property
    def services(self) -> pd.DataFrame:
        """A row per service with an action that its policies allow by themselves."""
        return f.services_frame(self.permissions)

    @cached_property
    def joined_by(self) -> pd.DataFrame:
        """A row per principal that is allowed to add a user to the group, or may be, and why."""
        return f.who_can_frame(self._audit.access.who_can("iam:AddUserToGroup", self.arn))

    @property
    def facts(self) -> list[tuple[str, str]]:
        """When it was made, who is in it, what it allows, and who decides on that."""
        administrators = int(self.members.administrator.eq("yes").sum())
        allowed = int(self.joined_by.verdict.eq("allowed").sum())
        adding = (
            f"{count_of(allowed, 'principal')} may; for {len(self.joined_by) - allowed:,} more it depends"
        )
        return [
            ("ARN", self.arn),
            ("Account", f"{self._audit.account_name}, as of {day(self._audit.as_of)}"),
            ("Kind", f"group, created {day(self._row['created_at'])}"),
            ("Members", f"{count_of(len(self.members), 'user')}, {administrators:,} of them administrators"),
            ("Policies", f"{len(self.policies):,}"),
            ("Allows", self._how_much(self.permissions)),
            ("Add a user to it", adding),
            ("Findings", worst(self.findings.severity)),
        ]

    @property
    def sections(self) -> list[Section]:
        """What is wrong with it, its members and policies, what it allows, and who may join others to it."""
        return [
            Section(
                *("findings", "Findings", self.findings),
                {"severity": "severity", "message": "finding"},
                "No check that could be evaluated found an exception.",
            ),
            Section(
                *("members", "Members", self.members),
                {
                    "principal_name": "user",
                    "administrator": "administrator",
                    "actions_possible": "actions possible",
                    "actions_certain": "certain",
                },
                "Nobody is in it.",
            ),
            Section(
                *("policies", "Policies", self.policies),
                {"policy_name": "policy", "kind": "kind", "how": "how"},
                "It has no policy.",
            ),
            Section(
                *("services", "Actions that it allows by service", self.services),
                SERVICE_COLUMNS,
                "It allows no action.",
                is_wide=True,
            ),
            Section(
                *("joined_by", "Who may add a user to it", self.joined_by),
                {
                    "principal_type": "type",
                    "principal_name": "name",
                    "verdict": "verdict",
                    "because": "because",
                },
                "Nobody may.",
                is_wide=True,
            ),
        ]

    @property
    def unseen(self) -> list[str]:
        """What the audit does not see of it, a sentence each."""
        policies = self._audit.access.policies
        lost = [name for name in self.policies.policy if not policies[name].is_collected]
        return [*(f"The policy {name}: its document was not collected." for name in lost), *super().unseen]

    @property
    def _row(self) -> Row:
        return self.identity.to_dict("records")[0]
