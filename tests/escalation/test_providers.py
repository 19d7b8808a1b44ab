"""Who may change an identity provider becomes the roles that trust it."""

import pytest

from iamaudit.escalation import BLOCKED, CERTAIN, CONDITIONAL, load_rules
from tests.accounts import IAM, allow, deny, document, role
from tests.escalation.accounts import ADMINISTRATOR, opened, targets, ways_of
from tests.escalation.test_traps import holding, when

SAML, OIDC = (
    load_rules()[name]
    for name in ("iam-update-saml-provider", "iam-update-openid-connect-provider-thumbprint")
)
CORP, GITHUB = f"{IAM}:saml-provider/corp", "token.actions.githubusercontent.com"
AUDIENCE = when("StringEquals", "SAML:aud", "https://signin.aws.amazon.com/saml")
SUBJECT = when("StringLike", f"{GITHUB}:sub", "repo:org/app:*")


def trusting(provider, action, **fields):
    statement = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": action, **fields}
    return role("target", AssumeRolePolicyDocument=document(statement), **ADMINISTRATOR)


@pytest.mark.parametrize(
    ("held", "condition", "found"),
    [
        ([allow("iam:UpdateSAMLProvider")], {}, {CERTAIN}),
        ([allow("iam:UpdateSAMLProvider")], AUDIENCE, {CERTAIN}),  # who controls it says so
        ([allow("iam:UpdateSAMLProvider", CORP)], when("StringEquals", "SAML:sub", "boss"), {CERTAIN}),
        ([allow("iam:UpdateSAMLProvider")], when("IpAddress", "aws:SourceIp", "10.0.0.0/8"), {CONDITIONAL}),
        ([allow("iam:UpdateSAMLProvider")], when("DateLessThan", "aws:CurrentTime", "2020-01-01"), set()),
        ([allow("iam:UpdateSAMLProvider", f"{IAM}:saml-provider/other")], {}, {BLOCKED}),
        ([allow("iam:UpdateSAMLProvider"), deny("iam:*", CORP)], {}, {BLOCKED}),
        ([allow("iam:GetSAMLProvider")], {}, set()),
    ],
)
def test_who_may_change_a_saml_provider_signs_in_as_any_of_its_identities(tmp_path, held, condition, found):
    account = holding(held, roles=[trusting(CORP, "sts:AssumeRoleWithSAML", **condition)])
    escalation = opened(tmp_path, account)
    assert {way.verdict for way in ways_of(escalation, SAML)} == found
    if found == {CERTAIN}:
        (path,) = (path for path in escalation.paths if path.principal == f"{IAM}:user/ann")
        assert {d.verdict for d in escalation.decisions(path.steps[0]).values()} == {"allowed"}


def test_the_provider_of_identity_center_is_guarded_by_it(tmp_path):
    provider = f"{IAM}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE"
    target = trusting(provider, "sts:AssumeRoleWithSAML") | {
        "RoleName": "AWSReservedSSO_Admin_0123456789abcdef",
        "Path": "/aws-reserved/sso.amazonaws.com/",
        "Arn": f"{IAM}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef",
    }
    escalation = opened(tmp_path, holding([allow("iam:UpdateSAMLProvider")], roles=[target]))
    assert {way.verdict for way in ways_of(escalation, SAML)} == {CONDITIONAL}


def test_a_new_thumbprint_needs_control_of_the_url_too(tmp_path):
    provider = f"{IAM}:oidc-provider/{GITHUB}"
    target = trusting(provider, "sts:AssumeRoleWithWebIdentity", **SUBJECT)
    escalation = opened(tmp_path, holding([allow(list(OIDC.permissions))], roles=[target]))
    assert {way.verdict for way in ways_of(escalation, OIDC)} == {"needs a live resource"}
    assert targets(escalation, OIDC) == {"target"}
