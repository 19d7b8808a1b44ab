import re
from datetime import UTC, datetime

import pytest

from iamaudit.demo import ACCOUNT_ID, AS_OF


@pytest.mark.parametrize(
    ("source", "field", "prefix"),
    [
        ("UserDetailList", "UserId", "AIDA"),
        ("GroupDetailList", "GroupId", "AGPA"),
        ("RoleDetailList", "RoleId", "AROA"),
        ("Policies", "PolicyId", "ANPA"),
    ],
)
def test_ids_have_the_form_of_aws_and_are_unique(details, source, field, prefix):
    ids = [item[field] for item in details[source]]
    assert all(re.fullmatch(prefix + "[A-Z2-7]{17}", item) for item in ids)
    assert len(set(ids)) == len(ids)


def test_key_ids_have_the_form_of_aws(iam):
    keys = iam.list_access_keys(UserName="alice.moreau")["AccessKeyMetadata"]
    assert [bool(re.fullmatch("AKIA[A-Z2-7]{16}", key["AccessKeyId"])) for key in keys] == [True, True]


def test_nothing_is_dated_outside_the_story(details):
    created = [
        item["CreateDate"]
        for source in ("UserDetailList", "GroupDetailList", "RoleDetailList")
        for item in details[source]
    ]
    created += [item["CreateDate"] for item in details["Policies"] if ACCOUNT_ID in item["Arn"]]
    assert datetime(2024, 10, 7, tzinfo=UTC) < min(created)
    assert max(created) < AS_OF


def test_the_summary_agrees_with_the_details(iam, details):
    summary = iam.get_account_summary()["SummaryMap"]
    own = [policy for policy in details["Policies"] if f"::{ACCOUNT_ID}:" in policy["Arn"]]
    profiles = [profile for role in details["RoleDetailList"] for profile in role["InstanceProfileList"]]
    assert summary["Users"] == len(details["UserDetailList"])
    assert summary["Groups"] == len(details["GroupDetailList"])
    assert summary["Roles"] == len(details["RoleDetailList"])
    assert summary["Policies"] == len(own)
    assert summary["PolicyVersionsInUse"] == sum(len(policy["PolicyVersionList"]) for policy in own)
    assert summary["InstanceProfiles"] == len(profiles) == 3
    assert summary["ServerCertificates"] == 2
    assert summary["Providers"] == 2


def test_the_summary_counts_the_devices_that_can_be_listed(iam, users):
    summary = iam.get_account_summary()["SummaryMap"]
    listed = [device for name in users for device in iam.list_mfa_devices(UserName=name)["MFADevices"]]
    virtual = iam.list_virtual_mfa_devices()["VirtualMFADevices"]
    unassigned = [device["SerialNumber"] for device in virtual if "User" not in device]
    assert unassigned == [f"arn:aws:iam::{ACCOUNT_ID}:mfa/ben.carter"]
    assert summary["MFADevicesInUse"] == len(listed)
    assert summary["MFADevices"] == len(listed) + 1


def test_the_summary_tells_on_root(iam):
    summary = iam.get_account_summary()["SummaryMap"]
    assert summary["AccountAccessKeysPresent"] == 1
    assert summary["AccountPasswordPresent"] == 1
    assert summary["AccountMFAEnabled"] == 0
    assert summary["AccountSigningCertificatesPresent"] == 0


def test_no_device_shows_its_seed_or_qr_code(iam):
    devices = iam.list_virtual_mfa_devices()["VirtualMFADevices"]
    assert {key for device in devices for key in device} == {"SerialNumber", "User", "EnableDate"}


def test_a_fido_key_is_listed_with_its_user_only(iam):
    serials = [device["SerialNumber"] for device in iam.list_mfa_devices(UserName="helen.park")["MFADevices"]]
    assert serials == [
        f"arn:aws:iam::{ACCOUNT_ID}:mfa/helen.park",
        f"arn:aws:iam::{ACCOUNT_ID}:u2f/user/helen.park/yubikey-5c",
    ]


def test_one_server_certificate_has_expired_and_one_has_not(iam):
    found = iam.list_server_certificates()["ServerCertificateMetadataList"]
    assert {item["ServerCertificateName"]: item["Expiration"] < AS_OF for item in found} == {
        "shop-example-com-2025": True,
        "shop-example-com-2026": False,
    }
    assert all(item["UploadDate"] < AS_OF for item in found)
    assert all(re.fullmatch("ASCA[A-Z2-7]{17}", item["ServerCertificateId"]) for item in found)
    one = iam.get_server_certificate(ServerCertificateName="shop-example-com-2025")["ServerCertificate"]
    assert one["ServerCertificateMetadata"] == found[0]


def test_the_saml_provider_is_still_valid(iam):
    (provider,) = iam.list_saml_providers()["SAMLProviderList"]
    assert provider["CreateDate"] < AS_OF < provider["ValidUntil"]


def test_asking_does_not_change_when_the_auditors_role_was_last_used(iam, roles):
    iam.list_users()
    used = iam.get_role(RoleName="iamaudit-auditor")["Role"]["RoleLastUsed"]
    assert used == roles["iamaudit-auditor"]["RoleLastUsed"]
    assert used == {"LastUsedDate": datetime(2026, 10, 31, 7, 55, 3, tzinfo=UTC), "Region": "us-east-1"}


def test_asking_does_not_change_when_a_key_was_last_used(iam):
    (key,) = iam.list_access_keys(UserName="legacy-ftp-sync")["AccessKeyMetadata"][:1]
    used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
    assert (used["ServiceName"], used["Region"]) == ("s3", "eu-west-1")
    assert used["LastUsedDate"].date().isoformat() == "2025-04-17"


def test_only_the_aws_managed_policies_in_use_are_there(details):
    aws = {policy["PolicyName"]: policy for policy in details["Policies"] if "::aws:" in policy["Arn"]}
    assert len(aws) == 12
    assert all(policy["AttachmentCount"] > 0 for policy in aws.values())


def test_attachment_counts_agree_with_the_attachments(details):
    attached = [
        policy["PolicyArn"]
        for source in ("UserDetailList", "GroupDetailList", "RoleDetailList")
        for item in details[source]
        for policy in item["AttachedManagedPolicies"]
    ]
    assert all(policy["AttachmentCount"] == attached.count(policy["Arn"]) for policy in details["Policies"])
    assert set(attached) <= {policy["Arn"] for policy in details["Policies"]}


def test_everything_is_in_the_order_of_names(details):
    for source, field in (("UserDetailList", "UserName"), ("GroupDetailList", "GroupName")):
        names = [item[field] for item in details[source]]
        assert names == sorted(names, key=lambda name: (name.lower(), name))
