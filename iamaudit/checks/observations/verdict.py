"""The verdict on an account: what a manager has to know, in one sentence."""

import pandas as pd

from iamaudit.checks.catalogue import SEVERITIES
from iamaudit.checks.observations.due import TIME_LIMITS, limit_in_words

_FIRST_WORDS = ("A", "An", "Every", "The")
"""First words of a title that are not names and so lose their capital inside a sentence."""


def verdict(observations: pd.DataFrame, *, not_evaluated: int = 0) -> str:
    """Return how soon somebody has to act, and on what first.

    Parameters
    ----------
    observations
        The frame ``observations``; what is waived does not count.
    not_evaluated
        How many checks lack evidence: without an observation, the sentence names them.
    """
    is_open = ~observations.is_waived.astype(bool)
    found = observations[is_open].sort_values("rank")
    if not len(found):
        return _without(len(observations), not_evaluated)
    severity = min(found.severity, key=SEVERITIES.index)
    title = _inside(found[found.severity == severity].title.iloc[0])
    others = int((found.severity == severity).sum()) - 1
    if severity not in TIME_LIMITS:
        return f"Nothing in this account has to change by a date: {title}{_others(others, severity)}."
    within = limit_in_words(severity)
    return f"This account needs action within {within}: {title}{_others(others, severity)}."


def _without(waived: int, not_evaluated: int) -> str:
    missing = f"{not_evaluated:,} {'check' if not_evaluated == 1 else 'checks'} could not be evaluated"
    if waived:
        said = f"Every observation is waived ({waived:,} in all)"
    else:
        said = "No check found an exception" if not_evaluated else "Every check is met"
    return f"{said}, but {missing}." if not_evaluated else f"{said}."


def _others(number: int, severity: str) -> str:
    if not number:
        return ""
    return f", and {number:,} more {'observation is' if number == 1 else 'observations are'} {severity}"


def _inside(title: str) -> str:
    first, _, rest = title.partition(" ")
    return f"{first.lower()} {rest}" if first in _FIRST_WORDS else title
