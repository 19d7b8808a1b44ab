"""Who can become whom: the public ways to more permissions, put to effective permissions.

Rules are data (``rules.toml``). What each policy document allows and denies over all targets is worked out
once; a principal is the union of its documents less its denies and limits. So a pair of permissions that is
split over two policies is found; a Deny, a boundary or an SCP that stops it is named; a condition makes it
*conditional*. The statements behind a step are those by which ``authorize`` decides it.
"""

from iamaudit.escalation.becoming import Becoming, become_by, becomes
from iamaudit.escalation.choke import ChokePoint, Search
from iamaudit.escalation.ends import DATA
from iamaudit.escalation.escalation import Assumed, Escalation, actions_of
from iamaudit.escalation.explained import PathsAnswer, explain_paths, paths_as_rows, paths_in_words
from iamaudit.escalation.graph import ADMINISTRATOR, Graph, Path, Step
from iamaudit.escalation.remembered import Remembered
from iamaudit.escalation.rules import Rule, load_rules
from iamaudit.escalation.takeover import Takeover
from iamaudit.escalation.way import BLOCKED, CERTAIN, CONDITIONAL, LEVELS, LIVE, Way

__all__ = [
    "ADMINISTRATOR",
    "BLOCKED",
    "CERTAIN",
    "CONDITIONAL",
    "DATA",
    "LEVELS",
    "LIVE",
    "Assumed",
    "Becoming",
    "ChokePoint",
    "Escalation",
    "Graph",
    "Path",
    "PathsAnswer",
    "Remembered",
    "Rule",
    "Search",
    "Step",
    "Takeover",
    "Way",
    "actions_of",
    "become_by",
    "becomes",
    "explain_paths",
    "load_rules",
    "paths_as_rows",
    "paths_in_words",
]
