import json
from collections import Counter
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError

from iamaudit.aws.authorization_details import collect_authorization_details
from iamaudit.errors import CollectionError

LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}


@pytest.fixture
def large_account(backend):
    """130 users, 20 groups, 90 roles, 15 policies."""
    for number in range(130):
        backend.create_user("us-east-1", f"user-{number:03}")
    for number in range(20):
        backend.create_group(f"group-{number:02}")
    for number in range(90):
        backend.create_role(f"role-{number:02}", json.dumps(TRUST), "/", None, "", [], "3600")
    for number in range(15):
        backend.create_policy("", "/", json.dumps(READ), f"policy-{number:02}", {})


@pytest.mark.parametrize(("cap", "pages"), [(40, 7), (1, 255), (130, 2), (1000, 1)])
def test_every_page_is_collected_and_each_item_once(cap, pages, large_account, iam, paging):
    paging.cap = cap
    result = collect_authorization_details(iam)
    assert result.status == "collected"
    assert result.rows == dict(zip(LISTS, (130, 20, 90, 15), strict=True))
    assert {name: len(items) for name, items in result.content.items()} == result.rows
    arns = Counter(item["Arn"] for name in LISTS for item in result.content[name])
    assert set(arns.values()) == {1}
    assert len(paging.asked) == pages


def test_pages_of_1000_are_asked_for_without_a_filter(large_account, iam, paging):
    collect_authorization_details(iam)
    assert {request["MaxItems"] for request in paging.asked} == {1000}
    assert [request["Marker"] for request in paging.asked] == [None, "40", "80", "120", "160", "200", "240"]
    assert {request["Filter"] for request in paging.asked} == {None}


def test_an_empty_account_gives_four_empty_lists(iam):
    result = collect_authorization_details(iam)
    assert result.content == {name: [] for name in LISTS}
    assert result.rows == dict.fromkeys(LISTS, 0)


def test_documents_are_objects(admin, iam):
    admin.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(TRUST))
    admin.put_role_policy(RoleName="r", PolicyName="inline", PolicyDocument=json.dumps(READ))
    admin.create_policy(PolicyName="p", PolicyDocument=json.dumps(READ))
    details = collect_authorization_details(iam).content
    (role,), (policy,) = details["RoleDetailList"], details["Policies"]
    assert role["AssumeRolePolicyDocument"] == TRUST
    assert role["RolePolicyList"] == [{"PolicyName": "inline", "PolicyDocument": READ}]
    assert policy["PolicyVersionList"][0]["Document"] == READ


def test_a_document_that_is_no_json_stays_as_decoded_text(admin, iam):
    admin.create_role(RoleName="r", AssumeRolePolicyDocument="not json, 100 % sure")
    (role,) = collect_authorization_details(iam).content["RoleDetailList"]
    assert role["AssumeRolePolicyDocument"] == "not json, 100 % sure"


def test_a_policy_that_is_held_and_left_out_is_fetched_by_its_arn(admin, iam, aws_managed, paging, backend):
    attached = aws_managed("ReadOnlyAccess", json.dumps(READ))
    boundary = aws_managed("PowerUserAccess", json.dumps(READ))
    unused = aws_managed("AmazonEC2FullAccess", json.dumps(READ))
    paging.hidden = {attached, boundary, unused}
    admin.create_group(GroupName="g")
    admin.attach_group_policy(GroupName="g", PolicyArn=attached)
    admin.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(TRUST), PermissionsBoundary=boundary)
    result = collect_authorization_details(iam)
    assert [policy["Arn"] for policy in result.content["Policies"]] == [boundary, attached]
    assert result.rows["Policies"] == 2
    (version,) = result.content["Policies"][1]["PolicyVersionList"]
    assert (version["VersionId"], version["IsDefaultVersion"], version["Document"]) == ("v3", True, READ)
    assert result.content["Policies"][1]["DefaultVersionId"] == "v3"
    assert "PoliciesNotCollected" not in result.content


def test_the_boundary_of_a_user_is_fetched_too_and_what_is_gone_is_listed(
    admin, iam, backend, aws_managed, paging
):
    gone = "arn:aws:iam::444455556666:policy/gone"
    found = aws_managed("PowerUserAccess", json.dumps(READ))
    paging.hidden = {found}
    for name, arn in (("mary", gone), ("nora", found)):
        admin.create_user(UserName=name)
        backend.users[name].permissions_boundary = {  # moto ignores the one given to CreateUser
            "PermissionsBoundaryType": "PermissionsBoundaryPolicy",
            "PermissionsBoundaryArn": arn,
        }
    result = collect_authorization_details(iam)
    assert result.status == "collected"
    assert [policy["Arn"] for policy in result.content["Policies"]] == [found]
    (missing,) = result.content["PoliciesNotCollected"]
    assert missing["Arn"] == gone
    assert missing["Reason"].startswith("NoSuchEntity: ")
    assert result.rows["PoliciesNotCollected"] == 1


@pytest.mark.parametrize("operation", ["GetPolicy", "GetPolicyVersion"])
def test_a_policy_that_may_not_be_read_is_listed_with_the_reason(
    operation, admin, iam, aws_managed, paging, refuse
):
    arn = aws_managed("ReadOnlyAccess", json.dumps(READ))
    paging.hidden = {arn}
    admin.create_user(UserName="mary")
    admin.attach_user_policy(UserName="mary", PolicyArn=arn)
    refuse(iam, operation, "AccessDenied", "mary may not")
    result = collect_authorization_details(iam)
    assert result.status == "collected"
    assert result.content["PoliciesNotCollected"] == [{"Arn": arn, "Reason": "AccessDenied: mary may not"}]


def test_a_token_that_expires_while_policies_are_fetched_ends_the_collection(
    admin, iam, aws_managed, paging, refuse
):
    arn = aws_managed("ReadOnlyAccess", json.dumps(READ))
    paging.hidden = {arn}
    admin.create_user(UserName="mary")
    admin.attach_user_policy(UserName="mary", PolicyArn=arn)
    refuse(iam, "GetPolicy", "ExpiredToken")
    with pytest.raises(CollectionError, match="sign in again"):
        collect_authorization_details(iam)


def test_a_page_that_is_refused_leaves_no_half_a_list(large_account, iam):
    calls = []

    def refuse_the_third(**_):
        calls.append(1)
        if len(calls) == 3:
            raise ClientError({"Error": {"Code": "Throttling", "Message": "slow"}}, "operation")

    iam.meta.events.register("before-call.iam.GetAccountAuthorizationDetails", refuse_the_third)
    with pytest.raises(ClientError):
        collect_authorization_details(iam)


def test_a_document_that_botocore_left_encoded_is_decoded(admin, iam):
    admin.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(TRUST))

    def encode(parsed, **_):
        for role in parsed["RoleDetailList"]:
            role["AssumeRolePolicyDocument"] = quote(json.dumps(TRUST))

    iam.meta.events.register_last("after-call.iam.GetAccountAuthorizationDetails", encode)
    (role,) = collect_authorization_details(iam).content["RoleDetailList"]
    assert role["AssumeRolePolicyDocument"] == TRUST


def test_what_comes_twice_as_the_account_changes_is_kept_once_as_it_was_said_last(iam):
    arn = "arn:aws:iam::444455556666:user"
    users = [
        [("ann", "/"), ("bob", "/")],
        [("bob", "/moved/"), ("cid", "/")],
    ]

    def answer(params, **_):
        number = int(params["body"].get("Marker", 0))
        found = [{"UserName": name, "Arn": f"{arn}/{name}", "Path": path} for name, path in users[number]]
        lists = {"UserDetailList": found, "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
        more = {"IsTruncated": True, "Marker": "1"} if number == 0 else {"IsTruncated": False}
        return type("Answer", (), {"status_code": 200})(), {**lists, **more, "ResponseMetadata": {}}

    iam.meta.events.register("before-call.iam.GetAccountAuthorizationDetails", answer)
    result = collect_authorization_details(iam)
    found = [(user["UserName"], user["Path"]) for user in result.content["UserDetailList"]]
    assert found == [("ann", "/"), ("bob", "/moved/"), ("cid", "/")]
    assert result.rows["UserDetailList"] == 3
