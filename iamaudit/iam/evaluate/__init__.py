"""Who may do what: one request decided (`authorize`), and the sets of what a principal may do."""

from iamaudit.iam.evaluate.allowed import left_of, whole_services
from iamaudit.iam.evaluate.authorize import Decision, authorize
from iamaudit.iam.evaluate.context import Context
from iamaudit.iam.evaluate.effective import EffectivePermissions, effective_permissions
from iamaudit.iam.evaluate.every_resource import EveryResource
from iamaudit.iam.evaluate.grants import (
    NOTHING,
    UNKNOWN,
    UNREADABLE,
    Grants,
    Known,
    settled,
    united,
)
from iamaudit.iam.evaluate.layers import Match
from iamaudit.iam.evaluate.narrowed import narrowed
from iamaudit.iam.evaluate.principals import Principal
from iamaudit.iam.evaluate.request import Level, Request, asks_trust_policy
from iamaudit.iam.evaluate.services import region_of_iam
from iamaudit.iam.evaluate.simulate import simulate
from iamaudit.iam.evaluate.statement_grants import (
    document_grants,
    level_grants,
    statement_actions,
    statement_grants,
)
from iamaudit.iam.evaluate.validity import refusals
from iamaudit.iam.evaluate.whole_types import Home

__all__ = [
    "NOTHING",
    "UNKNOWN",
    "UNREADABLE",
    "Context",
    "Decision",
    "EffectivePermissions",
    "EveryResource",
    "Grants",
    "Home",
    "Known",
    "Level",
    "Match",
    "Principal",
    "Request",
    "asks_trust_policy",
    "authorize",
    "document_grants",
    "effective_permissions",
    "left_of",
    "level_grants",
    "narrowed",
    "refusals",
    "region_of_iam",
    "settled",
    "simulate",
    "statement_actions",
    "statement_grants",
    "united",
    "whole_services",
]
