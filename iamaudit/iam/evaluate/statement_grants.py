"""What statements, documents and levels of an organization grant and deny, as action sets."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Literal

from iamaudit.iam.actions import Catalogue, load_catalogue, without
from iamaudit.iam.actions.reference import key_type, knows_key
from iamaudit.iam.evaluate.conditions import condition_holds, parse_operator
from iamaudit.iam.evaluate.context import Context
from iamaudit.iam.evaluate.grants import UNREADABLE, Case, Grants, compact, settled, united
from iamaudit.iam.evaluate.operators import OPERATORS
from iamaudit.iam.evaluate.request import Level
from iamaudit.iam.evaluate.services import NO_RCP_ACTIONS, rcp_services
from iamaudit.iam.evaluate.whole_types import Home, left_whole, whole_types
from iamaudit.iam.policy import Condition, Document, Statement, covers_everything, has_wildcard

# What a request says of who asks, or surely lacks by who asks, and what every request to IAM carries besides.
_OF_WHO_ASKS = (
    *("aws:principal", "aws:username", "aws:userid", "aws:tokenissuetime", "aws:assumedroot"),
    *("aws:federatedprovider", "aws:sourceidentity", "aws:chatbotsourcearn", "aws:ec2instancesource"),
    *("aws:sourcearn", "aws:sourceaccount", "aws:sourceorg", "ec2:sourceinstancearn", "ec2:roledelivery"),
    *("ssm:sourceinstancearn", "lambda:sourcefunctionarn", "glue:roleassumedby"),
    *("glue:credentialissuingservice", "aws:currenttime", "aws:epochtime", "aws:useragent"),
    "aws:multifactorauth",
)
_OF_IAM = ("aws:requestedregion", "aws:securetransport", "aws:viaawsservice")
_TOLD = (*_OF_WHO_ASKS, *_OF_IAM)
# Keys that tell one resource from another: a Deny on those with a value is about some of them.
_OF_THE_RESOURCE = ("aws:resourcetag/", "iam:resourcetag/", "iam:policyarn", "iam:permissionsboundary")


def document_grants(document: Document, catalogue: Catalogue, home: Home | None = None) -> Grants:
    """Return what one document says; one of which a statement could not be read is not complete.

    ``home`` is the account for whose resources it matters; without it, any that a statement names.
    """
    has_variables = document.version == "2012-10-17"  # rule H8
    grants = united(
        statement_grants(s, catalogue, has_variables=has_variables, home=home) for s in document.statements
    )
    return compact(grants if document.is_complete else grants | UNREADABLE)


def level_grants(
    level: Level,
    catalogue: Catalogue,
    kind: Literal["scp", "rcp"],
    read: Callable[[Document], Grants] | None = None,
) -> Grants:
    """Return what the documents of one level of an organization say together (rules A3, A4).

    ``read`` says what one document says; unless given, that is ``document_grants``.

    RCPs only ever deny: AWS attaches RCPFullAWSAccess at every level and nobody can take it off. They reach
    the actions about resources of certain services only (rule D4), whoever asks.
    """
    grants = united(document_grants(d, catalogue) if read is None else read(d) for d in level)
    if kind == "scp":
        return grants
    grants, every = settled(grants), catalogue.everything
    reached = catalogue.expand_patterns(f"{service}:*" for service in rcp_services())
    reached = without(reached & catalogue.with_resource, catalogue.expand_patterns(NO_RCP_ACTIONS))
    return Grants(
        *(every, every, every, every, every),
        denied=grants.denied & reached,
        denied_broadly=grants.denied_broadly & reached,
        maybe_denied_broadly=grants.maybe_denied_broadly & reached,
        denied_on_some=grants.denied_on_some & reached,
        denied_somewhere=grants.denied_somewhere & reached,
        is_complete=grants.is_complete,
        condition_keys=grants.condition_keys,
    )


def statement_actions(statement: Statement, catalogue: Catalogue) -> int:
    """Return the actions of ``Action``, or the complement of ``NotAction`` (rules F1 to F3)."""
    if statement.actions is not None:
        return catalogue.expand_patterns(statement.actions)
    return without(catalogue.everything, catalogue.expand_patterns(statement.not_actions or ()))


def statement_grants(
    statement: Statement, catalogue: Catalogue, *, has_variables: bool, home: Home | None = None
) -> Grants:
    """Return what one statement says."""
    actions = statement_actions(statement, catalogue)
    if not statement.conditions:
        return _said(statement, actions, home, is_sure=True)
    return united(
        _conditional(replace(statement, conditions=left), some, home, has_variables=has_variables)
        for some, left in as_asked(statement, actions, has_variables=has_variables)
    )


def _conditional(statement: Statement, actions: int, home: Home | None, *, has_variables: bool) -> Grants:
    """Return what a statement says of some actions under its conditions."""
    if not statement.conditions:
        return _said(statement, actions, home, is_sure=True)
    keys = frozenset(condition.key.lower() for condition in statement.conditions)
    if not any(key.startswith(_TOLD) for key in keys):
        return replace(_said(statement, actions, home, is_sure=False), condition_keys=keys)
    catalogue = load_catalogue()
    iam = without(catalogue.service_mask("iam"), catalogue.expand_pattern("iam:PassRole"))
    iam = iam if keys.intersection(_OF_IAM) else 0  # a role is passed wherever the service is that gets it
    cases = tuple(
        Case(
            statement.conditions,
            has_variables,
            is_of_iam,
            _said(statement, some, home, is_sure=True),
            replace(_said(statement, some, home, is_sure=False), condition_keys=keys),
        )
        for is_of_iam, some in ((False, without(actions, iam)), (True, actions & iam))
        if some
    )
    return Grants(cases=cases)


def as_asked(
    statement: Statement, actions: int, *, has_variables: bool
) -> list[tuple[int, tuple[Condition, ...]]]:
    """Return some actions of a statement in parts, with the conditions that are open for each.

    AWS documents the keys of each action: ``iam:PassedToService`` is in the requests to pass a role only. For
    all other actions the key is absent, which decides the condition (rule H2).
    """
    parts: list[tuple[int, tuple[Condition, ...]]] = [(actions, ())]
    for condition in statement.conditions:
        key = condition.key.lower()
        lacking, requests = _lacking(key), Context({}, is_complete=False, absent=(key,))
        held = condition_holds(condition, requests, has_variables=has_variables) if lacking else None
        found = [(without(some, lacking), (*left, condition)) for some, left in parts]
        if held is not False:
            found += [(some & lacking, left if held else (*left, condition)) for some, left in parts]
        parts = [(some, left) for some, left in found if some]
    return parts


@lru_cache(maxsize=1024)
def _lacking(key: str) -> int:
    """Return the actions whose requests never carry a condition key of IAM's own."""
    if not key.startswith("iam:") or key_type(key) is None:
        return 0
    catalogue = load_catalogue()
    known = (at for service in ("iam", "sts") for at in catalogue.services[service])
    return without(catalogue.everything, sum(1 << at for at in known if knows_key(catalogue.names[at], key)))


def _said(statement: Statement, actions: int, home: Home | None, *, is_sure: bool) -> Grants:
    """Return what a statement says of some actions when its conditions surely hold, or may."""
    if statement.effect == "Deny":
        return _denied(statement, actions, home, is_sure=is_sure)
    if statement.is_all_resources:
        sure = actions if is_sure else 0
        return Grants(certain=sure, everywhere=actions, broad=sure, broadly=actions, possible=actions)
    actions &= _reachable(statement, load_catalogue())
    broadly = actions & _whole(statement, home) if actions else 0
    return Grants(broad=broadly if is_sure else 0, broadly=broadly, possible=actions)


def _denied(statement: Statement, actions: int, home: Home | None, *, is_sure: bool) -> Grants:
    whole = actions
    if not statement.is_all_resources:
        actions &= _reachable(statement, load_catalogue())
        whole = actions & _whole(statement, home)
    if any(map(_is_about_some, statement.conditions)):
        return Grants(denied_somewhere=actions)
    return Grants(
        denied=actions if is_sure and statement.is_all_resources else 0,
        denied_broadly=whole if is_sure else 0,
        maybe_denied_broadly=whole,
        denied_on_some=actions if is_sure else 0,
        denied_somewhere=actions,
    )


def _whole(statement: Statement, home: Home | None) -> int:
    """Return the actions of which ``Resource`` covers a whole type, or ``NotResource`` leaves one."""
    if statement.not_resources is not None:
        return left_whole(statement.not_resources, home)
    return whole_types(statement.resources or (), home)


def _is_about_some(condition: Condition) -> bool:
    """Say whether a condition holds of some resources only: those that have a value, such as a tag."""
    name = parse_operator(condition.operator)
    return (
        condition.key.lower().startswith(_OF_THE_RESOURCE)
        and name is not None
        and name.base in OPERATORS
        and not (OPERATORS[name.base].is_negated or name.if_exists or name.set_prefix)
        and not any(map(covers_everything, condition.values))
    )


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
            return catalogue.with_resource  # wider than it may be, never narrower
        reachable |= catalogue.by_resource_service[service]
    return reachable | catalogue.by_resource_service.get("*", 0)
