"""What every published findings format needs: the resource an ARN names, and a stable id per finding."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
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

    A text that is not an ARN, and a kind of resource that AWS has no type name for, is of the type ``Other``.
    """
    parsed = parse_arn(arn)
    if parsed is None:
        return Resource(arn, "Other", arn, "aws", "")
    is_iam = parsed.service == "iam"
    kind = _IAM_TYPES.get(parsed.resource.partition("/")[0], "Other") if is_iam else "Other"
    return Resource(arn, kind, parsed.resource.rpartition("/")[2], parsed.partition, parsed.region)


def identified_findings(findings: pd.DataFrame, account_id: str) -> Iterator[dict[str, Any]]:
    """Yield each finding as a record without its missing and blank values, and with an ``id``.

    The id is a hash of the account, the check, the resource and the evidence pointer without its row. Those
    that share all four (the two keys of a user are on one line of the report) are told apart by the order of
    their messages, and not by the messages, which count days.
    """
    names = [str(column) for column in findings.columns]
    for row, identity in zip(findings.itertuples(index=False), _ids(findings, account_id), strict=True):
        given = zip(names, row, strict=True)
        yield {name: value for name, value in given if not pd.isna(value) and str(value).strip()} | {
            "id": identity
        }


def _ids(findings: pd.DataFrame, account_id: str) -> list[str]:
    checks, resources, evidence, messages = (
        _texts(findings, name) for name in ("check", "resource", "evidence", "message")
    )
    ids = [""] * len(findings)
    seen: Counter[tuple[str, ...]] = Counter()
    for number in sorted(range(len(findings)), key=messages.__getitem__):
        pointer = re.sub(r"\brow \d+", "row", evidence[number])  # a new user moves the others
        key = (account_id, checks[number], resources[number], pointer)
        ids[number] = _hashed(*key, *([str(seen[key])] if seen[key] else []))
        seen[key] += 1
    return ids


def _texts(findings: pd.DataFrame, name: str) -> list[str]:
    """Return a column, what is missing or blank as no text."""
    if name not in findings:
        return [""] * len(findings)
    texts = (text if isinstance(text, str) else "" for text in findings[name])
    return [text if text.strip() else "" for text in texts]


def controls_of_finding(finding: dict[str, Any]) -> list[str]:
    """Return the controls of a finding's ``controls`` text, one each."""
    return [control for text in finding.get("controls", "").split(";") if (control := text.strip())]


def utc_text(moment: datetime) -> str:
    """Return a time as ISO 8601 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _hashed(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
