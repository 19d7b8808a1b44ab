"""An action on one screen: who can, on what, under which condition."""

from functools import cached_property

import pandas as pd

from iamaudit import frames as f
from iamaudit.account import AboutAction, Reach, statements_about, who_may
from iamaudit.audit.dossiers.dossier import Dossier
from iamaudit.audit.dossiers.words import day
from iamaudit.audit.judgement import Judgement
from iamaudit.tables import Section
from iamaudit.tables.markup import count_of


class ActionDossier(Dossier):
    """Who can do one action, on what and under which condition.

    ``principals`` has a row per user and role for which the action is possible: ``verdict``, ``resources``,
    ``conditions``, ``denied_by``, ``evidence``. ``statements`` has a row per statement about it, with its
    ``holders``. ``who_can`` is ``audit.who_can`` of the action on ``resource``, root included.

    >>> audit.action("s3:GetObject").principals
    >>> audit.action("s3:GetObject", "arn:aws:s3:::example-payroll/may.csv").who_can
    """

    def __init__(self, audit: Judgement, reach: Reach, resource: str = "*") -> None:
        super().__init__(audit, reach.action)
        self._reach, self.resource = reach, resource

    @property
    def action(self) -> str:
        """The action as AWS spells it."""
        return self._reach.action

    @property
    def title(self) -> str:
        """The action, and the resource when one was given."""
        return self.action if self.resource == "*" else f"{self.action} on {self.resource}"

    @cached_property
    def principals(self) -> pd.DataFrame:
        """A row per user and role for which the action is possible, those who surely may first."""
        return f.action_principals_frame(who_may(self._audit.access, self.action, self._about))

    @cached_property
    def statements(self) -> pd.DataFrame:
        """A row per statement about the action, the Allows first."""
        return f.action_statements_frame(self._about)

    @cached_property
    def who_can(self) -> pd.DataFrame:
        """A row per principal that is allowed to do the action on the resource, or may be, and why."""
        return f.who_can_frame(self._audit.access.who_can(self.action, self.resource))

    @property
    def facts(self) -> list[tuple[str, str]]:
        """How far the action reaches."""
        catalogue = self._audit.catalogue
        level = catalogue.levels[catalogue.names.index(self.action)]
        verdicts = self.who_can.verdict.value_counts()
        depends = int(verdicts.get("depends", 0))
        allowed = f"allowed to {count_of(int(verdicts.get('allowed', 0)), 'principal')}"
        where = "any resource" if self.resource == "*" else self.resource
        return [
            ("Account", f"{self._audit.account_name}, as of {day(self._audit.as_of)}"),
            ("Access level", level),
            ("Possible for", self.or_unknown(self._possible())),
            (f"On {where}", self.or_unknown(f"{allowed}, root among them; for {depends:,} more it depends")),
        ]

    @property
    def sections(self) -> list[Section]:
        """Who can on the resource, who can at all, and the statements about the action."""
        on_resource = Section(
            *("who_can", f"Who can on {self.resource}", self.who_can),
            {"principal_type": "type", "principal_name": "name", "verdict": "verdict", "because": "because"},
            "Nobody.",
            limit=12,
            is_wide=True,
        )
        return [
            *([] if self.resource == "*" else [on_resource]),
            Section(
                *("principals", "Who can, on what, under which condition", self.principals),
                {
                    "principal_type": "type",
                    "principal_name": "name",
                    "verdict": "verdict",
                    "conditions": "conditions",
                    "denied_by": "denied in some case by",
                    "resources": "resources",
                },
                self.or_unknown("Nobody but root."),
                limit=12,
                is_wide=True,
            ),
            Section(
                *("statements", "Statements about it", self.statements),
                {
                    "effect": "effect",
                    "policy_name": "policy",
                    "index": "no.",
                    "sid": "Sid",
                    "holder_count": "holders",
                    "conditions": "conditions",
                    "resources": "resources",
                },
                self.or_unknown("No statement is about it."),
                limit=12,
                is_wide=True,
            ),
        ]

    def _possible(self) -> str:
        reach = self._reach
        certain = f"certain for {reach.certain:,}; root is not counted"
        return f"{reach.possible:,} of {count_of(reach.of, 'principal')}, {certain}"

    @cached_property
    def _about(self) -> list[AboutAction]:
        return statements_about(self._audit.access, self.action)
