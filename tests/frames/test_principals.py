from iamaudit.frames import account_facts_frame, groups_frame, roles_frame, server_certificates_frame
from tests.accounts import AS_OF, IAM, account_of, ago, boundary, details, group, role, user


def test_groups_know_their_members():
    data = details(
        users=[user("bob", GroupList=["dev"]), user("ann", GroupList=["dev"])],
        groups=[group("dev"), group("empty")],
    )
    found = groups_frame(account_of(authorization_details=data).groups).set_index("name")
    assert found.members.to_dict() == {"dev": ["ann", "bob"], "empty": []}
    assert found.member_count.to_dict() == {"dev": 2, "empty": 0}


def test_a_role_is_idle_since_its_last_use_or_since_it_was_made():
    data = details(
        roles=[
            role("used", RoleLastUsed={"LastUsedDate": ago(12), "Region": "eu-west-1"}, **boundary("limit")),
            role("never", CreateDate=ago(30), RoleLastUsed={}),
            role("linked", Path="/aws-service-role/x.amazonaws.com/"),
        ]
    )
    found = roles_frame(account_of(authorization_details=data).roles, AS_OF).set_index("name")
    assert found.days_idle.loc[["used", "never"]].tolist() == [12, 30]
    assert found.loc["used", "last_used_region"] == "eu-west-1"
    assert found.loc["used", "boundary_arn"] == f"{IAM}:policy/limit"
    assert found.is_service_linked.to_dict() == {"linked": True, "never": False, "used": False}


def test_without_details_there_is_no_row():
    assert len(groups_frame(account_of().groups)) == len(roles_frame(account_of().roles, AS_OF)) == 0


def account(policy):
    return account_facts_frame(account_of(password_policy=policy)).iloc[0]


def test_an_account_without_password_policy_has_the_default_of_aws():
    row = account({"PasswordPolicy": None})
    assert (row.has_password_policy, row.min_password_length, row.password_reuse_prevention) == (False, 8, 0)


def test_an_unknown_password_policy_is_missing():
    assert (
        account(None)[["has_password_policy", "min_password_length", "password_reuse_prevention"]]
        .isna()
        .all()
    )


def test_a_password_policy_is_read_as_it_is():
    row = account(
        {"PasswordPolicy": {"MinimumPasswordLength": 16, "PasswordReusePrevention": 24, "MaxPasswordAge": 0}}
    )
    assert (row.min_password_length, row.password_reuse_prevention) == (16, 24)
    assert (
        account({"PasswordPolicy": {"MinimumPasswordLength": 6, "MaxPasswordAge": 90}}).max_password_age == 90
    )


def test_a_certificate_expires_in_days():
    stored = {
        "ServerCertificateMetadataList": [
            {"ServerCertificateName": "old", "Arn": f"{IAM}:server-certificate/old", "Expiration": ago(0.5)},
            {"ServerCertificateName": "new", "Arn": f"{IAM}:server-certificate/new", "Expiration": ago(-30)},
        ]
    }
    found = (
        server_certificates_frame(account_of(server_certificates=stored).server_certificates, AS_OF)
        .set_index("name")
        .expires_in_days
    )
    assert found.to_dict() == {"old": -1, "new": 30}
