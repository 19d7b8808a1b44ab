"""What AWS was asked after it made the credential report, which may be four hours old.

The last use of each access key, and who has a login profile, which is what a password for the console is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from iamaudit.account.other_sources import ListedKey
from iamaudit.account.report_rows import ROOT_NAME, ReportRow
from iamaudit.account.times import parse_time

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LaterFacts:
    """Answers that are newer than the report; what was not asked for is empty or ``None``.

    ``key_ids`` are the ids of keys by user and moment of creation, where only one key fits. ``key_uses`` are
    the answers of ``GetAccessKeyLastUsed`` by user and id, ``logins`` says for each user with a login profile
    whether the password must be changed at the next sign-in. ``begun_at`` is when the collection began.
    """

    begun_at: datetime
    key_ids: Mapping[tuple[str, datetime | None], str] = field(default_factory=dict)
    key_uses: Mapping[tuple[str, str], Raw] = field(default_factory=dict)
    logins: Mapping[str, bool | None] | None = None

    def told_by(self, row: ReportRow) -> ReportRow:
        """Return a row of the report with what was answered later in the place of what it says."""
        is_gone = self._has_lost_password(row)
        uses = [use for slot in (1, 2) if (use := self._use(row, slot)) is not None]
        return replace(
            row,
            fields={**row.fields, **({"password_enabled": "false"} if is_gone else {})}
            | {name: text for _, fields in uses for name, text in fields.items()},
            key_ids=self._ids(row),
            later_keys=frozenset(slot for slot, _ in uses),
            has_later_password=is_gone,
        )

    def _ids(self, row: ReportRow) -> Mapping[int, str]:
        made = {slot: row.time(f"access_key_{slot}_last_rotated") for slot in (1, 2)}
        return {
            slot: self.key_ids[row.name, at] for slot, at in made.items() if (row.name, at) in self.key_ids
        }

    def _use(self, row: ReportRow, slot: int) -> tuple[int, Mapping[str, str]] | None:
        """Return the columns of a key's last use that are other than the report's."""
        used = self.key_uses.get((row.name, self._ids(row).get(slot, "")))
        if used is None:
            return None
        column = f"access_key_{slot}_last_used_"
        at, known = parse_time(used.get("LastUsedDate")), row.time(f"{column}date")
        if at is not None and (known is None or at > known):
            service, region = (str(used.get(name) or "N/A") for name in ("ServiceName", "Region"))
            told = {"date": at.isoformat(), "service": service, "region": region}
        elif at is None and row.never(f"{column}date") is None:
            told = {"date": "N/A"}
        else:
            return None
        return slot, {f"{column}{part}": text for part, text in told.items()}

    def _has_lost_password(self, row: ReportRow) -> bool:
        """Say whether a password is gone that was set before the collection began: it is no later one."""
        changed_at = row.time("password_last_changed")
        return (
            self.logins is not None
            and row.name != ROOT_NAME
            and row.name not in self.logins
            and row.flag("password_enabled") is True
            and changed_at is not None
            and changed_at < self.begun_at
        )


def read_later_facts(
    begun_at: datetime, listed: Iterable[ListedKey], uses: Raw | None, profiles: Raw | None
) -> LaterFacts:
    """Return what the sources ``access_keys_last_used`` and ``login_profiles`` add to the report."""
    ids: dict[tuple[str, datetime], list[str]] = {}
    for key in listed:
        if key.created_at is not None:
            ids.setdefault((key.user, key.created_at), []).append(key.key_id)
    return LaterFacts(
        begun_at,
        {made: found[0] for made, found in ids.items() if len(found) == 1},
        {
            (str(key.get("UserName")), key["AccessKeyId"]): key["AccessKeyLastUsed"]
            for key in (uses or {}).get("AccessKeys", ())
        },
        None
        if profiles is None
        else {each["UserName"]: each.get("PasswordResetRequired") for each in profiles["LoginProfiles"]},
    )
