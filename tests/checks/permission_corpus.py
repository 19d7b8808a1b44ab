"""Policies that fail each permission check in eight ways and pass it in others, made from its declaration."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from iamaudit.iam.actions import POWERS, load_catalogue
from iamaudit.iam.actions.reference import resource_templates
from tests.accounts import ACCOUNT, allow, deny

CATALOGUE = load_catalogue()
FAILS = (
    *("exact name", "prefix wildcard", "service wildcard", "star", "NotAction", "NotResource"),
    *("question mark", "letter case"),
)
PASSES = ("Deny takes it away", "scoped resource", "unrelated actions", "boundary only")
STATEMENT_CHECKS = {
    **{f"policy-{power}": actions for power, actions in POWERS.items()},
    "policy-kms-all": ("kms:*",),
    "policy-cloudtrail-all": ("cloudtrail:*",),
    "policy-service-wildcard": ("s3:*", "dynamodb:*"),
    "policy-all-actions": ("*",),
}
"""Each check of statements about what they allow, with the patterns one of which is enough to fail it."""
ANY_RESOURCE = "policy-service-wildcard"
"""The check for which the resource does not matter."""
PRINCIPAL_CHECKS = {f"principal-{power}": a for power, a in POWERS.items() if power != "marketplace"}
OTHER = "arn:aws:sqs:eu-west-1:111122223333:jobs"


class Sample(NamedTuple):
    """A case: the statements of one policy, whether it fails the check, and if it is a boundary only."""

    check: str
    way: str
    statements: tuple[dict[str, Any], ...]
    fails: bool
    is_boundary: bool = False


def statement_samples() -> Iterator[Sample]:
    """Yield the cases of every check of statements."""
    for check, patterns in STATEMENT_CHECKS.items():
        for pattern in patterns:
            for way, statements in fails(pattern).items():
                yield Sample(check, f"{pattern}: {way}", statements, True)
            for way, statements in passes(pattern).items():
                stays = way == "scoped resource" and check == ANY_RESOURCE
                yield Sample(check, f"{pattern}: {way}", statements, stays, way == "boundary only")


def fails(pattern: str) -> dict[str, tuple[dict[str, Any], ...]]:
    """Return the ways to allow all that a pattern covers, on every resource."""
    names = _names(pattern)
    services = sorted({name.partition(":")[0] for name in names})
    ways: dict[str, Any] = {
        "exact name": [allow(names)],
        "prefix wildcard": [allow(sorted({_prefix(name) for name in names}))],
        "service wildcard": [allow([f"{service}:*" for service in services])],
        "star": [allow("*")],
        "NotAction": [{"Effect": "Allow", "NotAction": _unrelated(pattern), "Resource": "*"}],
        "NotResource": [{"Effect": "Allow", "Action": pattern, "NotResource": OTHER}],
        "question mark": [allow(sorted({name[:-1] + "?" for name in names}))],
        "letter case": [allow([_swapped(name) for name in names])],
        "a second entry": [allow(["sqs:SendMessage", *names], [OTHER, "*"])],
        "a Deny of a part": [allow("*"), deny(f"{services[0]}:Tag*")],
        "a conditional Deny": [allow(pattern), deny(pattern, Condition=MFA)],
        "a Deny of another resource": [allow(pattern), deny(pattern, OTHER)],
        "a condition": [allow(pattern, Condition=MFA)],
    }
    for resource in whole_types(pattern):
        ways[f"every {resource}"] = [allow(pattern, resource)]
    return {way: tuple(statements) for way, statements in ways.items()}


def passes(pattern: str) -> dict[str, tuple[dict[str, Any], ...]]:
    """Return policies that do not allow it on every resource."""
    ways: dict[str, Any] = {
        "Deny takes it away": [allow(pattern), deny(pattern)],
        "Deny of everything": [deny("*"), allow(pattern)],
        "Deny with NotAction": [allow(pattern), {**deny("*"), "NotAction": "sqs:*"} | {"Action": None}],
        "scoped resource": [allow(pattern, _named(pattern))],
        "unrelated actions": [allow(_unrelated(pattern, for_pass=True))],
        "boundary only": [allow(pattern)],
        "Deny statement": [deny(pattern)],
        "NotResource of everything": [{"Effect": "Allow", "Action": pattern, "NotResource": "*"}],
        "no such action": [allow("s3x:GetObject")],
    }
    for resource in whole_types(pattern):
        named = _named(pattern)
        ways[f"all but one denied of {resource}"] = [
            allow(pattern),
            {"Effect": "Deny", "Action": pattern, "NotResource": named},
        ]
        ways[f"NotResource {resource}"] = [{"Effect": "Allow", "Action": pattern, "NotResource": resource}]
        ways[f"Deny {resource}"] = [allow(pattern), deny(pattern, resource)]
    return {
        way: tuple({k: v for k, v in one.items() if v is not None} for one in statements)
        for way, statements in ways.items()
    }


MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def whole_types(pattern: str) -> tuple[str, ...]:
    """Return patterns that cover every resource of the type of an action; a wildcard has many types."""
    if pattern.endswith("*") or not resource_templates(pattern):
        return ()
    template = resource_templates(pattern)[0]
    here = template.split(":", 5)
    here[1:5] = ["aws", *here[2:4], ACCOUNT]
    return (template, ":".join(here), template.replace("arn:*", "arn:aws", 1), template[:-1] + "?*")


_THINGS = (f"kms:eu-west-1:{ACCOUNT}:key/1234", "s3:::example/*", f"dynamodb:eu-west-1:{ACCOUNT}:table/x")


def _named(pattern: str) -> list[str]:
    """Return resources of the type of an action by name and by prefix."""
    if pattern.endswith("*") or not resource_templates(pattern):
        return [OTHER, *(f"arn:aws:{thing}" for thing in _THINGS)]
    template = resource_templates(pattern)[0].replace("arn:*", "arn:aws", 1)
    return [template[:-1] + "example", template[:-1] + "team-*", template[:-1] + "*-old"]


def _names(pattern: str) -> list[str]:
    return CATALOGUE.names_of(CATALOGUE.expand_pattern(pattern))


def _prefix(name: str) -> str:
    service, _, action = name.partition(":")
    return f"{service}:{action[:2]}*"


def _swapped(name: str) -> str:
    service, _, action = name.partition(":")
    return f"{service.upper()}:{action.swapcase()}"


def _unrelated(pattern: str, *, for_pass: bool = False) -> str:
    if pattern == "*":
        return "sqs:*" if for_pass else "s3x:*"
    return "sqs:SendMessage" if for_pass else "sqs:*"
