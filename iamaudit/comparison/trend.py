"""A series of snapshots as figures: key ages, administrators, observations by severity."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from iamaudit.checks import SEVERITIES
from iamaudit.comparison.side import Side, has_evidence
from iamaudit.frames import build_frame


def trend_frame(series: Sequence[Side], max_key_age_days: int) -> pd.DataFrame:
    """Return a row per snapshot, the oldest first; what was not collected is ``<NA>``.

    Key ages are those of active access keys; observations are counted that are open, so not waived.
    """
    return build_frame("trend", [_row(side, max_key_age_days) for side in series])


def _row(side: Side, limit: int) -> dict[str, Any]:
    observed = side.frames["observations"]
    severities = observed.severity[~observed.is_waived.astype(bool)].value_counts()
    return {
        "as_of": side.as_of,
        **_keys(side, limit),
        **_people(side),
        **{severity: int(severities.get(severity, 0)) for severity in SEVERITIES},
    }


def _keys(side: Side, limit: int) -> dict[str, int | None]:
    if not has_evidence("access_keys", side):
        return {"max_key_age_days": limit}
    keys = side.frames["access_keys"]
    ages = keys.age_days[keys.is_active.fillna(False) & ~keys.is_gone.fillna(False)].dropna()
    return {
        "active_keys": len(ages),
        "late_keys": int((ages > limit).sum()),
        "median_key_age_days": int(ages.median()) if len(ages) else None,
        "oldest_key_age_days": int(ages.max()) if len(ages) else None,
        "max_key_age_days": limit,
    }


def _people(side: Side) -> dict[str, int]:
    if not has_evidence("breadth", side):
        return {}
    breadth = side.frames["breadth"]
    return {
        "users": int((breadth.principal_type == "user").sum()),
        "roles": int((breadth.principal_type == "role").sum()),
        "administrators": int((breadth.administrator == "yes").sum()),
    }
