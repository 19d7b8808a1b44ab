"""Each rule in an account made for it: found, not found with one action less, and blocked by each layer."""

import csv
import tomllib
from pathlib import Path

import pytest

from iamaudit.escalation import CONDITIONAL, load_rules
from iamaudit.escalation.rules import GIVES
from tests.accounts import IAM, allow, boundary, deny, policy
from tests.escalation.accounts import account_of, is_about_roles, opened, scp, targets, verdicts, ways_of

RULES = load_rules()
PUBLIC = Path(__file__).parent / "public_paths.csv"
# What makes an administrator of a principal that has the permissions already, but for one limit.
FREED = {"self without boundary", "self without a policy", "self without a group", "an older version"}
ORDINARY = [rule for rule in RULES.values() if rule.gives not in FREED]
LATER = (
    "pass-role-ec2-run-instances-with-new-instance-profile",
    "pass-role-rolesanywhere-create-profile",
    "rolesanywhere-update-trust-anchor",
    "pass-role-pipes-create-pipe",
    "pass-role-eks-create-pod-identity-association",
    "eks-create-access-entry",
    "ecr-put-image",
    "ecr-set-repository-policy",
    "identitystore-create-group-membership",
    "sso-create-account-assignment",
    "iam-put-role-permissions-boundary-and-sts-assume-role",
    "iam-delete-own-role-permissions-boundary",
    "iam-put-own-role-permissions-boundary",
    "iam-detach-own-role-policy",
    "iam-delete-own-role-policy",
    "iam-remove-user-from-group",
    "iam-create-user-and-attach-user-policy-and-create-access-key",
    "iam-create-user-and-put-user-policy-and-create-access-key",
    "iam-create-role-and-attach-role-policy",
    "iam-create-role-and-put-role-policy",
    *(
        f"iam-create-role-and-{how}-role-policy-and-pass-role-{service}"
        for how in ("attach", "put")
        for service in ("lambda-create-function", "cloudformation-create-stack", "ec2-run-instances")
    ),
    *(
        f"iam-create-user-and-{grant}-and-create-{credential}"
        for grant in ("attach-user-policy", "put-user-policy", "add-user-to-group")
        for credential in ("access-key", "login-profile")
        if grant == "add-user-to-group" or credential == "login-profile"
    ),
    *(f"iam-{how}-group-policy-and-add-user-to-group" for how in ("attach", "put")),
    *(
        f"iam-{how}-login-profile-and-{mfa}-mfa-device"
        for how in ("create", "update")
        for mfa in ("deactivate", "enable")
    ),
    *("iam-update-saml-provider", "iam-update-openid-connect-provider-thumbprint"),
    *(f"iam-create-group-and-{how}-group-policy-and-add-user-to-group" for how in ("attach", "put")),
    *(
        f"iam-delete-own-{kind}-permissions-boundary-and-{how}-{kind}-policy"
        for kind in ("user", "role")
        for how in ("attach", "put")
    ),
)
COGNITO = "pass-role-cognito-identity-set-identity-pool-roles"


def expected(rule):
    return "needs a live resource" if rule.live else "certain"


def test_every_public_path_is_a_rule_with_its_permissions_and_nothing_else():
    with PUBLIC.open(newline="") as file:
        public = {row["id"]: row for row in csv.DictReader(file)}
    ours = {reference: rule for rule in RULES.values() for reference in rule.references}
    assert len(public) == 103
    assert ours.keys() == public.keys()
    for name, row in public.items():
        assert sorted(ours[name].permissions) == sorted(row["required_permissions"].split()), name
        assert (name in ours[name].unreleased) == (row["released"] == "later"), name


def test_the_classics_outside_of_the_public_paths_are_rules_too():
    assert {name for name, rule in RULES.items() if not rule.references} == {
        "iam-set-default-policy-version",
        "lambda-update-function-configuration",
        "codebuild-update-project-and-start-build",
        "pass-role-ec2-associate-iam-instance-profile",
        "pass-role-autoscaling-create-launch-configuration",
        "pass-role-autoscaling-create-auto-scaling-group",
        *LATER,
    }


def test_the_file_of_rules_says_only_what_a_rule_knows():
    rows = tomllib.loads(Path("iamaudit/escalation/rules.toml").read_text())["rules"]
    assert len(rows) == len(RULES) == 105 + len(LATER)
    on = {"self", "own policy", "own group", "target user", "target role", "target group"}
    on |= {"policy of target", "provider of target", "role passed", "any"}
    for rule in RULES.values():
        assert rule.gives in GIVES
        assert set(rule.permissions.values()) <= on
        is_new = "iam:CreateRole" in rule.permissions  # which is passed then
        assert rule.permissions.get("iam:PassRole") in (None, "any" if is_new else "role passed")
        assert bool(rule.services) == bool(rule.passed_to)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_with_exactly_its_permissions_a_rule_is_found_with_its_target(tmp_path, rule):
    escalation = opened(tmp_path, account_of(rule))
    assert verdicts(escalation, rule) == {expected(rule)}
    if rule.gives in ("target", "target with any policy", "target without boundary"):
        assert targets(escalation, rule) == {"target"}
    if rule.gives == "a group":
        assert targets(escalation, rule) == {"admins"}
    paths = escalation.paths_of("ann")
    assert rule.id in {path.steps[0].way.rule.id for path in paths}
    assert all(len(path.steps) == 1 for path in paths)


LESS = [(rule, action) for rule in RULES.values() for action in rule.permissions]


@pytest.mark.parametrize(("rule", "action"), LESS, ids=[f"{r.id} {a}" for r, a in LESS])
def test_with_one_action_less_a_rule_is_not_found(tmp_path, rule, action):
    escalation = opened(tmp_path, account_of(rule, without=[action]))
    assert [way for way in ways_of(escalation, rule) if way.verdict != "blocked"] == []
    if rule.gives not in FREED and action != "sts:AssumeRole":
        assert ways_of(escalation, rule) == []


def blockers(escalation, rule):
    found = ways_of(escalation, rule)
    assert found
    assert {way.verdict for way in found} == {"blocked"}
    return {way.blocker for way in found}


@pytest.mark.parametrize("rule", ORDINARY, ids=lambda rule: rule.id)
def test_a_deny_in_another_policy_blocks_and_is_named(tmp_path, rule):
    action = next(iter(rule.permissions))
    (words,) = blockers(opened(tmp_path, account_of(rule, extra=[deny(action)])), rule)
    assert words == f"Deny: {action} by {IAM}:policy/extra Statement[0]"


# A boundary that allows all but the first action leaves an administrator, who needs not take it off.
LIMITED = [rule for rule in ORDINARY if rule.gives != "any policy without boundary"]


@pytest.mark.parametrize("rule", LIMITED, ids=lambda rule: rule.id)
def test_a_boundary_blocks_and_is_named(tmp_path, rule):
    action = next(iter(rule.permissions))
    account = account_of(rule, **boundary("b"))
    account["Policies"].append(policy("b", {"Effect": "Allow", "NotAction": action, "Resource": "*"}))
    (words,) = blockers(opened(tmp_path, account), rule)
    assert words == f"permissions boundary: {action} is not in {IAM}:policy/b"


@pytest.mark.parametrize("rule", [rule for rule in ORDINARY if rule not in LIMITED], ids=lambda rule: rule.id)
def test_a_boundary_that_cannot_be_taken_off_blocks_and_is_named(tmp_path, rule):
    account = account_of(rule, **boundary("b"))
    action, then = rule.permissions
    account["Policies"].append(policy("b", allow(["s3:*", then])))
    (words,) = blockers(opened(tmp_path, account), rule)
    assert words == f"permissions boundary: {action} is not in {IAM}:policy/b"


@pytest.mark.parametrize("rule", ORDINARY, ids=lambda rule: rule.id)
def test_an_scp_blocks_and_is_named(tmp_path, rule):
    action = next(iter(rule.permissions))
    escalation = opened(tmp_path, account_of(rule), organization_policies=scp(deny(action)))
    (words,) = blockers(escalation, rule)
    assert words == f"Deny in the SCP level 0: {action} by SCP Own on r-1 Statement[1]"


# A new user or role is called as the statement wants it.
AIMED = [(rule, action) for rule in ORDINARY for action, on in rule.permissions.items() if on != "any"]


@pytest.mark.parametrize(("rule", "action"), AIMED, ids=[f"{r.id} {a}" for r, a in AIMED])
def test_a_resource_that_excludes_the_target_blocks_and_is_named(tmp_path, rule, action):
    other = f"{IAM}:{'role' if 'Role' in action else 'user'}/somebody-else"
    other = f"{IAM}:policy/another" if "Policy" in action and "Version" in action else other
    other = f"{IAM}:group/another" if "Group" in action else other
    escalation = opened(tmp_path, account_of(rule, resource={action: other}))
    words = blockers(escalation, rule)
    number = list(rule.permissions).index(action)
    assert words == {f"resource: {action} of {IAM}:policy/p{number} Statement[0] does not reach there"}


PASSING = [rule for rule in ORDINARY if rule.actions_on("role passed")]


@pytest.mark.parametrize("rule", PASSING, ids=lambda rule: rule.id)
def test_a_passed_to_service_that_excludes_the_service_blocks(tmp_path, rule):
    other = {"Condition": {"StringEquals": {"iam:PassedToService": "polly.amazonaws.com"}}}
    (words,) = blockers(opened(tmp_path, account_of(rule, more={"iam:PassRole": other})), rule)
    number = list(rule.permissions).index("iam:PassRole")
    assert words == f"condition: iam:PassRole of {IAM}:policy/p{number} Statement[0] does not reach there"


@pytest.mark.parametrize("rule", PASSING, ids=lambda rule: rule.id)
def test_a_passed_to_service_that_names_the_service_does_not_block(tmp_path, rule):
    own = {"Condition": {"StringEquals": {"iam:PassedToService": rule.passed_to[0]}}}
    escalation = opened(tmp_path, account_of(rule, more={"iam:PassRole": own}))
    assert verdicts(escalation, rule) == {expected(rule)}


@pytest.mark.parametrize("rule", PASSING, ids=lambda rule: rule.id)
def test_a_role_that_trusts_another_service_is_no_target(tmp_path, rule):
    account = account_of(rule)
    (target,) = [r for r in account["RoleDetailList"] if r["RoleName"] == "target"]
    statement = target["AssumeRolePolicyDocument"]["Statement"][0]
    statement |= {"Principal": {"Service": "polly.amazonaws.com"}, "Action": "sts:AssumeRole"}
    assert targets(opened(tmp_path, account), rule) == set()


@pytest.mark.parametrize("rule", ORDINARY, ids=lambda rule: rule.id)
def test_a_condition_on_mfa_makes_a_way_conditional(tmp_path, rule):
    action = next(iter(rule.permissions))
    mfa = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    escalation = opened(tmp_path, account_of(rule, more={action: mfa}))
    assert verdicts(escalation, rule) == {expected(rule) if rule.live else CONDITIONAL}


def test_only_a_role_can_change_itself_as_a_role():
    own = [rule for rule in RULES.values() if is_about_roles(rule) and rule.gives == "any policy"]
    assert [rule.references for rule in own] == [
        ("iam-005",),
        ("iam-009",),
    ]
