import pytest

from iamaudit.iam.actions import load_catalogue
from iamaudit.iam.actions.reference import (
    GLOBAL_KEYS,
    condition_keys,
    key_type,
    knows_key,
    other_name,
    resource_templates,
    services_by_action,
)


def test_every_action_has_facts():
    for name in load_catalogue().names:
        assert all(template.startswith(("arn:", "*")) for template in resource_templates(name)), name
        assert all(key == key.lower() and ":" in key for key in condition_keys(name)), name


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("aws:SourceIp", "IPAddress"),
        ("AWS:PrincipalTag/Team", "String"),
        ("aws:TagKeys", "ArrayOfString"),
        ("aws:NoSuch", None),
        ("s3:ExistingObjectTag/a/b", "String"),
        ("kms:EncryptionContext:app", "String"),
        ("s3:NoSuch", None),
        ("nosuch:key", None),
        ("secretsmanager:ResourceTag/aws:owner", "String"),
    ],
)
def test_the_type_of_a_condition_key(key, kind):
    assert key_type(key) == kind


def test_which_action_carries_which_key():
    assert knows_key("s3:ListBucket", "s3:prefix")
    assert not knows_key("s3:GetObject", "s3:prefix")
    assert knows_key("s3:GetObject", "aws:SourceIp")
    assert knows_key("ec2:CreateTags", "aws:RequestTag/x")
    assert not knows_key("s3:GetObject", "aws:RequestTag/x")


def test_templates_and_names():
    assert resource_templates("s3:ListAllMyBuckets") == ()
    assert "arn:*:s3:::*" in resource_templates("s3:ListBucket")
    assert services_by_action()["assumerole"] == ("sts",)
    assert (other_name("VPC"), other_name("s3")) == ("ec2", None)
    assert all(key == key.lower() for key in GLOBAL_KEYS)


def test_other_names_lead_to_prefixes_that_exist():
    services = load_catalogue().services
    for name in ("vpc", "elb", "efs", "emr", "cognito", "stepfunctions", "eventbridge", "docdb", "msk"):
        assert name not in services
        assert other_name(name) in services
