"""The credential report: asked for, waited for, fetched."""

import csv
import io
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from iamaudit.aws.answers import UnreadableAnswerError, error_code, is_denied, member, one_line
from iamaudit.snapshot import SourceResult

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

_WAITS = (0.2, 0.5, 1, 2, 2, 3, 3, *(5,) * 20)  # seconds, under two minutes in all
_NO_REPORT = {"ReportNotPresent", "ReportExpired"}
_NOT_YET = {*_NO_REPORT, "ReportInProgress"}


def collect_credential_report(
    iam: "IAMClient", *, sleep: Callable[[float], None] = time.sleep
) -> SourceResult:
    """Return the report as CSV text, with the moment at which AWS made it.

    AWS makes a report at most every four hours and serves the last one in between. Who may not generate
    one, or not now, can still fetch a report that somebody else had made.
    """
    last = "no answer"
    for wait in _WAITS:
        last, refusal = _generate(iam)
        if last == "COMPLETE" or refusal is not None:
            try:
                return _fetch(iam)
            except ClientError as error:
                if error_code(error) not in _NOT_YET:
                    raise
                if refusal is not None and is_denied(refusal) and error_code(error) in _NO_REPORT:
                    raise refusal from error
                last = one_line(refusal or error)
        sleep(wait)
    return SourceResult("failed", reason=f"not ready after {sum(_WAITS):.0f} seconds, at last: {last}")


def _generate(iam: "IAMClient") -> tuple[str, ClientError | None]:
    """Return the state of the report, and why AWS would not make one if it said so."""
    try:
        return member(iam.generate_credential_report(), "State"), None
    except ClientError as error:
        if is_denied(error) or error_code(error) == "LimitExceeded":
            return "", error
        raise


def _fetch(iam: "IAMClient") -> SourceResult:
    answer = iam.get_credential_report()
    try:
        text = member(answer, "Content").decode("utf-8")
        names = [row.get("user") for row in csv.DictReader(io.StringIO(text))]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableAnswerError(f"the report is not CSV text ({error})") from error
    roots = names.count("<root_account>")
    return SourceResult(
        "collected",
        text,
        rows={"root": roots, "users": len(names) - roots},
        generated_at=answer.get("GeneratedTime"),
    )
