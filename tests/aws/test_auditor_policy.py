"""The policy and the role for the auditor allow what the collection asks for, and nothing else."""

import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
import yaml
from moto.core.authorization import enable_iam_authentication

from iamaudit.aws import collect, collect_account, open_session
from iamaudit.aws.credential_report import collect_credential_report
from iamaudit.aws.guard import is_read
from iamaudit.aws.schedule import REST_ON
from iamaudit.snapshot import SOURCES, read_snapshot
from tests.aws.test_collect import ACCOUNT, filled  # noqa: F401 - a fixture

DOCS = Path(__file__).parents[2] / "docs"
POLICY = json.loads((DOCS / "auditor-policy.json").read_text())
TEMPLATE = yaml.safe_load((DOCS / "auditor-role.yaml").read_text())
(STATEMENT,) = POLICY["Statement"]
NOW = datetime(2026, 11, 1, 7, 55, tzinfo=UTC)


def test_the_policy_allows_exactly_what_the_collection_asks_for():
    asked = {permission for source in SOURCES.values() for permission in source.permissions}
    assert set(STATEMENT["Action"]) == asked - {"sts:GetCallerIdentity"}  # needs no permission (rule A8)
    assert STATEMENT["Action"] == sorted(STATEMENT["Action"])
    assert (STATEMENT["Effect"], STATEMENT["Resource"]) == ("Allow", "*")


def test_the_policy_allows_only_what_the_guard_lets_through():
    operations = {"access-analyzer:ListFindings": "access-analyzer:ListFindingsV2"}
    called = [operations.get(action, action).split(":") for action in STATEMENT["Action"]]
    assert all(is_read(service.replace("-", ""), operation) for service, operation in called)


def test_the_role_of_the_template_has_that_policy_and_an_external_id_and_an_hour():
    (role,) = TEMPLATE["Resources"].values()
    (inline,) = role["Properties"]["Policies"]
    (trust,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert inline["PolicyDocument"] == POLICY
    assert trust["Principal"] == {"AWS": {"Ref": "AuditorPrincipal"}}
    assert trust["Condition"] == {"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}}
    assert role["Properties"]["MaxSessionDuration"] == 3600


@pytest.fixture
def auditor(admin, filled, endpoint, tmp_path, monkeypatch):  # noqa: F811
    """Collect as a user that has only the given actions, while moto asks for permissions."""
    report = partial(collect_credential_report, sleep=lambda _: None)
    monkeypatch.setitem(collect._ASK, "credential_report", lambda iam, _: report(iam))
    admin.create_user(UserName="auditor")
    key = admin.create_access_key(UserName="auditor")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])

    def run(actions):
        document = {**POLICY, "Statement": [{**STATEMENT, "Action": actions}]}
        admin.put_user_policy(UserName="auditor", PolicyName="audit", PolicyDocument=json.dumps(document))
        with enable_iam_authentication():
            taken = collect_account(
                open_session(),
                tmp_path,
                endpoint_url=endpoint,
                clock=lambda: NOW,
                progress=False,
                preset="thorough",
                replace=True,
            )
        snapshot = read_snapshot(taken)
        return {name: snapshot.status(name) for name in SOURCES if name != "organization_policies"}

    return run


def test_the_policy_suffices(auditor):
    assert set(auditor(STATEMENT["Action"]).values()) == {"collected"}


def _sources_without(action):
    """Return the sources that need it, and those that rest on one of them alone."""
    named = {name for name, source in SOURCES.items() if action in source.permissions}
    return named, {name for name, others in REST_ON.items() if len(others) == 1 and named.issuperset(others)}


# A managed policy that the details leave out is fetched; none is here, so the two are not missed.
# moto has no Access Analyzer that could refuse.
MISSED = [
    action
    for action in STATEMENT["Action"]
    if action.startswith("iam:") and action not in ("iam:GetPolicy", "iam:GetPolicyVersion")
]


@pytest.mark.parametrize("action", MISSED)
def test_one_action_less_denies_its_source_and_no_other(action, auditor):
    states = auditor([each for each in STATEMENT["Action"] if each != action])
    if action == "iam:GenerateCredentialReport":  # one that somebody else had made would do
        assert states["credential_report"] != "collected"
        states["credential_report"] = "denied"
    named, resting = _sources_without(action)
    assert {name for name, state in states.items() if state != "collected"} == named | resting
    assert {states[name] for name in named} == {"denied"}
    assert {states[name] for name in resting} <= {"failed"}
