"""IAM Access Analyzer: the analyzers of each region, and what they found."""

from collections.abc import Sequence
from typing import Any

from iamaudit.aws.answers import (
    EXPECTED,
    UnreadableAnswerError,
    check_shape,
    member,
    one_line,
    raise_if_hopeless,
)
from iamaudit.aws.asking import Connect
from iamaudit.snapshot import SourceResult


def collect_access_analyzer(connect: Connect, regions: Sequence[str]) -> SourceResult:
    """Return analyzers, and the findings of those that are active, of ``regions`` alone.

    Both carry their ``Region``, a finding also its ``AnalyzerArn``. A region that did not tell is named under
    ``RegionsNotCollected``; that nothing was found holds for the others only.

    Raises
    ------
    ClientError, BotoCoreError
        The first failure, when no region told.
    UnreadableAnswerError
        There is no region to ask.
    """
    if not regions:
        raise UnreadableAnswerError("there is no region to ask: give --regions")
    analyzers: list[Any] = []
    findings: list[Any] = []
    failures: dict[str, Exception] = {}
    for region in regions:
        try:
            with connect(region) as client:
                there, found = _in_region(client, region)
        except EXPECTED as error:
            raise_if_hopeless(error)
            failures[region] = error
            continue
        analyzers += there
        findings += found
    if failures and len(failures) == len(regions):
        raise next(iter(failures.values()))
    content: dict[str, Any] = {
        "Regions": [region for region in regions if region not in failures],
        "Analyzers": analyzers,
        "Findings": findings,
    }
    reason = None
    if failures:
        missing = [{"Region": name, "Reason": one_line(error)} for name, error in failures.items()]
        content["RegionsNotCollected"] = missing
        reason = f"no answer from: {', '.join(failures)} ({missing[0]['Reason']})"
    rows = {name: len(items) for name, items in content.items()}
    return SourceResult("collected", content, reason=reason, rows=rows)


def _in_region(client: Any, region: str) -> tuple[list[Any], list[Any]]:
    pages = client.get_paginator("list_analyzers").paginate()
    analyzers = [{**one, "Region": region} for page in pages for one in member(page, "analyzers")]
    check_shape("access_analyzer", {"Regions": [region], "Analyzers": analyzers, "Findings": []})
    findings = [
        {**one, "AnalyzerArn": analyzer["arn"], "Region": region}
        for analyzer in analyzers
        if analyzer["status"] == "ACTIVE"
        for page in client.get_paginator("list_findings_v2").paginate(analyzerArn=analyzer["arn"])
        for one in member(page, "findings")
    ]
    return analyzers, findings
