"""A policy document cut down to some of its actions; it never says more than before.

An Allow keeps its resources and conditions and loses actions. A Deny stays as it is (rule A2).
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

from iamaudit.iam.actions import Catalogue
from iamaudit.iam.evaluate.statement_grants import statement_actions
from iamaudit.iam.policy import Document, Statement, covers_everything, has_wildcard, matches_pattern


def narrowed(document: Document, kept: int, catalogue: Catalogue, unlisted: Collection[str] = ()) -> Document:
    """Return the document whose Allow statements are about the actions ``kept`` only.

    ``unlisted`` names actions to keep that the catalogue does not have yet. A pattern that loses no action
    stays as it is written; any other becomes the names of what is kept of it, or ``service:*`` where it
    covered the service and loses nothing of it. A statement without any action left is gone.
    """
    statements = (_narrowed(s, kept, catalogue, unlisted) for s in document.statements)
    return replace(document, statements=tuple(s for s in statements if s is not None))


def _narrowed(
    statement: Statement, kept: int, catalogue: Catalogue, unlisted: Collection[str]
) -> Statement | None:
    if statement.effect == "Deny":
        return statement
    actions = statement_actions(statement, catalogue)
    if not actions & ~kept:
        return statement
    names = [name for name in unlisted if statement.is_about(name.lower())]
    if statement.actions is None:
        excluded = {pattern.lower().partition(":")[0] for pattern in statement.not_actions or ()}
        whole = () if any(map(has_wildcard, excluded)) else catalogue.services.keys() - excluded
        written = [*_written(actions & kept, whole, catalogue), *names]
    else:
        written = _patterns(statement.actions, kept, catalogue, names)
    return replace(statement, actions=tuple(written), not_actions=None) if written else None


def _patterns(patterns: Iterable[str], kept: int, catalogue: Catalogue, names: Iterable[str]) -> list[str]:
    """Return the patterns that lose nothing, and what is kept of the others."""
    whole = [p for p in patterns if not catalogue.expand_pattern(p) & ~kept]
    covered = catalogue.expand_patterns(whole)
    written = dict.fromkeys(whole)
    for pattern in patterns:
        if pattern not in written:
            services = [s for s in catalogue.services if _covers_service(pattern.lower(), s)]
            rest = catalogue.expand_pattern(pattern) & kept & ~covered
            written |= dict.fromkeys(_written(rest, services, catalogue))
    return list(written | dict.fromkeys(names))


def _covers_service(pattern: str, service: str) -> bool:
    """Say whether a pattern covers a service with every action that it will ever have."""
    own, _, name = pattern.partition(":")
    return covers_everything(pattern) or (covers_everything(name) and matches_pattern(service, own))


def _written(actions: int, whole: Collection[str], catalogue: Catalogue) -> list[str]:
    """Return the names in an action set, ``service:*`` for the services of ``whole`` that are all in it."""
    services = catalogue.whole_services(actions, sorted(whole))
    for service in services:
        actions &= ~catalogue.service_mask(service)
    return sorted([*(f"{s}:*" for s in services), *catalogue.names_of(actions)], key=str.lower)
