"""What has the shape of AWS's answers, in every partition."""

import pytest

from iamaudit.snapshot.shapes import shape_problem

ACCOUNT = "444455556666"


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
