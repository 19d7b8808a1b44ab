from datetime import UTC, datetime, timedelta
from functools import partialmethod

import boto3
import pytest
from botocore.credentials import AssumeRoleProvider
from botocore.exceptions import ClientError, RefreshWithMFAUnsupportedError

from iamaudit.aws import open_session
from iamaudit.aws.answers import result_of
from iamaudit.aws.session import open_client
from iamaudit.errors import CollectionError, ParameterError, ReadOnlyError

ROLE = "arn:aws:iam::444455556666:role/auditor"


@pytest.fixture
def configured(monkeypatch, tmp_path):
    """Write the AWS configuration and take the credentials out of the environment."""

    def write(config="", credentials=""):
        (tmp_path / "config").write_text(config)
        (tmp_path / "credentials").write_text(credentials)
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    return write


@pytest.fixture
def refused_role(monkeypatch):
    """Let AssumeRole fail with a code, however the session is made."""

    def register(code, message):
        def refuse(self, operation, parameters):
            assert (operation, parameters["RoleSessionName"]) == ("AssumeRole", "iamaudit")
            raise ClientError({"Error": {"Code": code, "Message": message}}, operation)

        monkeypatch.setattr("botocore.client.BaseClient._make_api_call", refuse)

    return register


def credentials(lasting, key_id="a"):
    keys = {"AccessKeyId": key_id, "SecretAccessKey": "b", "SessionToken": "c"}
    return {**keys, "Expiration": datetime.now(UTC) + lasting}


def message(**arguments):
    with pytest.raises(CollectionError) as caught:
        open_session(**arguments)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_the_callers_own_credentials_are_taken_and_guarded():
    session = open_session()
    found = session.get_credentials()
    assert (found.access_key, found.secret_key, found.token) == ("testing", "testing", None)
    client = session.client("iam", endpoint_url="http://127.0.0.1:9")
    with pytest.raises(ReadOnlyError):
        client.create_user(UserName="mary")
    client.close()


@pytest.mark.parametrize(
    ("config", "environment", "given", "expected"),
    [
        ("", {}, None, "us-east-1"),
        ("[default]\nregion = eu-central-1\n", {}, None, "eu-central-1"),
        ("[default]\nregion = eu-central-1\n", {"AWS_DEFAULT_REGION": "eu-west-3"}, None, "eu-west-3"),
        ("[default]\nregion = eu-central-1\n", {}, "cn-north-1", "cn-north-1"),
        ("[default]\nregion = eu-central-1\n", {}, "", "eu-central-1"),
    ],
)
def test_the_region_is_the_given_then_the_configured_then_the_global_one(
    config, environment, given, expected, monkeypatch, tmp_path
):
    (tmp_path / "config").write_text(config)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert open_session(region=given).region_name == expected


def test_a_profile_gives_its_credentials_and_keeps_its_endpoint(configured):
    configured(
        "[profile audit]\nendpoint_url = http://127.0.0.1:9\n",
        "[audit]\naws_access_key_id = one\naws_secret_access_key = two\naws_session_token = three\n",
    )
    session = open_session(profile="audit")
    found = session.get_credentials()
    assert (found.access_key, found.secret_key, found.token) == ("one", "two", "three")
    client = open_client(session, "iam", None)
    assert client.meta.endpoint_url == "http://127.0.0.1:9"
    client.close()


def test_a_given_profile_wins_over_one_in_the_environment_that_is_gone(configured, monkeypatch):
    configured("", "[audit]\naws_access_key_id = one\naws_secret_access_key = two\n")
    monkeypatch.setenv("AWS_PROFILE", "gone")
    session = open_session(profile="audit")
    assert session.get_credentials().access_key == "one"
    open_client(session, "sts", None).close()


def test_a_role_is_assumed_and_its_session_is_guarded(endpoint):
    session = open_session(role_arn=ROLE, external_id="contract-7", endpoint_url=endpoint)
    sts = open_client(session, "sts", endpoint)
    assert sts.get_caller_identity()["Arn"] == "arn:aws:sts::444455556666:assumed-role/auditor/iamaudit"
    sts.close()
    iam = open_client(session, "iam", endpoint)
    with pytest.raises(ReadOnlyError):
        iam.delete_account_password_policy()
    iam.close()


def test_the_credentials_of_a_role_are_renewed_before_they_expire(monkeypatch):
    """A collection may take longer than the hour of a session."""
    given = iter(range(1, 4))
    left = iter((timedelta(minutes=1), timedelta(minutes=1), timedelta(hours=1)))

    def answer(self, operation, parameters):
        assert operation == "AssumeRole"
        keys = {"AccessKeyId": f"key-{next(given)}", "SecretAccessKey": "b", "SessionToken": "c"}
        return {"Credentials": {**keys, "Expiration": datetime.now(UTC) + next(left)}}

    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", answer)
    credentials = open_session(role_arn=ROLE).get_credentials()
    used = [credentials.get_frozen_credentials().access_key for _ in range(4)]
    assert used == ["key-2", "key-3", "key-3", "key-3"]


def test_a_role_that_cannot_be_renewed_ends_in_one_line(monkeypatch, refused_role, caplog):
    def answer(self, operation, parameters):
        keys = {"AccessKeyId": "a", "SecretAccessKey": "b", "SessionToken": "c"}
        return {"Credentials": {**keys, "Expiration": datetime.now(UTC) + timedelta(minutes=1)}}

    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", answer)
    session = open_session(role_arn=ROLE)
    refused_role("ExpiredToken", "the token is expired")
    with pytest.raises(ClientError) as error:
        session.get_credentials().get_frozen_credentials()
    with pytest.raises(
        CollectionError, match=r"^AWS does not accept the credentials \(ExpiredToken\): sign in"
    ):
        result_of(error.value)
    assert caplog.records == []


def test_the_external_id_is_sent_only_when_there_is_one(monkeypatch):
    sent = []

    def answer(self, operation, parameters):
        sent.append(parameters)
        keys = {"AccessKeyId": "a", "SecretAccessKey": "b", "SessionToken": "c"}
        return {"Credentials": {**keys, "Expiration": datetime(2036, 1, 1, tzinfo=UTC)}}

    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", answer)
    open_session(role_arn=ROLE, external_id="contract-7")
    open_session(role_arn=ROLE, external_id="")
    assert sent == [
        {"RoleArn": ROLE, "RoleSessionName": "iamaudit", "ExternalId": "contract-7"},
        {"RoleArn": ROLE, "RoleSessionName": "iamaudit"},
    ]


def test_the_session_of_a_role_lasts_as_long_as_asked_for(monkeypatch):
    sent = []

    def answer(self, operation, parameters):
        sent.append(parameters)
        return {"Credentials": credentials(timedelta(hours=12))}

    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", answer)
    open_session(role_arn=ROLE, session_minutes=720)
    assert sent == [{"RoleArn": ROLE, "RoleSessionName": "iamaudit", "DurationSeconds": 43200}]


@pytest.fixture
def person(monkeypatch):
    """Let a function answer what a role asks of a person."""

    def answers(prompt):
        monkeypatch.setattr("iamaudit.aws.session.getpass", prompt)
        monkeypatch.setattr(
            AssumeRoleProvider,
            "__init__",
            partialmethod(AssumeRoleProvider.__init__, prompter=prompt),
        )

    return answers


@pytest.fixture
def asked_for_codes(monkeypatch, person):
    """Answer AssumeRole with sessions that last a minute; what was asked of the person, and of STS."""
    prompts, sent = [], []

    def prompt(text):
        prompts.append(text)
        return "123456"

    def answer(self, operation, parameters):
        sent.append((parameters.get("SerialNumber"), parameters.get("TokenCode")))
        return {"Credentials": credentials(timedelta(minutes=1))}

    person(prompt)
    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", answer)
    return prompts, sent


DEVICE = "arn:aws:iam::444455556666:mfa/phone"
WITH_MFA = f"""[profile audit]
role_arn = {ROLE}
source_profile = own
mfa_serial = {DEVICE}
"""
OWN = "[own]\naws_access_key_id = one\naws_secret_access_key = two\n"


@pytest.mark.parametrize("given", [{"role_arn": ROLE, "mfa_serial": DEVICE}, {"profile": "audit"}])
def test_the_code_of_an_mfa_device_is_asked_for_once(given, configured, asked_for_codes, monkeypatch):
    configured(WITH_MFA, OWN)
    if "role_arn" in given:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "one")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "two")
    session = open_session(**given)
    with pytest.raises(RefreshWithMFAUnsupportedError) as error:
        session.get_credentials().get_frozen_credentials()
    with pytest.raises(
        CollectionError, match=r"^AWS credentials cannot be loaded \(.*MFA.*\): sign in again$"
    ):
        result_of(error.value)
    assert asked_for_codes == ([f"Enter MFA code for {DEVICE}: "], [(DEVICE, "123456")])


@pytest.mark.parametrize("given", [{"role_arn": ROLE, "mfa_serial": DEVICE}, {"profile": "audit"}])
def test_where_nobody_can_be_asked_for_a_code_the_role_is_not_taken(given, configured, person, monkeypatch):
    def prompt(_):
        raise EOFError

    configured(WITH_MFA, OWN)
    person(prompt)
    if "role_arn" in given:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "one")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "two")
    assert message(**given) == (
        "AWS asks for the code of an MFA device and nobody can be asked: run it in a terminal"
    )


def test_the_credentials_of_a_profiles_role_are_renewed_too(configured, monkeypatch):
    """So are those of single sign-on, of a web identity and of a machine, which renew themselves alike."""
    configured(f"[profile audit]\nrole_arn = {ROLE}\nsource_profile = own\n", OWN)
    given = iter(range(1, 3))
    left = iter((timedelta(minutes=1), timedelta(hours=1)))

    def answer(self, operation, parameters):
        return {"Credentials": credentials(next(left), f"key-{next(given)}")}

    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", answer)
    found = open_session(profile="audit").get_credentials()
    assert [found.get_frozen_credentials().access_key for _ in range(2)] == ["key-2", "key-2"]


def test_a_role_that_lets_nobody_in_any_more_is_no_refusal_of_a_source(monkeypatch, refused_role):
    def answer(self, operation, parameters):
        return {"Credentials": credentials(timedelta(minutes=1))}

    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", answer)
    session = open_session(role_arn=ROLE)
    refused_role("AccessDenied", "not any more")
    with pytest.raises(ClientError) as error:
        session.get_credentials().get_frozen_credentials()
    with pytest.raises(CollectionError) as said:
        result_of(error.value)
    assert str(said.value) == (
        "the session cannot be renewed (AccessDenied: not any more): see whether the role still lets you in"
    )


def test_clients_retry_adaptively_and_the_first_call_gives_up_soon():
    session = open_session()
    iam, sts = open_client(session, "iam", None), open_client(session, "sts", None)
    assert iam.meta.config.retries == {"mode": "adaptive", "total_max_attempts": 11}
    assert sts.meta.config.retries == {"mode": "standard", "total_max_attempts": 3}
    iam.close()
    sts.close()


def test_no_credentials_names_the_ways_to_have_some(configured):
    configured()
    assert message() == (
        "no AWS credentials found: set `profile` or AWS_PROFILE, or sign in with `aws sso login`"
    )


def test_half_a_pair_of_credentials_is_none(configured, tmp_path):
    configured(credentials="[default]\naws_access_key_id = one\n")
    assert message().startswith("no AWS credentials found: set `profile`")


def test_an_unknown_profile_says_where_the_profiles_are():
    assert message(profile="nobody") == "no AWS profile `nobody`: see `aws configure list-profiles`"


def test_an_unknown_profile_in_the_environment_says_the_same(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert message() == "no AWS profile `nobody`: see `aws configure list-profiles`"


def test_a_broken_configuration_is_named(tmp_path):
    (tmp_path / "config").write_text("this is not configuration\n")
    text = message()
    assert text.startswith("reading the AWS configuration failed (Unable to parse config file")
    assert text.endswith("): look at `aws configure list`")


def test_an_expired_sign_on_says_to_sign_in_again(configured, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    configured(
        "[profile audit]\nsso_session = ours\nsso_account_id = 444455556666\nsso_role_name = Auditor\n"
        "[sso-session ours]\nsso_region = eu-west-1\nsso_start_url = https://example.com/start\n"
    )
    text = message(profile="audit")
    assert text.startswith("AWS credentials cannot be loaded (")
    assert text.endswith("): sign in again")


def test_a_refused_role_says_what_to_check(refused_role):
    refused_role("AccessDenied", "User: arn:aws:iam::111122223333:user/x is not\nauthorized")
    assert message(role_arn=ROLE) == (
        f"assuming `{ROLE}` failed (AccessDenied: User: arn:aws:iam::111122223333:user/x is not authorized): "
        "check its ARN, its trust policy, the external id, and that you may call sts:AssumeRole"
    )


def test_an_expired_token_at_the_role_says_to_sign_in_again(refused_role):
    refused_role("ExpiredToken", "The security token included in the request is expired")
    assert message(role_arn=ROLE) == "AWS does not accept the credentials (ExpiredToken): sign in again"


def test_a_role_arn_that_is_none_is_refused_before_it_is_sent():
    text = message(role_arn="audit", endpoint_url="http://127.0.0.1:9")
    assert text.startswith("assuming `audit` failed (Parameter validation failed")


@pytest.mark.parametrize(
    "alone", [{"external_id": "example"}, {"mfa_serial": "example"}, {"session_minutes": 30}], ids=list
)
def test_what_only_a_role_takes_is_refused_without_one(alone):
    said = f"^`{next(iter(alone))}` is for a role that is assumed: give `role_arn`, or leave it out$"
    with pytest.raises(ParameterError, match=said):
        open_session(**alone)


def test_an_unreachable_endpoint_says_what_to_check(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: None)
    text = message(role_arn=ROLE, endpoint_url="http://127.0.0.1:9")
    assert text == (
        f'assuming `{ROLE}` failed (Could not connect to the endpoint URL: "http://127.0.0.1:9/"): '
        "check the network, the proxy, the region and the endpoint"
    )


@pytest.mark.parametrize(
    ("region", "url"), [("not a region", None), ("eu-west-1", "no url"), ("eu-west-1", "http://")]
)
def test_a_region_or_endpoint_that_is_none_is_named(region, url):
    with pytest.raises(CollectionError, match=r"^connecting to sts failed \(.*: check the region and the"):
        open_client(boto3.Session(region_name=region), "sts", url)


@pytest.mark.parametrize(
    ("role_arn", "region", "sts", "iam"),
    [
        (None, None, "sts.us-east-1.amazonaws.com", "iam.amazonaws.com"),
        (None, "eu-west-1", "sts.eu-west-1.amazonaws.com", "iam.amazonaws.com"),
        (ROLE, None, "sts.us-east-1.amazonaws.com", "iam.amazonaws.com"),
        (
            "arn:aws-cn:iam::444455556666:role/auditor",
            None,
            "sts.cn-north-1.amazonaws.com.cn",
            "iam.cn-north-1.amazonaws.com.cn",
        ),
        (
            "arn:aws-cn:iam::444455556666:role/auditor",
            "cn-northwest-1",
            "sts.cn-northwest-1.amazonaws.com.cn",
            "iam.cn-north-1.amazonaws.com.cn",
        ),
        (
            "arn:aws-us-gov:iam::444455556666:role/auditor",
            None,
            "sts.us-gov-west-1.amazonaws.com",
            "iam.us-gov.amazonaws.com",
        ),
        ("no-arn", None, "sts.us-east-1.amazonaws.com", "iam.amazonaws.com"),
    ],
)
def test_each_partition_has_its_own_endpoints(role_arn, region, sts, iam, monkeypatch):
    asked = []

    def answer(self, operation, parameters):
        asked.append(self.meta.endpoint_url)
        keys = {"AccessKeyId": "a", "SecretAccessKey": "b", "SessionToken": "c"}
        return {"Credentials": {**keys, "Expiration": datetime.now(UTC) + timedelta(hours=1)}}

    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", answer)
    session = open_session(role_arn=role_arn, region=region)
    clients = [open_client(session, "sts", None), open_client(session, "iam", None)]
    assert [client.meta.endpoint_url for client in clients] == [f"https://{sts}", f"https://{iam}"]
    assert asked == ([f"https://{sts}"] if role_arn else [])
    for client in clients:
        client.close()
