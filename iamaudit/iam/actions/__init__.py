"""The actions that AWS has, and sets of them."""

from iamaudit.iam.actions.access_levels import ACCESS_LEVELS
from iamaudit.iam.actions.catalogue import Catalogue, load_catalogue

__all__ = ["ACCESS_LEVELS", "Catalogue", "load_catalogue"]
