"""The stories that observations tell: what is joined to what, and what is done first."""

import pytest

import iamaudit
from iamaudit.checks import SEVERITIES
from iamaudit.checks.observations.practice import kinds_of
from tests.accounts import (
    AS_OF,
    IAM,
    allow,
    attached,
    details,
    document,
    inline,
    key,
    password,
    policy,
    report,
    role,
    snapshot,
    user,
)


def audit_of(folder, *rows, max_administrators=5, **gathered):
    taken = snapshot(
        folder / "s",
        credential_report=report({"user": "<root_account>", "mfa_active": "true"}, *rows),
        authorization_details=details(**gathered),
    )
    return iamaudit.open_snapshot(taken, as_of=AS_OF, max_administrators=max_administrators)


def observation(audit, name):
    found = audit.observations.set_index("id")
    assert name in found.index, sorted(found.index)
    return found.loc[name]


def test_the_keys_of_one_user_are_told_once_and_joined_to_what_the_user_is(tmp_path):
    audit = audit_of(
        tmp_path,
        {"user": "ann", **password(changed=500, used=1), **key(1, age=500, used=1), **key(2, age=400)},
        users=[user("ann", **attached("Full"))],
        policies=[policy("Full", allow("*"))],
    )
    told = observation(audit, "obs-user-ann")
    assert told.severity == "critical"
    assert told.title == "ann is an administrator and signs in without MFA"
    assert told.cause_kind == "credential"
    assert {"console-mfa", "administrator-mfa", "access-key-year", "access-key-never-used"} <= set(
        told.checks
    )
    assert told.recommendation[0].startswith("Let ann register a passkey")
    assert "aws iam delete-login-profile --user-name ann" in told.recommendation[0]


def test_users_who_are_neglected_alike_are_one_observation(tmp_path):
    names = ("ann", "bob", "eve")
    audit = audit_of(
        tmp_path,
        *({"user": name, **key(1, age=200, used=100)} for name in names),
        users=[user(name) for name in names],
    )
    told = observation(audit, "obs-unused-credentials")
    assert told.title == "3 users have credentials that nobody uses"
    assert told.resources == [f"{IAM}:user/{name}" for name in names]
    assert "access-key-rotation" in told.checks  # the same key is told once


def test_regions_without_an_analyzer_are_told_by_their_names(tmp_path):
    told = {"Regions": ["eu-west-1", "us-east-1"], "Analyzers": [], "Findings": []}
    taken = snapshot(tmp_path / "s", access_analyzer=told)
    told = observation(iamaudit.open_snapshot(taken, as_of=AS_OF), "obs-access-analyzer")
    assert told.title == "IAM Access Analyzer does not look for external access in 2 Regions"
    assert told.condition == (
        "eu-west-1 and us-east-1. Found: eu-west-1 has no active external access analyzer; "
        "us-east-1 has no active external access analyzer."
    )


def test_what_the_account_as_a_whole_neglects_is_said_without_a_list(tmp_path):
    taken = snapshot(tmp_path / "s", organization_features={"EnabledFeatures": []})
    told = observation(iamaudit.open_snapshot(taken, as_of=AS_OF), "obs-root-credentials")
    assert told.condition == (
        "Found: the organization of 111122223333 does not manage the root credentials of its member accounts."
    )


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["user/a"], "1 user"),
        (["policy/a", "policy/path/b"], "2 policies"),
        (["user/a", "role/a", "role/path/b", "group/g"], "2 roles, 1 user and 1 group"),
        (
            ["oidc-provider/host/a", "saml-provider/b", "server-certificate/c"],
            "2 providers and 1 server certificate",
        ),
    ],
)
def test_resources_are_counted_by_their_kind_the_most_first(names, words):
    assert kinds_of([f"{IAM}:{name}" for name in names]) == words


def test_a_practice_says_how_many_of_each_kind_neglect_it(tmp_path):
    tagged = [{"Key": "team", "Value": "web"}]
    audit = audit_of(
        tmp_path,
        *({"user": name, **key(1, age=3, used=1)} for name in ("ann", "bob", "eve")),
        users=[user("ann"), user("bob"), user("eve", Tags=tagged)],
        roles=[role("ann")],
    )
    assert (
        observation(audit, "obs-tagging").title == "2 users and 1 role have no tag that says whose they are"
    )


def test_too_many_administrators_by_themselves_are_an_exception_to_that_check(tmp_path):
    roles = [role(name, **inline("Role", "In", allow("iam:*"))) for name in ("one", "two")]
    audit = audit_of(tmp_path, max_administrators=1, roles=roles)
    told = observation(audit, "obs-administrators")
    assert told.title == "1 exception to: The account has at most 1 administrators"
    assert told.checks == ["administrator-few"]


def test_one_statement_is_told_with_each_check_it_fails_and_the_path_that_it_opens(tmp_path):
    audit = audit_of(
        tmp_path,
        {"user": "ann"},
        users=[user("ann", **attached("Maker"))],
        policies=[policy("Maker", allow("s3:GetObject"), allow(["iam:CreatePolicyVersion", "iam:PassRole"]))],
    )
    told = observation(audit, "obs-policy-maker-statement-1")
    assert told.title == "A statement of Maker lets ann become an administrator"
    assert {"policy-pass-role", "escalation-administrator"} <= set(told.checks)
    assert "allows iam:CreatePolicyVersion and iam:PassRole on every resource. Held by ann." in told.condition
    assert SEVERITIES.index(told.severity) <= SEVERITIES.index("high")
    assert f"`iamaudit what-if {IAM}:policy/Maker Maker.json`" in told.recommendation[1]


def test_the_title_of_a_statement_is_short_and_its_findings_are_whole(tmp_path):
    audit = audit_of(
        tmp_path,
        users=[user("ann", **attached("Reader"))],
        policies=[policy("Reader", allow("s3:GetObject", f"{IAM}:x"), allow("ssm:GetParameter*"))],
    )
    told = observation(audit, "obs-policy-reader-statement-1")
    assert told.title == "Reader allows ssm:GetParameter and 3 more on every parameter"
    named = "ssm:GetParameter, ssm:GetParameterHistory, ssm:GetParameters, ssm:GetParametersByPath"
    assert f"Reader allows {named} on every parameter (Statement[1])" in told.condition


def test_a_path_by_way_of_another_principal_has_that_one_s_cause(tmp_path):
    trusted = document(
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"{IAM}:user/ann"}}
    )
    audit = audit_of(
        tmp_path,
        {"user": "ann"},
        users=[user("ann", **inline("User", "In", allow("sts:AssumeRole", f"{IAM}:role/maker")))],
        roles=[role("maker", AssumeRolePolicyDocument=trusted, **attached("Maker"))],
        policies=[policy("Maker", allow("iam:AttachRolePolicy"))],
    )
    paths = audit.findings[audit.findings.check == "escalation-administrator"]
    assert set(paths.resource) == {f"{IAM}:user/ann", f"{IAM}:role/maker"}
    assert paths.observation.nunique() == 1


def test_a_web_identity_that_ends_at_an_administrator_is_critical(tmp_path):
    provider = "token.actions.githubusercontent.com"
    trusted = document(
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": f"{IAM}:oidc-provider/{provider}"},
            "Condition": {
                "StringEquals": {f"{provider}:aud": "sts.amazonaws.com"},
                "StringLike": {f"{provider}:sub": "repo:example-org/*"},
            },
        }
    )
    audit = audit_of(
        tmp_path,
        roles=[role("deploy", AssumeRolePolicyDocument=trusted, **attached("Full"))],
        policies=[policy("Full", allow("*"))],
    )
    told = observation(audit, "obs-trust-deploy")
    assert told.severity == "critical"
    assert told.title == "Every repository of example-org can become an administrator through deploy"


def test_the_owner_comes_from_the_tag_of_that_name_in_any_case(tmp_path):
    audit = audit_of(
        tmp_path,
        {"user": "ann", **password(changed=1, used=1)},
        users=[user("ann", Tags=[{"Key": "Owner", "Value": "platform"}], **attached("Full"))],
        policies=[policy("Full", allow("*"))],
    )
    assert observation(audit, "obs-user-ann").owner == "platform"


def test_the_demo_has_few_things_to_do_and_the_first_are_what_a_practitioner_does_first():
    observed = iamaudit.open_notebook({"snapshot": "demo"}).observations
    assert len(observed) <= 30
    assert observed.id.head(5).tolist() == [
        "obs-user-ci-deployer",  # the key lies in code and leads to an administrator
        "obs-user-backup-agent",  # the key lies in git history and works
        "obs-root",  # an access key and no MFA
        "obs-trust-github-deploy",  # every repository of an organization becomes an administrator
        "obs-user-marcus.lund",  # an administrator without MFA
    ]
    assert "role/ops-automation" in observed.condition[0]
    assert "was last used on 2026-10-31" in observed.condition[0]
    assert not observed.cause_kind.eq("check").any()
    assert set(observed.id.tail(2)) == {"obs-tagging", "obs-hardware-mfa"}


def passing(tmp_path, *actions):
    """Return the observation of a role that Lambda runs as an administrator, and who may run code with it."""
    service = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": "lambda.amazonaws.com"},
    }
    holders = [
        user("ann", **inline("User", "Pass", allow("iam:PassRole", f"{IAM}:role/job"), allow(["lambda:*"]))),
        user("ben", **inline("User", "Code", allow("lambda:UpdateFunctionCode"))),
    ]
    audit = audit_of(
        tmp_path,
        users=[each for each in holders if each["UserName"] in actions],
        roles=[role("job", AssumeRolePolicyDocument=document(service), **attached("Full"))],
        policies=[policy("Full", allow("*"))],
    )
    return observation(audit, "obs-trust-job")


def test_who_surely_becomes_an_administrator_is_told_apart_from_who_may(tmp_path):
    told = passing(tmp_path, "ann", "ben")
    assert told.title == "ann can become an administrator through job"
    assert told.effect == "ann, or anyone who steals their credentials, can take full control of the account."
    assert told.why == (
        "The path of 1 principal surely ends at an administrator. "
        "1 other path needs a condition or a live resource."
    )


def test_who_needs_a_running_function_may_become_an_administrator(tmp_path):
    told = passing(tmp_path, "ben")
    assert told.title == "ben may become an administrator through job"
    assert "ben, or anyone who steals their credentials, may be able to take" in told.effect
    assert told.why.startswith("The path of 1 principal may end at an administrator: a condition must hold")


def test_a_role_that_only_a_service_assumes_is_closed_at_those_who_may_use_the_service(tmp_path):
    told = passing(tmp_path, "ann")
    assert "can run code of theirs with it" in told.cause
    assert not any("update-assume-role-policy" in step for step in told.recommendation)
    assert told.recommendation[0].startswith("Find the statements that open the path: `iamaudit paths ann`.")
