"""A moto server in this process, with the paging of AWS, and nothing of the user's AWS settings.

The demo account lives in moto as account 111122223333 and may be running in the same process, so these tests
have an account of their own and empty no other.
"""

import logging
import os
import threading
from functools import cache
from types import SimpleNamespace

import boto3
import pytest
from botocore.hooks import EventAliaser
from botocore.loaders import create_loader
from moto import backends
from moto.core.responses import ActionResult
from moto.iam.models import AWSManagedPolicy, iam_backends
from moto.iam.responses import IamResponse
from moto.server import ThreadedMotoServer
from moto.sts.models import sts_backends

from iamaudit.aws import open_session
from iamaudit.aws.session import open_client
from tests.aws import recorded

ACCOUNT = "444455556666"
LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


@pytest.fixture(autouse=True)
def nobodys_settings(monkeypatch, tmp_path):
    """Credentials of an invented user, and no configuration, so that a test can say what there is."""
    for name in [*os.environ]:
        if name.startswith("AWS_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    boto3.DEFAULT_SESSION = None


@pytest.fixture(autouse=True, scope="session")
def what_never_changes_is_read_once():
    """Let sessions share what botocore reads and names alike each time, and moto list its folders once."""
    alias, modules = EventAliaser._alias_event_name, tuple(backends.list_of_moto_modules())
    names = {}

    def alias_once(self, name):
        if name not in names:
            names[name] = alias(self, name)
        return names[name]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.session.create_loader", cache(create_loader))
        patch.setattr(EventAliaser, "_alias_event_name", alias_once)
        patch.setattr(backends, "list_of_moto_modules", lambda: modules)
        yield


@pytest.fixture(scope="session")
def server():
    loud = [logging.getLogger(name) for name in ("werkzeug", "moto.moto_server.werkzeug_app")]
    levels = [logger.level for logger in loud]
    for logger in loud:
        logger.setLevel(logging.CRITICAL + 1)
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()
    running._server.server_close()
    for logger, level in zip(loud, levels, strict=True):
        logger.setLevel(level)


@pytest.fixture
def endpoint(server):
    """The address of a server whose account is empty."""
    for every in (iam_backends, sts_backends):
        every[ACCOUNT]["aws"].reset()
    return server


@pytest.fixture
def backend(endpoint):
    return iam_backends[ACCOUNT]["aws"]


@pytest.fixture
def session(endpoint):
    """A guarded session of the auditor, as `iamaudit collect --role-arn` opens it."""
    return open_session(role_arn=f"arn:aws:iam::{ACCOUNT}:role/auditor", endpoint_url=endpoint)


@pytest.fixture
def iam(session, endpoint):
    client = session.client("iam", endpoint_url=endpoint)
    yield client
    client.close()


@pytest.fixture
def admin(session, endpoint):
    """A client that may write, to fill the account through AWS's own calls."""
    found = session.get_credentials().get_frozen_credentials()
    client = boto3.client(
        "iam",
        region_name="us-east-1",
        endpoint_url=endpoint,
        aws_access_key_id=found.access_key,
        aws_secret_access_key=found.secret_key,
        aws_session_token=found.token,
    )
    yield client
    client.close()


@pytest.fixture(autouse=True)
def paging(monkeypatch):
    """Give authorization details in pages, which moto does not.

    AWS counts ``MaxItems`` over the four lists and may give fewer; ``cap`` is how many it gives here.
    ``hidden`` are policies that it leaves out, ``asked`` holds the parameters of each request.
    """
    state = SimpleNamespace(cap=40, hidden=set(), asked=[], lock=threading.Lock())
    everything = IamResponse.get_account_authorization_details

    def page(response):
        whole = everything(response).result
        flat = [(name, item) for name in LISTS for item in whole[name]]
        flat = [(name, item) for name, item in flat if getattr(item, "arn", None) not in state.hidden]
        limit, marker = response._get_param("MaxItems"), response._get_param("Marker")
        with state.lock:
            state.asked.append({"MaxItems": limit, "Marker": marker, "Filter": response._get_param("Filter")})
        start = int(marker or 0)
        end = start + min(int(limit or 100), state.cap)
        answer = {name: [item for own, item in flat[start:end] if own == name] for name in LISTS}
        more = {"IsTruncated": True, "Marker": str(end)} if end < len(flat) else {"IsTruncated": False}
        return ActionResult(answer | more)

    monkeypatch.setattr(IamResponse, "get_account_authorization_details", page)
    return state


@pytest.fixture(autouse=True)
def absent_operations(monkeypatch):
    """Give moto the operations that it does not have, in the shape that AWS documents."""
    given = recorded.operations()
    for name, method in given.methods.items():
        monkeypatch.setattr(IamResponse, name, method, raising=False)

    def connect(session, service, *arguments):
        client = open_client(session, service, *arguments)
        return recorded.answer_access_analyzer(client) if service == "accessanalyzer" else client

    monkeypatch.setattr("iamaudit.aws.asking.open_client", connect)
    return given


@pytest.fixture
def jobs(absent_operations):
    """The last-accessed jobs of the account."""
    return absent_operations.jobs


@pytest.fixture
def aws_managed(backend):
    """Put one AWS managed policy into the account, and return its ARN."""

    def add(name, document="{}"):
        made = {
            "Arn": f"arn:aws:iam::aws:policy/{name}",
            "Path": "/",
            "CreateDate": "2020-01-01T00:00:00+00:00",
            "UpdateDate": "2020-01-01T00:00:00+00:00",
            "DefaultVersionId": "v3",
            "Document": document,
        }
        policy = AWSManagedPolicy.from_data(name, ACCOUNT, "aws", made)
        backend.managed_policies[policy.arn] = policy
        return policy.arn

    return add


@pytest.fixture
def refuse():
    """Let one operation of a client or session fail as AWS lets it fail, before anything is sent."""

    def register(where, operation, code, message="no", status=403):
        answer = {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": f"request-{operation}"},
        }
        events = getattr(where, "events", None) or where.meta.events
        services = {
            "GetCallerIdentity": "sts",
            **dict.fromkeys(("ListAnalyzers", "ListFindingsV2"), "accessanalyzer"),
        }
        service = services.get(operation, "iam")
        events.register(
            f"before-call.{service}.{operation}", lambda **_: (SimpleNamespace(status_code=status), answer)
        )

    return register
