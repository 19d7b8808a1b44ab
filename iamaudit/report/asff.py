"""Findings in the AWS Security Finding Format (ASFF), which Security Hub imports."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pandas as pd

from iamaudit.report.resources import (
    FINDING_TYPE,
    controls_of_finding,
    identified_findings,
    parse_resource,
    utc_text,
)

_TITLE, _DESCRIPTION, _REMEDY, _FIELD = 256, 1024, 512, 2048  # characters
_REQUIREMENTS = 32
_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


def asff_findings(
    findings: pd.DataFrame, *, account_id: str, as_of: datetime, region: str = "us-east-1", version: str
) -> Iterator[dict[str, Any]]:
    """Yield an ASFF item per finding, in their order.

    The items are plain values, ready for JSON and for ``BatchImportFindings``, which takes 100 at a time.
    The same findings give the same items.

    Parameters
    ----------
    findings
        The frame ``findings`` of an audit.
    account_id
        The audited account. Its default product receives the findings.
    as_of
        The moment of the audit, with its time zone. Every item was created and updated then.
    region
        The region of the Security Hub that receives them.
    version
        The version of iamaudit.
    """
    product = f"arn:{_partition(region)}:securityhub:{region}:{account_id}:product/{account_id}/default"
    shared = {
        "SchemaVersion": "2018-10-08",
        "ProductArn": product,
        "AwsAccountId": account_id,
        "Types": [FINDING_TYPE],
        "CreatedAt": utc_text(as_of),
        "UpdatedAt": utc_text(as_of),
        "RecordState": "ACTIVE",
    }
    for finding in identified_findings(findings, account_id):
        yield {
            **shared,
            **_text(finding),
            **_judgement(finding),
            "Resources": [_resource(finding.get("resource"), account_id, region)],
            "ProductFields": _product_fields(finding, version),
        }


def _text(finding: dict[str, Any]) -> dict[str, Any]:
    title = finding.get("title", finding["check"])
    text: dict[str, Any] = {
        "Id": f"iamaudit/{finding['id']}",
        "GeneratorId": f"iamaudit/{finding['check']}",
        "Title": _cut(title, _TITLE),
        "Description": _cut(finding.get("message", title), _DESCRIPTION),
    }
    if "remediation" in finding:
        text["Remediation"] = {"Recommendation": {"Text": _cut(finding["remediation"], _REMEDY)}}
    return text


def _judgement(finding: dict[str, Any]) -> dict[str, Any]:
    compliance: dict[str, Any] = {"Status": "FAILED"}
    if controls := controls_of_finding(finding):
        compliance["RelatedRequirements"] = controls[:_REQUIREMENTS]
    return {
        "Severity": {"Label": finding["severity"].upper(), "Original": finding["severity"]},
        "Compliance": compliance,
        "Workflow": {"Status": "SUPPRESSED" if "waiver" in finding else "NEW"},
    }


def _resource(arn: str | None, account_id: str, region: str) -> dict[str, str]:
    """Return the resource; without one it is the account, as ASFF demands a resource."""
    resource = parse_resource(arn or f"arn:{_partition(region)}:iam::{account_id}:root")
    # Security Hub names an account so in its own findings; by its ARN the two would not meet.
    is_account = resource.type == "AwsAccount"
    return {
        "Type": resource.type,
        "Id": f"AWS::::Account:{resource.arn.split(':')[4]}" if is_account else resource.arn,
        "Partition": resource.partition,
        "Region": resource.region or region,
    }


def _product_fields(finding: dict[str, Any], version: str) -> dict[str, str]:
    fields = {
        f"iamaudit/{name}": str(finding[name])
        for name in ("check", "resource", "evidence", "risk", "waiver")
        if name in finding
    }
    fields["iamaudit/version"] = version
    return {name: _cut(value, _FIELD) for name, value in fields.items()}


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _partition(region: str) -> str:
    return next((name for prefix, name in _PARTITIONS.items() if region.startswith(prefix)), "aws")
