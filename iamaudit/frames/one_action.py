"""One action as frames: the statements about it, and who may do it."""

from collections.abc import Iterable

import pandas as pd

from iamaudit.account import AboutAction, MayDo
from iamaudit.frames.columns import build_frame
from iamaudit.frames.conditions import condition_in_words


def action_statements_frame(about: Iterable[AboutAction]) -> pd.DataFrame:
    """Return a row per statement about an action, the Allows first: on what, under which condition, for whom.

    ``holders`` are the users and roles to whom the policy applies, also as their boundary.
    """
    rows = [
        {
            "policy": each.policy.policy,
            "policy_name": each.policy.name,
            "kind": each.policy.kind,
            "index": each.statement.index,
            "sid": each.statement.sid,
            "effect": each.statement.effect,
            "resources": _resources(each),
            "conditions": _conditions(each),
            "holder_count": len(each.holders),
            "holders": [actor.label for actor in each.holders],
            "evidence": each.place,
        }
        for each in about
    ]
    return build_frame("action_statements", sorted(rows, key=lambda row: str(row["effect"])))


def action_principals_frame(who: Iterable[MayDo]) -> pd.DataFrame:
    """Return a row per user or role for which an action is possible, those who surely may first.

    ``verdict`` is ``certain`` (on every resource, in any case) or ``possible``. ``resources`` and
    ``conditions`` are those of the statements that allow it (``evidence``), ``denied_by`` the statements that
    deny it in some case.
    """
    rows = [
        {
            "principal": each.actor.arn,
            "principal_type": each.actor.type,
            "principal_name": each.actor.name,
            "verdict": "certain" if each.is_certain else "possible",
            "resources": _once(name for about in each.allows for name in _resources(about)),
            "conditions": _once(words for about in each.allows for words in _conditions(about)),
            "denied_by": [about.place for about in each.denies],
            "evidence": "; ".join(about.place for about in each.allows) or None,
        }
        for each in who
    ]
    return build_frame(
        "action_principals", sorted(rows, key=lambda row: (str(row["verdict"]), str(row["principal"])))
    )


def _resources(about: AboutAction) -> list[str]:
    statement = about.statement
    return [*(statement.resources or ()), *(f"not {each}" for each in statement.not_resources or ())]


def _conditions(about: AboutAction) -> list[str]:
    return [condition_in_words(each) for each in about.statement.conditions]


def _once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
