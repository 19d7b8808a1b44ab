import pytest

from iamaudit.errors import CollectionError


def test_every_client_of_the_session_talks_to_the_demo(account):
    client = account.session.client("iam", region_name="us-east-1")
    assert client.meta.endpoint_url == account.endpoint_url
    client.close()


def test_a_client_for_another_endpoint_is_refused_before_anything_is_sent(account):
    client = account.session.client("iam", endpoint_url="https://iam.amazonaws.com")
    with pytest.raises(CollectionError, match=r"`https://iam.amazonaws.com/` is not the demo account"):
        client.list_users()
    client.close()


def test_a_client_made_behind_the_sessions_back_is_refused_too(account):
    client = account.session._session.create_client("iam", region_name="us-east-1")
    with pytest.raises(CollectionError, match="is not the demo account"):
        client.list_users()
    client.close()


def test_equal_requests_have_equal_ids_and_others_do_not(iam):
    def request_id(name):
        return iam.get_user(UserName=name)["ResponseMetadata"]["RequestId"]

    assert request_id("jane.doe") == request_id("jane.doe") != request_id("ben.carter")
