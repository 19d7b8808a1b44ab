"""Account authorization details: users, groups, roles and policies with their documents."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from iamaudit.aws.answers import EXPECTED, check_shape, member, one_line, raise_if_hopeless, read_pages
from iamaudit.snapshot import SourceResult
from iamaudit.snapshot.documents import with_plain_documents

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

_LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
_PAGE_SIZE = 1000


def collect_authorization_details(iam: "IAMClient") -> SourceResult:
    """Return the four lists of all pages, and every managed policy that anybody holds.

    A policy that an attachment or a boundary names and the details leave out is fetched by its ARN; one that
    cannot be had is listed under ``PoliciesNotCollected`` with the reason.
    """
    details: dict[str, list[Any]] = {name: [] for name in _LISTS}
    size = {"PageSize": _PAGE_SIZE}
    for page in read_pages(iam, "get_account_authorization_details", PaginationConfig=size):
        for name in _LISTS:
            details[name] += member(page, name)
    check_shape("authorization_details", details)
    for (
        name,
        items,
    ) in details.items():  # what moves while the pages are read comes twice: the later one counts
        details[name] = [*{item["Arn"]: item for item in items}.values()]
    missing: list[dict[str, str]] = []
    known = {policy["Arn"] for policy in details["Policies"]}
    for arn in sorted(set(_named_policies(details)) - known):
        try:
            details["Policies"].append(_fetch(iam, arn))
        except EXPECTED as error:
            raise_if_hopeless(error)
            missing.append({"Arn": arn, "Reason": one_line(error)})
    content = {**details, "PoliciesNotCollected": missing} if missing else details
    rows = {name: len(items) for name, items in content.items()}
    return SourceResult("collected", with_plain_documents(content), rows=rows)


def _named_policies(details: Mapping[str, list[Any]]) -> Iterator[str]:
    for name in ("UserDetailList", "GroupDetailList", "RoleDetailList"):
        for principal in details[name]:
            for attached in principal.get("AttachedManagedPolicies", ()):
                yield attached["PolicyArn"]
            boundary = (principal.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn")
            if boundary:
                yield boundary


def _fetch(iam: "IAMClient", arn: str) -> dict[str, Any]:
    """Return a policy with its default version, in the shape of the authorization details."""
    policy = member(iam.get_policy(PolicyArn=arn), "Policy")
    chosen = member(policy, "DefaultVersionId")
    version = member(iam.get_policy_version(PolicyArn=arn, VersionId=chosen), "PolicyVersion")
    return {**policy, "Arn": arn, "PolicyVersionList": [version]}
