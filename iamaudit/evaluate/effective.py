"""Effective permissions as sets over the action catalogue.

``certain`` holds what is allowed on every resource with no condition attached; ``possible`` what is allowed
on something under some condition. A Deny that is conditional or scoped takes away from ``certain`` only; an
unconditional Deny on every resource takes from both (rules A2, A6, B3, B5).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from iamaudit.actions import Catalogue
from iamaudit.evaluate.validity import refusals
from iamaudit.policy import Document, Statement, has_wildcard


@dataclass(frozen=True, slots=True)
class Grants:
    """What some policies say together, as action sets.

    ``everywhere`` is allowed on every resource under some condition; so ``certain <= everywhere <=
    possible``. ``denied`` is denied whatever the resource and context, ``denied_somewhere`` in some case.
    ``is_complete`` is false when a document could not be read: it may hold a Deny as well as an Allow.
    """

    certain: int = 0
    everywhere: int = 0
    possible: int = 0
    denied: int = 0
    denied_somewhere: int = 0
    is_complete: bool = True

    def __or__(self, other: "Grants") -> "Grants":
        return Grants(
            self.certain | other.certain,
            self.everywhere | other.everywhere,
            self.possible | other.possible,
            self.denied | other.denied,
            self.denied_somewhere | other.denied_somewhere,
            self.is_complete and other.is_complete,
        )


UNREADABLE = Grants(is_complete=False)
"""What a policy says whose document is missing."""


@dataclass(frozen=True, slots=True)
class EffectivePermissions:
    """The action sets of one principal after every layer; ``certain <= possible`` always holds.

    When a document is missing, ``is_complete`` is false: ``certain`` is then empty, because the missing
    document may deny, and ``possible`` is only what the documents at hand allow.
    """

    certain: int
    everywhere: int
    possible: int
    is_complete: bool


def document_grants(document: Document, catalogue: Catalogue) -> Grants:
    """Return what one document says; one that AWS would refuse is not complete."""
    grants = reduce(or_, (_statement_grants(s, catalogue) for s in document.statements), Grants())
    return grants | UNREADABLE if refusals(document, "identity") else grants


def effective_permissions(identity: Iterable[Grants], boundary: Grants | None = None) -> EffectivePermissions:
    """Combine a principal's identity policies (direct, inline and of its groups) with its boundary.

    The boundary never grants: both sets are cut down to what it allows (rules B3, B5), and its denies count
    like any other (rule A2). ``None`` means that the principal has no boundary.
    """
    grants = reduce(or_, identity, Grants())
    certain, everywhere, possible = grants.certain, grants.everywhere, grants.possible
    denied, denied_somewhere, is_complete = grants.denied, grants.denied_somewhere, grants.is_complete
    if boundary is not None:
        certain &= boundary.certain
        everywhere &= boundary.everywhere
        possible &= boundary.possible if boundary.is_complete else possible
        denied |= boundary.denied
        denied_somewhere |= boundary.denied_somewhere
        is_complete = is_complete and boundary.is_complete
    certain &= ~(denied | denied_somewhere)
    return EffectivePermissions(
        certain=certain if is_complete else 0,
        everywhere=everywhere & ~(denied | denied_somewhere),
        possible=possible & ~denied,
        is_complete=is_complete,
    )


def _statement_grants(statement: Statement, catalogue: Catalogue) -> Grants:
    actions = _named_actions(statement, catalogue)
    if not statement.is_all_resources:
        actions &= _reachable(statement, catalogue)
        if statement.effect == "Allow":
            return Grants(possible=actions)
        return Grants(denied_somewhere=actions)
    if statement.is_conditional:
        if statement.effect == "Allow":
            return Grants(everywhere=actions, possible=actions)
        return Grants(denied_somewhere=actions)
    if statement.effect == "Allow":
        return Grants(certain=actions, everywhere=actions, possible=actions)
    return Grants(denied=actions, denied_somewhere=actions)


def _named_actions(statement: Statement, catalogue: Catalogue) -> int:
    """Return the actions of ``Action``, or the complement of ``NotAction`` (rules F1 to F3)."""
    if statement.actions is not None:
        return catalogue.expand_patterns(statement.actions)
    return catalogue.everything & ~catalogue.expand_patterns(statement.not_actions or ())


def _reachable(statement: Statement, catalogue: Catalogue) -> int:
    """Return the actions that could take a resource of a statement without ``Resource: "*"``.

    An action without resource-level support matches the bare star only (rule F4); one with it takes ARNs of
    certain services only. ``NotResource`` leaves every resource but those named, unless it names all.
    """
    if statement.resources is None:
        excluded = statement.not_resources or ()
        return 0 if "*" in excluded else catalogue.everything
    reachable = 0
    for resource in statement.resources:
        parts = resource.split(":", 3)
        service = parts[2] if len(parts) > 2 else "*"
        if has_wildcard(service) or service not in catalogue.by_resource_service:
            return _takes_a_resource(catalogue)  # wider than it may be, never narrower
        reachable |= catalogue.by_resource_service[service]
    return reachable | catalogue.by_resource_service.get("*", 0)


def _takes_a_resource(catalogue: Catalogue) -> int:
    return reduce(or_, catalogue.by_resource_service.values(), 0)
