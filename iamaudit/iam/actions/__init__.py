"""The actions that AWS has, and sets of them."""

from iamaudit.iam.actions.catalogue import ACCESS_LEVELS, Catalogue, load_catalogue

__all__ = ["ACCESS_LEVELS", "Catalogue", "load_catalogue"]
