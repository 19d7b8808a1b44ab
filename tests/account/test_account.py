import re
from pathlib import Path

import pytest

import iamaudit
from iamaudit.errors import ParameterError
from tests.accounts import (
    ACCOUNT,
    IAM,
    account_of,
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

PACKAGE = Path(iamaudit.__file__).parent
AWS_WORDS = (
    *("UserDetailList", "GroupDetailList", "RoleDetailList", "AttachedManagedPolicies", "Tags"),
    *("UserPolicyList", "GroupPolicyList", "RolePolicyList", "GroupList", "PolicyVersionList"),
    *("PermissionsBoundaryArn", "AssumeRolePolicyDocument", "SummaryMap", "AccessKeyMetadata"),
    *("InstanceProfileList", "InstanceProfiles", "VirtualMFADevices", "SAMLProviderList", "PasswordPolicy"),
    *("OpenIDConnectProviderList", "ServerCertificateMetadataList", "ServiceControlPolicies"),
)
TRUST = document(
    *(
        {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
        for service in ("ec2", "lambda")
    )
)
WORKED_OUT = (
    *("actors", "users", "roles", "groups", "trust", "trusted"),
    *("grants", "group_grants", "principals"),
)
OWN = inline("User", "own", allow("sns:*"), allow("sqs:*"))
DETAILS = details(
    users=[
        user(
            "ann",
            GroupList=["dev"],
            **attached("read"),
            **inline("User", "own", allow("sns:*"), allow("sqs:*")),
        ),
        user("bob", **attached("read", "write"), **boundary("limit")),
        user("eve", GroupList=["gone"]),
    ],
    groups=[group("dev", **attached("shared"), **inline("Group", "team", allow("iam:*"), deny("iam:*")))],
    roles=[role("app", AssumeRolePolicyDocument=TRUST, **attached("read"))],
    policies=[
        policy("read", allow("s3:GetObject"), allow("s3:ListBucket")),
        policy("write", allow("s3:PutObject")),
        policy("shared", allow("s3:*"), allow("ec2:*")),
        policy("limit", allow("s3:Get*"), allow("s3:Put*")),
    ],
)


@pytest.fixture(scope="module")
def account():
    return account_of(authorization_details=DETAILS)


def names(account, arn):
    (found,) = [p for p in account.principals if p.arn == arn]
    return account.catalogue.names_of(found.sets.possible)


def test_only_the_account_room_knows_how_aws_words_its_answers():
    words = re.compile(rf"""["']({"|".join(AWS_WORDS)})["']""")
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0] not in ("aws", "snapshot", "demo", "account")
        and words.search(path.read_text(encoding="utf-8"))
    }
    assert found == set()


def test_who_holds_which_policies_by_which_way(account):
    held = [(a.policy, a.how, a.via) for a in account.users[f"{IAM}:user/ann"].attachments]
    assert held == [
        (f"{IAM}:policy/read", "direct", None),
        (f"{IAM}:user/ann#own", "inline", None),
        (f"{IAM}:policy/shared", "group", "dev"),
        (f"{IAM}:group/dev#team", "group", "dev"),
    ]
    bob = account.users[f"{IAM}:user/bob"]
    assert [(a.policy, a.how) for a in bob.attachments][-1] == (f"{IAM}:policy/limit", "boundary")
    assert bob.own_policies == (f"{IAM}:policy/read", f"{IAM}:policy/write")
    assert account.holders[f"{IAM}:policy/read"] == [f"{IAM}:user/ann", f"{IAM}:user/bob", f"{IAM}:role/app"]
    assert account.groups[f"{IAM}:group/dev"].policies == (f"{IAM}:policy/shared", f"{IAM}:group/dev#team")


def test_root_comes_first_and_a_group_that_nobody_collected_is_missing(account):
    assert next(iter(account.actors)) == f"{IAM}:root"
    eve = account.users[f"{IAM}:user/eve"]
    assert (eve.missing, eve.unknown_groups, eve.member_of) == (("group gone",), ("gone",), ())


def test_a_policy_knows_its_older_versions_and_whether_it_was_collected():
    held = details(users=[user("ann", **attached("gone", "read"))], policies=[policy("read", allow("s3:*"))])
    account = account_of(authorization_details=held)
    read, gone = account.policies[f"{IAM}:policy/read"], account.policies[f"{IAM}:policy/gone"]
    assert [d.statements[0].actions for d in read.older] == [("*",)]
    assert (read.is_collected, gone.is_collected, gone.is_listed) == (True, False, False)
    assert gone.problems[0].message.startswith("its document was not collected")
    assert account.policies_of(account.users[f"{IAM}:user/ann"]) == [gone, read]


def test_without_anything_there_is_only_root():
    account = account_of()
    assert not account.is_detailed
    assert list(account.actors) == [f"{IAM}:root"]
    assert (account.principals, account.policies, account.credentials) == ([], {}, {})


def test_the_partition_is_that_of_the_account():
    far = details(users=[user("ann") | {"Arn": f"arn:aws-cn:iam::{ACCOUNT}:user/ann"}])
    account = account_of(authorization_details=far)
    assert next(iter(account.actors)) == f"arn:aws-cn:iam::{ACCOUNT}:root"


@pytest.mark.parametrize(
    "name",
    [
        f"{IAM}:policy/read",
        f"{IAM}:policy/shared",
        f"{IAM}:policy/limit",
        f"{IAM}:user/ann#own",
        f"{IAM}:group/dev#team",
        f"{IAM}:role/app@trust",
    ],
)
def test_an_account_without_a_statement_is_as_if_it_had_never_had_it(account, name):
    edited = account.without_statement(name, 1)
    fresh = account_of(authorization_details=_without_the_last(DETAILS, account.policies[name].raw))
    assert len(account.policies[name].document.statements) == 2
    assert len(edited.policies[name].document.statements) == 1
    assert edited.policies[name].document == fresh.policies[name].document
    for what in (
        "actors",
        "users",
        "roles",
        "groups",
        "grants",
        "group_grants",
        "principals",
        "trust",
        "trusted",
    ):
        assert getattr(edited, what) == getattr(fresh, what), what
    assert edited.names[id(edited.policies[name].document)] == (edited.policies[name].arn or name)
    assert id(account.policies[name].document) not in edited.names


def _without_the_last(value, raw):
    """Return details in which one document, wherever it stands, has lost its last statement."""
    if value is raw:
        return {**value, "Statement": value["Statement"][:-1]}
    if isinstance(value, dict):
        return {key: _without_the_last(each, raw) for key, each in value.items()}
    return [_without_the_last(each, raw) for each in value] if isinstance(value, list) else value


def test_what_an_edit_does_not_touch_is_shared(account):
    ann, bob = f"{IAM}:user/ann", f"{IAM}:user/bob"
    trust = account.trust
    edited = account.without_statement(f"{ann}#own", 1)
    assert edited.actors[bob] is account.actors[bob]
    assert edited.trust is trust
    assert set(names(account, ann)) - set(names(edited, ann)) == set(
        account.catalogue.names_of(account.catalogue.service_mask("sqs"))
    )
    assert names(edited, bob) == names(account, bob)


def test_only_policies_of_the_account_can_lose_a_statement():
    levels = [{"Target": "r-1", "Policies": [{"Name": "Full", "Content": document(allow("*"))}]}]
    account = account_of(
        authorization_details=DETAILS, organization_policies={"ServiceControlPolicies": levels}
    )
    for name in ("SCP Full on r-1", "nothing"):
        with pytest.raises(ParameterError, match="is not a policy of the account"):
            account.without_statement(name, 0)


def test_a_stored_policy_is_in_force_whatever_its_grammar_and_a_proposal_is_not():
    """Rule I4: AWS stored it; only who proposes it is told what is wrong."""
    odd = policy("odd", allow("s3:GetObject", "arn:aws:s3:*:*:example/*"), allow("**", "**", Sid="two words"))
    account = account_of(
        authorization_details=details(users=[user("ann", **attached("odd"))], policies=[odd])
    )
    assert account.decide("ann", "s3:GetObject", "arn:aws:s3:::example/x").verdict == "allowed"
    (ann,) = account.principals
    assert ann.sets.is_complete
    assert ann.administrator == "yes"
    assert {p.actor.name for p in account.who_can("iam:CreateUser", "*")} == {"root", "ann"}
    assert account.policies[f"{IAM}:policy/odd"].problems
    with pytest.raises(ParameterError, match="AWS would refuse the new document"):
        account.what_if(f"{IAM}:policy/odd", document(allow("s3:GetObject", "arn:aws:s3:*:*:example/*")))


def test_a_statement_that_cannot_be_read_may_allow_or_deny_and_explain_names_its_document():
    broken = policy("broken", {"Effect": "deny", "Action": "*", "Resource": "*"})
    held = user("ann", **attached("broken", "read"))
    account = account_of(
        authorization_details=details(users=[held], policies=[broken, policy("read", allow("s3:GetObject"))])
    )
    answer = account.explain("ann", "s3:GetObject", "arn:aws:s3:::example/x")
    assert answer.verdict == "depends"
    assert answer.reasons == (f"depends on {IAM}:policy/broken, of which a statement cannot be read",)
    (ann,) = account.principals
    assert (ann.sets.certain, ann.sets.is_complete) == (0, False)
    assert account.catalogue.names_of(ann.sets.possible) == ["s3:GetObject"]


def test_an_rcp_level_without_documents_leaves_everything_allowed():
    """Rule A3: AWS attaches RCPFullAWSAccess at every level, and nobody can take it off."""
    held = details(users=[user("ann", **attached("read"))], policies=[policy("read", allow("s3:GetObject"))])
    empty = {"ResourceControlPolicies": [{"Target": "r-1", "Policies": []}]}
    account = account_of(authorization_details=held, organization_policies=empty)
    assert account.decide("ann", "s3:GetObject", "arn:aws:s3:::example/x").verdict == "allowed"
    (ann,) = account.principals
    assert account.catalogue.names_of(ann.sets.certain) == ["s3:GetObject"]
    nothing = {"ServiceControlPolicies": [{"Target": "r-1", "Policies": []}]}
    account = account_of(authorization_details=held, organization_policies=nothing)
    assert account.explain("ann", "s3:GetObject", "*").lines[1] == "nothing in the SCP level 0 allows it"
