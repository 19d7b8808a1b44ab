"""What stays after a grant, and what can be granted: Denies, versions, full policies, boundaries."""

import json
from pathlib import Path

import pytest

from iamaudit.escalation import load_rules
from tests.accounts import (
    IAM,
    allow,
    attached,
    boundary,
    deny,
    details,
    document,
    group,
    inline,
    policy,
    role,
    user,
)
from tests.escalation.accounts import ADMIN, ADMINISTRATOR, opened, trust_account, verdicts, ways_of

RULES = load_rules()
CASES = json.loads((Path(__file__).parent / "grants.json").read_text())
VERSION = RULES["iam-create-policy-version"]


def ann_with(*statements, policies=(), **fields):
    ann = user("ann", **{**attached("own"), **fields})
    return details(users=[ann], policies=[ADMIN, policy("own", *statements), *policies])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_a_grant_makes_an_administrator_or_not(tmp_path, case):
    policies = [policy(name, *statements) for name, statements in case["policies"].items()]
    limit = boundary(case["boundary"]) if case["boundary"] else {}
    account = ann_with(*case["own"], policies=policies, **attached("own", *case["attached"]), **limit)
    assert verdicts(opened(tmp_path, account), RULES[case["rule"]]) == {case["found"]}


@pytest.mark.parametrize(
    ("also", "found"), [([], {"blocked"}), (["iam:DeletePolicyVersion"], {"certain"})], ids=["stuck", "room"]
)
def test_a_policy_with_five_versions_takes_a_sixth_after_one_is_deleted(tmp_path, also, found):
    account = ann_with(allow(["iam:CreatePolicyVersion", *also]))
    own = account["Policies"][1]
    own["PolicyVersionList"] += [{"VersionId": f"v{n}", "IsDefaultVersion": False} for n in (3, 4, 5)]
    escalation = opened(tmp_path, account)
    assert verdicts(escalation, VERSION) == found
    if not also:
        (way,) = ways_of(escalation, VERSION)
        assert way.blocker == "quota: five versions are there, and iam:DeletePolicyVersion is not allowed"


def test_a_target_that_denies_itself_iam_is_no_administrator_whatever_it_is_given(tmp_path):
    rule = RULES["iam-put-role-policy-and-sts-assume-role"]
    held = inline("User", "own", allow(list(rule.permissions)))
    for name, denied, found in (("shut", deny("iam:*"), {"blocked"}), ("open", deny("s3:*"), {"certain"})):
        target = role("r", AssumeRolePolicyDocument=trust_account(), **inline("Role", "guard", denied))
        escalation = opened(tmp_path / name, details(users=[user("ann", **held)], roles=[target]))
        assert verdicts(escalation, rule) == found
        words = {way.blocker for way in ways_of(escalation, rule)}
        limit = f"Deny: of {IAM}:role/r#guard keeps the administrator's permissions away"
        assert words == ({limit} if name == "shut" else {None})


def test_a_group_that_makes_administrators_makes_none_of_who_denies_it(tmp_path):
    rule = RULES["iam-add-user-to-group"]
    held = inline("User", "own", allow("iam:AddUserToGroup"), deny(["iam:Attach*", "iam:Put*", "iam:C*"]))
    account = details(
        users=[user("ann", **held)], groups=[group("admins", **ADMINISTRATOR)], policies=[ADMIN]
    )
    assert verdicts(opened(tmp_path, account), rule) == {"blocked"}


def test_a_role_whose_boundary_may_be_rewritten_is_a_target(tmp_path):
    rule = RULES["iam-create-policy-version-and-sts-assume-role"]
    narrow = policy("narrow", allow("s3:*"))
    target = role("r", AssumeRolePolicyDocument=trust_account(), **ADMINISTRATOR, **boundary("narrow"))
    ann = user("ann", **inline("User", "own", allow(list(rule.permissions))))
    account = details(users=[ann], roles=[target], policies=[ADMIN, narrow])
    escalation = opened(tmp_path, account)
    assert verdicts(escalation, rule) == {"certain"}
    path = escalation.graph.paths()[f"{IAM}:user/ann"]
    assert escalation.statements(path.steps[0])


def test_an_older_version_of_the_boundary_counts(tmp_path):
    rule = RULES["iam-set-default-policy-version"]
    narrow = policy("narrow", allow(["iam:SetDefaultPolicyVersion", "s3:*"]))
    for name, before, found in (("wide", allow("*"), {"certain"}), ("narrow", allow("sqs:*"), set())):
        narrow["PolicyVersionList"][0]["Document"] = document(before)
        account = details(
            users=[user("ann", **ADMINISTRATOR, **boundary("narrow"))], policies=[ADMIN, narrow]
        )
        assert verdicts(opened(tmp_path / name, account), rule) == found
