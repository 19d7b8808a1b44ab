"""IAM Access Analyzer: where it is active, and what it found."""

from datetime import datetime

import pandas as pd

from iamaudit.account import Account
from iamaudit.frames.columns import build_frame
from iamaudit.frames.days import days_between
from iamaudit.frames.principals import tags_text


def analyzer_regions_frame(account: Account) -> pd.DataFrame:
    """Return a row per Region that was asked: its active analyzers, and how many findings are active.

    A Region that did not tell has ``<NA>`` for all of them, and ``reason``. ``analyzers`` has each with its
    type and status.
    """
    told = account.access_analyzer
    rows = []
    for region in told.regions:
        there = [each for each in told.analyzers if each.region == region]
        active = [each for each in told.findings if each.region == region and each.status == "ACTIVE"]
        rows.append(
            {
                **_place(account, region),
                "external_analyzers": sum(each.is_external for each in there),
                "unused_analyzers": sum(each.is_unused for each in there),
                "active_findings": len(active),
                "analyzers": [f"{each.name} ({each.type}, {each.status})" for each in there],
            }
        )
    rows += [{**_place(account, region), "reason": reason} for region, reason in told.not_told]
    return build_frame("analyzer_regions", rows)


def analyzers_frame(account: Account) -> pd.DataFrame:
    """Return a row per analyzer of the account, in AWS's words; ``tags`` is a JSON object, ``<NA>`` for none.

    A Region that did not tell has one row, with ``reason`` and ``<NA>`` for what its analyzers may be.
    """
    told = account.access_analyzer
    rows: list[dict[str, object]] = [
        {
            "name": each.name,
            "arn": each.arn,
            "region": each.region,
            "type": each.type,
            "status": each.status,
            "created_at": each.created_at,
            "tags": tags_text(each.tags),
            "evidence": f"access_analyzer.json Analyzers arn = {each.arn}",
        }
        for each in told.analyzers
    ]
    rows += [{**_place(account, region), "reason": reason} for region, reason in told.not_told]
    return build_frame("analyzers", rows)


def analyzer_findings_frame(account: Account, as_of: datetime) -> pd.DataFrame:
    """Return a row per finding of an active analyzer, in AWS's words.

    ``kind`` is AWS's type of finding, as ``ExternalAccess`` or ``UnusedIAMRole``; ``status`` is ``ACTIVE``,
    ``ARCHIVED`` (somebody accepted it) or ``RESOLVED``. IAM is global: an analyzer of each Region finds a
    role again.
    """
    rows = [
        {
            "finding_id": each.finding_id,
            "arn": each.resource,
            "resource_type": each.resource_type,
            "resource_account": each.resource_account,
            "kind": each.kind,
            "status": each.status,
            "region": each.region,
            "analyzer": each.analyzer.rpartition("/")[2],
            "created_at": each.created_at,
            "updated_at": each.updated_at,
            "days_open": days_between(each.created_at, as_of) if each.status == "ACTIVE" else None,
            "evidence": f"access_analyzer.json Findings id = {each.finding_id}",
        }
        for each in account.access_analyzer.findings
    ]
    return build_frame("analyzer_findings", rows)


def _place(account: Account, region: str) -> dict[str, object]:
    return {
        "region": region,
        "arn": f"arn:{account.partition}:access-analyzer:{region}:{account.account_id}:analyzer/*",
        "evidence": f"access_analyzer.json Region = {region}",
    }
