"""What an outside account may do here, on one screen."""

from functools import cached_property

import pandas as pd

from iamaudit import frames as f
from iamaudit.audit.dossiers.dossier import Dossier
from iamaudit.audit.dossiers.words import day, worst
from iamaudit.audit.judgement import Judgement
from iamaudit.tables import Section
from iamaudit.tables.markup import count_of, first_of

_OUTSIDE = ("external account", "known account")
_ANYONE = "anyone with an AWS account"


class AccountDossier(Dossier):
    """What another account may do in this one, as far as roles let it in.

    ``trust`` are the rows of ``trust`` that name the account, or everybody; ``roles`` has a row per role that
    it may enter: ``verdict``, ``conditions``, ``administrator``, ``reach``, ``path``. ``permissions`` are the
    rows of ``breadth`` of those roles, ``paths`` those of ``escalation_paths`` that begin at the account.

    >>> audit.account("444455556666").roles
    """

    def __init__(self, audit: Judgement, account_id: str) -> None:
        super().__init__(audit, account_id)
        self.account_id = account_id

    @property
    def title(self) -> str:
        """``account 444455556666``."""
        return f"account {self.account_id}"

    @cached_property
    def trust(self) -> pd.DataFrame:
        """A row per statement that names the account, or everybody."""
        every = self._audit.trust
        is_named = every.account.eq(self.account_id) & every.kind.isin(_OUTSIDE)
        let_in = {role for name in self._names for role in self._entered(name)}
        is_open = every.kind.eq("anyone") & every.role.isin(let_in)
        return every[(is_named | is_open).fillna(value=False)].reset_index(drop=True)

    @cached_property
    def roles(self) -> pd.DataFrame:
        """A row per role whose trust policy lets the account in, the surest first."""
        return f.outside_roles_frame(self.trust, self._audit.role_access, self._audit.escalation, self._names)

    @cached_property
    def permissions(self) -> pd.DataFrame:
        """What the roles may do that the account may enter: their rows of ``breadth``."""
        entered = self.roles.role[self.roles.verdict != "blocked"]
        every = self._audit.breadth
        return every[every.principal.isin(entered)].reset_index(drop=True)

    @cached_property
    def paths(self) -> pd.DataFrame:
        """The rows of ``escalation_paths`` that begin at the account, or at everybody."""
        every = self._audit.escalation_paths
        return every[every.principal.isin(self._names)].reset_index(drop=True)

    @cached_property
    def findings(self) -> pd.DataFrame:
        """A row per finding about the trust of these roles, or about a path of the account."""
        every = self._audit.findings
        trusts = [f"{role}@trust" for role in self.trust.role.unique()]
        is_trust = every.evidence.str.split(" ").str[0].isin(trusts)
        return every[is_trust | every.resource.isin(self._names)].reset_index(drop=True)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Whether the account is one's own, who names it, and how far it comes."""
        known = self.account_id in self._audit.trusted_accounts
        entered = self.roles[self.roles.verdict != "blocked"]
        sure = int((entered.verdict == "certain").sum())
        return [
            ("Asked of", f"{self._audit.account_name}, as of {day(self._audit.as_of)}"),
            ("Is", "one of your own (`trusted_accounts`)" if known else "an outsider"),
            ("Named by", self._named_by()),
            ("May enter", self.or_unknown(f"{count_of(len(entered), 'role')}, {sure:,} without a condition")),
            ("Administrator", self.or_unknown(self._administrator(entered))),
            ("Findings", worst(self.findings.severity)),
        ]

    @property
    def sections(self) -> list[Section]:
        """The roles, what they may do, the paths, and the trust."""
        return [
            Section(
                *("roles", "Roles that it may enter", self.roles),
                {
                    "role_name": "role",
                    "verdict": "verdict",
                    "conditions": "conditions",
                    "administrator": "administrator",
                    "reach": "reach",
                },
                self.or_unknown("No role lets it in."),
                limit=12,
                is_wide=True,
            ),
            Section(
                *("permissions", "What these roles may do: possible actions", self.permissions),
                {
                    "principal_name": "role",
                    "permissions_management": "permissions",
                    "write": "write",
                    "read": "read",
                    "list": "list",
                    "actions_certain": "certain",
                    "reads_data": "data",
                },
                self.or_unknown("Nothing."),
                limit=12,
            ),
            Section(
                *("paths", "Escalation paths", self.paths),
                {"end": "to", "verdict": "verdict", "path": "path", "needs": "needs"},
                self.or_unknown("No path to an administrator or to data."),
            ),
            Section(
                *("findings", "Findings", self.findings),
                {"severity": "severity", "message": "finding"},
                "No check that could be evaluated found an exception.",
            ),
            Section(
                *("trust", "Statements that let it in", self.trust),
                {"role_name": "role", "trusted": "principal", "kind": "kind", "words": "conditions"},
                self.or_unknown("No trust policy names it."),
                is_wide=True,
            ),
        ]

    @property
    def unseen(self) -> list[str]:
        """What the audit does not see of it, a sentence each."""
        inside = "Who in that account may ask for the roles: its own administrators decide."
        return [inside, *super().unseen]

    @property
    def _names(self) -> tuple[str, str]:
        """What the account is called among outsiders."""
        return self.title, _ANYONE

    def _entered(self, name: str) -> list[str]:
        escalation = self._audit.escalation
        ways = escalation.strangers.get(name, ())
        return [role for way in ways for role in escalation.universe.names(way.targets)]

    def _named_by(self) -> str:
        named = self.trust[self.trust.account.eq(self.account_id).fillna(value=False)]
        if len(named):
            return f"the trust policies of {count_of(named.role.nunique(), 'role')}"
        every = self._audit.trust
        if not len(every):
            return self.or_unknown("no trust policy names any account")
        others = every.account[every.kind.isin(_OUTSIDE)].dropna().unique()
        return f"no trust policy; those here name {first_of(sorted(others))}"

    @staticmethod
    def _administrator(entered: pd.DataFrame) -> str:
        already = entered.role_name[entered.administrator == "yes"]
        later = entered.role_name[(entered.administrator != "yes") & entered.path.notna()]
        said = [
            f"{first_of(list(names))} {word}"
            for names, word in ((already, "is one"), (later, "can become one"))
            if len(names)
        ]
        return "; ".join(said) or "no role that it may enter is one, or can become one"
