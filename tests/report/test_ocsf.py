import json
import re
import subprocess
import sys
from datetime import timedelta, timezone

import pandas as pd
import pytest
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding

import iamaudit
from iamaudit.frames import build_frame
from iamaudit.report.ocsf import ocsf_findings
from iamaudit.report.resources import identified_findings, parse_resource
from tests.accounts import AS_OF

ACCOUNT = "111122223333"
FINDING = {
    "check": "access-key-rotation",
    "title": "Access keys are rotated",
    "severity": "high",
    "resource": f"arn:aws:iam::{ACCOUNT}:user/team/ann",
    "message": "key 1 of ann is 200 days old",
    "evidence": "credential_report.csv row 2",
    "controls": "CIS 7.0 2.12; Security Hub 2026 IAM.3; ISO 27001 2022 A.5.15 policy; CIS 7.0 2.13",
    "remediation": "rotate it",
    "risk": 12.5,
}
# Both are in the published schema (the object `compliance`, the profile `cloud`), and not in these models.
UNKNOWN_TO_THE_MODELS = {
    *("compliance.status", "cloud.account.name", "cloud.account.type", "cloud.account.type_id"),
    *("cloud.account.uid", "cloud.provider"),
}


@pytest.fixture(scope="module")
def demo():
    audit = iamaudit.open_snapshot()
    return audit, exported(audit.findings, as_of=audit.as_of)


def exported(findings, **changes):
    given = {"account_id": ACCOUNT, "account_name": "example-prod", "as_of": AS_OF, "version": "1.2.3"}
    return list(ocsf_findings(findings, **{**given, **changes}))


def one(**changes):
    (event,) = exported(build_frame("findings", [{**FINDING, **changes}]))
    return event


def leaves(value, path=""):
    if isinstance(value, dict):
        return {leaf for key, inner in value.items() for leaf in leaves(inner, f"{path}.{key}".strip("."))}
    if isinstance(value, list):
        return {leaf for i, inner in enumerate(value) for leaf in leaves(inner, f"{path}.{i}")} | {
            (path, "list")
        }
    return {(path, repr(value))}


def test_every_demo_finding_is_a_compliance_finding_and_the_models_keep_all_of_it(demo):
    audit, events = demo
    assert len(events) == len(audit.findings) > 300
    for event in events:
        kept = ComplianceFinding.model_validate(event).model_dump(mode="json")
        assert {path for path, _ in leaves(event) - leaves(kept)} == UNKNOWN_TO_THE_MODELS


def test_a_finding_has_every_value_of_the_frame():
    assert one() == {
        "activity_id": 1,
        "activity_name": "Create",
        "category_name": "Findings",
        "category_uid": 2,
        "class_name": "Compliance Finding",
        "class_uid": 2003,
        "type_name": "Compliance Finding: Create",
        "type_uid": 200301,
        "time": 1793520000000,
        "time_dt": "2026-11-01T08:00:00Z",
        "cloud": {
            "provider": "AWS",
            "account": {"uid": ACCOUNT, "name": "example-prod", "type": "AWS Account", "type_id": 10},
        },
        "severity": "High",
        "severity_id": 4,
        "status": "New",
        "status_id": 1,
        "message": "key 1 of ann is 200 days old",
        "remediation": {"desc": "rotate it", "references": []},
        "unmapped": {"evidence": "credential_report.csv row 2", "risk": 12.5},
        "metadata": {
            "event_code": "access-key-rotation",
            "product": {"name": "iamaudit", "vendor_name": "iamaudit", "version": "1.2.3"},
            "profiles": ["cloud", "datetime"],
            "uid": one()["finding_info"]["uid"],
            "version": "1.4.0",
        },
        "finding_info": {
            "uid": one()["finding_info"]["uid"],
            "title": "Access keys are rotated",
            "desc": "key 1 of ann is 200 days old",
            "types": ["Software and Configuration Checks/AWS Security Best Practices"],
            "created_time": 1793520000000,
            "created_time_dt": "2026-11-01T08:00:00Z",
        },
        "compliance": {
            "control": "access-key-rotation",
            "requirements": [
                "CIS 7.0 2.12",
                "Security Hub 2026 IAM.3",
                "ISO 27001 2022 A.5.15 policy",
                "CIS 7.0 2.13",
            ],
            "standards": ["CIS 7.0", "Security Hub 2026", "ISO 27001 2022"],
            "status": "Fail",
            "status_id": 3,
        },
        "resources": [
            {
                "uid": f"arn:aws:iam::{ACCOUNT}:user/team/ann",
                "type": "AwsIamUser",
                "name": "ann",
                "cloud_partition": "aws",
                "region": "global",
            }
        ],
    }


@pytest.mark.parametrize(
    ("severity", "number"),
    [("critical", 5), ("high", 4), ("medium", 3), ("low", 2), ("informational", 1)],
)
def test_each_severity_has_its_number(severity, number):
    event = one(severity=severity)
    assert (event["severity"], event["severity_id"]) == (severity.capitalize(), number)


def test_a_waived_finding_is_suppressed_and_says_why():
    event = one(waiver="until 2026-12-31: the appliance is old")
    assert (event["status"], event["status_id"]) == ("Suppressed", 3)
    assert event["comment"] == event["unmapped"]["waiver"] == "until 2026-12-31: the appliance is old"
    assert event["compliance"]["status_id"] == 3  # a waiver never makes a check met


def test_what_is_missing_is_left_out_and_the_event_stays_valid():
    (event,) = exported(build_frame("findings", [{"check": "own", "severity": "low", "remediation": " "}]))
    ComplianceFinding.model_validate(event)
    assert "remediation" not in event
    assert "message" not in event
    assert event["unmapped"] == {}
    assert event["resources"] == []
    assert (event["compliance"]["standards"], event["compliance"]["requirements"]) == ([], [])
    assert (event["finding_info"]["title"], event["finding_info"]["desc"]) == ("own", "own")
    assert "null" not in json.dumps(event)


def test_a_long_title_is_whole_as_the_schema_has_no_limit():
    assert one(title="x" * 2000)["finding_info"]["title"] == "x" * 2000


def test_no_finding_gives_no_event():
    assert exported(build_frame("findings", [])) == []


def test_ids_are_unique_and_the_same_findings_give_the_same_bytes(demo):
    audit, events = demo
    uids = [event["finding_info"]["uid"] for event in events]
    assert len(set(uids)) == len(uids)
    assert all(re.fullmatch("[0-9a-f]{64}", uid) for uid in uids)
    again = exported(audit.findings.copy(), as_of=audit.as_of)
    assert json.dumps(again, allow_nan=False) == json.dumps(events, allow_nan=False)


def test_an_id_outlives_the_wording_the_order_and_the_date():
    uid = one()["finding_info"]["uid"]
    assert uid == "16ce37881492edb9920abf5d65e50ef752b07a850d378d68767851af1a55f463"
    frame = build_frame(
        "findings", [{**FINDING, "message": "key 1 of ann is 201 days old", "title": "Other"}]
    )
    (later,) = exported(frame, as_of=AS_OF + timedelta(days=1), version="2")
    assert later["finding_info"]["uid"] == uid
    assert one(evidence="credential_report.csv row 977")["finding_info"]["uid"] == uid  # users were added
    rows = [FINDING, {**FINDING, "message": "key 2 of ann is 90 days old"}, {**FINDING, "check": "x"}]
    ids = [row["id"] for row in identified_findings(build_frame("findings", rows), ACCOUNT)]
    turned = [row["id"] for row in identified_findings(build_frame("findings", rows[::-1]), ACCOUNT)]
    assert ids[0] == uid
    assert len(set(ids)) == 3
    assert turned == ids[::-1]


@pytest.mark.parametrize("change", [{"check": "x"}, {"resource": "arn:aws:iam::1:user/x"}, {"evidence": "x"}])
def test_another_check_resource_or_evidence_is_another_id(change):
    assert one(**change)["finding_info"]["uid"] != one()["finding_info"]["uid"]


def test_another_account_is_another_id():
    (event,) = exported(build_frame("findings", [FINDING]), account_id="444455556666")
    assert event["finding_info"]["uid"] != one()["finding_info"]["uid"]


def test_the_time_is_utc_whatever_the_zone_of_the_audit():
    zone = timezone(timedelta(hours=5, minutes=30))
    frame = build_frame("findings", [FINDING])
    assert exported(frame, as_of=AS_OF.astimezone(zone)) == exported(frame)


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("arn:aws:iam::1:user/a/b", ("AwsIamUser", "b", "aws", "")),
        ("arn:aws:iam::1:role/aws-reserved/x", ("AwsIamRole", "x", "aws", "")),
        ("arn:aws-cn:iam::1:group/g", ("AwsIamGroup", "g", "aws-cn", "")),
        ("arn:aws-us-gov:iam::aws:policy/p", ("AwsIamPolicy", "p", "aws-us-gov", "")),
        ("arn:aws:iam::1:root", ("AwsAccount", "root", "aws", "")),
        ("arn:aws:iam::1:server-certificate/c", ("Other", "c", "aws", "")),
        ("arn:aws:lambda:eu-west-1:1:function:user", ("Other", "function:user", "aws", "eu-west-1")),
        ("not an arn", ("Other", "not an arn", "aws", "")),
    ],
)
def test_the_type_of_a_resource_is_read_from_its_arn(arn, expected):
    resource = parse_resource(arn)
    assert (resource.type, resource.name, resource.partition, resource.region) == expected
    assert resource.arn == arn


def test_the_event_has_the_region_of_a_resource_that_has_one():
    (resource,) = one(resource="arn:aws:lambda:eu-west-1:1:function:f")["resources"]
    assert resource["region"] == "eu-west-1"


def test_a_frame_of_nan_and_none_is_as_one_of_na():
    frame = build_frame("findings", [FINDING])
    loose = frame.astype(object).where(frame.notna(), None).assign(waiver=float("nan"))
    assert exported(pd.DataFrame(loose)) == exported(frame)


def test_the_formats_are_written_without_the_libraries_that_check_them():
    code = (
        "import sys, iamaudit.report.ocsf, iamaudit.report.asff\n"
        "print(sorted({'py_ocsf_models', 'pydantic', 'botocore'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert run.stdout.strip() == "[]"
