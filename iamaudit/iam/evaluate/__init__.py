"""Who may do what: one request decided (`authorize`), and the sets of what a principal may do."""

from iamaudit.iam.evaluate.authorize import Decision, authorize
from iamaudit.iam.evaluate.context import Context
from iamaudit.iam.evaluate.effective import (
    UNREADABLE,
    EffectivePermissions,
    Grants,
    document_grants,
    effective_permissions,
    level_grants,
    statement_actions,
)
from iamaudit.iam.evaluate.layers import Match
from iamaudit.iam.evaluate.principals import Principal
from iamaudit.iam.evaluate.request import Level, Request, asks_trust_policy
from iamaudit.iam.evaluate.simulate import simulate
from iamaudit.iam.evaluate.validity import refusals

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
    "asks_trust_policy",
    "authorize",
    "document_grants",
    "effective_permissions",
    "level_grants",
    "refusals",
    "simulate",
    "statement_actions",
]
