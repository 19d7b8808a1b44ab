"""Findings as Compliance Finding events of the Open Cybersecurity Schema Framework (OCSF)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pandas as pd

from iamaudit.checks.frameworks import load_frameworks
from iamaudit.report.resources import (
    FINDING_TYPE,
    controls_of_finding,
    identified_findings,
    parse_resource,
    utc_text,
)

OCSF_VERSION = "1.4.0"
"""The version of the schema that the events follow."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SEVERITY = {"critical": 5, "high": 4, "medium": 3, "low": 2, "informational": 1}
_CLASS = {
    "activity_id": 1,
    "activity_name": "Create",
    "category_name": "Findings",
    "category_uid": 2,
    "class_name": "Compliance Finding",
    "class_uid": 2003,
    "type_name": "Compliance Finding: Create",
    "type_uid": 200301,
}


def ocsf_findings(
    findings: pd.DataFrame, *, account_id: str, account_name: str, as_of: datetime, version: str
) -> Iterator[dict[str, Any]]:
    """Yield an OCSF Compliance Finding event per finding, in their order.

    The events are plain values, ready for JSON. The same findings give the same events.

    Parameters
    ----------
    findings
        The frame ``findings`` of an audit.
    account_id, account_name
        The audited account.
    as_of
        The moment of the audit, with its time zone. It is the time of every event.
    version
        The version of iamaudit.
    """
    time, time_dt = _milliseconds(as_of), utc_text(as_of)
    cloud = _cloud(account_id, account_name)
    shared = {**_CLASS, "time": time, "time_dt": time_dt, "cloud": cloud}
    created = {"created_time": time, "created_time_dt": time_dt}
    for finding in identified_findings(findings, account_id):
        yield {
            **shared,
            **_judgement(finding),
            "metadata": _metadata(finding, version),
            "finding_info": {**_finding_info(finding), **created},
            "compliance": _compliance(finding),
            "resources": [_resource(finding["resource"])] if "resource" in finding else [],
        }


def _judgement(finding: dict[str, Any]) -> dict[str, Any]:
    """Return what was judged: severity, status, remedy, and what the schema has no place for."""
    is_waived = "waiver" in finding
    judgement: dict[str, Any] = {
        "severity": finding["severity"].capitalize(),
        "severity_id": _SEVERITY[finding["severity"]],
        "status": "Suppressed" if is_waived else "New",
        "status_id": 3 if is_waived else 1,
        "unmapped": {name: finding[name] for name in ("evidence", "risk", "waiver") if name in finding},
    }
    if "message" in finding:
        judgement["message"] = finding["message"]
    if is_waived:
        judgement["comment"] = finding["waiver"]
    if "remediation" in finding:
        judgement["remediation"] = {"desc": finding["remediation"], "references": []}
    return judgement


def _metadata(finding: dict[str, Any], version: str) -> dict[str, Any]:
    return {
        "event_code": finding["check"],
        "product": {"name": "iamaudit", "vendor_name": "iamaudit", "version": version},
        "profiles": ["cloud", "datetime"],
        "uid": finding["id"],
        "version": OCSF_VERSION,
    }


def _finding_info(finding: dict[str, Any]) -> dict[str, Any]:
    title = finding.get("title", finding["check"])
    return {
        "uid": finding["id"],
        "title": title,
        "desc": finding.get("message", title),
        "types": [FINDING_TYPE],
    }


def _compliance(finding: dict[str, Any]) -> dict[str, Any]:
    controls = controls_of_finding(finding)
    return {
        "control": finding["check"],
        "requirements": controls,
        "standards": list(dict.fromkeys(_standard(control) for control in controls)),
        "status": "Fail",
        "status_id": 3,
    }


@cache
def _standard(control: str) -> str:
    """Return the standard of a control, as in ``CIS 7.0`` of ``CIS 7.0 2.12``."""
    known = (name for name in load_frameworks() if control.startswith(f"{name} "))
    return next(known, control.rpartition(" ")[0] or control)


def _resource(arn: str) -> dict[str, str]:
    resource = parse_resource(arn)
    return {
        "uid": resource.arn,
        "type": resource.type,
        "name": resource.name,
        "cloud_partition": resource.partition,
        "region": resource.region or "global",
    }


def _cloud(account_id: str, account_name: str) -> dict[str, Any]:
    account = {"uid": account_id, "name": account_name, "type": "AWS Account", "type_id": 10}
    return {"provider": "AWS", "account": account}


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)
