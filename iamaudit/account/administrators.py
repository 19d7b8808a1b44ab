"""What makes an administrator: all of IAM is given, and what limits leave is enough to make anybody anything.

Guardrails take something from nearly every administrator: root is denied, some roles are out of bounds, MFA
is asked for. Whoever may still give some user or role any policy, and take it over, can do all again.
"""

from functools import lru_cache

from iamaudit.iam.actions import load_catalogue
from iamaudit.iam.evaluate import EffectivePermissions, Grants

_KITS = (
    (
        ("AttachUserPolicy", "PutUserPolicy", "AttachGroupPolicy", "PutGroupPolicy", "CreatePolicyVersion"),
        ("CreateAccessKey", "CreateLoginProfile", "UpdateLoginProfile"),
    ),
    (
        ("AttachRolePolicy", "PutRolePolicy", "CreatePolicyVersion"),
        ("UpdateAssumeRolePolicy", "CreateRole", "PassRole"),
    ),
)
"""One of the first gives users, or roles, any policy; one of the second takes them over."""


def administrator(given: Grants, sets: EffectivePermissions) -> str:
    """Return whether a principal is an administrator: ``yes``, ``perhaps`` (under a condition) or ``no``.

    Its own policies must give every action that changes IAM. What boundary, SCPs and every Deny leave of
    them must be enough to give some user or role any policy and to take it over, whatever some resources are
    kept away.
    """
    control = load_catalogue().control
    if given.broad & control == control and _is_enough(sets.broad):
        return "yes"
    return "perhaps" if given.broadly & control == control and _is_enough(sets.broadly) else "no"


def _is_enough(left: int) -> bool:
    return any(left & gives and left & takes for gives, takes in _kits())


@lru_cache(maxsize=1)
def _kits() -> list[tuple[int, ...]]:
    expand = load_catalogue().expand_patterns
    return [tuple(expand(f"iam:{name}" for name in names) for names in kit) for kit in _KITS]
