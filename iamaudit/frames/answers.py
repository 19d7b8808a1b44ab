"""Answers to questions as DataFrames."""

from collections.abc import Iterable

import pandas as pd

from iamaudit.account import Change, Permitted, Reach, Separator
from iamaudit.frames.columns import build_frame


def who_can_frame(permitted: Iterable[Permitted]) -> pd.DataFrame:
    """Return a row per principal that may, or may under some condition, with the reasons."""
    rows = (
        {
            "principal": each.actor.arn,
            "principal_type": each.actor.type,
            "principal_name": each.actor.name,
            "verdict": each.verdict,
            "because": "; ".join(each.because),
        }
        for each in permitted
    )
    return build_frame("who_can", rows)


def reach_frame(reaches: Iterable[Reach]) -> pd.DataFrame:
    """Return a row per action: who may possibly do it on something, and for how many it is certain."""
    names = ("action", "possible", "certain", "of", "principals")
    return build_frame("reach", ({name: getattr(each, name) for name in names} for each in reaches))


def what_if_frame(changes: Iterable[Change]) -> pd.DataFrame:
    """Return a row per principal whose effective permissions change, with the actions that do."""
    rows = (
        {
            "principal": change.principal.arn,
            "principal_type": change.principal.type,
            "principal_name": change.principal.name,
            "gained": change.gained,
            "lost": change.lost,
            "became_conditional": change.became_conditional,
            "became_certain": change.became_certain,
            "is_complete": change.principal.sets.is_complete,
        }
        for change in changes
    )
    return build_frame("what_if", rows)


def separators_frame(separators: Iterable[Separator]) -> pd.DataFrame:
    """Return a row per statement that keeps possible actions of a principal from being certain."""
    rows = (
        {
            "policy": each.policy,
            "index": each.statement.index,
            "sid": each.statement.sid,
            "effect": each.statement.effect,
            "conditions": "; ".join(map(str, each.statement.conditions)) or None,
            "resources": each.statement.resources
            or [f"not {resource}" for resource in each.statement.not_resources or ()],
            "actions_concerned": each.actions_concerned,
        }
        for each in separators
    )
    return build_frame("separators", rows)
