"""Who may do what: one request decided (`authorize`), and the sets of what a principal may do."""

from iamaudit.evaluate.authorize import Decision, authorize
from iamaudit.evaluate.context import Context
from iamaudit.evaluate.effective import (
    UNREADABLE,
    EffectivePermissions,
    Grants,
    document_grants,
    effective_permissions,
    level_grants,
    statement_actions,
)
from iamaudit.evaluate.layers import Match
from iamaudit.evaluate.principals import Principal
from iamaudit.evaluate.request import Level, Request
from iamaudit.evaluate.simulate import simulate
from iamaudit.evaluate.validity import refusals

__all__ = [
    "UNREADABLE",
    "Context",
    "Decision",
    "EffectivePermissions",
    "Grants",
    "Level",
    "Match",
    "Principal",
    "Request",
    "authorize",
    "document_grants",
    "effective_permissions",
    "level_grants",
    "refusals",
    "simulate",
    "statement_actions",
]
