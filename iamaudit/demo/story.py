"""Fill the account with the calls that an administrator would make.

What these calls cannot say, dates and unique ids above all, is in :mod:`iamaudit.demo.state`.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from iamaudit.demo.groups import GROUPS
from iamaudit.demo.people import SECURITY_KEY, SPARE_DEVICE, USERS, User
from iamaudit.demo.policies import AWS, POLICIES, Document
from iamaudit.demo.roles import GITHUB, ROLES, SAML_PROVIDER, SERVICE_LINKED, Role

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_iam.type_defs import TagTypeDef

ALIAS = "example-prod"
CERTIFICATES = ("shop-example-com-2025", "shop-example-com-2026")

_CODES = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
# Neither is one: moto keeps what it is given, and the demo needs no certificate's content.
_CERTIFICATE = "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----"
_SAML_METADATA = (
    '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://sso.example.com/saml">'
    + "<!-- IAM wants at least a thousand characters. -->".ljust(1000)
    + "</EntityDescriptor>"
)


def tell_story(iam: "IAMClient") -> None:
    """Create every policy, group, user and role of the demo account through ``iam``."""
    iam.create_account_alias(AccountAlias=ALIAS)
    iam.update_account_password_policy(
        MinimumPasswordLength=8,
        RequireLowercaseCharacters=True,
        RequireNumbers=True,
        RequireUppercaseCharacters=True,
        AllowUsersToChangePassword=True,
    )
    _create_providers(iam)
    _create_policies(iam)
    for group in GROUPS:
        iam.create_group(GroupName=group.name)
        for arn in group.policies:
            iam.attach_group_policy(GroupName=group.name, PolicyArn=arn)
        for name, document in group.inline.items():
            iam.put_group_policy(GroupName=group.name, PolicyName=name, PolicyDocument=json.dumps(document))
    for user in USERS:
        _create_user(iam, user)
    iam.create_virtual_mfa_device(VirtualMFADeviceName=SPARE_DEVICE)
    owner, serial, _ = SECURITY_KEY
    iam.enable_mfa_device(UserName=owner, SerialNumber=serial, **_CODES)
    for role in ROLES:
        _create_role(iam, role)
    service, name = SERVICE_LINKED
    iam.create_service_linked_role(AWSServiceName=service)
    iam.attach_role_policy(RoleName=name, PolicyArn=AWS + "aws-service-role/AutoScalingServiceRolePolicy")


def _acceptable(document: Document) -> str:
    """Return ``document`` as moto takes it: it refuses a time without a date, such as ``09:00Z``."""
    text = json.dumps(document)
    for hour in ("09:00", "17:00"):
        text = text.replace(f'"{hour}Z"', f'"2025-03-11T{hour}:00Z"')
    return text


def _create_providers(iam: "IAMClient") -> None:
    iam.create_open_id_connect_provider(
        Url=f"https://{GITHUB}", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["ab" * 20]
    )
    iam.create_saml_provider(Name=SAML_PROVIDER, SAMLMetadataDocument=_SAML_METADATA)
    for name in CERTIFICATES:
        iam.upload_server_certificate(
            ServerCertificateName=name, CertificateBody=_CERTIFICATE, PrivateKey="none", Path="/cloudfront/"
        )


def _create_policies(iam: "IAMClient") -> None:
    for policy in POLICIES:
        first, *later = policy.versions
        iam.create_policy(
            PolicyName=policy.name,
            PolicyDocument=_acceptable(first),
            Description=policy.description,
            Tags=_tags(policy.tags),
        )
        for document in later:
            iam.create_policy_version(PolicyArn=policy.arn, PolicyDocument=_acceptable(document))
        if later:
            iam.set_default_policy_version(PolicyArn=policy.arn, VersionId=f"v{policy.default_version}")


def _create_user(iam: "IAMClient", user: User) -> None:
    iam.create_user(UserName=user.name, Tags=_tags(user.tags))
    for group in user.groups:
        iam.add_user_to_group(GroupName=group, UserName=user.name)
    for arn in user.policies:
        iam.attach_user_policy(UserName=user.name, PolicyArn=arn)
    for name, document in user.inline.items():
        iam.put_user_policy(UserName=user.name, PolicyName=name, PolicyDocument=json.dumps(document))
    if user.login:
        iam.create_login_profile(UserName=user.name, Password="only-moto-sees-this")  # noqa: S106 - no account
    if user.mfa:
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName=user.name)
        serial = device["VirtualMFADevice"]["SerialNumber"]
        iam.enable_mfa_device(UserName=user.name, SerialNumber=serial, **_CODES)
    for key in user.keys:
        made = iam.create_access_key(UserName=user.name)["AccessKey"]
        if not key.active:
            iam.update_access_key(UserName=user.name, AccessKeyId=made["AccessKeyId"], Status="Inactive")


def _create_role(iam: "IAMClient", role: Role) -> None:
    iam.create_role(
        RoleName=role.name,
        Path=role.path,
        AssumeRolePolicyDocument=json.dumps(role.trust),
        Description=role.description,
        Tags=_tags(role.tags),
    )
    if role.boundary:
        iam.put_role_permissions_boundary(RoleName=role.name, PermissionsBoundary=role.boundary)
    for arn in role.policies:
        iam.attach_role_policy(RoleName=role.name, PolicyArn=arn)
    for name, document in role.inline.items():
        iam.put_role_policy(RoleName=role.name, PolicyName=name, PolicyDocument=json.dumps(document))
    if role.instance_profile:
        iam.create_instance_profile(InstanceProfileName=role.instance_profile)
        iam.add_role_to_instance_profile(InstanceProfileName=role.instance_profile, RoleName=role.name)


def _tags(tags: Mapping[str, str]) -> list["TagTypeDef"]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
