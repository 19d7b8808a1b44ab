"""What policies say, and where they hang."""

import json

from tests.reperformance.expansion import actions, acts, expanded, is_every_resource, reaching, services
from tests.reperformance.people import DETAILS
from tests.reperformance.procedures import procedure
from tests.reperformance.raw import listed


def customer_managed(raw):
    return [(name, text) for name, (kind, text) in raw.documents.items() if kind == "customer managed"]


@procedure("policy-unattached", DETAILS)
def policy_unattached(raw):
    attached, bounding = raw.held
    for name, _ in customer_managed(raw):
        yield name, True, name not in attached and name not in bounding


@procedure("policy-boundary-granted", DETAILS)
def policy_boundary_granted(raw):
    attached, bounding = raw.held
    for name in raw.documents:
        yield name, name in bounding, name in attached


@procedure("policy-twice", DETAILS)
def policy_twice(raw):
    texts = {name: json.dumps(text) for name, text in customer_managed(raw) if text is not None}
    said = list(texts.values())
    for name, text in texts.items():
        yield name, True, said.count(text) > 1


@procedure("policy-readable", DETAILS)
def policy_readable(raw):
    for name, (_, text) in raw.documents.items():
        yield name, True, text is None


@procedure("policy-version", DETAILS)
def policy_version(raw):
    for name, (kind, text) in raw.documents.items():
        yield name, kind != "aws managed" and text is not None, (text or {}).get("Version") != "2012-10-17"


@procedure("cloudshell-full-access", DETAILS)
def cloudshell_full_access(raw):
    for name, (kind, _) in raw.documents.items():
        is_it = name.endswith(":iam::aws:policy/AWSCloudShellFullAccess")
        yield name, kind == "aws managed", is_it and name in raw.held[0]


def own_allow(check):
    """Register a question to the Allow statements of the account; a mere boundary grants nothing.

    Nor does a statement of which no action takes the resources, or whose actions its document all denies.
    """

    def register(allows_too_much):
        @procedure(check, DETAILS)
        def rows(raw):
            for place in raw.own_allows:
                document = raw.documents[place.policy][1]
                grants = place.policy not in raw.boundaries_only and left_of(place.statement, document)
                yield place.id, True, bool(grants) and allows_too_much(raw, place.statement, document)

        return allows_too_much

    return register


def left_of(statement, document):
    """The actions that take a resource of the statement, less those that its document denies everywhere."""
    denies = [s for s in listed(document["Statement"]) if s["Effect"] == "Deny" and not s.get("Condition")]
    return reaching(statement).difference(*(acts(s) for s in denies if is_every_resource(s)))


@own_allow("policy-service-wildcard")
def policy_service_wildcard(raw, statement, document):
    """Whether a whole service is meant; the only action of a service may be named."""
    given, left = acts(statement), left_of(statement, document)
    named = {action.lower() for action in listed(statement.get("Action", []))}
    return any(
        everything <= given and everything & left and (len(everything) > 1 or not everything <= named)
        for everything in services()
    )


@own_allow("policy-not-action")
def policy_not_action(raw, statement, document):
    return "NotAction" in statement


@own_allow("policy-not-resource")
def policy_not_resource(raw, statement, document):
    return "NotResource" in statement


@procedure("policy-unknown-action", DETAILS)
def policy_unknown_action(raw):
    for place in raw.statements:
        named = listed(place.statement.get("Action", place.statement.get("NotAction")))
        yield place.id, place.kind != "aws managed", not all(map(expanded, named))


def misses_members(statement, on_groups, changing):
    """Whether a pattern is about no group at all, or what is denied changes a user."""
    named = map(expanded, listed(statement.get("Action", [])))
    return bool(acts(statement) & changing) or any(found and not found & on_groups for found in named)


@procedure("group-deny-reach", DETAILS)
def group_deny_reach(raw):
    own = {action: kinds for action, kinds in actions().items() if action.startswith("iam:")}
    on_groups = {action for action, kinds in own.items() if "group" in kinds}
    reads = ("iam:get", "iam:list", "iam:simulate", "iam:generate")
    changing = {a for a, kinds in own.items() if "user" in kinds and "group" not in kinds}
    changing = {action for action in changing if not action.startswith(reads)}
    for place in raw.statements:
        statement = place.statement
        only_groups = all(":group/" in arn for arn in listed(statement.get("Resource", "*")))
        yield (
            place.id,
            not place.is_allow and place.kind in ("customer managed", "inline"),
            only_groups and misses_members(statement, on_groups, changing),
        )


@procedure("access-incomplete", DETAILS)
def access_incomplete(raw):
    groups = {group["GroupName"]: group for group in raw.groups}
    for kind, item in raw.holders:
        if kind != "group":
            owners = [item, *(groups[name] for name in item.get("GroupList", ()))]
            held = [policy for owner in owners for policy in raw.holds(owner)]
            yield item["Arn"], True, any(raw.documents[policy][1] is None for policy in held)
