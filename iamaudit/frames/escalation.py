"""Who can become whom, as DataFrames."""

import pandas as pd

from iamaudit.escalation import Escalation, role_access
from iamaudit.frames.columns import build_frame


def escalation_paths_frame(escalation: Escalation) -> pd.DataFrame:
    """Return a row per principal, or outsider, and end that it can come to, the surest first."""
    return build_frame("escalation_paths", escalation.path_rows)


def escalation_ways_frame(escalation: Escalation) -> pd.DataFrame:
    """Return a row per way: who can take it, to whom, how surely, and what blocks it."""
    return build_frame("escalation_ways", escalation.way_rows())


def choke_points_frame(escalation: Escalation) -> pd.DataFrame:
    """Return a row per statement without which the most paths to an administrator are gone, in this order."""
    return build_frame("choke_points", escalation.choke_point_rows())


def role_access_frame(escalation: Escalation, breadth: pd.DataFrame) -> pd.DataFrame:
    """Return a row per role: who is trusted, who in the account may really assume it, what it may do."""
    roles = breadth[breadth.principal_type == "role"].to_dict("records")
    return build_frame("role_access", role_access(escalation, roles))
