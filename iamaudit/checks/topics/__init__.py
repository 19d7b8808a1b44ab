"""The checks, a module a topic; importing them fills the catalogue."""

from iamaudit.checks.topics import (
    access_keys,
    administrators,
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
    web_identity,
    wildcards,
)

__all__ = [
    "access_keys",
    "administrators",
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
    "web_identity",
    "wildcards",
]
