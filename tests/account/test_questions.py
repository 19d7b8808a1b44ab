import pytest

import iamaudit
from iamaudit.account import parse_context
from iamaudit.errors import ParameterError
from tests.accounts import (
    ACCOUNT,
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
    snapshot,
    user,
)

CAVEAT = "not looked at: policies of the resource, SCPs, RCPs and session policies"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
TRUST = document({"Effect": "Allow", "Principal": {"AWS": f"{IAM}:root"}, "Action": "sts:AssumeRole"})


@pytest.fixture(scope="module")
def audit(tmp_path_factory):
    data = details(
        users=[
            user("ann", GroupList=["dev"], Tags=[{"Key": "team", "Value": "x"}], **attached("read")),
            user("bob", **attached("read"), **boundary("limit")),
            user("eve", **attached("gone", "read")),
            user("app", **inline("User", "own", allow("sts:AssumeRole", f"{IAM}:role/*"))),
            user(
                "far",
                **inline("User", "own", allow(["sts:*", "sqs:*"], ["arn:aws:iam::4*", "arn:aws:sqs:*"])),
            ),
            user("kim", **inline("User", "own", allow("kms:Decrypt"))),
        ],
        groups=[group("dev", **inline("Group", "no", deny("s3:*", "arn:aws:s3:::secret/*", Sid="Secret")))],
        roles=[role("app", AssumeRolePolicyDocument=TRUST, **attached("mfa")), role("ec2")],
        policies=[
            policy("read", allow("s3:GetObject", Sid="Read")),
            policy("limit", allow("sqs:*")),
            policy("mfa", allow("s3:GetObject", Condition=MFA)),
            policy("home", allow("s3:PutObject", "arn:aws:s3:::home/${aws:username}/*")),
        ],
    )
    return iamaudit.open_snapshot(snapshot(tmp_path_factory.mktemp("access"), authorization_details=data))


@pytest.mark.parametrize(
    ("principal", "action", "resource", "lines"),
    [
        (
            "ann",
            "s3:GetObject",
            "arn:aws:s3:::example/x",
            ["allowed", f"allowed by {IAM}:policy/read Statement[0] (Read), Allow"],
        ),
        (
            f"{IAM}:user/ann",
            "s3:GetObject",
            "arn:aws:s3:::secret/x",
            ["explicit deny", f"denied by {IAM}:group/dev#no Statement[0] (Secret), Deny"],
        ),
        (
            "user/bob",
            "s3:GetObject",
            "arn:aws:s3:::example/x",
            ["implicit deny", "nothing in the permissions boundary allows it"],
        ),
        (
            "ann",
            "s3:PutObject",
            "arn:aws:s3:::example/x",
            ["implicit deny", "nothing in the identity policies allows it"],
        ),
        (
            "role/app",
            "s3:GetObject",
            "arn:aws:s3:::example/x",
            [
                "depends",
                f"depends on {IAM}:policy/mfa Statement[0], Allow: Bool aws:MultiFactorAuthPresent true",
            ],
        ),
        (
            "eve",
            "s3:GetObject",
            "arn:aws:s3:::example/x",
            ["depends", f"depends on {IAM}:policy/gone, which was not collected"],
        ),
        (
            "user/app",
            "sts:AssumeRole",
            "arn:aws:iam::444455556666:role/x",
            ["implicit or explicit deny", "nothing in the identity policies allows it"],
        ),
        (
            "user/far",
            "sts:AssumeRole",
            "arn:aws:iam::444455556666:role/x",
            [
                "depends",
                "depends on the trust policy of arn:aws:iam::444455556666:role/x, which was not collected",
            ],
        ),
        (
            "user/far",
            "sqs:SendMessage",
            "arn:aws:sqs:eu-west-1:444455556666:jobs",
            [
                "depends",
                "depends on the policy of arn:aws:sqs:eu-west-1:444455556666:jobs, which was not collected",
            ],
        ),
        (
            "user/far",
            "sqs:SendMessage",
            f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs",
            [
                "allowed",
                f"allowed by {IAM}:user/far#own Statement[0], Allow",
                f"{IAM}:user/far#own Statement[0], Allow covers the resource only if a * may reach beyond "
                "its colon",
            ],
        ),
        (
            "root",
            "sqs:SendMessage",
            "*",
            [
                "allowed",
                "allowed: root has full access, unless an SCP, an RCP or the resource's policy denies it",
            ],
        ),
        (
            "root",
            "s3:PutBucketPolicy",
            "arn:aws:s3:::example",
            [
                "allowed",
                "allowed: root of the bucket's owner may, whatever the bucket policy says; an SCP or an RCP "
                "can deny it",
            ],
        ),
        ("kim", "sts:GetCallerIdentity", "*", ["allowed", "allowed: no permission is needed"]),
        ("root", "sts:AssumeRole", f"{IAM}:role/app", ["implicit deny", "denied: root cannot assume a role"]),
        (
            "role/app",
            "sts:GetSessionToken",
            "*",
            ["implicit deny", "denied: temporary credentials cannot get a session or federation token"],
        ),
        (
            "user/app",
            "sts:AssumeRole",
            f"{IAM}:role/ec2",
            ["implicit deny", "nothing in the trust policy allows it"],
        ),
        (
            "kim",
            "kms:Decrypt",
            "arn:aws:kms:eu-west-1:111122223333:key/1",
            [
                "depends",
                "depends on the key policy of arn:aws:kms:eu-west-1:111122223333:key/1, "
                "which was not collected",
            ],
        ),
    ],
)
def test_a_decision_is_explained(audit, principal, action, resource, lines):
    assert audit.explain(principal, action, resource).lines == [*lines, CAVEAT]


def test_who_can_names_those_who_may_and_says_why(audit):
    found = audit.who_can("s3:GetObject", "arn:aws:s3:::example/x")
    assert found[["principal_name", "verdict"]].to_numpy().tolist() == [
        ["root", "allowed"],
        ["ann", "allowed"],
        ["app", "depends"],
        ["eve", "depends"],
    ]
    assert found.because[1] == f"allowed by {IAM}:policy/read Statement[0] (Read), Allow"
    secret = audit.who_can("s3:GetObject", "arn:aws:s3:::secret/x")
    assert "ann" not in set(secret.principal_name)


def test_what_needs_no_permission_is_possible_for_everybody_who_may(audit):
    """Rule B8: whatever policies they hold, none of them or one that nobody collected."""
    who, token = audit.access.reach(["sts:GetCallerIdentity", "sts:GetSessionToken"])
    assert (who.possible, who.certain, who.of) == (8, 8, 8)
    assert (token.possible, token.certain, token.of) == (6, 6, 8)
    assert [name for name in who.principals if name not in token.principals] == ["role/app", "role/ec2"]
    assert len(audit.who_can("sts:GetCallerIdentity", "*")) == 9  # root, too


def test_temporary_credentials_never_get_a_federation_token(tmp_path):
    """Rule B8."""
    everything = inline("Role", "own", allow("*"))
    data = details(
        users=[user("ann", **inline("User", "own", allow("*")))], roles=[role("app", **everything)]
    )
    one = iamaudit.open_snapshot(snapshot(tmp_path, authorization_details=data))
    (token,) = one.access.reach(["sts:GetFederationToken"])
    assert (token.principals, token.certain) == (["user/ann"], 1)


def test_who_can_and_explain_agree_on_everybody_of_the_demo():
    audit = iamaudit.open_snapshot()
    asked = ("iam:CreateUser", "arn:aws:iam::111122223333:user/new")
    found = dict(audit.who_can(*asked)[["principal", "verdict"]].to_numpy().tolist())
    verdicts = {arn: audit.explain(arn, *asked).verdict for arn in audit.access.actors}
    assert found == {arn: v for arn, v in verdicts.items() if v in ("allowed", "depends")}
    assert len(found) > 5


def test_what_if_compares_before_and_after(audit):
    changed = audit.what_if(
        f"{IAM}:policy/read", document(allow(["s3:GetObject", "s3:PutObject"], Condition=MFA))
    )
    rows = {row["principal_name"]: row for row in changed.to_dict("records")}
    assert set(rows) == {"ann", "eve"}  # bob's boundary allows neither
    assert rows["ann"]["gained"] == ["s3:PutObject"]
    assert rows["ann"]["lost"] == []
    assert rows["ann"]["became_conditional"] == []  # the group's Deny kept it from being certain before
    assert rows["eve"]["is_complete"] is False
    assert audit.explain("ann", "s3:GetObject", "arn:aws:s3:::example/x").lines[0] == "allowed"  # a copy


def test_what_if_sees_certain_become_conditional_and_back(tmp_path):
    data = details(users=[user("ann", **attached("read"))], policies=[policy("read", allow("s3:GetObject"))])
    one = iamaudit.open_snapshot(snapshot(tmp_path, authorization_details=data))
    arn = f"{IAM}:policy/read"
    (row,) = one.what_if(arn, document(allow("s3:GetObject", Condition=MFA))).to_dict("records")
    assert (row["became_conditional"], row["lost"]) == (["s3:GetObject"], [])
    (row,) = one.what_if(arn, document(deny("*"))).to_dict("records")
    assert (row["lost"], row["became_conditional"]) == (["s3:GetObject"], [])
    assert len(one.what_if(arn, document(allow("s3:getobject")))) == 0


@pytest.mark.parametrize(
    ("name", "new", "words"),
    [
        (f"{IAM}:policy/raed", document(allow("*")), f"did you mean `{IAM}:policy/read`?"),
        ("x", document(allow("*")), "give its ARN, or PRINCIPAL_ARN#NAME"),
        (f"{IAM}:role/app@trust", document(allow("*")), "is not a policy of the snapshot"),
        (f"{IAM}:policy/read", "{", "AWS would refuse the new document (is not JSON"),
        (f"{IAM}:policy/read", {"Statement": [{}]}, "Statement[0].Effect: must be exactly Allow or Deny"),
    ],
)
def test_a_what_if_that_cannot_be_is_one_line(audit, name, new, words):
    with pytest.raises(ParameterError) as caught:
        audit.what_if(name, new)
    assert words in str(caught.value)


def test_separators_are_the_statements_that_keep_a_permission_from_being_certain(audit):
    found = audit.separators("role/app")
    (row,) = found.to_dict("records")
    assert (row["policy"], row["effect"]) == (f"{IAM}:policy/mfa", "Allow")
    assert row["conditions"] == "Bool aws:MultiFactorAuthPresent true"
    assert row["actions_concerned"] == 1
    (row,) = audit.separators("ann").to_dict("records")
    assert (row["effect"], row["resources"]) == ("Deny", ["arn:aws:s3:::secret/*"])
    assert len(audit.separators("root")) == 0


def organization(*levels, rcps=(), **more):
    return {
        "ServiceControlPolicies": [
            {"Target": f"ou-{n}", "Policies": [{"Name": f"p{n}", "Content": document(*s)}]}
            for n, s in enumerate(levels)
        ],
        "ResourceControlPolicies": [
            {"Target": "r-1", "Policies": [{"Name": "rcp", "Content": document(*s)}]} for s in rcps
        ],
        **more,
    }


ORGANIZED = details(
    users=[user("ann", **attached("read"))],
    roles=[
        role("aws", Path="/aws-service-role/x/", **attached("read"))
        | {"Arn": f"{IAM}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"}
    ],
    policies=[policy("read", allow(["s3:GetObject", "sqs:SendMessage", "ec2:StartInstances"]))],
)
FULL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
EVERYONE = {"Principal": "*", "Resource": "*"}


def under(tmp_path, source):
    return iamaudit.open_snapshot(
        snapshot(tmp_path, authorization_details=ORGANIZED, organization_policies=source)
    )


def test_scps_limit_both_engines_but_not_service_linked_roles(tmp_path):
    audit = under(tmp_path, organization([FULL], [FULL, deny("s3:*")], [allow(["s3:*", "sqs:*"])]))
    by_name = {p.name: audit.catalogue.names_of(p.sets.possible) for p in audit.principals}
    assert by_name == {
        "ann": ["sqs:SendMessage"],
        "aws": ["ec2:StartInstances", "s3:GetObject", "sqs:SendMessage"],
    }
    caveat = "not looked at: policies of the resource and session policies"
    resource = "arn:aws:s3:::example/x"
    assert audit.explain("ann", "s3:GetObject", resource).lines == [
        "explicit deny",
        "denied by SCP p1 on ou-1 Statement[1], Deny",
        caveat,
    ]
    assert audit.explain("ann", "ec2:StartInstances", "*").lines[1] == "nothing in the SCP level 2 allows it"
    assert audit.decide("ann", "sqs:SendMessage", "*").verdict == "allowed"
    assert audit.decide("role/aws", "s3:GetObject", resource).verdict == "allowed"


def test_an_rcp_takes_what_it_denies_from_certain_and_leaves_what_is_possible_elsewhere(tmp_path):
    rcp = [{**FULL, "Principal": "*"}, {"Effect": "Deny", "Action": "s3:*", **EVERYONE}]
    audit = under(tmp_path, organization([FULL], rcps=[rcp]))
    (ann,) = [p for p in audit.principals if p.name == "ann"]
    assert audit.catalogue.names_of(ann.sets.certain) == ["ec2:StartInstances", "sqs:SendMessage"]
    assert "s3:GetObject" in audit.catalogue.names_of(ann.sets.possible)
    assert audit.explain("ann", "s3:GetObject", "arn:aws:s3:::example/x").lines[0] == "explicit deny"


def test_the_organization_can_keep_root_from_its_bucket_policy(tmp_path):
    """Rule B9: S3's exception beats bucket policies only."""
    asked = ("s3:PutBucketPolicy", "arn:aws:s3:::example")
    no_root = deny("s3:*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}})
    audit = under(tmp_path / "denied", organization([FULL, no_root]))
    assert audit.explain("root", *asked).lines[:2] == [
        "explicit deny",
        "denied by SCP p0 on ou-0 Statement[1], Deny",
    ]
    assert audit.who_can(*asked).principal_name.tolist() == []
    free = under(tmp_path / "free", organization([FULL]))
    assert free.who_can(*asked).because.tolist() == [
        "allowed by SCP p0 on ou-0 Statement[0], Allow; allowed: root of the bucket's owner may, whatever "
        "the bucket policy says; an SCP or an RCP can deny it"
    ]


def test_the_management_account_is_exempt(tmp_path):
    source = organization([deny("*")], ManagementAccountId=ACCOUNT)
    audit = under(tmp_path, source)
    assert audit.decide("ann", "s3:GetObject", "*").verdict == "allowed"
    assert list(audit.policies.kind.unique()) == ["customer managed", "trust", "SCP"]


def test_the_condition_keys_that_separate_the_sets_are_in_the_breadth_frame(tmp_path):
    only_eu = deny("*", Condition={"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}})
    audit = under(tmp_path, organization([FULL, only_eu]))
    keys = audit.breadth.set_index("principal_name").condition_keys
    assert (keys["ann"], keys["aws"]) == (["aws:requestedregion"], [])
    certain = audit.breadth.set_index("principal_name").actions_certain
    assert (certain["ann"], certain["aws"]) == (0, 3)


def test_trust_and_identity_together_allow_to_assume_a_role(audit):
    lines = audit.explain("user/app", "sts:AssumeRole", f"{IAM}:role/app").lines
    assert lines[0] == "allowed"
    assert {line.split()[2] for line in lines[1:3]} == {f"{IAM}:user/app#own", f"{IAM}:role/app@trust"}


def test_context_that_is_given_decides(audit):
    asked = ("role/app", "s3:GetObject", "arn:aws:s3:::example/x")
    assert audit.decide(*asked, context={"aws:MultiFactorAuthPresent": "true"}).verdict == "allowed"
    assert audit.decide(*asked, context={"aws:multifactorauthpresent": "false"}).verdict == "implicit deny"


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (("nobody", "s3:GetObject"), "`nobody` is not a user or role"),
        (("app", "s3:GetObject"), "`app` names user/app and role/app: say which"),
        (("ann", "s3"), "`s3` is not an action"),
        (("ann", "s3:Get*"), "`s3:Get*` is not an action"),
        (("ann", "s3:GetObject", "example"), "`example` is not a resource"),
    ],
)
def test_a_question_that_cannot_be_asked_is_one_line(audit, question, words):
    with pytest.raises(ParameterError) as caught:
        audit.explain(*question)
    assert words in str(caught.value)


def test_context_is_read_as_pairs():
    assert parse_context(["aws:SourceIp=10.0.0.1", "a:b=c=d"]) == {"aws:SourceIp": "10.0.0.1", "a:b": "c=d"}
    for pair in ("aws:SourceIp", "ip=1"):
        with pytest.raises(ParameterError, match="is not a context key"):
            parse_context([pair])


def test_the_practice_exercise_of_the_demo_account():
    """The reader lists its bucket and is refused on another."""
    audit = iamaudit.open_snapshot()
    asked = ("test-reader", "s3:ListBucket")
    assert audit.decide(*asked, "arn:aws:s3:::example-test-reports").verdict == "allowed"
    assert audit.decide(*asked, "arn:aws:s3:::example-payroll").verdict == "implicit deny"


@pytest.mark.parametrize(
    "levels",
    [
        [[deny("s3:PutObject", Principal="*")]],
        [[], [deny("s3:PutObject", Principal="*")], []],
        [[{**FULL, "Principal": "*"}], [deny("s3:PutObject", Principal="*")]],
    ],
    ids=["only its own", "empty levels", "with RCPFullAWSAccess"],
)
def test_every_level_of_rcps_allows_whether_or_not_the_file_names_it(tmp_path, levels):
    """Rule A3: AWS attaches RCPFullAWSAccess to each, and nobody can detach it."""
    source = organization([FULL])
    source["ResourceControlPolicies"] = [
        {"Target": f"ou-{n}", "Policies": [{"Name": "p", "Content": document(*s)}] if s else []}
        for n, s in enumerate(levels)
    ]
    audit = under(tmp_path, source)
    assert audit.decide("ann", "s3:GetObject", "arn:aws:s3:::example/x").verdict == "allowed"
    assert audit.decide("root", "s3:PutObject", "arn:aws:s3:::example/x").verdict == "explicit deny"
    assert "s3:GetObject" in audit.catalogue.names_of(audit.principals[0].sets.certain)


@pytest.mark.parametrize(
    ("context", "verdict"),
    [
        ({}, "allowed"),
        ({"sts:SourceIdentity": "ann"}, "implicit deny"),
        ({"aws:RequestTag/team": "x"}, "implicit deny"),
        ({"sts:ExternalId": "x"}, "allowed"),
    ],
)
def test_what_is_passed_to_a_session_needs_its_own_permission(audit, context, verdict):
    """Rule B7: app's own policy and the role's trust policy allow ``sts:AssumeRole`` alone."""
    asked = ("user/app", "sts:AssumeRole", f"{IAM}:role/app")
    assert audit.decide(*asked, context=context).verdict == verdict
    passed = audit.decide("user/app", "sts:SetSourceIdentity", f"{IAM}:role/app")
    assert (passed.verdict, passed.blocked_by) == ("implicit deny", "identity policies")
