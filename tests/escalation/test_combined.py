"""One rule makes an administrator of somebody, another one takes over: with each action less, and stopped."""

import pytest

from iamaudit.escalation import BLOCKED, CERTAIN, load_rules
from iamaudit.escalation.combined import combine
from iamaudit.escalation.rules import load_raises
from tests.accounts import (
    IAM,
    allow,
    attached,
    boundary,
    deny,
    details,
    group,
    key,
    policy,
    report,
    role,
    user,
)
from tests.escalation.accounts import ADMIN, ADMINISTRATOR, opened, scp, targets, trust_account, verdicts
from tests.escalation.test_traps import RUNS

LAMBDA = "pass-role-lambda-create-function-and-invoke-function"
KEYS = ("iam-create-access-key", "iam-create-login-profile", "iam-update-login-profile")
PAIRS = [
    *((raises, "iam-create-access-key") for raises in load_raises() if load_raises()[raises].is_about_users),
    ("iam-attach-user-policy", "iam-create-login-profile"),
    ("iam-attach-user-policy", "iam-update-login-profile"),
    ("iam-put-user-policy", "iam-update-login-profile"),
    ("iam-create-policy-version", "iam-create-access-key"),
    ("iam-set-default-policy-version", "iam-create-access-key"),
    ("iam-create-policy-version", "iam-update-login-profile"),
    *((raises, LAMBDA) for raises in load_raises() if not load_raises()[raises].is_about_users),
    ("iam-attach-role-policy", "pass-role-ec2-run-instances"),
    ("iam-put-role-policy", "pass-role-glue-create-job-and-start-job-run"),
    ("iam-delete-role-permissions-boundary", "iam-update-assume-role-policy"),
]
EXPLICIT = {
    ("iam-attach-user-policy", "iam-create-access-key"),
    ("iam-put-user-policy", "iam-create-access-key"),
}
PAIRS = [pair for pair in PAIRS if pair not in EXPLICIT and pair[1] in load_rules()]


def account_of(rule, without=(), extra=(), **changes):
    """Return an account in which ``ann`` holds what two rules need, and ``target`` is nobody much."""
    actions = [action for action in rule.permissions if action not in without]
    held = [policy(f"p{number}", allow(action)) for number, action in enumerate(actions)]
    held += [policy("extra", *extra)] if extra else []
    limited = boundary("limit") if rule.gives.endswith("without boundary") else {}
    limited |= ADMINISTRATOR if rule.gives == "target without boundary" else {}
    own = attached("dull") if rule.gives != "target without boundary" else {}
    service = rule.services[0] if rule.services else "polly.amazonaws.com"
    trusts = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    profile = [{"InstanceProfileName": "target", "Arn": f"{IAM}:instance-profile/target"}]
    made = {
        "users": [
            user("ann", **attached(*(p["PolicyName"] for p in held)), **changes),
            user("target", GroupList=["team"], **own, **limited),
        ],
        "roles": [
            role(
                "target",
                AssumeRolePolicyDocument={"Version": "2012-10-17", "Statement": [trusts]},
                InstanceProfileList=profile,
                **own,
                **limited,
            )
        ],
        "groups": [group("team"), group("admins", **ADMINISTRATOR)],
    }
    policies = [ADMIN, policy("limit", allow("s3:*")), policy("dull", allow("s3:GetObject")), *held]
    return details(policies=policies, **made)


@pytest.mark.parametrize("pair", PAIRS, ids="-then-".join)
def test_with_both_rules_a_target_is_made_an_administrator_and_taken_over(tmp_path, pair):
    rule = combine(*pair, None)
    escalation = opened(tmp_path / "both", account_of(rule))
    assert verdicts(escalation, rule) == {CERTAIN}
    assert targets(escalation, rule) == {"target"}
    path = escalation.graph.paths()[f"{IAM}:user/ann"]
    assert (path.verdict, len(path.steps)) == (CERTAIN, 1)
    decisions = escalation.decisions(path.steps[0])
    assert {decision.verdict for decision in decisions.values()} == {"allowed"}
    for number, action in enumerate(rule.permissions):
        less = opened(tmp_path / str(number), account_of(rule, without=[action]))
        assert verdicts(less, rule) <= {BLOCKED}


@pytest.mark.parametrize("pair", PAIRS, ids="-then-".join)
def test_each_layer_stops_what_needs_two_rules(tmp_path, pair):
    rule = combine(*pair, None)
    action = next(iter(rule.permissions))
    denied = opened(tmp_path / "deny", account_of(rule, extra=[deny(action)]))
    assert verdicts(denied, rule) == {BLOCKED}
    limits = policy("b", {"Effect": "Allow", "NotAction": action, "Resource": "*"})
    bounded = account_of(rule, **boundary("b"))
    bounded["Policies"].append(limits)
    assert verdicts(opened(tmp_path / "boundary", bounded), rule) == {BLOCKED}
    above = opened(tmp_path / "scp", account_of(rule), organization_policies=scp(deny(action)))
    assert verdicts(above, rule) == {BLOCKED}


def test_of_a_user_with_two_keys_one_is_deleted_first(tmp_path):
    keys = report(
        {"user": "<root_account>"},
        {"user": "ann"},
        {"user": "target", **key(1, age=1), **key(2, age=1)},
    )
    first, both = (
        combine("iam-add-user-to-group", each, None) for each in (KEYS[0], f"{KEYS[0]}-and-delete-access-key")
    )
    stuck = opened(tmp_path / "1", account_of(first), credential_report=keys)
    assert verdicts(stuck, first) == set()
    assert verdicts(opened(tmp_path / "2", account_of(both), credential_report=keys), both) == {CERTAIN}


def test_a_raise_that_another_rule_names_itself_is_not_told_twice(tmp_path):
    own = policy("own", allow(["iam:AttachRolePolicy", "sts:AssumeRole"]))
    target = role("target", AssumeRolePolicyDocument=trust_account())
    account = details(users=[user("ann", **attached("own"))], roles=[target], policies=[own])
    found = {way.rule.id for way in opened(tmp_path, account).ways_of("ann")}
    assert found == {"sts-assume-role", "iam-attach-role-policy-and-sts-assume-role"}


def test_who_is_an_administrator_already_is_only_taken_over(tmp_path):
    own = policy("own", allow(["iam:PutRolePolicy", "iam:PassRole", "lambda:*"]))
    target = role("target", AssumeRolePolicyDocument=RUNS, **ADMINISTRATOR)
    account = details(users=[user("ann", **attached("own"))], roles=[target], policies=[ADMIN, own])
    ways = opened(tmp_path, account).ways_of("ann")
    assert [way for way in ways if "-then-" in way.rule.id] == []
