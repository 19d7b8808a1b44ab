"""What kind of MFA root and each user have."""

from collections.abc import Callable
from typing import Any

from iamaudit.account import Account

VIRTUAL, NOT_VIRTUAL, NONE = "virtual", "not virtual", "none"


def mfa_kinds(account: Account) -> Callable[[dict[str, Any]], str | None]:
    """Return what says the kinds of MFA of a row of the ``users`` frame.

    They are those of ``mfa_devices``, joined by a comma, or ``none``; ``None`` is unknown. AWS lists
    of root a virtual device only: with MFA and without one, root's is ``not virtual``. Where the users were
    not asked (preset ``fast``), only who has no MFA is known.
    """
    kinds: dict[str, set[str]] = {}
    for device in account.mfa_devices:
        if device.is_assigned and device.user:
            kinds.setdefault(device.user, set()).add(device.kind)
    listed = account.listed_devices

    def kind_of(row: dict[str, Any]) -> str | None:
        is_active, found = row.get("mfa_active"), kinds.get(row["name"])
        if listed == "none":
            return None
        if row["is_root"]:
            kind = {True: NOT_VIRTUAL, False: NONE, None: None}[is_active]
            return VIRTUAL if found else kind
        if listed == "every":
            return ", ".join(sorted(found)) if found else NONE
        return NONE if is_active is False else None

    return kind_of
