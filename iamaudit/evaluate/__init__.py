"""What a principal may do, as two sets of actions: certainly, and possibly."""

from iamaudit.evaluate.effective import (
    UNREADABLE,
    EffectivePermissions,
    Grants,
    document_grants,
    effective_permissions,
)

__all__ = [
    "UNREADABLE",
    "EffectivePermissions",
    "Grants",
    "document_grants",
    "effective_permissions",
]
