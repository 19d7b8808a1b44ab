"""Effective permissions as sets over the action catalogue.

``certain`` holds what is allowed on every resource with no condition attached; ``possible`` what is allowed
on something under some condition. A Deny that is conditional or scoped takes away from ``certain`` only; an
unconditional Deny on every resource takes from both (rules A2, A6, B3, B5). Every SCP level is a ceiling like
a boundary (rule A4). RCPs guard the resources of this account only (rule D4): what they deny is not certain
any more, and may still be possible elsewhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Literal

from iamaudit.iam.actions import Catalogue
from iamaudit.iam.evaluate.request import Level
from iamaudit.iam.evaluate.services import NO_RCP_ACTIONS, rcp_services
from iamaudit.iam.policy import Document, Statement, covers_everything, has_wildcard


@dataclass(frozen=True, slots=True)
class Grants:
    """What some policies say together, as action sets.

    ``everywhere`` is allowed on every resource under some condition; so ``certain <= everywhere <=
    possible``. ``denied`` is denied whatever the resource and context, ``denied_somewhere`` in some case.
    ``is_complete`` is false when a document could not be read: it may hold a Deny as well as an Allow.
    ``condition_keys`` are those that any statement tests, in lower case.
    """

    certain: int = 0
    everywhere: int = 0
    possible: int = 0
    denied: int = 0
    denied_somewhere: int = 0
    is_complete: bool = True
    condition_keys: frozenset[str] = frozenset()

    def __or__(self, other: "Grants") -> "Grants":
        return Grants(
            self.certain | other.certain,
            self.everywhere | other.everywhere,
            self.possible | other.possible,
            self.denied | other.denied,
            self.denied_somewhere | other.denied_somewhere,
            self.is_complete and other.is_complete,
            self.condition_keys | other.condition_keys,
        )


UNREADABLE = Grants(is_complete=False)
"""What a policy says whose document is missing."""


@dataclass(frozen=True, slots=True)
class EffectivePermissions:
    """The action sets of one principal after every layer; ``certain <= possible`` always holds.

    When a document is missing, ``is_complete`` is false: ``certain`` is then empty, because the missing
    document may deny, and ``possible`` is only what the documents at hand allow. ``condition_keys`` are those
    that separate the sets, whichever layer tests them.
    """

    certain: int
    everywhere: int
    possible: int
    is_complete: bool
    condition_keys: frozenset[str] = frozenset()


def document_grants(document: Document, catalogue: Catalogue) -> Grants:
    """Return what one document says; one of which a statement could not be read is not complete."""
    grants = reduce(or_, (_statement_grants(s, catalogue) for s in document.statements), Grants())
    return _compact(grants if document.is_complete else grants | UNREADABLE)


def _compact(grants: Grants) -> Grants:
    """Return the same with equal sets held once: an account keeps these of thousands of documents."""
    everywhere = grants.certain if grants.everywhere == grants.certain else grants.everywhere
    possible = everywhere if grants.possible == everywhere else grants.possible
    denied = grants.denied_somewhere if grants.denied == grants.denied_somewhere else grants.denied
    return replace(grants, everywhere=everywhere, possible=possible, denied=denied)


def level_grants(level: Level, catalogue: Catalogue, kind: Literal["scp", "rcp"]) -> Grants:
    """Return what the documents of one level of an organization say together (rules A3, A4).

    RCPs only ever deny: AWS attaches RCPFullAWSAccess at every level and nobody can take it off. They reach
    the actions about resources of certain services only (rule D4).
    """
    grants = reduce(or_, (document_grants(document, catalogue) for document in level), Grants())
    if kind == "scp":
        return grants
    reached = catalogue.expand_patterns(f"{service}:*" for service in rcp_services())
    reached &= _takes_a_resource(catalogue) & ~catalogue.expand_patterns(NO_RCP_ACTIONS)
    return replace(
        grants,
        certain=catalogue.everything,
        everywhere=catalogue.everything,
        possible=catalogue.everything,
        denied=grants.denied & reached,
        denied_somewhere=grants.denied_somewhere & reached,
    )


def effective_permissions(
    identity: Iterable[Grants],
    boundary: Grants | None = None,
    *,
    scps: Sequence[Grants] = (),
    rcps: Sequence[Grants] = (),
) -> EffectivePermissions:
    """Combine a principal's identity policies (direct, inline and of its groups) with what limits them.

    A boundary and an SCP level never grant: the sets are cut down to what each allows (rules A4, B3, B5), and
    their denies count like any other (rule A2). ``None`` means that the principal has no boundary.
    """
    grants = reduce(or_, identity, Grants())
    certain, everywhere, possible = grants.certain, grants.everywhere, grants.possible
    denied = grants.denied
    layers = [grants]
    for ceiling in (*(() if boundary is None else (boundary,)), *scps):
        certain &= ceiling.certain
        everywhere &= ceiling.everywhere
        possible &= ceiling.possible if ceiling.is_complete else possible
        denied |= ceiling.denied
        layers.append(ceiling)
    layers += rcps
    denied_somewhere = reduce(or_, (layer.denied_somewhere for layer in layers))
    is_complete = all(layer.is_complete for layer in layers)
    certain &= ~denied_somewhere
    possible &= ~denied
    return EffectivePermissions(
        certain=certain if is_complete else 0,
        everywhere=everywhere & possible & ~denied_somewhere,
        possible=possible,
        is_complete=is_complete,
        condition_keys=frozenset().union(*(layer.condition_keys for layer in layers)),
    )


def _statement_grants(statement: Statement, catalogue: Catalogue) -> Grants:
    grants = _action_grants(statement, catalogue)
    if not statement.conditions:
        return grants
    return replace(grants, condition_keys=frozenset(c.key.lower() for c in statement.conditions))


def _action_grants(statement: Statement, catalogue: Catalogue) -> Grants:
    actions = statement_actions(statement, catalogue)
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


def statement_actions(statement: Statement, catalogue: Catalogue) -> int:
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
        return 0 if any(map(covers_everything, excluded)) else catalogue.everything
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
