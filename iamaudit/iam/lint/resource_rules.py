"""Resources that are no ARN, and resources that the actions do not take (rules F4, G1 to G5)."""

import re
from collections.abc import Iterator
from functools import lru_cache

from iamaudit.iam.actions.reference import resource_templates
from iamaudit.iam.lint.subject import Subject, expand, problem
from iamaudit.iam.policy import Problem, Statement, has_wildcard, matches_pattern

_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_MAX_EXPANDED = 400  # a pattern of more actions is not about one type of resource


def arn_parts(subject: Subject, statement: Statement) -> Iterator[Problem]:
    """Find ARNs with an impossible part: AWS accepts some of them, and they match nothing."""
    element = "Resource" if statement.resources is not None else "NotResource"
    for resource in statement.resources or statement.not_resources or ():
        parts = resource.split(":", 5)
        if resource == "*" or parts[0] != "arn":
            continue
        for message, check in _wrong_parts(resource, parts):
            yield problem(statement, element, message, check, "error")


def _wrong_parts(resource: str, parts: list[str]) -> Iterator[tuple[str, str]]:
    if len(parts) < 6:
        if not parts[-1].endswith("*"):
            yield f"`{resource}` has {len(parts)} of the 6 parts of an ARN", "Missing ARN field"
        return
    _, _, service, region, account, _ = parts
    if service != service.lower():
        yield f"`{resource}`: the service is in lower case in every ARN", "Invalid ARN service case"
    if region and not has_wildcard(region) and "$" not in region and not _REGION.fullmatch(region):
        yield f"`{resource}`: `{region}` is not a Region", "Invalid ARN Region"
    is_account = re.fullmatch(r"\d{12}|aws|cloudfront|aws-marketplace|third-party|amazon", account)
    if account and not has_wildcard(account) and "$" not in account and not is_account:
        yield f"`{resource}`: an account id has 12 digits", "Invalid ARN account"


def resource_mismatch(subject: Subject, statement: Statement) -> Iterator[Problem]:
    """Find action patterns none of whose actions takes any of the resources: they never apply."""
    resources = statement.resources
    if resources is None or "*" in resources:
        return
    for pattern in statement.actions or ():
        templates = _templates(pattern) if pattern != "*" else None
        if templates is None or any(_may_meet(r, template) for template in templates for r in resources):
            continue
        if not templates:
            message = f"`{pattern}` takes no single resource, only `*`"
        else:
            message = f"`{pattern}` takes none of these resources, but {templates[0]}"
        yield problem(statement, "Resource", message, "Resource mismatch", "warning")


@lru_cache(maxsize=65_536)
def _templates(pattern: str) -> tuple[str, ...] | None:
    """Return the ARNs that the actions of a pattern take; ``None`` when it has no action, or too many."""
    names = expand(pattern)
    if not 0 < len(names) <= _MAX_EXPANDED:
        return None
    return tuple(dict.fromkeys(template for name in names for template in resource_templates(name)))


@lru_cache(maxsize=65_536)
def _may_meet(resource: str, template: str) -> bool:
    """Say whether some ARN is of a template and matches a policy's resource; Region and account aside."""
    text = re.sub(r"\$\{[^}]*\}", "*", resource)
    parts, wanted = text.split(":", 5), template.split(":", 5)
    if len(parts) < 6 or len(wanted) < 6 or any(part.endswith("*") for part in parts[:5] if part != "*"):
        return True  # part of an ARN, or a * that may reach beyond its colon
    return _meet(parts[2], wanted[2]) and _meet(parts[5], wanted[5])


@lru_cache(maxsize=65_536)
def _meet(one: str, other: str) -> bool:
    """Say whether two patterns have a text in common."""
    reached = {(0, 0)}
    seen: set[tuple[int, int]] = set()
    while reached:
        i, j = reached.pop()
        if (i, j) in seen:
            continue
        seen.add((i, j))
        a, b = one[i : i + 1], other[j : j + 1]
        if not a and not b:
            return True
        if a == "*":
            reached.add((i + 1, j))
        if b == "*":
            reached.add((i, j + 1))
        if a and b and (a == b or a in "*?" or b in "*?"):
            reached.add((i if a == "*" else i + 1, j if b == "*" else j + 1))
    return False


def redundant_resource(subject: Subject, statement: Statement) -> Iterator[Problem]:
    """Find resources that another entry of the same list covers."""
    resources = statement.resources or ()
    for number, resource in enumerate(resources):
        covering = next(
            (r for r in resources if r != resource and has_wildcard(r) and matches_pattern(resource, r)), None
        )
        if covering is None and resource in resources[:number]:
            covering = resource
        if covering is not None and "${" not in covering:
            message = f"`{resource}` " + (
                "stands twice" if covering == resource else f"is covered by `{covering}`"
            )
            yield problem(statement, "Resource", message, "Redundant resource", "suggestion")


RULES = (arn_parts, resource_mismatch, redundant_resource)
