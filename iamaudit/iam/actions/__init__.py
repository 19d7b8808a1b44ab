"""The actions that AWS has, and sets of them."""

from iamaudit.iam.actions.access_levels import ACCESS_LEVELS
from iamaudit.iam.actions.catalogue import Catalogue, load_catalogue, packed, without
from iamaudit.iam.actions.sensitive import DATA_READS, POWERS, SENSITIVE
from iamaudit.iam.actions.unknown import why_unknown

__all__ = [
    "ACCESS_LEVELS",
    "DATA_READS",
    "POWERS",
    "SENSITIVE",
    "Catalogue",
    "load_catalogue",
    "packed",
    "why_unknown",
    "without",
]
