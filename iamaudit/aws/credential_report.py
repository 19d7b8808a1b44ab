"""The credential report: asked for, waited for, fetched."""

import csv
import io
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from iamaudit.aws.answers import error_code, is_denied
from iamaudit.snapshot import SourceResult

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

_WAITS = (0.5, 1, 1, 2, 2, 3, 3, *(5,) * 20)  # seconds, under two minutes in all


def collect_credential_report(
    iam: "IAMClient", *, sleep: Callable[[float], None] = time.sleep
) -> SourceResult:
    """Return the report as CSV text, with the moment at which AWS made it.

    AWS makes a report at most every four hours and serves the last one in between. Who may not generate
    one can still fetch a report that somebody else had made.
    """
    is_generated, refused = False, None
    for wait in _WAITS:
        if not is_generated and refused is None:
            try:
                is_generated = iam.generate_credential_report()["State"] == "COMPLETE"
            except ClientError as error:
                if is_denied(error):
                    refused = error
                elif error_code(error) != "LimitExceeded":
                    raise
        if is_generated or refused is not None:
            try:
                return _result(iam)
            except ClientError as error:
                if error_code(error) in ("ReportNotPresent", "ReportExpired"):
                    if refused is not None:
                        raise refused from error
                    is_generated = False
                elif error_code(error) != "ReportInProgress":
                    raise
        sleep(wait)
    return SourceResult("failed", reason=f"the report was not ready after {sum(_WAITS):.0f} seconds")


def _result(iam: "IAMClient") -> SourceResult:
    answer = iam.get_credential_report()
    text = answer["Content"].decode("utf-8")
    names = [row["user"] for row in csv.DictReader(io.StringIO(text)) if "user" in row]
    return SourceResult(
        "collected",
        text,
        rows={"root": names.count("<root_account>"), "users": len(names) - names.count("<root_account>")},
        generated_at=answer["GeneratedTime"],
    )
