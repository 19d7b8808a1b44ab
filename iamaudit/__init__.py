"""Who can do what in an AWS account, and the evidence for it.

>>> import iamaudit
>>> audit = iamaudit.open_snapshot("snapshots/111122223333")
>>> audit.access_keys, audit.permissions, audit.findings
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from iamaudit.audit import Audit, open_notebook, open_snapshot
    from iamaudit.checks import check
    from iamaudit.errors import traceback
    from iamaudit.settings import Settings

__all__ = ["Audit", "Settings", "check", "open_notebook", "open_snapshot", "traceback"]
__version__ = version("iamaudit")


def __dir__() -> list[str]:
    """Offer what is public."""
    return [*__all__, "__version__"]


_HOMES = {
    **dict.fromkeys(("Audit", "open_notebook", "open_snapshot"), "audit"),
    "check": "checks",
    "Settings": "settings",
    "traceback": "errors",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that ``iamaudit --help`` does not wait for pandas."""
    if name not in _HOMES:
        raise AttributeError(f"module `iamaudit` has no attribute `{name}`")
    return getattr(import_module(f"iamaudit.{_HOMES[name]}"), name)
