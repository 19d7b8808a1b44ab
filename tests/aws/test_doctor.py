"""Before a collection: who asks, and which sources AWS would refuse."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from moto.core.authorization import enable_iam_authentication

from iamaudit.aws import clock_in_words, examine_access, open_session
from iamaudit.aws.doctor import NOT_TRIED, Prospect
from iamaudit.cli import main
from iamaudit.errors import CollectionError
from iamaudit.snapshot import SOURCES
from tests.aws.test_auditor_policy import POLICY, STATEMENT
from tests.aws.test_collect import ACCOUNT, ASKED, ROLE

ALLOWED = STATEMENT["Action"]
IAM_ALLOWED = [action for action in ALLOWED if action.startswith("iam:")]  # moto has IAM only to refuse
IN_PART = {"iam:GetPolicy", "iam:GetPolicyVersion"}


@pytest.fixture
def auditor(admin, endpoint, monkeypatch):
    """Return a session of a user with the given actions, in an account without anything else."""
    admin.create_user(UserName="auditor")
    key = admin.create_access_key(UserName="auditor")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])

    def allow(actions):
        document = {**POLICY, "Statement": [{**STATEMENT, "Action": actions}]}
        admin.put_user_policy(UserName="auditor", PolicyName="audit", PolicyDocument=json.dumps(document))
        return open_session()

    return allow


def test_with_the_auditor_policy_every_source_would_be_collected_and_no_report_is_made(
    auditor, endpoint, backend
):
    session, sent = auditor(ALLOWED), []
    session.events.register("before-call", lambda model, **_: sent.append(model.name))
    with enable_iam_authentication():
        found = examine_access(session, endpoint_url=endpoint)
    assert found.is_well
    assert [each.source for each in found.prospects] == ASKED
    assert {each.status for each in found.prospects} == {"collected"}
    assert (found.account_id, found.caller_arn) == (ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/auditor")
    allowed = {action.split(":")[1] for action in {*ALLOWED} - {*NOT_TRIED}} - {"ListFindings"}
    assert sorted(sent) == sorted({*allowed, "ListFindingsV2", "GetCallerIdentity"})
    assert {preset: plan.calls for preset, plan in found.plans.items()} == {
        "fast": 13,
        "default": 14,
        "thorough": 24,
    }
    assert backend.credential_report is None


@pytest.mark.parametrize("action", [action for action in IAM_ALLOWED if action not in NOT_TRIED])
def test_one_action_less_is_named_at_its_source_and_no_other(action, auditor, endpoint):
    session = auditor([each for each in ALLOWED if each != action])
    with enable_iam_authentication():
        found = examine_access(session, endpoint_url=endpoint)
    lacking = {each.source: (each.status, each.needs) for each in found.prospects if each.needs}
    (source,) = [name for name, each in SOURCES.items() if action in each.permissions]
    assert lacking == {source: ("collected" if action in IN_PART else "denied", (action,))}
    assert not found.is_well


def test_an_operation_that_the_endpoint_does_not_have_is_unavailable(session, endpoint, refuse):
    refuse(session, "ListSAMLProviders", "InvalidAction", "no such thing")
    found = examine_access(session, endpoint_url=endpoint)
    assert [each.in_words for each in found.prospects if each.status != "collected"] == [
        "unavailable: InvalidAction: no such thing"
    ]


def test_in_another_partition_its_own_policies_are_asked_for(session, endpoint):
    asked = []

    def identity(**_):
        arn = f"arn:aws-cn:iam::{ACCOUNT}:user/a"
        return type("Answer", (), {"status_code": 200})(), {
            "Account": ACCOUNT,
            "Arn": arn,
            "ResponseMetadata": {},
        }

    session.events.register("before-call.sts.GetCallerIdentity", identity)
    session.events.register("before-call.iam.GetPolicy", lambda params, **_: asked.append(params["body"]))
    found = examine_access(session, endpoint_url=endpoint)
    assert asked[0]["PolicyArn"] == "arn:aws-cn:iam::aws:policy/SecurityAudit"
    assert (found.clock_ahead_seconds, found.is_clock_wrong) == (None, False)
    assert clock_in_words(None) == "AWS did not say what time it is"


@pytest.mark.parametrize(
    ("prospect", "words"),
    [
        (Prospect("s", "collected"), "would be collected"),
        (Prospect("s", "collected", ("iam:A",)), "would be collected in part: the rest needs iam:A"),
        (Prospect("s", "denied", ("iam:A", "iam:B"), "no"), "denied: needs iam:A and iam:B"),
        (Prospect("s", "failed", (), "Throttling: slow"), "failed: Throttling: slow"),
    ],
)
def test_a_prospect_is_a_phrase(prospect, words):
    assert prospect.in_words == words


@pytest.mark.parametrize(
    ("ahead", "is_wrong", "words"),
    [
        (-400, True, "the clock of this machine is 400 seconds behind AWS's"),
        (3600, True, "the clock of this machine is 3,600 seconds ahead of AWS's"),
        (0, False, "the clock of this machine is 0 seconds behind AWS's"),
    ],
)
def test_the_clock_is_held_against_the_one_of_aws(ahead, is_wrong, words, session, endpoint):
    found = examine_access(
        session, endpoint_url=endpoint, clock=lambda: datetime.now(UTC) + timedelta(seconds=ahead)
    )
    assert found.clock_ahead_seconds == pytest.approx(ahead, abs=20)
    assert found.is_clock_wrong == is_wrong
    assert clock_in_words(ahead) == words


def test_a_signature_that_a_wrong_clock_made_useless_names_the_clock(session, endpoint):
    answer = {
        "Error": {"Code": "SignatureDoesNotMatch", "Message": "Signature expired"},
        "ResponseMetadata": {"HTTPHeaders": {"date": "Sun, 01 Nov 2026 07:55:00 GMT"}},
    }
    session.events.register(
        "before-call.sts.GetCallerIdentity",
        lambda **_: (type("Answer", (), {"status_code": 403})(), answer),
    )
    with pytest.raises(CollectionError) as caught:
        examine_access(session, endpoint_url=endpoint, clock=lambda: datetime(2026, 11, 1, 8, 5, tzinfo=UTC))
    assert caught.value.__notes__ == ["the clock of this machine is 600 seconds ahead of AWS's: set it"]


def call(*arguments):
    done = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
    return done.exit_code, done.stdout, done.stderr


def test_the_command_says_a_line_a_source_and_ends_with_1_when_one_is_refused(auditor, endpoint):
    auditor(ALLOWED)
    with enable_iam_authentication():
        code, out, err = call("doctor", "--endpoint-url", endpoint)
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert lines[0] == f"account {ACCOUNT}, as arn:aws:iam::{ACCOUNT}:user/auditor"
    assert [line.split()[0] for line in lines[2:-4]] == ASKED
    assert lines[-4] == "collect --preset fast: at most about 13 calls, 1 minute at 10 calls a second"
    assert lines[-1] == "not tried, as it makes a report: iam:GenerateCredentialReport"
    auditor([each for each in ALLOWED if each != "iam:ListAccessKeys"])
    with enable_iam_authentication():
        code, out, err = call("doctor", "--endpoint-url", endpoint)
    assert (code, err) == (1, "")
    assert "access_keys                   denied: needs iam:ListAccessKeys\n" in out


def test_the_command_takes_the_parameters_of_a_run_and_options_override_them(endpoint, tmp_path):
    params = tmp_path / "params.yaml"
    params.write_text(f'account_id: "111122223333"\nrole_arn: {ROLE}\nmax_key_age_days: 90\n')
    given = ("doctor", "--endpoint-url", endpoint, "--params", params)
    code, out, err = call(*given)
    assert (code, out) == (1, "")
    assert err.startswith(f"iamaudit: the credentials are for account {ACCOUNT}, `account_id` is")
    code, out, _ = call(*given, "--account-id", ACCOUNT)
    assert code == 0
    assert out.startswith(f"account {ACCOUNT}, as arn:aws:sts::{ACCOUNT}:assumed-role/auditor/iamaudit\n")
