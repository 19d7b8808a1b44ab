"""The rules of escalation as data: which permissions, on what, make more of a principal."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

GIVES = (
    *("target", "target with any policy", "target without boundary"),
    *("any policy", "a group", "an older version", "self without boundary", "self without a policy"),
    *("self without a group", "a group with any policy", "a new group", "any policy without boundary"),
    "target with any policy without boundary",
)
"""What a rule wins: another principal, an administrator, or oneself with fewer limits."""


ASSUME_ROLE = "sts:AssumeRole"
_PASSWORDS = {"iam:CreateLoginProfile", "iam:UpdateLoginProfile"}
MFA_DEVICES = {"iam:DeactivateMFADevice", "iam:EnableMFADevice"}
"""What rids another user's sign-in of its MFA device: to take it off, or to add a device of one's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One way to more permissions.

    ``permissions`` maps each action to what it is required on; ``services`` are those of which the role must
    trust one, ``passed_to`` what ``iam:PassedToService`` may then say. ``live`` names what must exist or run
    and no snapshot knows: such a way is never certain. ``references`` are ids of the public catalogue.
    ``via`` is the group or policy that opens it: joined, set to another version, taken off.
    """

    id: str
    kind: str
    gives: str
    permissions: Mapping[str, str]
    services: tuple[str, ...] = ()
    passed_to: tuple[str, ...] = ()
    live: str | None = None
    references: tuple[str, ...] = ()
    unreleased: tuple[str, ...] = ()
    via: str | None = None
    _on: dict[tuple[str, ...], tuple[str, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def is_about_policies(self) -> bool:
        """Whether it is a policy that is changed, which users and roles may hold."""
        return bool(self.actions_on("policy of target", "older version of target"))

    @property
    def is_about_users(self) -> bool:
        """Whether it is a user whom the rule is about, or a group that a user is in."""
        return bool(self.actions_on("target user", "target group", "group of target"))

    @property
    def changes_role(self) -> bool:
        """Whether a role is changed: another one, or the principal itself if it is one."""
        return any(action.startswith("iam:") for action in self.actions_on("target role", "self"))

    @property
    def needs_mfa(self) -> bool:
        """Whether who follows it signs in as another user, with the MFA device that this one may have."""
        passwords = _PASSWORDS.intersection(self.actions_on("target user"))
        return bool(passwords) and MFA_DEVICES.isdisjoint(self.permissions)

    def actions_on(self, *what: str) -> tuple[str, ...]:
        """Return the actions that are required on one of ``what``; looked for once."""
        found = self._on.get(what)
        if found is None:
            found = tuple(action for action, on in self.permissions.items() if on in what)
            self._on[what] = found
        return found


@lru_cache(maxsize=1)
def load_rules() -> Mapping[str, Rule]:
    """Return every rule by its id, in the order of the file."""
    return _read("rules")


@lru_cache(maxsize=1)
def load_raises() -> Mapping[str, Rule]:
    """Return what makes an administrator of somebody else, who must then be taken over by a rule."""
    return _read("raises")


def _read(table: str) -> Mapping[str, Rule]:
    text = (Path(__file__).parent / "rules.toml").read_text(encoding="utf-8")
    return MappingProxyType({row["id"]: _rule(row) for row in tomllib.loads(text)[table]})


def _rule(row: Mapping[str, object]) -> Rule:
    fields = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    fields["permissions"] = MappingProxyType(fields["permissions"])  # type: ignore[arg-type]
    fields.setdefault("passed_to", fields.get("services", ()))
    return Rule(**fields)  # type: ignore[arg-type]
