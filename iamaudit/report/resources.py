"""What every published findings format needs: the resource an ARN names, and a stable id per finding."""

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from iamaudit.iam.arn import parse_arn

FINDING_TYPE = "Software and Configuration Checks/AWS Security Best Practices"
"""The published type of a finding, in the taxonomy of the AWS Security Finding Format."""

_IAM_TYPES = {
    "user": "AwsIamUser",
    "role": "AwsIamRole",
    "group": "AwsIamGroup",
    "policy": "AwsIamPolicy",
    "root": "AwsAccount",  # nothing else stands for the root user
}


@dataclass(frozen=True, slots=True)
class Resource:
    """The resource of a finding; ``region`` is empty when it has none, as everything of IAM."""

    arn: str
    type: str
    name: str
    partition: str
    region: str


def parse_resource(arn: str) -> Resource:
    """Return the resource that an ARN names.

    A text that is no ARN, and a kind of resource that AWS has no type name for, is of the type ``Other``.
    """
    parsed = parse_arn(arn)
    if parsed is None:
        return Resource(arn, "Other", arn, "aws", "")
    is_iam = parsed.service == "iam"
    kind = _IAM_TYPES.get(parsed.resource.partition("/")[0], "Other") if is_iam else "Other"
    return Resource(arn, kind, parsed.resource.rpartition("/")[2], parsed.partition, parsed.region)


def identified_findings(findings: pd.DataFrame, account_id: str) -> list[dict[str, Any]]:
    """Return each finding as a record without its missing and blank values, and with an ``id``.

    The id is a hash of the account, the check, the resource and the evidence pointer without its row. Those
    that share all four (the two keys of a user are on one line of the report) are told apart by the order of
    their messages, and not by the messages, which count days.
    """
    rows = [
        {str(column): value for column, value in row.items() if not pd.isna(value) and str(value).strip()}
        for row in findings.to_dict("records")
    ]
    seen: Counter[tuple[str, ...]] = Counter()
    for row in sorted(rows, key=lambda row: str(row.get("message", ""))):
        evidence = re.sub(r"\brow \d+", "row", str(row.get("evidence", "")))  # a new user moves the others
        key = (account_id, str(row.get("check", "")), str(row.get("resource", "")), evidence)
        row["id"] = _hashed(*key, *([str(seen[key])] if seen[key] else []))
        seen[key] += 1
    return rows


def controls_of_finding(finding: dict[str, Any]) -> list[str]:
    """Return the controls of a finding's ``controls`` text, one each."""
    return [control for text in finding.get("controls", "").split(";") if (control := text.strip())]


def utc_text(moment: datetime) -> str:
    """Return a time as ISO 8601 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _hashed(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
