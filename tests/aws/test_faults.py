"""Whatever an endpoint answers, that source fails with a reason, and the others are collected."""

import base64
import re
import time
from datetime import UTC, datetime
from functools import partial

import pytest

from iamaudit.aws import collect, collect_account
from iamaudit.aws.answers import EXPIRED
from iamaudit.aws.credential_report import collect_credential_report
from iamaudit.aws.schedule import REST_ON
from iamaudit.errors import CollectionError
from iamaudit.snapshot import read_snapshot
from tests.aws.faults import FaultProxy, cut, drip, expired, in_turn, more, replaced, send, throttled, whole
from tests.aws.test_collect import ASKED, filled  # noqa: F401 - a fixture

NOW = datetime(2026, 11, 1, 7, 55, tzinfo=UTC)

OPERATIONS = {
    "GetCredentialReport": "credential_report",
    "GetAccountAuthorizationDetails": "authorization_details",
    "GetAccountSummary": "account_summary",
    "GenerateCredentialReport": "credential_report",
    "ListAccountAliases": "account_aliases",
    "ListVirtualMFADevices": "mfa_devices",
    "ListMFADevices": "mfa_devices",
    "ListAccessKeys": "access_keys",
    "ListSAMLProviders": "saml_providers",
    "ListOpenIDConnectProviders": "oidc_providers",
    "GetOpenIDConnectProvider": "oidc_providers",
    "ListServerCertificates": "server_certificates",
    "ListInstanceProfiles": "instance_profiles",
    "GetLoginProfile": "login_profiles",
    "ListSSHPublicKeys": "ssh_public_keys",
    "ListServiceSpecificCredentials": "service_specific_credentials",
    "ListSigningCertificates": "signing_certificates",
    "GetAccessKeyLastUsed": "access_keys_last_used",
    "ListOrganizationsFeatures": "organization_features",
    "GenerateServiceLastAccessedDetails": "last_accessed",
    "GetServiceLastAccessedDetails": "last_accessed",
}
MEMBERS = {
    "GenerateCredentialReport": "State",
    "GetCredentialReport": "Content",
    "GetAccountAuthorizationDetails": "RoleDetailList",
    "GetAccountSummary": "SummaryMap",
    "ListAccountAliases": "AccountAliases",
    "ListVirtualMFADevices": "VirtualMFADevices",
    "ListMFADevices": "MFADevices",
    "ListAccessKeys": "AccessKeyMetadata",
    "ListSAMLProviders": "SAMLProviderList",
    "ListOpenIDConnectProviders": "OpenIDConnectProviderList",
    "ListServerCertificates": "ServerCertificateMetadataList",
    "ListInstanceProfiles": "InstanceProfiles",
    "GetLoginProfile": "LoginProfile",
    "ListSSHPublicKeys": "SSHPublicKeys",
    "ListServiceSpecificCredentials": "ServiceSpecificCredentials",
    "ListSigningCertificates": "Certificates",
    "GetAccessKeyLastUsed": "AccessKeyLastUsed",
    "ListOrganizationsFeatures": "EnabledFeatures",
    "GenerateServiceLastAccessedDetails": "JobId",
    "GetServiceLastAccessedDetails": "JobStatus",
}
ANY_OPERATION = {
    "no result element": replaced(r"<(/?)\w+Result>", r"<\1Something>"),
    "nothing at all": whole(""),
    "a page of HTML": whole("<html><body>Sign in to the proxy</body></html>"),
    "no XML": whole("service unavailable"),
    "JSON": whole("{}"),
    "an error without a code": lambda handler, _: send(
        handler, b"<ErrorResponse><Error></Error></ErrorResponse>", 403
    ),
}
LISTED = [
    name
    for name in OPERATIONS
    if name.startswith("List")
    and not {"Connect", "SAML", "Organizations"} & {*re.findall("SAML|[A-Z][a-z]+", name)}
]


def _report(content):
    return replaced(r"<Content>.*</Content>", f"<Content>{content}</Content>")


def _encoded(text):
    return _report(base64.b64encode(text).decode())


REPORTS = {
    "a report of no time": replaced("<GeneratedTime>[^<]*<", "<GeneratedTime>yesterday<"),
    "an empty report": _report(""),
    "a report of HTML": _encoded(b"<html><body>busy</body></html>"),
    "a report that is not base64": _report("&lt;html&gt;"),
    "a binary report": _encoded(b"\xff\xfe\x00\x81"),
    "a header without rows": _encoded(b"user,arn,user_creation_time\n"),
    "a report without columns": _encoded(b"user,arn\nmary,arn:aws:iam::444455556666:user/mary\n"),
}
DATES = {
    "GetAccountAuthorizationDetails": "CreateDate",
    "ListInstanceProfiles": "CreateDate",
    "ListSAMLProviders": "CreateDate",
    "ListServerCertificates": "UploadDate",
    "ListVirtualMFADevices": "EnableDate",
}
ALL = [*OPERATIONS]
HALVES = (ALL[::2], ALL[1::2])  # no operation with one that it rests on, nor details with the report
NO_MEMBER = {name: replaced(rf"<{part}(/>|>.*</{part}>)", "") for name, part in MEMBERS.items()}
SPOILED = {
    **{
        f"{fault}, {half[0]} and others": dict.fromkeys(half, ANY_OPERATION[fault])
        for fault in ANY_OPERATION
        for half in HALVES
    },
    **{
        f"no member, {half[0]} and others": {name: NO_MEMBER[name] for name in half if name in MEMBERS}
        for half in HALVES
    },
    "dates that are none": {
        name: replaced(rf"<{column}>[^<]*<", f"<{column}>yesterday<") for name, column in DATES.items()
    },
    **{fault: {"GetCredentialReport": spoil} for fault, spoil in REPORTS.items()},
    "more, and no marker": dict.fromkeys((*LISTED, "GetAccountAuthorizationDetails"), more(lambda: "")),
}


@pytest.fixture(scope="module")
def proxy(server):
    running = FaultProxy(server)
    yield running
    running.shutdown()
    running.server_close()


@pytest.fixture
def spoiled(proxy, session, filled, tmp_path, monkeypatch):  # noqa: F811
    """Collect with the answers to some operations spoiled, and read the snapshot back."""
    report = partial(collect_credential_report, sleep=lambda _: None)
    monkeypatch.setitem(collect._ASK, "credential_report", lambda iam, _: report(iam))

    def run(faults, **options):
        proxy.faults = faults
        proxy.misses.clear()
        taken = collect_account(
            session,
            tmp_path,
            endpoint_url=proxy.url,
            clock=lambda: NOW,
            progress=False,
            **{"source_timeout": 20, "preset": "thorough", **options},
        )
        assert proxy.misses == []
        return read_snapshot(taken)

    return run


def _states(snapshot):
    """Return the state of what was asked for."""
    return {name: snapshot.status(name) for name in ASKED if snapshot.status(name) != "missing"}


def _expected(faults, states):
    """The spoiled sources are not evidence; the others are, as far as they do not rest on those."""
    spoiled = {OPERATIONS[name] for name in faults}
    for name, others in REST_ON.items():
        if name in states and spoiled.issuperset(others):
            spoiled.add(name)
    assert {states[source] for source in spoiled} <= {"failed", "unavailable"}, states
    return {name: states[name] if name in spoiled else "collected" for name in states}


@pytest.mark.parametrize("case", SPOILED)
def test_a_spoiled_answer_fails_its_source_and_no_other(case, spoiled):
    faults = SPOILED[case]
    snapshot = spoiled(faults)
    states = _states(snapshot)
    assert states == _expected(faults, states)
    for source in {OPERATIONS[name] for name in faults}:
        reason = snapshot.manifest.sources[source].reason
        assert reason
        assert "\n" not in reason


@pytest.mark.parametrize(
    ("spoil", "seconds"),
    [(throttled, 10), (cut, 1.5)],  # the sources share one rate: throttling slows all of them down
    ids=["throttling without end", "cut answers"],
)
def test_what_is_tried_again_ends_with_the_time_of_the_source(spoil, seconds, spoiled):
    faults = {"ListServerCertificates": spoil}
    started = time.monotonic()
    snapshot = spoiled(faults, source_timeout=seconds, preset="default")
    assert time.monotonic() - started < 25
    assert _states(snapshot) == _expected(faults, _states(snapshot))


@pytest.mark.parametrize("operation", ["ListInstanceProfiles", "ListAccessKeys", "GetCredentialReport"])
def test_a_slow_drip_ends_with_the_time_of_the_source(operation, spoiled):
    faults = {operation: drip}
    snapshot = spoiled(faults, source_timeout=1.5, preset="default")
    assert snapshot.manifest.sources[OPERATIONS[operation]].reason == "no whole answer within 2 seconds"
    assert _states(snapshot) == _expected(faults, _states(snapshot))


def test_a_new_marker_for_ever_ends_with_the_time_of_the_source(spoiled):
    count = iter(range(10**9))

    one_more = more(lambda: f"<Marker>{next(count)}</Marker>")
    snapshot = spoiled({"ListInstanceProfiles": one_more}, source_timeout=1.5, preset="default")
    assert snapshot.manifest.sources["instance_profiles"].reason == "no whole answer within 2 seconds"
    asked = next(count)
    time.sleep(0.3)
    assert next(count) - asked <= 2, "it goes on asking after its time"


@pytest.mark.parametrize("code", EXPIRED)
def test_a_session_of_a_role_that_expires_early_is_renewed_and_the_request_sent_again(code, spoiled, session):
    before = session.get_credentials().get_frozen_credentials().token
    late = in_turn(*[expired(code)] * 3)
    snapshot = spoiled({"GetAccountSummary": late, "ListAccessKeys": in_turn(expired(code))})
    assert set(_states(snapshot).values()) == {"collected"}
    assert session.get_credentials().get_frozen_credentials().token != before


@pytest.mark.parametrize("code", EXPIRED)
def test_a_session_that_stays_expired_ends_the_collection_with_what_it_has(code, spoiled, tmp_path):
    asked = []

    def late(handler, content):
        asked.append(1)
        expired(code)(handler, content)

    with pytest.raises(CollectionError, match=rf"^AWS does not accept the credentials \({code}\)") as error:
        spoiled({"ListServerCertificates": late}, preset="fast")
    assert len(asked) == 4
    (note,) = error.value.__notes__
    assert note.startswith(f"continue with: iamaudit collect --resume {tmp_path}")


WHO = {
    "an account that is a path": replaced("<Account>[^<]*<", "<Account>../..<"),
    "no account": replaced("<Account>[^<]*</Account>", ""),
    "no result element": ANY_OPERATION["no result element"],
    "a page of HTML": ANY_OPERATION["a page of HTML"],
}


@pytest.mark.parametrize("fault", WHO)
def test_without_a_plausible_identity_nothing_is_collected(fault, spoiled, tmp_path):
    with pytest.raises(CollectionError, match="asking AWS who we are failed") as error:
        spoiled({"GetCallerIdentity": WHO[fault]})
    assert "\n" not in str(error.value)
    assert [*tmp_path.rglob("manifest.json")] == []
