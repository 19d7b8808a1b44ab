"""Actions that AWS does not have, and which one was likely meant."""

from difflib import get_close_matches

from iamaudit.iam.actions.catalogue import load_catalogue
from iamaudit.iam.actions.reference import other_name, services_by_action


def why_unknown(pattern: str) -> str | None:
    """Return in words that no action matches a pattern, with the likely one; ``None`` when one does.

    ``pattern`` is ``service:Name``, in any letter case, with or without wildcards in its name.
    """
    if load_catalogue().expand_pattern(pattern):
        return None
    service, _, name = pattern.partition(":")
    if service.lower() not in load_catalogue().services:
        return _no_service(pattern, service, name)
    return _no_action(pattern, service.lower(), name)


def _no_service(pattern: str, service: str, name: str) -> str:
    close = get_close_matches(service.lower(), load_catalogue().services, n=1, cutoff=0.7)
    known = other_name(service) or next(iter(close), None)
    said = f"`{pattern}`: AWS has no service prefix `{service}`"
    if not known:
        return said
    return f"{said}, did you mean `{_similar(name, known) or known}`?"


def _similar(name: str, service: str) -> str | None:
    """Return the action of a service that a pattern may have meant."""
    catalogue = load_catalogue()
    if catalogue.expand_pattern(f"{service}:{name}"):
        return f"{service}:{name}"
    every = catalogue.names_of(catalogue.service_mask(service))
    names = {full.partition(":")[2].lower(): full for full in every}
    return next((names[close] for close in get_close_matches(name.lower(), names, n=1, cutoff=0.8)), None)


def _no_action(pattern: str, service: str, name: str) -> str:
    if "*" in name or "?" in name:
        return f"`{pattern}` matches no action of AWS"
    said = f"`{pattern}` is not an action of AWS"
    elsewhere = services_by_action().get(name.lower())
    if elsewhere and len(elsewhere) == 1:
        return f"{said}, but `{elsewhere[0]}:{name}` is"
    likely = _similar(name, service)
    return f"{said}, did you mean `{likely}`?" if likely else said
