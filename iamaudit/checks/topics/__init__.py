"""The checks, a module a topic; importing them fills the catalogue."""

from iamaudit.checks.topics import (
    code,
    credentials,
    escalation,
    grants,
    inventory,
    passwords,
    policies,
    powers,
    roles,
    root,
    trust,
    users,
    wildcards,
)

__all__ = [
    "code",
    "credentials",
    "escalation",
    "grants",
    "inventory",
    "passwords",
    "policies",
    "powers",
    "roles",
    "root",
    "trust",
    "users",
    "wildcards",
]
