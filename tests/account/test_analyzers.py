"""What Access Analyzer told, read once: every region is either told of or named as silent."""

import pytest

from iamaudit.account import Analyzer
from tests.accounts import account_of

ARN = "arn:aws:access-analyzer:eu-west-1:111122223333:analyzer/{}"


def told(*analyzers, findings=(), regions=("us-east-1", "eu-west-1"), silent=()):
    source = {"Regions": list(regions), "Analyzers": list(analyzers), "Findings": list(findings)}
    return account_of(access_analyzer={**source, "RegionsNotCollected": list(silent)}).access_analyzer


def analyzer(name, **fields):
    return {"arn": ARN.format(name), "name": name, "type": "ACCOUNT", "status": "ACTIVE", **fields}


def finding(name, **fields):
    owner = {"AnalyzerArn": ARN.format("outside"), "resourceType": "AWS::S3::Bucket"}
    return {"id": name, "resource": f"arn:aws:s3:::{name}", "status": "ACTIVE", **owner, **fields}


@pytest.mark.parametrize(
    ("type_", "status", "external", "unused"),
    [
        ("ACCOUNT", "ACTIVE", True, False),
        ("ORGANIZATION", "ACTIVE", True, False),
        ("ACCOUNT_UNUSED_ACCESS", "ACTIVE", False, True),
        ("ORGANIZATION_UNUSED_ACCESS", "ACTIVE", False, True),
        ("ACCOUNT_INTERNAL_ACCESS", "ACTIVE", False, False),
        ("ACCOUNT", "CREATING", False, False),
        ("ACCOUNT", "DISABLED", False, False),
        ("ACCOUNT_UNUSED_ACCESS", "FAILED", False, False),
    ],
)
def test_an_analyzer_counts_for_what_it_looks_for_while_it_is_active(type_, status, external, unused):
    found = Analyzer(ARN.format("a"), "a", "eu-west-1", type_, status)
    assert (found.is_external, found.is_unused) == (external, unused)


def test_regions_and_what_they_told_are_sorted_and_the_silent_ones_named():
    found = told(
        analyzer("second"),
        analyzer("first", Region="ap-south-1"),
        findings=[finding("b"), finding("a")],
        silent=[{"Region": "eu-north-1", "Reason": "AccessDenied: no"}],
    )
    assert found.regions == ("eu-west-1", "us-east-1")
    assert found.not_told == (("eu-north-1", "AccessDenied: no"),)
    assert [(each.region, each.name) for each in found.analyzers] == [
        ("ap-south-1", "first"),
        ("eu-west-1", "second"),  # from its ARN
    ]
    assert [(each.finding_id, each.region) for each in found.findings] == [
        ("a", "eu-west-1"),
        ("b", "eu-west-1"),
    ]


def test_a_finding_keeps_awss_words_and_names_itself_where_no_resource_is_told():
    (unused,) = told(
        findings=[
            {
                "id": "f-1",
                "resourceType": "AWS::IAM::Role",
                "status": "ARCHIVED",
                "findingType": "UnusedIAMRole",
            }
            | {"AnalyzerArn": ARN.format("unused"), "createdAt": "2026-10-01T00:00:00Z"}
        ]
    ).findings
    assert unused.resource == f"{ARN.format('unused')}/finding/f-1"
    assert (unused.kind, unused.status, unused.resource_type) == (
        "UnusedIAMRole",
        "ARCHIVED",
        "AWS::IAM::Role",
    )
    assert unused.created_at is not None
    assert unused.created_at.isoformat() == "2026-10-01T00:00:00+00:00"
    assert (unused.updated_at, unused.resource_account) == (None, None)


def test_where_nobody_was_asked_no_region_told():
    found = account_of().access_analyzer
    assert (found.regions, found.not_told, found.analyzers, found.findings) == ((), (), (), ())


def test_root_features_are_known_only_where_the_organization_told():
    assert account_of().root_features is None
    assert account_of(organization_features={"EnabledFeatures": []}).root_features == frozenset()
    told_of = account_of(
        organization_features={"EnabledFeatures": ["RootSessions", "RootCredentialsManagement"]}
    )
    assert told_of.root_features == {"RootCredentialsManagement", "RootSessions"}
