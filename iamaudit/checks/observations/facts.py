"""What is known beside a finding: who is or becomes an administrator, whose key is in code, who owns it."""

from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from typing import Any

import pandas as pd

from iamaudit.checks.signoff.owners import Owners
from iamaudit.frames import rows_of

Row = Mapping[str, Any]


class Facts:
    """Look-ups in the frames of an audit, by ARN."""

    def __init__(self, frames: Mapping[str, pd.DataFrame], owners: Owners) -> None:
        self._frames, self._owners = frames, owners
        self._owner = cache(self._owner_of)

    def is_administrator(self, arn: str) -> bool:
        """Say whether a principal is an administrator, surely or under a condition."""
        return self._administrators.get(arn, "no") != "no"

    def label(self, arn: str) -> str:
        """Return ``user/name`` of a principal, else what stands behind the last colon."""
        return self._labels.get(arn) or arn.rsplit(":", 1)[-1]

    def name(self, arn: str) -> str:
        """Return the name alone: of root the account's, of whatever is in a Region that one's."""
        label = self.label(arn)
        if label.endswith("/*"):
            return arn.split(":")[3]
        return label.partition("/")[2] if arn in self._labels else label.rsplit("/", 1)[-1]

    def user(self, arn: str) -> Row:
        """Return the user's row of ``users``, or nothing."""
        return self._users.get(arn, {})

    def is_root(self, arn: str) -> bool:
        """Say whether this is the root user."""
        return self.user(arn).get("is_root") is True

    def live_keys_in_code(self, arn: str) -> list[Row]:
        """Return where active keys of a user stand in code."""
        return self._in_code.get(arn, [])

    def keys(self, arn: str) -> list[Row]:
        """Return the active access keys of a user."""
        return self._keys.get(arn, [])

    def path(self, arn: str, evidence: str = "") -> Row | None:
        """Return a principal's path that has this evidence, else its surest one to an administrator."""
        return self._paths_by_evidence.get((arn, evidence)) or self._paths.get(arn)

    def principal(self, label: str) -> str:
        """Return the ARN of ``user/name`` or ``role/name``, or nothing."""
        return self._arns.get(label, "")

    def becomes_administrator(self, arn: str) -> bool:
        """Say whether a principal surely has a path to an administrator."""
        return self._paths.get(arn, {}).get("verdict") == "certain"

    def trust(self, role: str) -> list[Row]:
        """Return the rows of ``trust`` of a role."""
        return self._trust.get(role, [])

    def last_used(self, arn: str) -> str:
        """Return when a role was last used, as a day, ``never`` or nothing."""
        row = self._roles.get(arn)
        if row is None:
            return ""
        return f"{row['last_used_at']:%Y-%m-%d}" if pd.notna(row["last_used_at"]) else "never"

    def is_break_glass(self, arn: str) -> bool:
        """Say whether a role is kept for an emergency."""
        return self._roles.get(arn, {}).get("is_break_glass") is True

    def statement(self, subject: str) -> Row:
        """Return the statement of this name, or nothing."""
        return self._statements.get(subject, {})

    def wide_statement(self, arn: str) -> str:
        """Return the statement of the account that allows a principal all, or all but a list, or nothing."""
        return min(
            (name for policy in self._policies.get(arn, ()) for name in self._wide.get(policy, ())),
            default="",
        )

    def holders(self, policy: str) -> list[str]:
        """Return who holds a policy, as labels."""
        return self._holders.get(policy, [])

    @cached_property
    def chokes(self) -> list[Row]:
        """The choke points, the best first, with the labels of those that each stops or weakens."""
        return [
            {**row, "stops": {*row["cut"], *row["weakened"]}}
            for row in rows_of(self._frames["choke_points"].sort_values("rank"))
        ]

    def owner(self, arns: Iterable[str]) -> str | None:
        """Return who answers for these, or ``None`` when nobody is named for any.

        What stands on no user or role, such as the password policy, belongs to the default owner.
        """
        named = {self._owner(arn.partition("#")[0]) for arn in arns} or {self._owners.default}
        known = sorted(named - {""})
        return ", ".join([*known, *(["unassigned"] if "" in named else [])]) if known else None

    def _owner_of(self, arn: str) -> str:
        return self._owners.owner(arn, (self._users.get(arn) or self._roles.get(arn) or {}).get("tags"))

    @cached_property
    def _administrators(self) -> Mapping[str, str]:
        return dict(self._frames["breadth"][["principal", "administrator"]].to_numpy())

    @cached_property
    def _labels(self) -> Mapping[str, str]:
        who = self._frames["breadth"]
        return dict(zip(who.principal, who.principal_type + "/" + who.principal_name, strict=True))

    @cached_property
    def _arns(self) -> Mapping[str, str]:
        return {label: arn for arn, label in self._labels.items()}

    @cached_property
    def _users(self) -> Mapping[str, Row]:
        return _by("arn", self._frames["users"])

    @cached_property
    def _roles(self) -> Mapping[str, Row]:
        return _by("arn", self._frames["roles"])

    @cached_property
    def _in_code(self) -> Mapping[str, list[Row]]:
        seen = self._frames["code_keys"]
        live = seen[(seen.status == "Active") & ~seen.is_example.fillna(value=False) & seen.arn.notna()]
        return _grouped("arn", live.sort_values(["path", "line"]))

    @cached_property
    def _keys(self) -> Mapping[str, list[Row]]:
        keys = self._frames["access_keys"]
        return _grouped("arn", keys[keys.is_active.fillna(value=False)].sort_values("slot"))

    @cached_property
    def _all_paths(self) -> list[Row]:
        order = {"certain": 0, "conditional": 1}
        return sorted(
            rows_of(self._frames["escalation_paths"]),
            key=lambda row: (order.get(row["verdict"], 2), row["hops"], row["end"], row["path"]),
        )

    @cached_property
    def _paths(self) -> Mapping[str, Row]:
        return {row["principal"]: row for row in reversed(self._all_paths) if row["end"] == "administrator"}

    @cached_property
    def _paths_by_evidence(self) -> Mapping[tuple[str, str], Row]:
        return {(row["principal"], row["evidence"]): row for row in reversed(self._all_paths)}

    @cached_property
    def _trust(self) -> Mapping[str, list[Row]]:
        return _grouped("role", self._frames["trust"].sort_values(["role", "index", "principal"]))

    @cached_property
    def _statements(self) -> Mapping[str, Row]:
        rows = rows_of(self._frames["statements"])
        return {f"{row['policy']} Statement[{row['index']}]": row for row in rows}

    @cached_property
    def _wide(self) -> Mapping[str, list[str]]:
        said = self._frames["statements"]
        is_wide = said.is_all_actions.fillna(value=False) | (said.not_actions.str.len() > 0)
        wide = said[is_wide & said.effect.eq("Allow") & ~said.is_aws_managed.fillna(value=False)]
        found: dict[str, list[str]] = {}
        for policy, index in zip(wide.policy, wide["index"], strict=True):
            found.setdefault(policy, []).append(f"{policy} Statement[{index}]")
        return found

    @cached_property
    def _policies(self) -> Mapping[str, list[str]]:
        held = self._frames["attachments"]
        held = held[held.policy.isin(set(self._wide)) & (held.how != "boundary")]
        found: dict[str, list[str]] = {}
        for principal, policy in zip(held.principal, held.policy, strict=True):
            found.setdefault(principal, []).append(policy)
        return found

    @cached_property
    def _holders(self) -> Mapping[str, list[str]]:
        held = self._frames["attachments"]
        held = held[held.principal_type.isin(["user", "role"]) & (held.how != "boundary")]
        labels = held.principal_type + "/" + held.principal_name
        found: dict[str, list[str]] = {}
        for policy, label in sorted(set(zip(held.policy.tolist(), labels.tolist(), strict=True))):
            found.setdefault(policy, []).append(label)
        return found


def _by(column: str, frame: pd.DataFrame) -> Mapping[str, Row]:
    return {row[column]: row for row in reversed(rows_of(frame))}


def _grouped(column: str, frame: pd.DataFrame) -> Mapping[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows_of(frame):
        found.setdefault(row[column], []).append(row)
    return found
