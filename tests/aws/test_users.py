import pytest
from botocore.exceptions import ClientError

from iamaudit.aws.users import collect_access_keys, of_every_user


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
    for key in people:
        assert key["SecretAccessKey"] not in str(result.content)


def test_without_user_names_aws_is_asked_who_there_is(people, iam):
    assert collect_access_keys(iam, None) == collect_access_keys(iam, ["mary", "nora", "olga"])


def test_a_user_deleted_in_between_has_no_keys(people, iam):
    found = collect_access_keys(iam, ["gone", "nora"]).content["AccessKeyMetadata"]
    assert [key["UserName"] for key in found] == ["nora"]


def test_another_refusal_is_not_hidden(iam):
    def refuse(name):
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListAccessKeys")

    with pytest.raises(ClientError, match="AccessDenied"):
        of_every_user(iam, ["mary"], refuse)
