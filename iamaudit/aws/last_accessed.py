"""When each user and role last used each service, and the actions that AWS tracks: a job for each of them."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from iamaudit.aws.answers import (
    EXPECTED,
    UnreadableAnswerError,
    check_shape,
    error_code,
    is_denied,
    member,
    one_line,
    raise_if_hopeless,
)
from iamaudit.aws.asking import side_by_side, this_source
from iamaudit.snapshot import SourceResult

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

_JOBS = 100
"""Jobs under way at once; while the last of them begin, the first ones end."""

_WAITS = (0.2, 0.5, 1, 2, 3, *(5,) * 20)  # seconds for one job, under two minutes in all
_PAGE_SIZE, _MOST_PAGES = 1000, 100  # AWS has fewer than 1,000 services
_DENIED_IN_A_ROW = 25

_Answer = dict[str, Any]


def principals_to_ask(results: Mapping[str, SourceResult]) -> list[str]:
    """Return the ARNs of users and roles.

    Raises
    ------
    UnreadableAnswerError
        There are no authorization details, so that nobody knows who to ask for.
    """
    details = results["authorization_details"]
    if details.status != "collected":
        raise UnreadableAnswerError("there are no authorization details to name the users and roles")
    lists = (details.content["UserDetailList"], details.content["RoleDetailList"])
    return [principal["Arn"] for principals in lists for principal in principals]


def collect_last_accessed(
    iam: "IAMClient", arns: Sequence[str], *, sleep: Callable[[float], None] = time.sleep
) -> SourceResult:
    """Return by ARN what ``GetServiceLastAccessedDetails`` says, at the level of actions, its pages as one.

    A principal of whom AWS did not tell has ``JobStatus`` ``FAILED`` and the ``Error``, in AWS's own shape
    whoever failed; one who is gone by then is left out. What is answered is stored batch by batch, so that a
    collection which ends early goes on from there. When the time of the source is nearly over, the principals
    still waiting are named as not asked.

    Raises
    ------
    ClientError, UnreadableAnswerError
        The first failure, when AWS told of nobody.
    """
    questions = this_source()
    wanted = {*arns}
    found: dict[str, _Answer] = {arn: each for arn, each in questions.kept.items() if arn in wanted}
    failures: dict[str, Exception] = {}
    questions.done, questions.total = 0, len(arns) - len(found)  # what was kept says nothing of the pace
    for batch in _batches([arn for arn in arns if arn not in found]):
        if questions.is_nearly_over:
            failures |= dict.fromkeys(batch, UnreadableAnswerError("not asked: the time limit was reached"))
            continue
        answers = dict(zip(batch, _ask(iam, batch, sleep), strict=True))
        failures |= {arn: each for arn, each in answers.items() if isinstance(each, Exception)}
        told = {arn: each for arn, each in answers.items() if isinstance(each, dict)}
        questions.done += len(batch)
        questions.keep({arn: each for arn, each in told.items() if each["JobStatus"] == "COMPLETED"})
        found |= told
        if not found and len(failures) >= _DENIED_IN_A_ROW and all(map(is_denied, failures.values())):
            break
    if failures and not found:
        raise next(iter(failures.values()))
    return _result(arns, found, failures)


def _result(
    arns: Sequence[str], found: Mapping[str, _Answer], failures: Mapping[str, Exception]
) -> SourceResult:
    everyone = {**found, **{arn: _failed(error) for arn, error in failures.items()}}
    content = {arn: everyone[arn] for arn in arns if arn in everyone}
    unknown = [answer for answer in content.values() if answer["JobStatus"] != "COMPLETED"]
    reason = None
    if unknown:
        said = unknown[0].get("Error") or {}
        reason = (
            f"no report on {len(unknown):,} of {len(content):,} users and roles, the first because of "
            f"{said.get('Code')}: {said.get('Message')}"
        )
    rows = {"principals": len(content) - len(unknown), "not told of": len(unknown)}
    return SourceResult("collected", content, reason=reason, rows=rows)


def _failed(error: Exception) -> _Answer:
    """Return a failure in the shape of a job that failed."""
    code = error_code(error) or type(error).__name__
    return {
        "JobStatus": "FAILED",
        "Error": {"Code": code, "Message": one_line(error).removeprefix(f"{code}: ")},
    }


def _batches(arns: Sequence[str]) -> Iterator[Sequence[str]]:
    return (arns[start : start + _JOBS] for start in range(0, len(arns), _JOBS))


def _ask(
    iam: "IAMClient", arns: Sequence[str], sleep: Callable[[float], None]
) -> Iterator[_Answer | Exception | None]:
    """Yield what comes of each: the answer, the failure, or nothing for one who is gone."""
    jobs = [*side_by_side(arns, partial(_or_failure, partial(_begin, iam)), is_counted=False)]
    return side_by_side(
        [*zip(arns, jobs, strict=True)], partial(_or_failure, partial(_end, iam, sleep)), is_counted=False
    )


def _or_failure(ask: Callable[[Any], Any], item: Any) -> Any:
    try:
        return ask(item)
    except EXPECTED as error:
        raise_if_hopeless(error)
        return error


def _begin(iam: "IAMClient", arn: str) -> str | None:
    """Return the id of a new job, or nothing when the principal is gone."""
    try:
        answer = iam.generate_service_last_accessed_details(Arn=arn, Granularity="ACTION_LEVEL")
    except ClientError as error:
        if error_code(error) != "NoSuchEntity":
            raise
        return None
    return str(member(answer, "JobId"))


def _end(
    iam: "IAMClient", sleep: Callable[[float], None], begun: tuple[str, str | Exception | None]
) -> _Answer | Exception | None:
    """Return what a job came to."""
    arn, job = begun
    if job is None or isinstance(job, Exception):
        return job
    try:
        return _wait(iam, arn, job, sleep)
    except ClientError as error:
        if error_code(error) != "NoSuchEntity":
            raise
    again = _begin(iam, arn)  # AWS knows a job in the session only that began it: this one was renewed
    return None if again is None else _wait(iam, arn, again, sleep)


def _wait(iam: "IAMClient", arn: str, job: str, sleep: Callable[[float], None]) -> _Answer:
    for wait in (*_WAITS, 0):
        answer: _Answer = {**iam.get_service_last_accessed_details(JobId=job, MaxItems=_PAGE_SIZE)}
        if member(answer, "JobStatus") != "IN_PROGRESS":
            break
        sleep(wait)
    else:
        raise UnreadableAnswerError(f"the job was not ready after {sum(_WAITS):.0f} seconds")
    for page in _further_pages(iam, job, answer):
        answer["ServicesLastAccessed"] = [
            *member(answer, "ServicesLastAccessed"),
            *member(page, "ServicesLastAccessed"),
        ]
    for name in ("ResponseMetadata", "IsTruncated", "Marker"):
        answer.pop(name, None)
    if answer["JobStatus"] == "COMPLETED":
        member(answer, "ServicesLastAccessed")
    check_shape("last_accessed", {arn: answer})
    return answer


def _further_pages(iam: "IAMClient", job: str, page: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for _ in range(_MOST_PAGES):
        if not page.get("IsTruncated"):
            return
        if not page.get("Marker"):
            raise UnreadableAnswerError("the answer says that there is more, and has no Marker")
        page = iam.get_service_last_accessed_details(JobId=job, MaxItems=_PAGE_SIZE, Marker=page["Marker"])
        yield page
    raise UnreadableAnswerError(f"the answer has no end after {_MOST_PAGES} pages")
