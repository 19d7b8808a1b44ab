"""What has the shape of AWS's answers, in every partition."""

import pytest

from iamaudit.snapshot.shapes import shape_problem

ACCOUNT = "444455556666"


REGIONS = {"Regions": ["eu-west-1"], "Analyzers": [], "Findings": []}
ANALYZER = {"arn": "arn", "name": "a", "type": "ACCOUNT", "status": "ACTIVE"}
FINDING = {"id": "f", "resourceType": "AWS::S3::Bucket", "status": "ACTIVE"}
USE = {"ServiceNamespace": "s3"}
ROLE = {"RoleName": "r", "Arn": f"arn:aws:iam::{ACCOUNT}:role/r"}
NO_TEXT = {
    "Findings[0].resource": ("access_analyzer", {**REGIONS, "Findings": [{**FINDING, "resource": {}}]}),
    "Findings[0].Region": ("access_analyzer", {**REGIONS, "Findings": [{**FINDING, "Region": 1}]}),
    "Analyzers[0].tags": ("access_analyzer", {**REGIONS, "Analyzers": [{**ANALYZER, "tags": ["owner"]}]}),
    "Analyzers[0].tags.owner": (
        "access_analyzer",
        {**REGIONS, "Analyzers": [{**ANALYZER, "tags": {"owner": 1}}]},
    ),
    "LastAuthenticatedRegion": (
        "last_accessed",
        {"a": {"JobStatus": "COMPLETED", "ServicesLastAccessed": [{**USE, "LastAuthenticatedRegion": []}]}},
    ),
    "RoleLastUsed.Region": (
        "authorization_details",
        {
            **{name: [] for name in ("UserDetailList", "GroupDetailList", "Policies")},
            "RoleDetailList": [{**ROLE, "RoleLastUsed": {"Region": ["eu-west-1"]}}],
        },
    ),
}


@pytest.mark.parametrize("place", NO_TEXT)
def test_what_a_frame_holds_as_text_must_be_text(place):
    source, content = NO_TEXT[place]
    assert place in shape_problem(source, content)


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov", "aws-iso-b", "aws-eusc"])
def test_the_arns_of_every_partition_have_the_shape(partition):
    own, managed = f"arn:{partition}:iam::{ACCOUNT}", f"arn:{partition}:iam::aws"
    attached = [{"PolicyName": "p", "PolicyArn": f"{managed}:policy/SecurityAudit"}]
    details = {
        "UserDetailList": [
            {
                "UserName": "ann",
                "Arn": f"{own}:user/ann",
                "AttachedManagedPolicies": attached,
                "PermissionsBoundary": {"PermissionsBoundaryArn": f"{own}:policy/edge"},
            }
        ],
        "GroupDetailList": [{"GroupName": "g", "Arn": f"{own}:group/g"}],
        "RoleDetailList": [{"RoleName": "r", "Arn": f"{own}:role/path/r"}],
        "Policies": [{"Arn": f"{managed}:policy/SecurityAudit"}, {"Arn": f"{own}:policy/edge"}],
    }
    others = {
        "caller_identity": {"Account": ACCOUNT, "Arn": f"arn:{partition}:sts::{ACCOUNT}:assumed-role/r/s"},
        "saml_providers": {"SAMLProviderList": [{"Arn": f"{own}:saml-provider/s"}]},
        "oidc_providers": {"OpenIDConnectProviderList": [{"Arn": f"{own}:oidc-provider/example.com"}]},
    }
    found = {name: shape_problem(name, content) for name, content in others.items()}
    assert {**found, "details": shape_problem("authorization_details", details)} == dict.fromkeys(
        (*others, "details")
    )
