"""``Dossier``: all that an audit knows of one thing, on one screen."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from iamaudit.account import PrincipalPermissions
from iamaudit.audit.judgement import Judgement
from iamaudit.audit.summary import state
from iamaudit.errors import UnknownNameError, did_you_mean
from iamaudit.frames import permission_sets_frame
from iamaudit.iam.evaluate import effective_permissions
from iamaudit.tables import Section, dossier, dossier_text
from iamaudit.tables.markup import count_of

_LIMITS = (
    "Policies of resources (buckets, keys, queues, ...), session policies and sessions that are open now.",
    "What was done with a permission (CloudTrail), and whether what a path needs exists or runs.",
)
SERVICE_COLUMNS = {
    "service": "service",
    "permissions_management": "permissions",
    **{level: level for level in ("write", "tagging", "read", "list")},
    "actions_certain": "certain",
    "actions_in_service": "of",
    "scope": "on",
}
"""What is shown of actions by service."""


class Dossier(ABC):
    """All that an audit knows of one thing.

    It shows itself in a notebook and in a terminal. ``facts`` are labels with texts, ``sections`` what is
    shown below them; each section is a frame of the dossier, which is worked out when it is first asked for.
    """

    def __init__(self, audit: Judgement, subject: str) -> None:
        self._audit, self._subject = audit, subject

    @property
    @abstractmethod
    def title(self) -> str:
        """What the dossier is about."""

    @property
    @abstractmethod
    def facts(self) -> list[tuple[str, str]]:
        """What is known in a line each: label and text."""

    @property
    @abstractmethod
    def sections(self) -> list[Section]:
        """The frames that are shown below the facts."""

    @property
    def unseen(self) -> list[str]:
        """What the audit does not see of it, a sentence each; first what could have been evidence."""
        missing = self._audit.missing.to_dict("records")
        return [*(f"{_upper(row['title'])}: {state(row)}." for row in missing), *_LIMITS]

    def _rows(self, frame: str, column: str) -> pd.DataFrame:
        """Return the rows of a frame of the audit that are about this thing."""
        every = self._audit.frames[frame]
        return every[every[column].eq(self._subject).fillna(value=False)].reset_index(drop=True)

    def _allowed_by(self, policies: Iterable[str], name: str) -> pd.DataFrame:
        """Return a row per service and access level with an action that policies allow by themselves."""
        grants = self._audit.access.grants
        sets = effective_permissions([grants[policy] for policy in policies if policy in grants])
        alone = PrincipalPermissions(name, "policy", name, sets, "no")
        return permission_sets_frame([alone], self._audit.catalogue)

    def _how_much(self, allowed: pd.DataFrame) -> str:
        """Return how many actions rows of ``_allowed_by`` have, in words."""
        everything, services = (
            len(self._audit.catalogue.names),
            count_of(allowed.service.nunique(), "service"),
        )
        possible, certain = int(allowed.actions_possible.sum()), int(allowed.actions_certain.sum())
        return (
            f"{possible:,} of {everything:,} actions in {services}; "
            f"{certain:,} of them on every resource in any case"
        )

    def or_unknown(self, sentence: str, source: str = "authorization_details") -> str:
        """Return the sentence for a frame without rows; that nobody knows, where its source is missing."""
        why = self._audit.snapshot.why_not(source)
        return sentence if why is None else f"not known: {why.partition(';')[0]}"

    def as_dict(self) -> dict[str, Any]:
        """Return the same for programs: every row and column of each section, as JSON knows them."""
        rows = {each.name: each.frame.to_json(orient="records", date_format="iso") for each in self.sections}
        return {
            "title": self.title,
            "facts": dict(self.facts),
            **{name: json.loads(text) for name, text in rows.items()},
            "unseen": self.unseen,
        }

    def __repr__(self) -> str:
        return dossier_text(self.title, self.facts, self.sections, self.unseen)

    def _repr_html_(self) -> str:
        return str(dossier(self.title, self.facts, self.sections, self.unseen).markup)

    def __getattr__(self, name: str) -> Any:
        """Say which name was likely meant."""
        if name.startswith("_") or hasattr(type(self), name):
            return self.__getattribute__(name)  # raises again what was raised
        known: Sequence[str] = [each for each in dir(type(self)) if not each.startswith("_")]
        hint = did_you_mean(name, known, f"it has {', '.join(known)}")
        raise UnknownNameError(f"there is no `{name}` here: {hint}")


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
