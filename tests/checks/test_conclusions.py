"""Every check: met, not met, not evaluated without its source, empty population, and its edges."""

import json
import re

import pytest

import iamaudit
from iamaudit.checks import CATALOGUE
from iamaudit.snapshot import SOURCES, SourceResult
from tests.accounts import (
    ACCOUNT,
    AS_OF,
    ago,
    allow,
    attached,
    boundary,
    details,
    inline,
    key,
    password,
    policy,
    report,
    role,
    snapshot,
    user,
)
from tests.checks.cases import (
    ADMIN,
    AWS_ADMIN,
    MORE_CASES,
    OWN,
    ROOT,
    UNKNOWN_USE,
    certificate,
    iam,
    person,
    root,
    rules,
    seen,
)
from tests.checks.source_cases import SOURCE_CASES

DENIED = SourceResult("denied", reason="AccessDenied")
ASKED = [name for name, source in SOURCES.items() if source.permissions]
SUMMARY = {"SummaryMap": {"AccountMFAEnabled": 1, "AccountAccessKeysPresent": 0}}
NO_PASSWORD = {"SummaryMap": {"AccountMFAEnabled": 0, "AccountPasswordPresent": 0}}
NO_MFA = {"SummaryMap": {"AccountMFAEnabled": 0, "AccountAccessKeysPresent": 1}}
NEVER = {"DateLessThan": {"aws:CurrentTime": "17:00Z"}}
TYPO = [policy("p", {"Effect": "Deny", "NotAction": "s3x:*", "Resource": "*"})]

# check, sources, conclusion, resources of the exceptions (names behind the last slash or colon)
CASES = [
    ("root-access-key", root(), "met", []),
    ("root-access-key", root(**key(2, age=1)), "not met", ["root"]),
    ("root-access-key", root(**key(1, age=900, active="false")), "met", []),
    ("root-access-key", {"credential_report": DENIED}, "not evaluated", []),
    ("root-access-key", {"credential_report": DENIED, "account_summary": NO_MFA}, "not met", ["root"]),
    ("root-access-key", {"credential_report": DENIED, "account_summary": SUMMARY}, "met", []),
    ("root-mfa", root(mfa_active="true"), "met", []),
    ("root-mfa", root(), "not met", ["root"]),
    ("root-mfa", root(mfa_active="not_supported"), "not evaluated", []),
    ("root-mfa", root(password_enabled="false"), "met", []),  # cannot sign in
    ("root-mfa", {"account_summary": SUMMARY}, "met", []),
    ("root-mfa", {"account_summary": NO_PASSWORD}, "met", []),
    ("root-mfa", {**root(), "account_summary": NO_PASSWORD}, "met", []),
    ("root-mfa", {**root(password_enabled="true"), "account_summary": NO_PASSWORD}, "not met", ["root"]),
    ("root-mfa", {"account_summary": NO_MFA}, "not met", ["root"]),
    ("root-mfa", {"account_summary": DENIED}, "not evaluated", []),
    ("root-use", root(), "met", []),
    ("root-use", root(password_last_used=ago(89)), "not met", ["root"]),
    ("root-use", root(password_last_used=ago(90)), "met", []),
    ("root-use", root(password_last_used=ago(400), **key(1, age=500, used=2)), "not met", ["root"]),
    ("root-use", root(password_last_used=ago(400), **key(2, age=500, used=0)), "not met", ["root"]),
    ("root-use", root(password_last_used="not_supported"), "not evaluated", []),
    ("root-use", {"credential_report": DENIED}, "not evaluated", []),
    ("console-mfa", person(password(changed=5, used=1, mfa="true")), "met", []),
    ("console-mfa", person(password(changed=5, used=1)), "not met", ["ann"]),
    ("console-mfa", person(password(changed=5), mfa_active="not_supported"), "not evaluated", []),
    ("console-mfa", person(password_enabled="not_supported"), "not evaluated", []),
    ("console-mfa", person(), "met", []),  # no password, nothing to judge
    ("console-mfa", person(password(changed=5)) | iam(), "met", []),  # gone since the report
    ("console-mfa", {"credential_report": DENIED}, "not evaluated", []),
    ("access-key-rotation", person(key(1, age=90.9, used=1)), "met", []),
    ("access-key-rotation", person(key(1, age=91, used=1)), "not met", ["ann"]),
    ("access-key-rotation", person(key(1, age=91, active="false")), "met", []),
    ("access-key-rotation", person(access_key_1_active="true"), "not evaluated", []),
    ("access-key-rotation", person(), "met", []),
    ("access-key-rotation", {"credential_report": DENIED}, "not evaluated", []),
    ("access-key-unused", person(key(1, age=400, used=44)), "met", []),
    ("access-key-unused", person(key(1, age=400, used=45)), "not met", ["ann"]),
    ("access-key-unused", person(key(2, age=45)), "not met", ["ann"]),  # never used: from its making
    ("access-key-unused", person(key(2, age=44)), "met", []),
    ("access-key-unused", person(key(2, age=44), **UNKNOWN_USE), "not evaluated", []),
    ("access-key-unused", {"credential_report": DENIED}, "not evaluated", []),
    ("password-unused", person(password(changed=400, used=44)), "met", []),
    ("password-unused", person(password(changed=400, used=45)), "not met", ["ann"]),
    ("password-unused", person(password(changed=45)), "not met", ["ann"]),  # never signed in
    ("password-unused", person(password(changed=44)), "met", []),
    ("password-unused", person(), "met", []),
    ("password-unused", {"credential_report": DENIED}, "not evaluated", []),
    ("access-key-never-used", person(key(1, age=1)), "not met", ["ann"]),
    ("access-key-never-used", person(key(1, age=0.9)), "met", []),  # the grace of a new key
    ("access-key-never-used", person(key(1, age=300, used=200)), "met", []),
    ("access-key-never-used", person(key(1, age=300), **UNKNOWN_USE), "not evaluated", []),
    ("access-key-never-used", {"credential_report": DENIED}, "not evaluated", []),
    ("one-active-access-key", person(key(1, age=9), key(2, age=9)), "not met", ["ann"]),
    ("one-active-access-key", person(key(1, age=9), key(2, age=9, active="false")), "met", []),
    ("one-active-access-key", root(**key(1, age=9), **key(2, age=9)), "met", []),  # root-access-key counts it
    ("one-active-access-key", person(access_key_1_active="not_supported"), "not evaluated", []),
    ("one-active-access-key", {"credential_report": DENIED}, "not evaluated", []),
    ("password-length", rules(MinimumPasswordLength=14), "met", []),
    ("password-length", rules(MinimumPasswordLength=13), "not met", ["root"]),
    ("password-length", {"password_policy": {"PasswordPolicy": None}}, "not met", ["root"]),
    ("password-length", rules(RequireSymbols=True), "not evaluated", []),
    ("password-length", {"password_policy": DENIED}, "not evaluated", []),
    ("password-reuse", rules(PasswordReusePrevention=24), "met", []),
    ("password-reuse", rules(PasswordReusePrevention=23), "not met", ["root"]),
    ("password-reuse", rules(MinimumPasswordLength=14), "not met", ["root"]),
    ("password-reuse", {"password_policy": DENIED}, "not evaluated", []),
    ("policy-all-actions", iam(policies=ADMIN), "not met", ["p"]),
    ("policy-all-actions", iam(policies=[policy("p", allow(["*:*"]))]), "not met", ["p"]),
    ("policy-all-actions", iam(policies=[policy("p", allow("*", "arn:aws:s3:::x"))]), "met", []),
    ("policy-all-actions", iam(policies=[policy("p", allow("s3:*"))]), "met", []),
    ("policy-all-actions", iam(users=[user("ann", **inline("User", "own", allow("*")))]), "not met", ["ann"]),
    ("policy-all-actions", iam(policies=[policy("p", {**allow("*"), "Effect": "Deny"})]), "met", []),
    ("policy-all-actions", iam(policies=AWS_ADMIN), "met", []),
    (
        "policy-all-actions",  # used as a boundary only
        iam(users=[user("ann", **boundary("p"))], policies=ADMIN),
        "met",
        [],
    ),
    ("policy-all-actions", iam(), "met", []),
    ("policy-all-actions", {"authorization_details": DENIED}, "not evaluated", []),
    ("policy-service-wildcard", iam(policies=[policy("p", allow(["s3:*", "ec2:Run*"]))]), "not met", ["p"]),
    ("policy-service-wildcard", iam(policies=[policy("p", allow(["s3:Get*", "*"]))]), "not met", ["p"]),
    ("policy-service-wildcard", iam(policies=[policy("p", allow(["s3:Get*", "ec2:Run*"]))]), "met", []),
    (
        "policy-service-wildcard",  # used as a boundary only
        iam(users=[user("ann", **boundary("p"))], policies=[policy("p", allow("s3:*"))]),
        "met",
        [],
    ),
    ("policy-service-wildcard", {"authorization_details": DENIED}, "not evaluated", []),
    ("policy-on-user", iam(users=[user("ann", **OWN), user("bob")]), "not met", ["ann"]),
    ("policy-on-user", iam(users=[user("ann", **attached("p"))], policies=ADMIN), "not met", ["ann"]),
    ("policy-on-user", iam(users=[user("ann", **boundary("p"))], policies=ADMIN), "met", []),
    ("policy-on-user", iam(), "met", []),
    ("policy-on-user", {"authorization_details": DENIED}, "not evaluated", []),
    ("policy-unattached", iam(policies=ADMIN), "not met", ["p"]),
    ("policy-unattached", iam(roles=[role("r", **attached("p"))], policies=ADMIN), "met", []),
    ("policy-unattached", iam(roles=[role("r", **boundary("p"))], policies=ADMIN), "met", []),
    ("policy-unattached", iam(), "met", []),
    ("policy-unattached", {"authorization_details": DENIED}, "not evaluated", []),
    ("policy-unknown-action", iam(policies=[policy("p", allow("vpc:Describe*"))]), "not met", ["p"]),
    ("policy-unknown-action", iam(policies=TYPO), "not met", ["p"]),
    ("policy-unknown-action", iam(policies=[policy("p", allow("EC2:describe*"))]), "met", []),
    ("policy-unknown-action", {"authorization_details": DENIED}, "not evaluated", []),
    ("policy-meaning", iam(policies=[policy("p", allow("iam:PassRole"))]), "not met", ["p"]),
    ("policy-meaning", iam(policies=[policy("p", allow("s3:*", Condition=NEVER))]), "not met", ["p"]),
    ("policy-meaning", iam(policies=[policy("p", allow("s3:Get*", "*", Sid=""))]), "met", []),
    ("policy-meaning", iam(policies=[policy("p", allow("vpc:Describe*"))]), "met", []),
    ("policy-meaning", iam(policies=[policy("p", {"Effect": "allow"})]), "met", []),
    ("policy-meaning", iam(policies=AWS_ADMIN), "met", []),
    ("policy-meaning", {"authorization_details": DENIED}, "not evaluated", []),
    ("policy-readable", iam(policies=[policy("p", allow("s3:*"))]), "met", []),
    ("policy-readable", iam(policies=[policy("p", {"Effect": "allow"})]), "not met", ["p"]),
    ("policy-readable", iam(roles=[role("r", **attached("gone"))]), "not met", ["gone"]),
    ("policy-readable", {"authorization_details": DENIED}, "not evaluated", []),
    ("server-certificate-expired", certificate(-1), "not met", ["c"]),
    ("server-certificate-expired", certificate(0.5), "met", []),
    ("server-certificate-expired", {"server_certificates": {"ServerCertificateMetadataList": []}}, "met", []),
    ("server-certificate-expired", {"server_certificates": DENIED}, "not evaluated", []),
    ("access-key-in-code", person(key(1, age=5)) | seen(), "not met", ["ann"]),
    ("access-key-in-code", person() | seen(status="Inactive"), "met", []),
    ("access-key-in-code", person() | seen(is_example=True), "met", []),
    ("access-key-in-code", person() | seen(status="not of this account", user=None), "met", []),
    ("access-key-in-code", person() | seen(status=None, user=None), "not evaluated", []),
    ("access-key-in-code", person() | seen("ASIA…ABCD", status=None, user=None), "met", []),
    ("access-key-in-code", person(), "not evaluated", []),
]  # fmt: skip
CASES += [*MORE_CASES, *SOURCE_CASES]


INPUTS = {each.name for each in iamaudit.settings.INPUTS}


def opened(folder, *, seen_in_code=None, **given):
    """Open a snapshot of sources; ``seen_in_code`` are the rows of a scan of code, where there was one.

    What is the name of a parameter is one, and ``caller_arn`` who collected.
    """
    caller = given.pop("caller_arn", None)
    sources = {name: content for name, content in given.items() if name not in INPUTS}
    inputs = {name: text for name, text in given.items() if name in INPUTS}
    if seen_in_code is not None:
        scan = {"account_id": ACCOUNT, "files": 1, "sightings": seen_in_code}
        (folder / "scan.json").write_text(json.dumps(scan))
    code_scan = "" if seen_in_code is None else folder / "scan.json"
    return iamaudit.open_snapshot(
        snapshot(folder / "s", caller_arn=caller, **sources),
        as_of=AS_OF,
        code_scan=code_scan,
        is_kept=False,  # nobody opens it again
        **inputs,
    )


@pytest.mark.parametrize(("id", "sources", "conclusion", "resources"), CASES)
def test_case(tmp_path, id, sources, conclusion, resources):  # noqa: A002
    audit = opened(tmp_path, **sources)
    paper = audit.evaluate(CATALOGUE[id])
    names = [arn.replace("/", ":").rpartition(":")[2] for arn in paper.exceptions.arn]
    assert (paper.conclusion, names) == (conclusion, resources)
    if conclusion == "not evaluated":
        assert paper.reason
    assert not re.search(r"\{\w+\}", "".join(paper.exceptions.message))


def test_every_check_has_a_case_for_met_and_not_met():
    seen = {(case[0], case[2]) for case in CASES}
    for conclusion in ("met", "not met"):
        assert {check for check, found in seen if found == conclusion} == set(CATALOGUE)


@pytest.fixture(scope="module")
def refused(tmp_path_factory):
    folder = snapshot(tmp_path_factory.mktemp("refused"), **dict.fromkeys(ASKED, DENIED))
    return iamaudit.open_snapshot(folder)


@pytest.mark.parametrize("id", CATALOGUE)
def test_a_check_whose_sources_were_refused_is_not_evaluated_and_names_them(refused, id):  # noqa: A002
    paper = refused.workpapers[id]
    assert paper.conclusion == "not evaluated"
    assert paper.reason
    for source in paper.check.sources:
        if source == "code_scan":
            assert "give the parameter `code_scan`" in paper.reason
            continue
        assert f"{SOURCES[source].title}: denied (AccessDenied); needs" in paper.reason


@pytest.fixture(scope="module")
def nobody(tmp_path_factory):
    sources = {
        "credential_report": report(ROOT),
        "authorization_details": details(),
        "server_certificates": {"ServerCertificateMetadataList": []},
        "saml_providers": {"SAMLProviderList": []},
        "oidc_providers": {"OpenIDConnectProviderList": []},
        "instance_profiles": {"InstanceProfiles": []},
        "mfa_devices": {"VirtualMFADevices": [], "MFADevices": []},
        "ssh_public_keys": {"SSHPublicKeys": []},
        "service_specific_credentials": {"ServiceSpecificCredentials": []},
        "signing_certificates": {"Certificates": []},
        "access_analyzer": {"Regions": [], "Analyzers": [], "Findings": []},
        "last_accessed": {},
    }
    return opened(tmp_path_factory.mktemp("nobody"), seen_in_code=[], trusted_accounts=ACCOUNT, **sources)


ABOUT_ONE = {c.id for c in CATALOGUE.values() if c.population == "account_facts" or c.where == "is_root"}


@pytest.mark.parametrize("id", sorted(set(CATALOGUE) - ABOUT_ONE))
def test_without_anybody_to_judge_a_check_is_met_and_says_so(nobody, id):  # noqa: A002
    paper = nobody.workpapers[id]
    assert (paper.conclusion, len(paper.exceptions)) == ("met", 0)
    assert paper.reason == "the population is empty: there was nothing to judge"
