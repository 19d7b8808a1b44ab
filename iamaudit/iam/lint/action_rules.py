"""Actions that do not exist, and actions that are named twice."""

from collections.abc import Iterator
from functools import lru_cache

from iamaudit.iam.actions import load_catalogue, why_unknown
from iamaudit.iam.lint.subject import Subject, action_element, expand, named_actions, problem
from iamaudit.iam.policy import Problem, Statement, has_wildcard, matches_pattern


def unknown_action(subject: Subject, statement: Statement) -> Iterator[Problem]:
    """Find patterns that match no action: they allow nothing, and deny nothing (rule F5)."""
    catalogue = load_catalogue()
    for pattern in named_actions(statement):
        service, colon, _ = pattern.partition(":")
        if not colon or has_wildcard(service) or expand(pattern):
            continue
        is_known = service.lower() in catalogue.services
        check = "Invalid action" if is_known else "Invalid service in action"
        message = why_unknown(pattern) or ""
        yield problem(statement, action_element(statement), message, check, "error")


def wildcard_in_service(subject: Subject, statement: Statement) -> Iterator[Problem]:
    """Find ``s3*:Get*``: it reaches services with similar names (rule F2)."""
    for pattern in named_actions(statement):
        service, colon, _ = pattern.partition(":")
        if colon and has_wildcard(service):
            message = f"`{pattern}` also reaches services whose prefix is alike"
            yield problem(
                statement, action_element(statement), message, "Wildcard in service name", "suggestion"
            )


def redundant_action(subject: Subject, statement: Statement) -> Iterator[Problem]:
    """Find actions that another entry of the same list covers."""
    patterns = named_actions(statement)
    if len(patterns) < 2:
        return
    wide: dict[str, list[tuple[int, str]]] = {}
    for number, pattern in enumerate(patterns):
        if has_wildcard(pattern):
            wide.setdefault(_service(pattern), []).append((number, pattern))
    named: set[str] = set()
    for pattern in patterns:
        # What covers an action names its service, or has a wildcard there.
        near = (_service(pattern), "") if not has_wildcard(pattern.partition(":")[0]) else wide
        wider = sorted({one for service in near for one in wide.get(service, ())})
        covering = next((w for _, w in wider if w != pattern and _covers(w, pattern)), None)
        if covering is None and pattern.lower() in named:
            covering = pattern
        named.add(pattern.lower())
        if covering is not None:
            message = f"`{pattern}` " + (
                "stands twice" if covering == pattern else f"is covered by `{covering}`"
            )
            yield problem(statement, action_element(statement), message, "Redundant action", "suggestion")


@lru_cache(maxsize=65_536)
def _service(pattern: str) -> str:
    """Return the service that a pattern names, nothing when it may name several."""
    service, colon, _ = pattern.partition(":")
    return service.lower() if colon and not has_wildcard(service) else ""


def _covers(wide: str, pattern: str) -> bool:
    begin, end = _ends(wide)
    text = pattern.lower()
    if not (text.startswith(begin) and text.endswith(end)):
        return False  # nearly always, in a list of many
    return matches_pattern(pattern, wide, ignore_case=True) and not matches_pattern(
        wide, pattern, ignore_case=True
    )


@lru_cache(maxsize=65_536)
def _ends(pattern: str) -> tuple[str, str]:
    """Return what stands before the first and behind the last wildcard of a pattern, in lower case."""
    parts = pattern.lower().replace("?", "*").split("*")
    return parts[0], parts[-1]


RULES = (unknown_action, wildcard_in_service, redundant_action)
