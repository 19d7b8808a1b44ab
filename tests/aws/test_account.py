import json

import pytest
from botocore.exceptions import ClientError

from iamaudit.aws import account


def test_the_summary_keeps_every_count(admin, iam):
    admin.create_user(UserName="mary")
    result = account.collect_account_summary(iam)
    assert result.content["SummaryMap"]["Users"] == 1
    assert result.rows == {"SummaryMap": len(result.content["SummaryMap"])}


def test_a_password_policy_is_kept_as_it_is(admin, iam):
    admin.update_account_password_policy(MinimumPasswordLength=14, PasswordReusePrevention=24)
    result = account.collect_password_policy(iam)
    assert result.content["PasswordPolicy"]["MinimumPasswordLength"] == 14
    assert result.rows == {"PasswordPolicy": 1}


def test_no_password_policy_is_an_answer(iam):
    result = account.collect_password_policy(iam)
    assert (result.status, result.content) == ("collected", {"PasswordPolicy": None})
    assert result.rows == {"PasswordPolicy": 0}


def test_a_password_policy_that_may_not_be_read_is_no_answer(iam, refuse):
    refuse(iam, "GetAccountPasswordPolicy", "AccessDenied")
    with pytest.raises(ClientError):
        account.collect_password_policy(iam)


def test_aliases_are_a_list(admin, iam):
    assert account.collect_account_aliases(iam).content == {"AccountAliases": []}
    admin.create_account_alias(AccountAlias="example-prod")
    result = account.collect_account_aliases(iam)
    assert (result.content, result.rows) == ({"AccountAliases": ["example-prod"]}, {"AccountAliases": 1})


def test_certificates_are_metadata_without_bodies(admin, iam):
    admin.upload_server_certificate(
        ServerCertificateName="web", CertificateBody="the body", PrivateKey="the private key"
    )
    result = account.collect_server_certificates(iam)
    assert [item["ServerCertificateName"] for item in result.content["ServerCertificateMetadataList"]] == [
        "web"
    ]
    assert "the body" not in str(result.content)
    assert "the private key" not in str(result.content)


@pytest.mark.parametrize(
    ("collect", "operation", "key", "item"),
    [
        (account.collect_account_aliases, "ListAccountAliases", "AccountAliases", str),
        (
            account.collect_server_certificates,
            "ListServerCertificates",
            "ServerCertificateMetadataList",
            lambda n: {"ServerCertificateName": n},
        ),
        (
            account.collect_instance_profiles,
            "ListInstanceProfiles",
            "InstanceProfiles",
            lambda n: {"InstanceProfileName": n},
        ),
    ],
)
def test_every_page_of_a_list_is_collected_empty_ones_passed_over(collect, operation, key, item, iam):
    pages = [["a", "b"], [], ["c"]]
    markers = []

    def answer(params, **_):
        marker = int(params["body"].get("Marker", 0))
        markers.append(marker)
        more = {"Marker": str(marker + 1)} if marker < 2 else {}
        parsed = {key: [item(name) for name in pages[marker]], "IsTruncated": bool(more), **more}
        return type("Response", (), {"status_code": 200}), {**parsed, "ResponseMetadata": {}}

    iam.meta.events.register(f"before-call.iam.{operation}", answer)
    result = collect(iam)
    assert result.content == {key: [item(name) for name in "abc"]}
    assert result.rows == {key: 3}
    assert markers == [0, 1, 2]


def test_instance_profiles_come_with_their_roles(admin, iam):
    admin.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps({"Statement": []}))
    admin.create_instance_profile(InstanceProfileName="p")
    admin.add_role_to_instance_profile(InstanceProfileName="p", RoleName="r")
    (profile,) = account.collect_instance_profiles(iam).content["InstanceProfiles"]
    assert [role["RoleName"] for role in profile["Roles"]] == ["r"]


def test_saml_providers_come_without_their_metadata(admin, iam):
    admin.create_saml_provider(Name="corporate", SAMLMetadataDocument="m" * 1024)
    result = account.collect_saml_providers(iam)
    (provider,) = result.content["SAMLProviderList"]
    assert provider["Arn"] == "arn:aws:iam::444455556666:saml-provider/corporate"
    assert "SAMLMetadataDocument" not in provider
    assert result.rows == {"SAMLProviderList": 1}


def test_each_openid_provider_comes_with_its_audiences_and_thumbprints(admin, iam):
    for host in ("token.actions.githubusercontent.com", "example.com"):
        admin.create_open_id_connect_provider(
            Url=f"https://{host}", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40]
        )
    result = account.collect_oidc_providers(iam)
    assert {
        (item["Arn"].partition("/")[2], item["Url"], *item["ClientIDList"], *item["ThumbprintList"])
        for item in result.content["OpenIDConnectProviderList"]
    } == {
        (host, host, "sts.amazonaws.com", "a" * 40)
        for host in ("token.actions.githubusercontent.com", "example.com")
    }
    assert result.rows == {"OpenIDConnectProviderList": 2}
    assert "ResponseMetadata" not in str(result.content)


def test_one_openid_provider_that_may_not_be_read_denies_the_source(admin, iam, refuse):
    admin.create_open_id_connect_provider(Url="https://example.com", ThumbprintList=["a" * 40])
    refuse(iam, "GetOpenIDConnectProvider", "AccessDenied")
    with pytest.raises(ClientError):
        account.collect_oidc_providers(iam)
