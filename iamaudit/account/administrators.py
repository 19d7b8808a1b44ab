"""What makes an administrator: all of IAM is given, and what limits leave is enough to make anybody anything.

Guardrails take something from nearly every administrator: root is denied, some roles are out of bounds, MFA
is asked for. Whoever may still give some user or role any policy, and take it over, can do all again.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from iamaudit.account.stored_policy import Policy
from iamaudit.iam.actions import load_catalogue
from iamaudit.iam.evaluate import EffectivePermissions, Grants, Known, settled, statement_grants
from iamaudit.iam.policy import Statement, statement_place

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

    Its own policies must give every action that changes a resource of IAM, on ``*`` or on all of its type
    (``arn:aws:iam::*:*``). What boundary, SCPs and every Deny leave of them must be enough to give some user
    or role any policy and to take it over, whatever some resources are kept away.
    """
    control = changes_identities()
    if given.broad & control == control and _is_enough(sets.broad):
        return "yes"
    return "perhaps" if given.broadly & control == control and _is_enough(sets.broadly) else "no"


@lru_cache(maxsize=1)
def changes_identities() -> int:
    """Return the actions that change a user, role, group, policy or other resource of IAM.

    Whoever may do all of these but change the account's settings, as an alias, can give itself those as well.
    """
    catalogue = load_catalogue()
    return catalogue.control & catalogue.with_resource


def _is_enough(left: int) -> bool:
    return any(left & gives and left & takes for gives, takes in _kits())


@lru_cache(maxsize=1)
def _kits() -> list[tuple[int, ...]]:
    expand = load_catalogue().expand_patterns
    return [tuple(expand(f"iam:{name}" for name in names) for names in kit) for kit in _KITS]


def kept_away(policies: Iterable[Policy], known: Known) -> Iterator[str]:
    """Yield what each Deny keeps away of IAM from who is known so: the actions, where, when, and by what."""
    catalogue = load_catalogue()
    for policy in policies:
        has_variables = policy.document.version == "2012-10-17"  # rule H8
        for statement in policy.document.statements:
            said = settled(statement_grants(statement, catalogue, has_variables=has_variables), known)
            if said.denied_somewhere & catalogue.control:
                name = policy.arn or policy.policy
                place = statement_place(statement.index, policy=name, sid=statement.sid)
                yield f"kept away: {_in_words(statement)}, by {place}"


def _in_words(statement: Statement) -> str:
    """Return which actions a statement is about, on what, and under which conditions."""
    but = statement.actions is None
    words = ("all but " if but else "") + ", ".join(statement.actions or statement.not_actions or ())
    if statement.not_resources is not None:
        words += f" on all but {', '.join(statement.not_resources)}"
    elif not statement.is_all_resources:
        words += f" on {', '.join(statement.resources or ())}"
    conditions = " and ".join(map(str, statement.conditions))
    return f"{words} if {conditions}" if conditions else words
