import pytest
from botocore.exceptions import ClientError

from iamaudit.aws.answers import UnreadableAnswerError
from iamaudit.aws.users import (
    collect_access_keys,
    may_have_keys,
    may_have_mfa,
    of_every_user,
    users_to_ask,
)
from iamaudit.snapshot import SourceResult
from tests.accounts import key, report


@pytest.fixture
def people(admin):
    """Three users with two keys, one that is inactive, and none."""
    for name in ("mary", "nora", "olga"):
        admin.create_user(UserName=name)
    made = [admin.create_access_key(UserName=name)["AccessKey"] for name in ("mary", "mary", "nora")]
    admin.update_access_key(UserName="nora", AccessKeyId=made[2]["AccessKeyId"], Status="Inactive")
    return made


def test_keys_are_collected_with_status_and_date_and_without_secret(people, iam):
    result = collect_access_keys(iam, ["mary", "nora", "olga"])
    found = result.content["AccessKeyMetadata"]
    assert sorted((key["UserName"], key["AccessKeyId"], key["Status"]) for key in found) == sorted(
        (key["UserName"], key["AccessKeyId"], "Inactive" if key["UserName"] == "nora" else "Active")
        for key in people
    )
    assert result.rows == {"AccessKeyMetadata": 3}
    assert all(set(key) == {"UserName", "AccessKeyId", "Status", "CreateDate"} for key in found)
    for made in people:
        assert made["SecretAccessKey"] not in str(result.content)


def test_a_user_deleted_in_between_has_no_keys(people, iam):
    found = collect_access_keys(iam, ["gone", "nora"]).content["AccessKeyMetadata"]
    assert [key["UserName"] for key in found] == ["nora"]


def test_another_refusal_is_not_hidden():
    def refuse(name):
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListAccessKeys")

    with pytest.raises(ClientError, match="AccessDenied"):
        of_every_user(["mary"], refuse)


def known(*rows, users=("mary", "nora"), report_status="collected", details_status="collected"):
    """Results of the report and the details that are there when users are asked for."""
    everybody = {"UserDetailList": [{"UserName": name} for name in users]}
    return {
        "credential_report": SourceResult(report_status, report(*rows) if rows else None),
        "authorization_details": SourceResult(details_status, everybody),
    }


SLOTS = {
    "no key": ({}, False),
    "an active key": (key(1, age=10), True),
    "an active second key": (key(2, age=10), True),
    "an inactive key": (key(2, age=10, active="false"), True),
    "a key of which AWS does not say whether it is active": ({"access_key_1_active": "not_supported"}, True),
    "another letter case": ({"access_key_1_active": "FALSE"}, False),
}


@pytest.mark.parametrize(("fields", "expected"), SLOTS.values(), ids=SLOTS)
def test_a_user_is_asked_for_keys_when_the_report_does_not_say_that_there_are_none(fields, expected):
    results = known({"user": "mary", **fields}, users=["mary"])
    assert users_to_ask(results, may_have_keys) == (["mary"] if expected else [])


@pytest.mark.parametrize(
    ("value", "expected"), [("true", 1), ("false", 0), ("TRUE", 1), ("False", 0), ("not_supported", 1)]
)
def test_a_user_is_asked_for_devices_when_the_report_does_not_say_that_there_is_none(value, expected):
    results = known({"user": "mary", "mfa_active": value}, users=["mary"])
    assert len(users_to_ask(results, may_have_mfa)) == expected


def test_a_user_newer_than_the_report_is_asked_for():
    assert users_to_ask(known({"user": "mary"}), may_have_keys) == ["nora"]


def test_without_a_report_everybody_is_asked_for():
    assert users_to_ask(known(report_status="denied"), may_have_keys) == ["mary", "nora"]


def test_without_details_the_report_says_who_there_is():
    rows = ({"user": "<root_account>"}, {"user": "mary"}, {"user": "zoe", **key(1, age=3)})
    assert users_to_ask(known(*rows, details_status="denied"), may_have_keys) == ["zoe"]


def test_without_both_nobody_knows_who_there_is():
    with pytest.raises(UnreadableAnswerError, match="neither authorization details nor a credential report"):
        users_to_ask(known(report_status="denied", details_status="denied"), may_have_keys)
