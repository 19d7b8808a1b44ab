import json
import os
import re
import signal
import sys
import threading
import time
from dataclasses import replace as changed
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
from botocore.httpsession import URLLib3Session
from click.testing import CliRunner
from moto.iam.responses import IamResponse

from iamaudit.aws import collect, collect_account, open_session
from iamaudit.aws.collect import chosen_sources
from iamaudit.aws.credential_report import collect_credential_report
from iamaudit.aws.schedule import REST_ON
from iamaudit.cli import main
from iamaudit.errors import CollectionError, ParameterError, ReadOnlyError, SnapshotError
from iamaudit.snapshot import SOURCES, SourceResult, read_snapshot
from tests.aws.recorded import CERTIFICATE

ACCOUNT = "444455556666"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/auditor"
NOW = datetime(2026, 11, 1, 7, 55, tzinfo=UTC)
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


@pytest.fixture
def filled(admin, backend):
    """An account with one of everything."""
    for name in ("mary", "nora"):
        admin.create_user(UserName=name)
    for name in ("phone", "spare"):
        admin.create_virtual_mfa_device(VirtualMFADeviceName=name)
    admin.enable_mfa_device(
        UserName="mary",
        SerialNumber=f"arn:aws:iam::{ACCOUNT}:mfa/phone",
        AuthenticationCode1="123456",
        AuthenticationCode2="654321",
    )
    admin.create_access_key(UserName="nora")
    admin.create_account_alias(AccountAlias="example-prod")
    admin.create_login_profile(UserName="mary", Password="invented-password")
    admin.upload_ssh_public_key(UserName="nora", SSHPublicKeyBody="ssh-rsa AAAA")
    admin.upload_signing_certificate(UserName="mary", CertificateBody=CERTIFICATE)
    admin.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
    admin.create_instance_profile(InstanceProfileName="p")
    admin.create_saml_provider(Name="corporate", SAMLMetadataDocument="m" * 1024)
    admin.create_open_id_connect_provider(Url="https://example.com", ThumbprintList=["a" * 40])
    admin.upload_server_certificate(ServerCertificateName="web", CertificateBody="b", PrivateKey="topsecret")
    return backend


@pytest.fixture
def take(session, endpoint, tmp_path, monkeypatch):
    """Collect into ``tmp_path / 'snapshots'``, without waiting, and read it back."""
    report = partial(collect_credential_report, sleep=lambda _: None)
    monkeypatch.setitem(collect._ASK, "credential_report", lambda iam, _: report(iam))

    def run(**options):
        options = {"clock": lambda: NOW, "progress": False, "preset": "thorough", **options}
        return read_snapshot(
            collect_account(session, tmp_path / "snapshots", endpoint_url=endpoint, **options)
        )

    return run


ASKED = [name for name, source in SOURCES.items() if source.permissions]


def nothing_under(folder):
    return [*folder.rglob("*")] == []


def test_every_source_is_asked_in_the_order_of_the_manifest():
    assert ["caller_identity", *collect._ASK] == ASKED


def test_a_whole_account_is_collected(filled, take, tmp_path):
    snapshot = take()
    manifest = snapshot.manifest
    assert snapshot.path == tmp_path / "snapshots" / ACCOUNT / "20261101T075500Z"
    assert {name for name in SOURCES if snapshot.status(name) == "collected"} == set(ASKED)
    assert (manifest.account_id, manifest.account_alias) == (ACCOUNT, "example-prod")
    assert manifest.caller_arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/auditor/iamaudit"
    assert (manifest.origin, manifest.started_at, manifest.finished_at) == ("aws", NOW, NOW)
    made = manifest.sources[
        "credential_report"
    ].generated_at  # AWS serves one for four hours: its age is kept
    assert made == datetime(2015, 2, 2, 20, 2, 2, tzinfo=UTC)  # as moto says
    assert {name: dict(record.rows) for name, record in manifest.sources.items()} == {
        "caller_identity": {},
        "credential_report": {"root": 0, "users": 2},
        "authorization_details": {
            "UserDetailList": 2,
            "GroupDetailList": 0,
            "RoleDetailList": 1,
            "Policies": 0,
        },
        "account_summary": {"SummaryMap": len(snapshot.read("account_summary")["SummaryMap"])},
        "password_policy": {"PasswordPolicy": 0},
        "account_aliases": {"AccountAliases": 1},
        "mfa_devices": {"VirtualMFADevices": 2, "MFADevices": 1},
        "access_keys": {"AccessKeyMetadata": 1},
        "saml_providers": {"SAMLProviderList": 1},
        "oidc_providers": {"OpenIDConnectProviderList": 1},
        "server_certificates": {"ServerCertificateMetadataList": 1},
        "instance_profiles": {"InstanceProfiles": 1},
        "last_accessed": {"principals": 3, "not told of": 0},
        "login_profiles": {"LoginProfiles": 1},
        "ssh_public_keys": {"SSHPublicKeys": 1},
        "service_specific_credentials": {"ServiceSpecificCredentials": 1},
        "signing_certificates": {"Certificates": 1},
        "access_keys_last_used": {"AccessKeys": 1},
        "organization_features": {"EnabledFeatures": 1},
        "access_analyzer": {"Regions": 1, "Analyzers": 1, "Findings": 1},
        "organization_policies": {},
    }


def test_calls_and_request_ids_are_kept_for_each_source(filled, take, paging):
    paging.cap = 1
    sources = take().manifest.sources
    assert {name: sources[name].calls for name in ASKED} == {
        "caller_identity": 1,
        "credential_report": 3,  # started, complete, fetched
        "authorization_details": 3,
        "account_summary": 1,
        "password_policy": 1,
        "account_aliases": 1,
        "mfa_devices": 2,  # the virtual ones, and those of one user
        "access_keys": 1,
        "saml_providers": 1,
        "oidc_providers": 2,
        "server_certificates": 1,
        "instance_profiles": 1,
        "last_accessed": 9,  # for each of three a job, and two pages of its answer
        "login_profiles": 1,
        "ssh_public_keys": 2,
        "service_specific_credentials": 2,
        "signing_certificates": 1,
        "access_keys_last_used": 1,
        "organization_features": 1,
        "access_analyzer": 2,
    }
    ids = [request for record in sources.values() for request in record.request_ids]
    assert len(set(ids)) == len(ids) == sum(record.calls for record in sources.values())


def test_two_collections_of_one_account_have_equal_files(filled, take):
    # moto makes up another id of the caller each time
    names = [source.file for name, source in SOURCES.items() if name in ASKED[1:]]
    first = take()
    before = {name: (first.path / name).read_bytes() for name in names}
    second = take(replace=True)
    assert first.path == second.path
    assert {name: (second.path / name).read_bytes() for name in names} == before


def test_no_seed_key_or_token_is_on_the_disk(filled, take, session):
    folder = take().path
    stored = b"".join(path.read_bytes() for path in folder.iterdir())
    found = session.get_credentials()
    secrets = [found.secret_key, found.token, "topsecret", "Base32StringSeed", "QRCodePNG"]
    for device in filled.virtual_mfa_devices.values():
        secrets += [str(device.base32_string_seed), str(device.qr_code_png)]
        seed = device.base32_string_seed
        secrets.append(seed.decode() if isinstance(seed, bytes) else str(seed))
    assert len(secrets) == 11
    assert [secret for secret in secrets if secret.encode() in stored] == []


def test_only_reads_are_sent(filled, take, session):
    sent = set()

    def note(model, **_):
        sent.add(f"{model.service_model.service_name}:{model.name}")

    session.events.register("before-call", note)
    take()
    needed = {permission for source in SOURCES.values() for permission in source.permissions}
    analyzer = {"access-analyzer:ListAnalyzers", "access-analyzer:ListFindings"}
    sent_to_analyzer = {"accessanalyzer:ListAnalyzers", "accessanalyzer:ListFindingsV2"}
    # No policy of the filled account is left out of the details, so none is fetched on its own.
    assert sent == needed - analyzer - {"iam:GetPolicy", "iam:GetPolicyVersion"} | sent_to_analyzer


def operations_of(name):
    names = [permission.split(":")[1] for permission in SOURCES[name].permissions]
    return ["ListFindingsV2" if each == "ListFindings" else each for each in names]


SOURCE_OPERATIONS = [
    (name, operations_of(name)[-1])
    for name in ASKED
    if name not in ("caller_identity", "authorization_details")
] + [("authorization_details", "GetAccountAuthorizationDetails")]


@pytest.mark.parametrize(("source", "operation"), SOURCE_OPERATIONS, ids=lambda value: value)
def test_a_refused_source_is_denied_with_what_it_needs_and_the_others_are_collected(
    source, operation, filled, take, session, refuse
):
    refuse(session, operation, "AccessDenied", f"User: {ROLE} is not\nauthorized to perform: iam:{operation}")
    snapshot = take()
    record = snapshot.manifest.sources[source]
    assert (record.status, record.file, record.sha256, dict(record.rows)) == ("denied", None, None, {})
    assert record.reason == f"AccessDenied: User: {ROLE} is not authorized to perform: iam:{operation}"
    assert record.permissions == SOURCES[source].permissions
    assert f"needs {' and '.join(record.permissions)}" in snapshot.why_not(source)
    assert f"request-{operation}" in record.request_ids
    lacking = {name for name in ASKED if snapshot.status(name) != "collected"}
    assert lacking == {source, *(name for name, others in REST_ON.items() if others == (source,))}
    assert not (snapshot.path / SOURCES[source].file).exists()


def test_mfa_devices_are_found_when_the_authorization_details_are_refused(filled, take, session, refuse):
    refuse(session, "GetAccountAuthorizationDetails", "AccessDenied")
    devices = take().read("mfa_devices")["MFADevices"]
    assert [device["UserName"] for device in devices] == ["mary"]


def test_a_refused_alias_leaves_the_account_without_one(filled, take, session, refuse):
    refuse(session, "ListAccountAliases", "AccessDenied")
    assert take().manifest.account_alias is None


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("AccessDeniedException", "denied"),
        ("AccessDeniedForDependencyException", "denied"),
        ("404", "unavailable"),
        ("500", "unavailable"),
        ("NotImplemented", "unavailable"),
        ("InvalidAction", "unavailable"),
        ("UnknownOperationException", "unavailable"),
        ("Throttling", "failed"),
        ("ServiceFailure", "failed"),
    ],
)
def test_an_error_code_becomes_a_status_and_never_an_empty_list(code, status, take, session, refuse):
    refuse(session, "ListSAMLProviders", code)
    snapshot = take()
    assert snapshot.status("saml_providers") == status
    assert snapshot.read("saml_providers") is None
    assert snapshot.status("instance_profiles") == "collected"


def test_an_operation_that_the_server_does_not_have_is_unavailable(take, monkeypatch):
    monkeypatch.delattr(IamResponse, "list_saml_providers")
    record = take().manifest.sources["saml_providers"]
    assert record.status == "unavailable"
    assert record.reason == "the endpoint answered with something that is not an AWS response"


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (NotImplementedError("list_saml_providers"), "unavailable", "list_saml_providers"),
        (
            EndpointConnectionError(endpoint_url="https://iam.amazonaws.com/"),
            "failed",
            'Could not connect to the endpoint URL: "https://iam.amazonaws.com/"',
        ),
    ],
)
def test_an_error_without_a_code_becomes_a_status_too(error, status, reason, take, session):
    def fail(**_):
        raise error

    session.events.register("before-call.iam.ListSAMLProviders", fail)
    record = take().manifest.sources["saml_providers"]
    assert (record.status, record.reason) == (status, reason)


def test_throttling_is_retried_before_it_counts(take, session, monkeypatch):
    # The adaptive mode would also send the rest slowly; that clients have it is tested with the session.
    config = Config(retries={"mode": "standard", "max_attempts": 10})
    monkeypatch.setattr("iamaudit.aws.session._CONFIG", config)
    monkeypatch.setattr("time.sleep", lambda _: None)
    busy = "<ErrorResponse><Error><Code>Throttling</Code><Message>busy</Message></Error></ErrorResponse>"
    sent = []

    def busy_at_first(request, **_):
        sent.append(request.url)
        if len(sent) > 3:
            return None
        return SimpleNamespace(status_code=400, headers={}, content=busy.encode(), raw=None)

    session.events.register("before-send.iam.ListSAMLProviders", busy_at_first)
    assert take().status("saml_providers") == "collected"
    assert len(sent) == 4


def test_with_an_expired_token_nothing_is_begun(filled, take, session, refuse, tmp_path):
    refuse(
        session, "GetCallerIdentity", "ExpiredToken", "The security token included in the request is expired"
    )
    with pytest.raises(CollectionError, match=r"^AWS does not accept .+ExpiredToken\): sign in"):
        take()
    assert nothing_under(tmp_path / "snapshots")


def files_of(snapshot):
    return {path.name: path.read_bytes() for path in snapshot.path.iterdir() if path.name != "manifest.json"}


# Ctrl-C may fall between the opening of a file and the `with` that closes it: Python itself has no remedy.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("operation", ["GetAccountSummary", "ListMFADevices", "GetCredentialReport"])
@pytest.mark.parametrize("stop", ["expired", "interrupted"])
def test_what_stops_in_the_middle_is_resumed_and_nothing_is_asked_twice(
    stop, operation, filled, take, session, tmp_path
):
    whole = take()
    asked, stopped = [], []
    expired = {"Error": {"Code": "ExpiredToken", "Message": "it is expired"}, "ResponseMetadata": {}}

    def end(**_):
        if stopped:
            return None
        stopped.append(stop)
        if stop == "interrupted":
            os.kill(os.getpid(), signal.SIGINT)
            return None
        return SimpleNamespace(status_code=403), expired

    def note(model, **_):
        asked.append(model.name)

    session.events.register(f"before-call.iam.{operation}", end)
    later = NOW + timedelta(minutes=5)
    with pytest.raises((CollectionError, KeyboardInterrupt)) as error:
        take(clock=lambda: later)
    folder = tmp_path / "snapshots" / ACCOUNT / "20261101T080000Z"
    assert error.value.__notes__ == [f"continue with: iamaudit collect --resume {folder}"]
    half = read_snapshot(folder)
    held = [name for name in ASKED if half.status(name) == "collected"]
    assert half.manifest.finished_at is None
    assert 0 < len(held) < len(ASKED)
    session.events.register("before-call.iam", note)
    again = take(clock=lambda: later, resume=folder)
    repeated = {permission.split(":")[1] for name in held for permission in SOURCES[name].permissions}
    assert repeated.isdisjoint(asked)
    assert again.manifest.finished_at == later
    assert {name: again.status(name) for name in ASKED} == dict.fromkeys(ASKED, "collected")
    assert files_of(again).keys() == files_of(whole).keys()
    own = {"caller_identity.json", "credential_report.csv"}  # moto makes these up anew each time
    assert {n: b for n, b in files_of(again).items() if n not in own} == {
        n: b for n, b in files_of(whole).items() if n not in own
    }


def test_another_caller_cannot_resume(filled, take, session, endpoint, tmp_path):
    def interrupt(**_):
        os.kill(os.getpid(), signal.SIGINT)

    session.events.register("before-call.iam.ListInstanceProfiles", interrupt)
    with pytest.raises(KeyboardInterrupt):
        take()
    folder = tmp_path / "snapshots" / ACCOUNT / "20261101T075500Z"
    other = open_session(role_arn=f"arn:aws:iam::{ACCOUNT}:role/other", endpoint_url=endpoint)
    with pytest.raises(
        CollectionError, match=r"was begun as .+/auditor/iamaudit, the credentials are for .+/other"
    ):
        collect_account(other, tmp_path, endpoint_url=endpoint, progress=False, resume=folder)


def test_another_account_than_the_expected_is_refused_before_iam_is_asked(take, session, tmp_path):
    asked = []
    session.events.register("before-call.iam", lambda **_: asked.append(1))
    with pytest.raises(CollectionError) as caught:
        take(expected_account_id="111122223333")
    assert str(caught.value) == (
        f"the credentials are for account {ACCOUNT}, `account_id` is `111122223333`: choose the profile or "
        "role of that account"
    )
    assert asked == []
    assert nothing_under(tmp_path / "snapshots")


def test_the_expected_account_is_collected(take):
    assert take(expected_account_id=ACCOUNT).manifest.account_id == ACCOUNT


@pytest.mark.parametrize(
    ("code", "cure"),
    [
        ("InvalidClientTokenId", "the access key does not exist or is inactive: check the profile"),
        ("SignatureDoesNotMatch", "the secret does not fit the access key: check the profile"),
        ("404", "check the endpoint"),
    ],
)
def test_who_is_not_known_to_aws_cannot_collect(code, cure, take, session, refuse):
    refuse(session, "GetCallerIdentity", code)
    with pytest.raises(CollectionError, match=re.escape(f": {cure}") + "$"):
        take()


def test_an_endpoint_that_is_not_there_is_named_with_a_cure(tmp_path, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(CollectionError) as caught:
        collect_account(open_session(), tmp_path, endpoint_url="http://127.0.0.1:9", progress=False)
    assert str(caught.value) == (
        'asking AWS who we are failed (Could not connect to the endpoint URL: "http://127.0.0.1:9/"): '
        "check the network, the proxy, the region and the endpoint"
    )
    assert nothing_under(tmp_path / "snapshots")


def test_a_second_collection_in_the_same_second_is_refused_unless_it_replaces(take):
    take()
    with pytest.raises(SnapshotError, match="exists already: wait a second and collect again"):
        take()
    assert take(replace=True).status("account_summary") == "collected"


def test_the_origin_is_kept(take):
    assert take(origin="demo").manifest.origin == "demo"


def test_progress_is_on_stderr_and_only_there(take, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    take(progress=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert f"collecting {ACCOUNT}" in shown.err
    assert f"{len(ASKED) - 1}/{len(ASKED) - 1}" in shown.err


def test_without_progress_nothing_is_shown(take, capsys):
    take(progress=False)
    assert capsys.readouterr() == ("", "")


def test_a_session_that_was_not_guarded_is_guarded_from_then_on(endpoint, tmp_path):
    plain = boto3.Session(region_name="us-east-1")
    collect_account(plain, tmp_path, endpoint_url=endpoint, progress=False)
    client = plain.client("iam")
    with pytest.raises(ReadOnlyError):
        client.create_user(UserName="mary")
    client.close()


def test_a_large_account_is_collected_once_page_by_page(backend, take, paging):
    for number in range(250):
        backend.create_user("us-east-1", f"user-{number:03}")
    for number in range(7):
        backend.create_access_key(f"user-{number:03}")
    snapshot = take()
    names = [user["UserName"] for user in snapshot.read("authorization_details")["UserDetailList"]]
    assert sorted(names) == [f"user-{number:03}" for number in range(250)]
    assert snapshot.manifest.sources["authorization_details"].calls == 7
    assert len(snapshot.read("access_keys")["AccessKeyMetadata"]) == 7
    calls = {name: record.calls for name, record in snapshot.manifest.sources.items()}
    assert (calls["mfa_devices"], calls["access_keys"]) == (1, 7)


NOT_CHOSEN = "missing", "not asked for: --sources"


def test_only_the_sources_that_are_named_are_asked_for(filled, take, session):
    asked = []
    session.events.register("before-call.iam", lambda model, **_: asked.append(model.name))
    snapshot = take(sources=chosen_sources(["password_policy", "saml_providers"]))
    assert sorted(asked) == ["GetAccountPasswordPolicy", "ListSAMLProviders"]
    states = {name: (record.status, record.reason) for name, record in snapshot.manifest.sources.items()}
    chosen = dict.fromkeys(("caller_identity", "password_policy", "saml_providers"), ("collected", None))
    others = dict.fromkeys((name for name in ASKED if name not in chosen), NOT_CHOSEN)
    assert {name: states[name] for name in ASKED} == {**others, **chosen}
    assert snapshot.why_not("access_keys") == (
        "access keys: missing from this snapshot (not asked for: --sources)"
    )
    assert snapshot.manifest.account_alias is None


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["mfa_device"], "unknown source `mfa_device`: did you mean `mfa_devices`?"),
        (["organization_policies"], r"unknown source `organization_policies`: .+"),
        ([], "no source is named: use any of caller_identity, credential_report, .+"),
        (["zzz"], "unknown source `zzz`: use any of caller_identity, credential_report, .+"),
        (
            ["access_keys", "password_policy"],
            "`access_keys` is asked for user by user: name `authorization_details` or `credential_report`, "
            "too",
        ),
    ],
)
def test_a_choice_that_cannot_be_asked_for_is_refused(names, message):
    with pytest.raises(ParameterError) as caught:
        chosen_sources(names)
    assert re.fullmatch(message.replace("?", r"\?"), str(caught.value))


def test_what_was_not_chosen_is_not_asked_for_when_the_collection_is_resumed(filled, take, session, tmp_path):
    asked, stopped = [], []

    def interrupt(**_):
        if not stopped:
            stopped.append(1)
            os.kill(os.getpid(), signal.SIGINT)

    session.events.register("before-call.iam.ListInstanceProfiles", interrupt)
    with pytest.raises(KeyboardInterrupt):
        take(sources=chosen_sources(["instance_profiles"]))
    session.events.register("before-call.iam", lambda model, **_: asked.append(model.name))
    snapshot = take(resume=tmp_path / "snapshots" / ACCOUNT / "20261101T075500Z")
    assert asked == ["ListInstanceProfiles"]
    assert snapshot.status("instance_profiles") == "collected"
    record = snapshot.manifest.sources["access_keys"]
    assert (record.status, record.reason) == NOT_CHOSEN


@pytest.fixture
def busy(monkeypatch):
    """Let every request take a moment, and note how many are under way at once."""
    state, send = SimpleNamespace(now=0, most=0, lock=threading.Lock()), URLLib3Session.send

    def slow(self, request):
        with state.lock:
            state.now += 1
            state.most = max(state.most, state.now)
        time.sleep(0.05)
        try:
            return send(self, request)
        finally:
            with state.lock:
                state.now -= 1

    monkeypatch.setattr(URLLib3Session, "send", slow)
    return state


@pytest.mark.parametrize("workers", [1, 3, 8])
def test_no_more_requests_are_under_way_than_there_are_workers(workers, backend, take, busy):
    for number in range(20):
        backend.create_user("us-east-1", f"user-{number:02}")
        backend.create_access_key(f"user-{number:02}")
    snapshot = take(workers=workers)
    assert {snapshot.status(name) for name in ASKED} == {"collected"}
    assert 1 <= busy.most <= workers
    assert workers in (busy.most, 8)  # a slow machine may not come to 8


def test_the_snapshot_is_the_same_however_many_workers_there_are(filled, take):
    for number in range(20):
        filled.create_user("us-east-1", f"user-{number:02}")
        filled.create_access_key(f"user-{number:02}")
    alone = _without_chance(take(workers=1))
    filled.credential_report = None
    assert _without_chance(take(workers=8, replace=True)) == alone


def _without_chance(snapshot):
    """Return files and manifest but for request ids and what moto makes up anew each time."""
    sources = snapshot.manifest.sources
    records = {name: changed(record, request_ids=()) for name, record in sources.items()}
    for name in ("caller_identity", "credential_report"):
        records[name] = changed(records[name], sha256=None)
    own = {records[name].file: None for name in ("caller_identity", "credential_report")}
    return files_of(snapshot) | own, changed(snapshot.manifest, sources=records)


def test_other_sources_are_asked_while_the_report_is_made(filled, take, monkeypatch, session):
    asked, others_asked = [], threading.Event()

    def note(model, **_):
        asked.append(model.name)
        if model.name == "ListInstanceProfiles":
            others_asked.set()

    def wait(**_):
        if "GenerateCredentialReport" in asked:  # AWS began to make it
            assert others_asked.wait(10)

    session.events.register_first("before-call.iam", note)
    session.events.register("before-call.iam.GenerateCredentialReport", wait)
    snapshot = take()
    assert snapshot.status("credential_report") == "collected"
    assert asked.index("GetCredentialReport") > asked.index("ListInstanceProfiles")
    assert asked.index("ListAccessKeys") > asked.index("GetCredentialReport")


def test_the_command_says_which_sources_it_asked_for_and_did_not_get(endpoint, tmp_path, monkeypatch):
    monkeypatch.setitem(
        collect._ASK, "saml_providers", lambda *_: SourceResult("denied", reason="AccessDenied")
    )
    given = ["collect", "--endpoint-url", endpoint, "--role-arn", ROLE, "--sources", "saml_providers"]
    done = CliRunner().invoke(main, [*given, "--snapshots", str(tmp_path)])
    assert done.exit_code == 0, done.stderr
    assert read_snapshot(done.stdout.strip()).status("saml_providers") == "denied"
    (said,) = [line for line in done.stderr.splitlines() if line.startswith("not collected: ")]
    assert said.endswith(": denied (AccessDenied); needs iam:ListSAMLProviders")


def test_audit_with_a_moment_that_is_over_collects_nothing(tmp_path):
    params = tmp_path / "params.yaml"
    params.write_text("as_of: '2020-11-01T08:00:00Z'\n")
    done = CliRunner().invoke(main, ["audit", "--params", str(params), "--snapshots", str(tmp_path / "s")])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "`audit` takes a new snapshot, and `as_of` is 2020-11-01T08:00:00Z: leave" in done.stderr
    assert not (tmp_path / "s").exists()
