import pytest

import iamaudit
from iamaudit.frames.conditions import condition_in_words
from iamaudit.iam.policy import Condition
from tests.accounts import ACCOUNT, IAM, details, document, role, snapshot

FAR = "444455556666"
COMES = ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"]
GITHUB = {"Federated": f"{IAM}:oidc-provider/token.actions.githubusercontent.com"}
TERRAFORM = {"Federated": f"{IAM}:oidc-provider/app.terraform.io"}
EKS = {"Federated": f"{IAM}:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABC"}


def trust_of(tmp_path, *statements, accounts="", **fields):
    made = [{"Effect": "Allow", "Action": COMES, **statement} for statement in statements]
    one = role("r", AssumeRolePolicyDocument=document(*made), **fields)
    taken = snapshot(tmp_path, authorization_details=details(roles=[one]))
    return iamaudit.open_snapshot(taken, trusted_accounts=accounts).trust


@pytest.mark.parametrize(
    ("principal", "kind"),
    [
        ({"Service": "lambda.amazonaws.com"}, "service"),
        ({"AWS": ACCOUNT}, "same account"),
        ({"AWS": f"arn:aws:iam::{FAR}:root"}, "external account"),
        ("*", "anyone"),
        ({"AWS": "*"}, "anyone"),
        ({"Federated": f"{IAM}:saml-provider/corp"}, "SAML"),
        (GITHUB, "web identity"),
        ({"AWS": "AROAWASDELETED000000"}, "deleted"),
        ({"AWS": "arn:aws:iam::cloudfront:user/x"}, "other"),
        ({"AWS": "somebody"}, "other"),
        ({"CanonicalUser": "79a5"}, "other"),
    ],
)
def test_every_way_in_has_its_kind(tmp_path, principal, kind):
    assert trust_of(tmp_path, {"Principal": principal}).kind.tolist() == [kind]


def test_a_stored_not_principal_lets_everyone_else_in(tmp_path):
    (row,) = trust_of(tmp_path, {"NotPrincipal": {"AWS": ACCOUNT}}).to_dict("records")
    assert (row["principal"], row["kind"]) == (f"everyone but {ACCOUNT}", "anyone")


@pytest.mark.parametrize(
    ("principal", "actions", "rows"),
    [
        (GITHUB, "sts:AssumeRoleWithWebIdentity", 1),
        (GITHUB, ["sts:TagSession", "sts:AssumeRoleWith*"], 1),
        (GITHUB, "sts:TagSession", 0),
        (GITHUB, "sts:AssumeRole", 0),
        (GITHUB, "sts:AssumeRoleWithSAML", 0),
        ({"Federated": f"{IAM}:saml-provider/corp"}, "sts:AssumeRoleWithSAML", 1),
        ({"Federated": f"{IAM}:saml-provider/corp"}, ["sts:TagSession", "sts:AssumeRoleWithWebIdentity"], 0),
        ({"AWS": FAR}, "sts:AssumeRole", 1),
        ({"AWS": FAR}, ["sts:TagSession", "sts:SetSourceIdentity"], 0),
        ({"Service": "lambda.amazonaws.com"}, "sts:TagSession", 0),
        ("*", "sts:AssumeRoleWithWebIdentity", 1),
        ("*", "sts:TagSession", 0),
        ({"AWS": "AROAWASDELETED000000"}, "sts:TagSession", 1),  # a leftover, whatever it is about
    ],
)
def test_only_a_statement_about_assuming_the_role_lets_somebody_in(tmp_path, principal, actions, rows):
    assert len(trust_of(tmp_path, {"Principal": principal, "Action": actions})) == rows


def test_an_account_of_ones_own_is_known(tmp_path):
    frame = trust_of(tmp_path, {"Principal": {"AWS": [FAR, ACCOUNT]}}, accounts=f" {FAR} ,111122220000")
    assert frame.kind.tolist() == ["known account", "same account"]


@pytest.mark.parametrize("text", ["12", "444455556666, x"])
def test_an_account_that_is_none_is_refused(tmp_path, text):
    with pytest.raises(iamaudit.errors.ParameterError, match="give 12 digits each"):
        trust_of(tmp_path, {"Principal": "*"}, accounts=text)


def test_a_role_of_identity_center_is_told_from_other_saml(tmp_path):
    arn = f"{IAM}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1"
    frame = trust_of(tmp_path, {"Principal": {"Federated": f"{IAM}:saml-provider/AWSSSO_1"}}, Arn=arn)
    assert frame.kind.tolist() == ["Identity Center"]


@pytest.mark.parametrize(
    ("principal", "subject", "identity", "width"),
    [
        (GITHUB, None, "GitHub Actions", "none"),
        (GITHUB, "*", "GitHub Actions", "anyone"),
        (GITHUB, "repo:*", "GitHub Actions", "anyone"),
        (GITHUB, "repo:org*", "GitHub Actions", "anyone"),
        (GITHUB, "repo:org/*", "GitHub Actions", "organization"),
        (GITHUB, "repo:org/app:*", "GitHub Actions", "project"),
        (GITHUB, "repo:org/app:ref:refs/heads/*", "GitHub Actions", "ref"),
        (GITHUB, "repo:org/app:ref:refs/heads/main", "GitHub Actions", "pinned"),
        (GITHUB, ["repo:org/app:environment:prod", "repo:org/*"], "GitHub Actions", "organization"),
        (EKS, "system:serviceaccount:*", "EKS service account", "organization"),
        (EKS, "system:serviceaccount:shop:*", "EKS service account", "project"),
        (EKS, "system:serviceaccount:shop:web", "EKS service account", "pinned"),
        (
            TERRAFORM,
            "organization:o:*",
            "Terraform Cloud",
            "organization",
        ),
        (
            TERRAFORM,
            "organization:o:project:*",
            "Terraform Cloud",
            "organization",
        ),
        (
            TERRAFORM,
            "organization:o:project:p:workspace:*",
            "Terraform Cloud",
            "project",
        ),
        ({"Federated": f"{IAM}:oidc-provider/gitlab.com"}, "project_path:g/p:*", "GitLab", "project"),
        ({"Federated": "cognito-identity.amazonaws.com"}, None, "Cognito", "none"),
        ({"Federated": f"{IAM}:oidc-provider/id.example.com"}, "me", "other", "pinned"),
    ],
)
def test_whose_identities_and_how_many_of_them_fit(tmp_path, principal, subject, identity, width):
    condition = {} if subject is None else {"Condition": {"StringLike": {"x:sub": subject}}}
    (row,) = trust_of(tmp_path, {"Principal": principal, **condition}).to_dict("records")
    assert (row["identity"], row["subject_width"]) == (identity, width)


@pytest.mark.parametrize(
    ("condition", "width"),
    [
        ({"StringLike": {"x:sub": ["repo:o/r:ref:a", "repo:*"]}}, "anyone"),
        ({"StringLike": {"x:sub": "*"}, "StringEquals": {"x:sub": "repo:o/r:ref:a"}}, "pinned"),
        ({"StringEquals": {"x:sub": "repo:o/*"}}, "pinned"),
        ({"StringNotLike": {"x:sub": "repo:o/*"}}, "none"),
        ({"Null": {"x:sub": "false"}}, "none"),
    ],
)
def test_the_widest_subject_of_a_condition_counts_and_the_narrowest_of_several(tmp_path, condition, width):
    (row,) = trust_of(tmp_path, {"Principal": GITHUB, "Condition": condition}).to_dict("records")
    assert row["subject_width"] == width


@pytest.mark.parametrize(
    ("service", "sends"),
    [
        ("states.amazonaws.com", "sent"),
        ("states.amazonaws.com.cn", "sent"),
        ("ec2.amazonaws.com", "not applicable"),
        ("new.amazonaws.com", "unknown"),
    ],
)
def test_a_service_sends_the_source_does_not_need_to_or_nobody_knows(tmp_path, service, sends):
    assert trust_of(tmp_path, {"Principal": {"Service": service}}).source_context.tolist() == [sends]


@pytest.mark.parametrize(
    ("operator", "key", "values", "words"),
    [
        ("Bool", "aws:MultiFactorAuthPresent", ("true",), "with MFA"),
        ("Bool", "aws:MultiFactorAuthPresent", ("false",), "without MFA"),
        ("BoolIfExists", "aws:MultiFactorAuthPresent", ("true",), "with MFA (if the request says)"),
        ("NumericLessThan", "aws:MultiFactorAuthAge", ("3600",), "with MFA within 3600 seconds"),
        ("IpAddress", "aws:SourceIp", ("10.0.0.0/8", "192.0.2.1/32"), "from 10.0.0.0/8 or 192.0.2.1/32"),
        ("NotIpAddress", "aws:SourceIp", ("10.0.0.0/8",), "not from 10.0.0.0/8"),
        ("DateLessThan", "aws:CurrentTime", ("2026-12-01T00:00:00Z",), "before 2026-12-01T00:00:00Z"),
        ("DateGreaterThanEquals", "aws:CurrentTime", ("2026-11-01",), "from 2026-11-01"),
        ("StringEquals", "aws:PrincipalTag/Team", ("red",), "with tag Team red"),
        ("StringNotEquals", "aws:PrincipalOrgID", ("o-1",), "not of organization o-1"),
        ("StringEquals", "sts:ExternalId", ("x",), "with external id x"),
        ("StringLike", "token.actions.githubusercontent.com:sub", ("repo:o/*",), "as subject repo:o/*"),
        ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", ("o-1/*",), "of organization path o-1/*"),
        ("StringEquals", "ec2:Region", ("x",), "StringEquals ec2:Region x"),
        ("Null", "aws:TokenIssueTime", ("false",), "Null aws:TokenIssueTime false"),
    ],
)
def test_a_condition_in_words(operator, key, values, words):
    assert condition_in_words(Condition(operator, key, values)) == words
