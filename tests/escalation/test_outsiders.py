"""Who comes in from outside: narrowed by conditions, kept out by a Deny of the trust policy or by an RCP."""

import pytest

from iamaudit.escalation import CERTAIN, CONDITIONAL
from tests.accounts import IAM, document, role
from tests.escalation.accounts import ADMINISTRATOR, opened
from tests.escalation.test_traps import holding, when

FAR, ELSEWHERE, OWN = "444455556666", "777788889999", "111122223333"
GITHUB = {"Federated": f"{IAM}:oidc-provider/token.actions.githubusercontent.com"}
OTHER = {"Federated": f"{IAM}:oidc-provider/gitlab.com"}
AUDIENCE = when("StringEquals", "token.actions.githubusercontent.com:aud", "sts.amazonaws.com")
ASSUME, BY_TOKEN = "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"
ANYONE, FROM_FAR = "anyone with an AWS account", f"account {FAR}"
TOKEN = "web identity token.actions.githubusercontent.com"


def says(effect, principal, action=ASSUME, condition=None):
    return {"Effect": effect, "Principal": principal, "Action": action, **(condition or {})}


def lets(principal, operator, key, value):
    return says("Allow", principal, ASSUME, when(operator, key, value))


CASES = [
    (lets("*", "StringEquals", "aws:PrincipalAccount", FAR), {FROM_FAR: CERTAIN}),
    (lets("*", "StringEquals", "aws:PrincipalAccount", [FAR, OWN]), {FROM_FAR: CERTAIN}),
    (lets("*", "StringEquals", "aws:PrincipalAccount", OWN), {}),
    (lets("*", "ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{OWN}:role/*"), {}),
    (
        lets({"AWS": "*"}, "ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{FAR}:role/*"),
        {FROM_FAR: CONDITIONAL},
    ),
    (lets("*", "ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/ci"), {ANYONE: CONDITIONAL}),
    (lets("*", "StringLike", "aws:PrincipalAccount", "4444*"), {ANYONE: CONDITIONAL}),
    (
        lets({"AWS": FAR}, "ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{FAR}:role/ci"),
        {FROM_FAR: CONDITIONAL},
    ),
    (lets({"AWS": FAR}, "ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{ELSEWHERE}:role/ci"), {}),
    (lets({"AWS": FAR}, "StringNotEquals", "aws:PrincipalAccount", ELSEWHERE), {FROM_FAR: CERTAIN}),
    (lets({"AWS": FAR}, "Bool", "aws:PrincipalIsAWSService", "true"), {}),
    (lets({"AWS": FAR}, "Bool", "aws:PrincipalIsAWSService", "false"), {FROM_FAR: CERTAIN}),
    (lets({"AWS": FAR}, "StringEquals", "aws:SourceAccount", FAR), {}),
    (says("Allow", GITHUB, BY_TOKEN), {TOKEN: CERTAIN}),
    (says("Allow", GITHUB, BY_TOKEN, AUDIENCE), {TOKEN: CONDITIONAL}),
]
DENIES = [
    (says("Deny", GITHUB, BY_TOKEN), {}),
    (says("Deny", "*", BY_TOKEN), {}),
    (says("Deny", GITHUB, BY_TOKEN, AUDIENCE), {TOKEN: CONDITIONAL}),
    (says("Deny", OTHER, BY_TOKEN), {TOKEN: CERTAIN}),
    (says("Deny", "*", ASSUME), {TOKEN: CERTAIN}),
    (says("Deny", {"AWS": FAR}, BY_TOKEN), {TOKEN: CERTAIN}),
]
RCPS = [
    ({"Action": "s3:*", "Resource": "*"}, {TOKEN: CERTAIN}),
    ({"Action": BY_TOKEN, "Resource": f"{IAM}:role/other"}, {TOKEN: CERTAIN}),
    ({"Action": BY_TOKEN, "Resource": "*"}, {}),
    ({"Action": "sts:*", "Resource": "*", **AUDIENCE}, {TOKEN: CONDITIONAL}),
]


def who_comes_in(folder, *statements, **sources):
    boss = role("boss", AssumeRolePolicyDocument=document(*statements), **ADMINISTRATOR)
    found = opened(folder, holding(roles=[boss]), **sources).graph.paths()
    return {name: path.verdict for name, path in found.items() if not name.startswith("arn:")}


@pytest.mark.parametrize(("statement", "found"), CASES)
def test_a_trust_policy_lets_in_whom_its_conditions_leave(tmp_path, statement, found):
    assert who_comes_in(tmp_path, statement) == found


@pytest.mark.parametrize(("deny", "found"), DENIES)
def test_a_deny_of_the_trust_policy_keeps_out_whom_it_names(tmp_path, deny, found):
    assert who_comes_in(tmp_path, says("Allow", GITHUB, BY_TOKEN), deny) == found


@pytest.mark.parametrize(("fields", "found"), RCPS)
def test_an_rcp_keeps_out_those_whose_action_and_role_it_is_about(tmp_path, fields, found):
    rcp = {"Name": "Own", "Content": document({"Effect": "Deny", "Principal": "*", **fields})}
    above = {"ResourceControlPolicies": [{"Target": "r-1", "Policies": [rcp]}]}
    trusts = says("Allow", GITHUB, BY_TOKEN)
    assert who_comes_in(tmp_path, trusts, organization_policies=above) == found
