import json
import re
from datetime import timedelta

import botocore.session
import pytest
from botocore.validate import ParamValidator

import iamaudit
from iamaudit.frames import build_frame
from iamaudit.report.asff import asff_findings
from iamaudit.report.ocsf import ocsf_findings
from tests.accounts import AS_OF

ACCOUNT = "111122223333"
REQUIRED = {
    *("SchemaVersion", "Id", "ProductArn", "GeneratorId", "AwsAccountId", "CreatedAt", "UpdatedAt"),
    *("Title", "Description", "Resources", "Severity", "Types"),
}
FINDING = {
    "check": "access-key-rotation",
    "title": "Access keys are rotated",
    "severity": "high",
    "resource": f"arn:aws:iam::{ACCOUNT}:user/team/ann",
    "message": "key 1 of ann is 200 days old",
    "evidence": "credential_report.csv row 2",
    "controls": "CIS 7.0 2.12; Security Hub 2026 IAM.3",
    "remediation": "rotate it",
    "risk": 12.5,
}


@pytest.fixture(scope="module")
def demo():
    audit = iamaudit.open_snapshot()
    return audit, exported(audit.findings, as_of=audit.as_of)


@pytest.fixture(scope="module")
def request_shape():
    service = botocore.session.get_session().get_service_model("securityhub")
    return service.operation_model("BatchImportFindings").input_shape


@pytest.fixture(scope="module")
def problems(request_shape):
    def find(items):
        """Return what Security Hub's own model says against the items, in the pages it takes."""
        pages = [items[at : at + 100] for at in range(0, len(items), 100)]
        found = [ParamValidator().validate({"Findings": page}, request_shape) for page in pages]
        return [report.generate_report() for report in found if report.has_errors()] or _values(items)

    def _values(items):
        """The validator of botocore looks at neither patterns nor enumerations."""
        member = request_shape.members["Findings"].member
        return [problem for item in items for problem in _wrong(item, member, "")]

    def _wrong(value, shape, path):
        if shape.type_name == "structure":
            for key, inner in value.items():
                yield from _wrong(inner, shape.members[key], f"{path}.{key}")
        elif shape.type_name == "list":
            for inner in value:
                yield from _wrong(inner, shape.member, f"{path}[]")
        elif shape.type_name == "map":
            for key, inner in value.items():
                yield from _wrong(inner, shape.value, f"{path}.{key}")
        elif (shape.enum and value not in shape.enum) or not re.search(r"\S", value):
            yield f"{path}: {value!r}"

    return find


def exported(findings, **changes):
    given = {"account_id": ACCOUNT, "as_of": AS_OF, "version": "1.2.3"}
    return list(asff_findings(findings, **{**given, **changes}))


def one(given=None, **changes):
    (item,) = exported(build_frame("findings", [{**FINDING, **(given or {})}]), **changes)
    return item


def values(value):
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in values(inner)]
    return [leaf for inner in value for leaf in values(inner)] if isinstance(value, list) else [value]


def test_security_hub_takes_every_demo_finding(demo, problems):
    audit, items = demo
    assert len(items) == len(audit.findings) > 300
    assert problems(items) == []
    assert all(set(item) >= REQUIRED for item in items)


def test_the_validation_of_these_tests_finds_what_is_wrong(problems):
    item = one()
    without = {name: value for name, value in item.items() if name != "Title"}
    (missing,) = problems([without])
    (unknown,) = problems([{**item, "Colour": "x"}])
    (mistyped,) = problems([{**item, "Title": None}])
    assert 'Missing required parameter in Findings[0]: "Title"' in missing
    assert 'Unknown parameter in Findings[0]: "Colour"' in unknown
    assert "Invalid type for parameter Findings[0].Title" in mistyped
    assert problems([{**item, "Title": " "}]) == [".Title: ' '"]
    assert problems([{**item, "RecordState": "OPEN"}]) == [".RecordState: 'OPEN'"]


def test_every_value_in_the_demo_is_a_text_and_none_is_missing(demo):
    _, items = demo
    leaves = values(items)
    assert {type(leaf) for leaf in leaves} == {str}
    assert not {"", "nan", "None", "<NA>", "NaN"} & {leaf.strip() for leaf in leaves}


def test_every_demo_finding_is_within_the_limits_of_the_format(demo):
    _, items = demo
    for item in items:
        assert len(item["Title"]) <= 256
        assert len(item["Description"]) <= 1024
        assert len(item["Remediation"]["Recommendation"]["Text"]) <= 512
        assert len(item["Compliance"].get("RelatedRequirements", ())) <= 32
        assert len(item["ProductFields"]) <= 50
        assert len(json.dumps(item).encode()) < 240_000
        assert all(len(k) <= 128 and len(v) <= 2048 for k, v in item["ProductFields"].items())


def test_an_item_has_every_value_of_the_frame():
    assert one() == {
        "SchemaVersion": "2018-10-08",
        "ProductArn": f"arn:aws:securityhub:us-east-1:{ACCOUNT}:product/{ACCOUNT}/default",
        "AwsAccountId": ACCOUNT,
        "Types": ["Software and Configuration Checks/AWS Security Best Practices"],
        "CreatedAt": "2026-11-01T08:00:00Z",
        "UpdatedAt": "2026-11-01T08:00:00Z",
        "RecordState": "ACTIVE",
        "Id": one()["Id"],
        "GeneratorId": "iamaudit/access-key-rotation",
        "Title": "Access keys are rotated",
        "Description": "key 1 of ann is 200 days old",
        "Remediation": {"Recommendation": {"Text": "rotate it"}},
        "Severity": {"Label": "HIGH", "Original": "high"},
        "Compliance": {
            "Status": "FAILED",
            "RelatedRequirements": ["CIS 7.0 2.12", "Security Hub 2026 IAM.3"],
        },
        "Workflow": {"Status": "NEW"},
        "Resources": [
            {
                "Type": "AwsIamUser",
                "Id": f"arn:aws:iam::{ACCOUNT}:user/team/ann",
                "Partition": "aws",
                "Region": "us-east-1",
            }
        ],
        "ProductFields": {
            "iamaudit/check": "access-key-rotation",
            "iamaudit/resource": f"arn:aws:iam::{ACCOUNT}:user/team/ann",
            "iamaudit/evidence": "credential_report.csv row 2",
            "iamaudit/risk": "12.5",
            "iamaudit/version": "1.2.3",
        },
    }


@pytest.mark.parametrize("severity", ["critical", "high", "medium", "low", "informational"])
def test_each_severity_has_its_label(severity):
    assert one({"severity": severity})["Severity"] == {"Label": severity.upper(), "Original": severity}


def test_a_waived_finding_is_suppressed_and_still_fails():
    item = one({"waiver": "until 2026-12-31: the appliance is old"})
    assert item["Workflow"] == {"Status": "SUPPRESSED"}
    assert item["ProductFields"]["iamaudit/waiver"] == "until 2026-12-31: the appliance is old"
    assert item["Compliance"]["Status"] == "FAILED"


def test_what_is_too_long_is_cut_with_an_ellipsis(problems):
    long = "x" * 2000
    item = one({"title": long, "message": long, "remediation": long, "waiver": long * 2})
    assert item["Title"] == "x" * 255 + "…"
    assert item["Description"] == "x" * 1023 + "…"
    assert item["Remediation"]["Recommendation"]["Text"] == "x" * 511 + "…"
    assert item["ProductFields"]["iamaudit/waiver"] == "x" * 2047 + "…"
    assert problems([item]) == []


def test_what_just_fits_is_not_cut():
    item = one({"title": "x" * 256, "message": "y" * 1024, "remediation": "z" * 512})
    assert (item["Title"], item["Description"]) == ("x" * 256, "y" * 1024)
    assert item["Remediation"]["Recommendation"]["Text"] == "z" * 512


def test_no_more_than_32_requirements_are_listed():
    item = one({"controls": "; ".join(f"CIS 7.0 {number}" for number in range(40))})
    assert item["Compliance"]["RelatedRequirements"] == [f"CIS 7.0 {number}" for number in range(32)]


def test_what_is_missing_is_left_out_and_the_account_stands_for_the_resource(problems):
    (item,) = exported(build_frame("findings", [{"check": "own", "severity": "low", "controls": ""}]))
    assert problems([item]) == []
    assert set(item) >= REQUIRED
    assert "Remediation" not in item
    assert item["Compliance"] == {"Status": "FAILED"}
    assert item["ProductFields"] == {"iamaudit/check": "own", "iamaudit/version": "1.2.3"}
    assert (item["Title"], item["Description"]) == ("own", "own")
    assert item["Resources"][0]["Id"] == f"AWS::::Account:{ACCOUNT}"


def test_the_root_user_is_the_account_as_in_security_hubs_own_findings():
    item = one({"resource": f"arn:aws:iam::{ACCOUNT}:root"})
    assert item["Resources"] == [
        {
            "Type": "AwsAccount",
            "Id": f"AWS::::Account:{ACCOUNT}",
            "Partition": "aws",
            "Region": "us-east-1",
        }
    ]
    assert item["ProductFields"]["iamaudit/resource"] == f"arn:aws:iam::{ACCOUNT}:root"


@pytest.mark.parametrize(
    ("region", "partition"), [("eu-west-1", "aws"), ("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn")]
)
def test_the_product_is_that_of_the_region_and_its_partition(region, partition):
    item = one(region=region)
    assert item["ProductArn"] == (f"arn:{partition}:securityhub:{region}:{ACCOUNT}:product/{ACCOUNT}/default")
    assert item["Resources"][0]["Region"] == region


def test_a_resource_with_a_region_keeps_it():
    item = one({"resource": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"}, region="us-east-1")
    assert item["Resources"][0]["Region"] == "eu-west-1"
    assert item["Resources"][0]["Type"] == "Other"


def test_ids_are_unique_and_the_same_findings_give_the_same_bytes(demo):
    audit, items = demo
    ids = [item["Id"] for item in items]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("iamaudit/[0-9a-f]{64}", one_id) for one_id in ids)
    assert json.dumps(exported(audit.findings.copy(), as_of=audit.as_of)) == json.dumps(items)


def test_the_id_is_the_same_a_day_later_so_that_security_hub_updates_the_finding():
    later = one({"message": "key 1 of ann is 201 days old"}, as_of=AS_OF + timedelta(days=1), version="2")
    assert later["Id"] == one()["Id"]
    assert later["UpdatedAt"] == "2026-11-02T08:00:00Z"


def test_both_formats_name_a_finding_alike(demo):
    audit, items = demo
    events = ocsf_findings(
        audit.findings, account_id=ACCOUNT, account_name="x", as_of=audit.as_of, version="1.2.3"
    )
    assert [item["Id"] for item in items] == [f"iamaudit/{e['finding_info']['uid']}" for e in events]


def test_no_finding_gives_no_item():
    assert exported(build_frame("findings", [])) == []
