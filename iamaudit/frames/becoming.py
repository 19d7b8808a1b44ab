"""Whom a principal can become and who can become it, and what an outside account may enter, as frames."""

from collections.abc import Iterable

import pandas as pd

from iamaudit.account import Account
from iamaudit.escalation import Becoming
from iamaudit.frames.columns import build_frame


def becoming_frame(found: Iterable[Becoming], account: Account) -> pd.DataFrame:
    """Return a row per principal that can become, or can be become, the surest first.

    ``principal_type`` is ``user``, ``role``, ``outsider`` or ``end`` (an administrator). ``rules`` and
    ``permissions`` are those of its surest ways, ``needs`` what must exist or run for them.
    """
    rows = []
    for each in found:
        actor = account.actors.get(each.who)
        rows.append(
            {
                "principal": each.who,
                "principal_type": actor.type if actor else _type(each.who),
                "principal_name": actor.name if actor else each.who,
                "verdict": each.verdict,
                "rules": each.rules,
                "permissions": each.permissions,
                "needs": "; ".join(each.needs) or None,
            }
        )
    return build_frame("becoming", rows)


def _type(who: str) -> str:
    if who == "administrator":
        return "end"
    return who.split(":", 5)[5].partition("/")[0] if who.startswith("arn:") else "outsider"
