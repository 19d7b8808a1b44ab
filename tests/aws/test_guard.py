import socket
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ParamValidationError, ReadTimeoutError

from iamaudit.aws import guard_session, is_read
from iamaudit.errors import CollectionError, ReadOnlyError
from iamaudit.iam.actions import load_catalogue

# What a person looked at and found to be reads. A newer botocore that knows another Get fails the test below.
READS = {
    "iam": set(Path(__file__).with_name("iam_reads.txt").read_text().split()),
    "accessanalyzer": {"ListAnalyzers", "ListFindingsV2"},
    "sts": {"AssumeRole", "GetAccessKeyInfo", "GetCallerIdentity"},
    "organizations": set(),
    "s3": set(),
    "ec2": set(),
}


class OnTheWayError(Exception):
    """Stands in for the network: a call got this far."""


@pytest.fixture
def ear():
    """A port that listens and never answers; a connection to it is seen by ``accept``."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


@pytest.fixture
def guarded(ear):
    """Make clients of a guarded session that would reach the port."""
    session = guard_session(boto3.Session(region_name="us-east-1"))
    config = Config(retries={"max_attempts": 0}, read_timeout=0.2, connect_timeout=0.2)
    url = f"http://127.0.0.1:{ear.getsockname()[1]}"
    made = []

    def client(service):
        made.append(session.client(service, endpoint_url=url, config=config))
        return made[-1]

    yield client
    for each in made:
        each.close()


def is_refused(client, method):
    """Call a method without arguments; what has required ones and is a read stops at those."""
    try:
        getattr(client, method)()
    except ReadOnlyError:
        return True
    except (ParamValidationError, OnTheWayError):
        return False
    raise AssertionError(f"{method} returned")


@pytest.mark.parametrize("service", READS)
def test_of_every_operation_only_the_reviewed_reads_pass_and_nothing_is_sent(service, guarded, ear):
    client = guarded(service)

    def stop(**_):
        raise OnTheWayError

    client.meta.events.register_last("before-send", stop)
    operations = {name: method for method, name in client.meta.method_to_api_mapping.items()}
    passed = {name for name, method in operations.items() if not is_refused(client, method)}
    assert passed == READS[service] & operations.keys()
    with pytest.raises(BlockingIOError):
        ear.accept()


def test_every_reviewed_read_of_iam_is_known_to_this_botocore(guarded):
    assert set(guarded("iam").meta.method_to_api_mapping.values()) >= READS["iam"]


def test_the_listening_port_sees_a_call_that_the_guard_lets_through(guarded, ear):
    with pytest.raises(ReadTimeoutError):
        guarded("iam").list_users()
    ear.accept()[0].close()


@pytest.mark.parametrize("service", ["iam", "sts"])
def test_the_guard_agrees_with_the_access_levels_of_aws(service, guarded):
    catalogue = load_catalogue()
    reads = {
        n for n, level in zip(catalogue.names, catalogue.levels, strict=True) if level in ("Read", "List")
    }
    operations = {f"{service}:{name}" for name in guarded(service).meta.method_to_api_mapping.values()}
    passed = {name for name in operations if is_read(*name.split(":"))}
    assert passed - reads <= {"sts:AssumeRole"}
    assert operations & reads - passed <= {
        "iam:GenerateOrganizationsAccessReport",
        "sts:DecodeAuthorizationMessage",
        "sts:GetSessionToken",
    }


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("iam", "GetawayFromHere"),
        ("iam", "Get"),
        ("iam", "getUser"),
        ("iam", "CreateUser"),
        ("iam", "GenerateOrganizationsAccessReport"),
        ("sts", "GetSessionToken"),
        ("sts", "GetFederationToken"),
        ("sts", "GetDelegatedAccessToken"),
        ("sts", "GetWebIdentityToken"),
        ("sts", "GetCallerIdentityAndMore"),
        ("sts", "AssumeRoot"),
        ("s3", "GetObject"),
        ("nothing", "ListUsers"),
    ],
)
def test_what_is_unknown_or_hands_out_credentials_is_no_read(service, operation):
    assert not is_read(service, operation)


def test_the_refusal_says_what_was_not_sent_in_one_line(guarded):
    with pytest.raises(ReadOnlyError, match=r"^`iam:DeleteUser` is not a read.*: use the AWS CLI$"):
        guarded("iam").delete_user(UserName="mary")
    assert issubclass(ReadOnlyError, CollectionError)


def test_a_presigned_url_of_a_write_is_refused_too(guarded):
    with pytest.raises(ReadOnlyError):
        guarded("iam").generate_presigned_url("delete_user", Params={"UserName": "mary"})


def test_a_resource_of_the_session_is_guarded_too():
    session = guard_session(boto3.Session(region_name="us-east-1"))
    iam = session.resource("iam", endpoint_url="http://127.0.0.1:9")
    with pytest.raises(ReadOnlyError):
        iam.create_user(UserName="mary")
    iam.meta.client.close()


def test_guarding_twice_changes_nothing(ear):
    session = guard_session(guard_session(boto3.Session(region_name="us-east-1")))
    client = session.client("iam", endpoint_url="http://127.0.0.1:9")
    with pytest.raises(ReadOnlyError):
        client.create_user(UserName="mary")
    client.close()
