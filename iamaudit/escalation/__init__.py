"""Who can become whom: the public ways to more permissions, put to effective permissions.

Rules are data (``rules.toml``). Every step of a path is decided by ``iamaudit.iam.evaluate.authorize``: a pair of
permissions that is split over two policies is found; a Deny, a boundary or an SCP that stops it is named; a
condition makes it *conditional*.
"""

from iamaudit.escalation.graph import ADMINISTRATOR, LEVELS, Graph, Path, Step
from iamaudit.escalation.report import DATA, Escalation
from iamaudit.escalation.roles import role_access
from iamaudit.escalation.rules import Rule, load_rules
from iamaudit.escalation.way import BLOCKED, CERTAIN, CONDITIONAL, LIVE, Way
from iamaudit.escalation.words import paths_as_rows, paths_in_words

__all__ = [
    "ADMINISTRATOR",
    "BLOCKED",
    "CERTAIN",
    "CONDITIONAL",
    "DATA",
    "LEVELS",
    "LIVE",
    "Escalation",
    "Graph",
    "Path",
    "Rule",
    "Step",
    "Way",
    "load_rules",
    "paths_as_rows",
    "paths_in_words",
    "role_access",
]
