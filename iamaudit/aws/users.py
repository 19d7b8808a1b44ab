"""Questions that AWS answers for one user at a time, asked side by side."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from iamaudit.aws.answers import UnreadableAnswerError, error_code, member, read_pages
from iamaudit.aws.asking import side_by_side
from iamaudit.snapshot import SourceResult

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

ROOT = "<root_account>"


def of_every_user(user_names: Sequence[str], ask: Callable[[str], list[Any]]) -> list[Any]:
    """Return what ``ask`` gives for each user, in their order; one who is gone by then has nothing."""
    found = side_by_side(user_names, partial(_unless_gone, ask))
    return [item for items in found for item in items]


def report_rows(report: SourceResult) -> list[dict[str, str]]:
    """Return the rows of the credential report, none when it was not collected."""
    return [*csv.DictReader(io.StringIO(report.content))] if report.status == "collected" else []


def users_to_ask(
    results: Mapping[str, SourceResult], may_have: Callable[[Mapping[str, str]], bool]
) -> list[str]:
    """Return the users of whom there may be something to list.

    The details say who there is, or else the credential report, which also says of whom there is nothing. A
    user that it does not hold is asked for, and all of them are without a report.

    Raises
    ------
    UnreadableAnswerError
        There are neither details nor a report, so that nobody knows who to ask for.
    """
    details, report = results["authorization_details"], results["credential_report"]
    rows = [row for row in report_rows(report) if row["user"] != ROOT]
    nothing = {row["user"] for row in rows if not may_have(row)}
    if details.status == "collected":
        names = [user["UserName"] for user in details.content["UserDetailList"]]
    elif report.status == "collected":
        names = [row["user"] for row in rows]
    else:
        raise UnreadableAnswerError("neither authorization details nor a credential report name the users")
    return [name for name in names if name not in nothing]


def keys_to_ask(results: Mapping[str, SourceResult]) -> list[str]:
    """Return the ids of the access keys.

    Raises
    ------
    UnreadableAnswerError
        There are no access keys to ask for, as they were not collected.
    """
    keys = results["access_keys"]
    if keys.status != "collected":
        raise UnreadableAnswerError("the access keys, which say what to ask for, were not collected")
    return [key["AccessKeyId"] for key in keys.content["AccessKeyMetadata"]]


def may_have_keys(row: Mapping[str, str]) -> bool:
    """Say whether a row of the credential report shows an access key, or does not say that there is none."""
    return any(
        row[f"access_key_{slot}_active"].lower() != "false" or row[f"access_key_{slot}_last_rotated"] != "N/A"
        for slot in (1, 2)
    )


def may_have_mfa(row: Mapping[str, str]) -> bool:
    """Say whether a row of the credential report shows an MFA device, or does not say that there is none."""
    return row["mfa_active"].lower() != "false"


def collect_access_keys(iam: "IAMClient", user_names: Sequence[str]) -> SourceResult:
    """Return the access keys of every user: id, status and date; AWS tells a secret to nobody.

    Root's keys are not among them: the credential report shows that they are there.
    """

    def ask(name: str) -> list[Any]:
        pages = read_pages(iam, "list_access_keys", UserName=name)
        return [key for page in pages for key in member(page, "AccessKeyMetadata")]

    found = of_every_user(user_names, ask)
    return SourceResult("collected", {"AccessKeyMetadata": found}, rows={"AccessKeyMetadata": len(found)})


def _unless_gone(ask: Callable[[str], list[Any]], name: str) -> list[Any]:
    try:
        return ask(name)
    except ClientError as error:
        if error_code(error) != "NoSuchEntity":
            raise
        return []  # deleted since the users were listed
