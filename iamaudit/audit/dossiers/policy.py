"""A policy on one screen."""

from functools import cached_property

import pandas as pd

from iamaudit import frames as f
from iamaudit.audit.dossiers.dossier import SERVICE_COLUMNS, Dossier
from iamaudit.audit.dossiers.words import day, is_known, worst
from iamaudit.audit.judgement import Judgement
from iamaudit.tables import Section
from iamaudit.tables.markup import count_of


class PolicyDossier(Dossier):
    """All that an audit knows of one policy.

    ``identity`` is its row of ``policies``; ``attachments``, ``statements``, ``problems`` (of
    ``policy_problems``) and ``findings`` are its rows of these frames. ``permissions`` and ``services`` are
    what it allows by itself, less what it denies. ``versions`` compares the versions of a managed policy with
    the default one.

    >>> deploy = audit.policy("DeployAnything")
    >>> deploy.attachments, deploy.services
    """

    def __init__(self, audit: Judgement, policy: str) -> None:
        super().__init__(audit, policy)
        self._policy = audit.access.policies[policy]

    @property
    def policy(self) -> str:
        """The ARN of a managed policy; ``PRINCIPAL_ARN#NAME`` or ``ROLE_ARN@trust`` of another."""
        return self._policy.policy

    @property
    def title(self) -> str:
        """What the policy is called."""
        return self._policy.name if self._policy.kind == "trust" else f"policy {self._policy.name}"

    @property
    def document(self) -> str:
        """The document as AWS gave it, as JSON; empty when it was not collected."""
        text = self.identity.document.iloc[0]
        return text if is_known(text) else ""

    @cached_property
    def identity(self) -> pd.DataFrame:
        """The one row of ``policies``."""
        return self._rows("policies", "policy")

    @cached_property
    def attachments(self) -> pd.DataFrame:
        """A row per user, role or group to which it applies, and how."""
        return self._rows("attachments", "policy")

    @cached_property
    def statements(self) -> pd.DataFrame:
        """A row per readable statement."""
        return self._rows("statements", "policy")

    @cached_property
    def problems(self) -> pd.DataFrame:
        """A row per problem of its text."""
        return self._rows("policy_problems", "policy")

    @cached_property
    def findings(self) -> pd.DataFrame:
        """A row per finding whose evidence is in this policy."""
        every = self._audit.findings
        is_of = every.resource.eq(self.policy) | every.evidence.str.startswith(f"{self.policy} ", na=False)
        return every[is_of.fillna(value=False)].reset_index(drop=True)

    @cached_property
    def permissions(self) -> pd.DataFrame:
        """A row per service and access level with an action that it allows by itself."""
        return self._allowed_by([self.policy], self._policy.name)

    @cached_property
    def services(self) -> pd.DataFrame:
        """A row per service with an action that it allows by itself."""
        return f.services_frame(self.permissions)

    @cached_property
    def versions(self) -> pd.DataFrame:
        """A row per version, compared with the default one."""
        return f.versions_frame(self._policy, self._audit.catalogue)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What kind of policy it is, where it applies, and how much it allows."""
        row = self.identity.to_dict("records")[0]
        named = ("ARN", row["arn"]) if self._policy.arn else ("Of", str(row["owner"]))
        facts = [
            named,
            ("Account", f"{self._audit.account_name}, as of {day(self._audit.as_of)}"),
            ("Kind", row["kind"]),
            ("Attached to", self._attached(int(row["attachment_count"]), int(row["boundary_count"]))),
        ]
        if is_known(row["version"]):
            facts.append(("Version", f"{row['version']} of {count_of(self._policy.versions, 'version')}"))
        if is_known(row["updated_at"]):
            facts.append(("Updated", f"{day(row['updated_at'])}, created {day(row['created_at'])}"))
        if is_known(row["size"]):
            facts.append(("Size", count_of(int(row["size"]), "character")))
        if self._policy.reading == "identity":
            facts.append(("Allows", self._how_much(self.permissions)))
        return [
            *facts,
            ("Findings", worst(self.findings.severity)),
            ("Problems of its text", worst_problem(self.problems)),
        ]

    @property
    def sections(self) -> list[Section]:
        """Where it applies, what it says and allows, and what is wrong with it."""
        return [
            Section(
                *("findings", "Findings", self.findings),
                {"severity": "severity", "message": "finding"},
                "No check that could be evaluated found an exception.",
            ),
            Section(
                *("problems", "Problems of its text", self.problems),
                {"severity": "severity", "check": "check", "path": "place", "message": "problem"},
                "No problem is known.",
            ),
            Section(
                *("attachments", "Where it applies", self.attachments),
                {"principal_type": "type", "principal_name": "name", "how": "how", "via": "through"},
                "It is attached to nobody.",
            ),
            Section(
                *("versions", "Versions", self.versions),
                {
                    "version": "version",
                    "is_default": "default",
                    "actions_possible": "actions",
                    "actions_more": "more than the default",
                    "actions_less": "less",
                },
                "There are no versions of it.",
            ),
            Section(
                *("statements", "Statements", self.statements),
                {
                    "index": "no.",
                    "sid": "Sid",
                    "effect": "effect",
                    "principals": "principals",
                    "actions": "actions",
                    "not_actions": "not actions",
                    "resources": "resources",
                    "not_resources": "not resources",
                    "conditions": "conditions",
                },
                "No statement could be read.",
                is_wide=True,
            ),
            Section(
                *("services", "Actions that it allows by service", self.services),
                SERVICE_COLUMNS,
                "It allows no action."
                if self._policy.reading == "identity"
                else "It allows no action of AWS.",
                is_wide=True,
            ),
        ]

    @property
    def unseen(self) -> list[str]:
        """What the audit does not see of it, a sentence each."""
        collected = len(self._policy.older) + self._policy.is_collected
        lost = self._policy.versions - collected
        own = [] if self._policy.is_collected else ["Its document, which was not collected."]
        if self._policy.version and lost > 0:
            own.append(f"The documents of {count_of(lost, 'version')}, which were not collected.")
        if not self._policy.is_readable and self._policy.is_collected:
            own.append("A statement that cannot be read.")
        return [*own, *super().unseen]

    def _attached(self, count: int, boundaries: int) -> str:
        held = f"{count:,} {'user, role or group' if count == 1 else 'users, roles and groups'}"
        return f"{held}; boundary of {boundaries:,}" if boundaries else held if count else "nobody"


def worst_problem(problems: pd.DataFrame) -> str:
    """Return how many problems a policy has, and of which kind the gravest is."""
    order = ("error", "security warning", "warning", "suggestion")
    known = sorted(problems.severity, key=order.index)
    return f"{len(known):,}, the gravest is of the kind {known[0]}" if known else "none"
