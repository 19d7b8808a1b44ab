"""What tools that match action names inside one document get wrong, and shapes that could hang a graph."""

import json
from pathlib import Path

import pytest

import iamaudit
from iamaudit.escalation import CERTAIN, CONDITIONAL, load_rules
from tests.accounts import (
    IAM,
    allow,
    attached,
    boundary,
    deny,
    details,
    document,
    group,
    inline,
    password,
    policy,
    report,
    role,
    snapshot,
    user,
)
from tests.escalation.accounts import (
    ADMIN,
    ADMINISTRATOR,
    audited,
    opened,
    scp,
    trust,
    trust_account,
    verdicts,
    ways_of,
)

LAMBDA = load_rules()["pass-role-lambda-create-function-and-invoke-function"]
PUT = load_rules()["iam-put-user-policy"]
KEY = load_rules()["iam-create-access-key"]
ASSUME = load_rules()["sts-assume-role"]
RUNS = document(
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
)
TARGET = role("target", AssumeRolePolicyDocument=RUNS, **ADMINISTRATOR)
CREATE = ["lambda:CreateFunction", "lambda:InvokeFunction"]
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function"

GUARDRAILS = json.loads(Path("tests/account/guardrails.json").read_text())


def holding(*policies, roles=(TARGET,), groups=(), users=(), **fields):
    """Return an account in which ``ann`` holds these lists of statements, a policy each."""
    named = [policy(f"p{number}", *statements) for number, statements in enumerate(policies)]
    ann = user("ann", **attached(*(p["PolicyName"] for p in named)), **fields)
    boss = user("boss", **ADMINISTRATOR)
    return details(users=[ann, boss, *users], roles=roles, groups=groups, policies=[ADMIN, *named])


def when(operator, key, value):
    return {"Condition": {operator: {key: value}}}


MFA = when("Bool", "aws:MultiFactorAuthPresent", "true")

TRAPS = [
    ("a pair split over two policies", LAMBDA, [[allow("iam:PassRole")], [allow(CREATE)]], {CERTAIN}),
    (
        "scoped, but to what the attacker may name",
        LAMBDA,
        [[allow("iam:PassRole"), allow(CREATE, f"{FUNCTION}:dev-*")]],
        {CERTAIN},
    ),
    (
        "scoped to the role that matters",
        LAMBDA,
        [[allow("iam:PassRole", f"{IAM}:role/targ*"), allow(CREATE)]],
        {CERTAIN},
    ),
    (
        "what is created cannot be invoked",
        LAMBDA,
        [[allow("iam:PassRole"), allow(CREATE[0], f"{FUNCTION}:a*"), allow(CREATE[1], f"{FUNCTION}:b*")]],
        {"blocked"},
    ),
    (
        "what is created can be invoked",
        LAMBDA,
        [[allow("iam:PassRole"), allow(CREATE[0], f"{FUNCTION}:a*"), allow(CREATE[1], f"{FUNCTION}:*b")]],
        {CERTAIN},
    ),
    (
        "a resource that really blocks",
        LAMBDA,
        [[allow("iam:PassRole", f"{IAM}:role/dev-*"), allow(CREATE)]],
        {"blocked"},
    ),
    ("another type of resource", LAMBDA, [[allow("iam:PassRole"), allow(CREATE, "arn:aws:s3:::b/*")]], set()),
    (
        "a condition that is met in practice",
        PUT,
        [[allow("iam:PutUserPolicy", **when("Bool", "aws:SecureTransport", "true"))]],
        {CERTAIN},
    ),
    (
        "a condition on the own account",
        PUT,
        [[allow("iam:PutUserPolicy", **when("StringEquals", "aws:PrincipalAccount", "111122223333"))]],
        {CERTAIN},
    ),
    (
        "any address",
        PUT,
        [[allow("iam:PutUserPolicy", **when("IpAddress", "aws:SourceIp", "0.0.0.0/0"))]],
        {CERTAIN},
    ),
    (
        "a region that the caller chooses",
        LAMBDA,
        [[allow("iam:PassRole"), allow(CREATE, **when("StringEquals", "aws:RequestedRegion", "eu-west-1"))]],
        {CERTAIN},
    ),
    (
        "a condition that nobody knows",
        PUT,
        [[allow("iam:PutUserPolicy", **when("IpAddress", "aws:SourceIp", "10.0.0.0/8"))]],
        {CONDITIONAL},
    ),
    (
        "a day that has passed",
        PUT,
        [[allow("iam:PutUserPolicy", **when("DateLessThan", "aws:CurrentTime", "2020-01-01T00:00:00Z"))]],
        {"blocked"},
    ),
    (
        "a tag that the user does not have",
        PUT,
        [[allow("iam:PutUserPolicy", **when("StringEquals", "aws:PrincipalTag/team", "red"))]],
        {"blocked"},
    ),
    (
        "another user's name",
        PUT,
        [[allow("iam:PutUserPolicy", **when("StringEquals", "aws:username", "bob"))]],
        {"blocked"},
    ),
    (
        "an Allow of all but something else",
        PUT,
        [[{"Effect": "Allow", "NotAction": ["s3:*", "iam:CreateUser"], "Resource": "*"}]],
        {CERTAIN},
    ),
    ("an Allow of all but this", PUT, [[{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]], set()),
    ("allow and deny in one policy", PUT, [[allow("iam:Put*"), deny("iam:PutUserPolicy")]], {"blocked"}),
    ("allow and deny in two policies", PUT, [[allow("iam:Put*")], [deny("*", Condition={})]], {"blocked"}),
    (
        "a conditional Deny does not erase the Allow",
        PUT,
        [[allow("iam:Put*"), deny("*", **when("BoolIfExists", "aws:MultiFactorAuthPresent", "false"))]],
        {CONDITIONAL},
    ),
    (
        "a Deny of sessions without MFA does not stop a long-term key, which has no such key",
        PUT,
        [[allow("iam:Put*"), deny("*", **when("Bool", "aws:MultiFactorAuthPresent", "false"))]],
        {CERTAIN},
    ),
    (
        "a key has no issue time, and a session may lack MFA",
        PUT,
        [
            [
                allow("iam:Put*"),
                deny("*", **when("Null", "aws:TokenIssueTime", "true")),
                deny("*", **when("Bool", "aws:MultiFactorAuthPresent", "false")),
            ]
        ],
        {CONDITIONAL},
    ),
    ("a Deny on somebody else", PUT, [[allow("iam:Put*"), deny("iam:*", f"{IAM}:user/bob")]], {CERTAIN}),
    ("deny only", PUT, [[deny("iam:PutUserPolicy")]], set()),
    ("only oneself", PUT, [[allow("iam:PutUserPolicy", f"{IAM}:user/${{aws:username}}")]], {CERTAIN}),
    (
        "only others",
        KEY,
        [[{"Effect": "Allow", "Action": "iam:CreateAccessKey", "NotResource": f"{IAM}:user/boss"}]],
        {"blocked"},
    ),
    ("a wildcard in the action", KEY, [[allow("iam:Create????ssKey")]], {CERTAIN}),
    (
        "a policy that may not be attached",
        load_rules()["iam-attach-user-policy"],
        [[allow("iam:AttachUserPolicy", **when("ArnEquals", "iam:PolicyARN", READ_ONLY))]],
        {"blocked"},
    ),
    (
        "only users with a boundary",
        PUT,
        [[allow("iam:PutUserPolicy", **when("StringEquals", "iam:PermissionsBoundary", f"{IAM}:policy/b"))]],
        {"blocked"},
    ),
]


@pytest.mark.parametrize(("rule", "policies", "found"), [t[1:] for t in TRAPS], ids=[t[0] for t in TRAPS])
def test_trap(tmp_path, rule, policies, found):
    assert verdicts(opened(tmp_path, holding(*policies)), rule) == found


def test_permissions_of_a_group_count_and_its_deny_too(tmp_path):
    own = group("own", **inline("Group", "g", allow("iam:PutUserPolicy")))
    assert verdicts(opened(tmp_path / "1", holding(groups=[own], GroupList=["own"])), PUT) == {CERTAIN}
    against = group("own", **inline("Group", "g", deny("iam:PutUserPolicy")))
    account = holding([allow("iam:Put*")], groups=[against], GroupList=["own"])
    assert verdicts(opened(tmp_path / "2", account), PUT) == {"blocked"}


def test_a_boundary_on_oneself_makes_self_escalation_pointless_and_is_named(tmp_path):
    account = holding([allow("iam:PutUserPolicy")], **boundary("b"))
    account["Policies"].append(policy("b", allow(["iam:PutUserPolicy", "s3:*"])))
    escalation = opened(tmp_path, account)
    assert verdicts(escalation, PUT) == {"blocked"}
    (way,) = escalation.blocked_of("ann")
    assert way.blocker == f"permissions boundary: {IAM}:policy/b keeps the administrator's permissions away"


def test_an_scp_that_denies_all_of_iam_leaves_no_administrator(tmp_path):
    account = holding([allow("iam:PutUserPolicy")])
    escalation = opened(tmp_path, account, organization_policies=scp(deny("iam:*")))
    assert escalation.paths == []
    assert verdicts(escalation, PUT) == {"blocked"}


def test_a_password_can_only_be_made_where_there_is_none(tmp_path):
    account = holding([allow(["iam:CreateLoginProfile", "iam:UpdateLoginProfile"])])
    make, change = load_rules()["iam-create-login-profile"], load_rules()["iam-update-login-profile"]
    signs_in = report({"user": "<root_account>"}, {"user": "ann"}, {"user": "boss", **password(changed=5)})
    with_one = opened(tmp_path / "1", account, credential_report=signs_in)
    assert (verdicts(with_one, make), verdicts(with_one, change)) == (set(), {CERTAIN})
    without = report({"user": "<root_account>"}, {"user": "ann"}, {"user": "boss"})
    with_none = opened(tmp_path / "2", account, credential_report=without)
    assert (verdicts(with_none, make), verdicts(with_none, change)) == ({CERTAIN}, set())
    unknown = opened(tmp_path / "3", account)
    assert (verdicts(unknown, make), verdicts(unknown, change)) == ({CERTAIN}, {CERTAIN})


@pytest.mark.parametrize(
    ("mfa", "held", "found"),
    [
        ("true", [], {"iam-update-login-profile": CONDITIONAL}),
        ("false", [], {"iam-update-login-profile": CERTAIN}),
        (
            "true",
            [allow("iam:DeactivateMFADevice", f"{IAM}:user/boss")],
            {
                "iam-update-login-profile": CONDITIONAL,
                "iam-update-login-profile-and-deactivate-mfa-device": CERTAIN,
            },
        ),
        (
            "true",
            [allow("iam:EnableMFADevice")],
            {
                "iam-update-login-profile": CONDITIONAL,
                "iam-update-login-profile-and-enable-mfa-device": CERTAIN,
            },
        ),
        ("true", [allow("iam:*MFADevice", f"{IAM}:user/ann")], {"iam-update-login-profile": CONDITIONAL}),
        (
            "true",
            [allow("iam:DeactivateMFADevice"), deny("iam:Deactivate*")],
            {"iam-update-login-profile": CONDITIONAL},
        ),
        ("false", [allow("iam:DeactivateMFADevice")], {"iam-update-login-profile": CERTAIN}),
    ],
)
def test_a_new_password_needs_the_mfa_device_of_its_user_unless_that_can_be_replaced(
    tmp_path, mfa, held, found
):
    account = holding([allow("iam:UpdateLoginProfile"), *held])
    row = {"user": "boss", **password(changed=5, mfa=mfa)}
    sources = {"credential_report": report({"user": "<root_account>"}, {"user": "ann"}, row)}
    escalation = opened(tmp_path, account, **sources)
    paths = escalation.paths_of("ann")
    assert {path.steps[0].way.rule.id: path.verdict for path in paths} == found
    told = {path.verdict: escalation.conditions(path) for path in paths}
    assert told.get(CONDITIONAL, ["the MFA device of user/boss"]) == ["the MFA device of user/boss"]
    assert told.get(CERTAIN, []) == []


@pytest.mark.parametrize(
    ("trusts", "held", "found"),
    [
        (trust(f"{IAM}:user/ann"), [], {CERTAIN}),  # named: no permission needed (rule B7)
        (trust(f"{IAM}:user/ann"), [deny("sts:*")], {"blocked"}),
        (trust_account(), [], set()),
        (trust_account(), [allow("sts:AssumeRole")], {CERTAIN}),
        (trust_account(), [allow("sts:AssumeRole", f"{IAM}:role/other")], {"blocked"}),
        (
            trust_account(**when("Bool", "aws:MultiFactorAuthPresent", "true")),
            [allow("sts:*")],
            {CONDITIONAL},
        ),
        (trust_account(**when("StringEquals", "aws:PrincipalTag/a", "b")), [allow("sts:*")], {"blocked"}),
        (trust_account(**when("ArnLike", "aws:PrincipalArn", f"{IAM}:user/a*")), [allow("sts:*")], {CERTAIN}),
        (trust(f"{IAM}:user/bob"), [allow("sts:AssumeRole", f"{IAM}:role/target")], {"blocked"}),
        (trust("*"), [], {CERTAIN}),
        (trust("AIDAWASDELETED000000"), [allow("sts:*")], set()),
    ],
)
def test_who_may_assume_a_role(tmp_path, trusts, held, found):
    target = role("target", AssumeRolePolicyDocument=trusts, **ADMINISTRATOR)
    account = holding(held, roles=[target]) if held else holding(roles=[target])
    assert verdicts(opened(tmp_path, account), ASSUME) == found


def chain(length):
    """Return roles of which each trusts the one before, the first ``ann``; the last is an administrator."""
    before = [f"{IAM}:user/ann", *(f"{IAM}:role/r{n}" for n in range(length))]
    roles = [role(f"r{n}", AssumeRolePolicyDocument=trust(before[n])) for n in range(length)]
    roles[-1] |= ADMINISTRATOR
    return roles


def test_a_path_of_many_hops_is_found_and_is_the_shortest(tmp_path):
    roles = chain(6)
    shortcut = role("short", AssumeRolePolicyDocument=trust(f"{IAM}:role/r1"), **ADMINISTRATOR)
    long = opened(tmp_path / "1", holding(roles=roles)).graph.paths()[f"{IAM}:user/ann"]
    assert (len(long.steps), long.verdict) == (6, CERTAIN)
    assert [step.target.rpartition("/")[2] for step in long.steps] == [f"r{n}" for n in range(6)]
    short = opened(tmp_path / "2", holding(roles=[*roles, shortcut])).graph.paths()[f"{IAM}:user/ann"]
    assert [step.target.rpartition("/")[2] for step in short.steps] == ["r0", "r1", "short"]


def test_a_path_is_as_sure_as_its_weakest_step_and_a_surer_detour_wins(tmp_path):
    direct = role("direct", AssumeRolePolicyDocument=trust(f"{IAM}:user/ann", **MFA), **ADMINISTRATOR)
    alone = opened(tmp_path / "1", holding(roles=[direct])).graph.paths()[f"{IAM}:user/ann"]
    assert (alone.verdict, len(alone.steps)) == (CONDITIONAL, 1)
    both = opened(tmp_path / "2", holding(roles=[direct, *chain(2)])).graph.paths()[f"{IAM}:user/ann"]
    assert (both.verdict, len(both.steps)) == (CERTAIN, 2)


def test_cycles_self_trust_and_deleted_principals_neither_hang_nor_count(tmp_path):
    roles = [
        role("a", AssumeRolePolicyDocument=trust(f"{IAM}:role/b")),
        role("b", AssumeRolePolicyDocument=trust(f"{IAM}:role/a")),
        role("self", AssumeRolePolicyDocument=trust(f"{IAM}:role/self")),
        role("old", AssumeRolePolicyDocument=trust("AROAWASDELETED000000"), **ADMINISTRATOR),
    ]
    escalation = opened(tmp_path, holding(roles=roles))
    assert escalation.graph.paths() == {}
    assert [way for way in escalation.ways if not way.aims and way.is_takeover] == []


def test_a_thousand_roles_that_trust_the_account_are_one_group(tmp_path):
    roles = [role(f"r{n}", AssumeRolePolicyDocument=trust_account()) for n in range(1000)]
    roles[500] |= ADMINISTRATOR
    everybody = [user(f"u{n}", **attached("p0")) for n in range(100)]
    escalation = opened(tmp_path, holding([allow("sts:AssumeRole")], roles=roles, users=everybody))
    (way,) = ways_of(escalation, ASSUME)
    # 101 who are not administrators, and the two who are: all come to the same roles in the same way
    assert (way.sources.bit_count(), way.targets.bit_count()) == (103, 1000)
    paths = escalation.graph.paths()
    assert len(paths) == 101
    assert {path.steps[0].target for path in paths.values()} == {f"{IAM}:role/r500"}


def test_outsiders_come_in_by_the_trust_policies(tmp_path):
    far = "444455556666"
    named = when("StringEquals", "sts:ExternalId", "x")
    tool = trust(f"arn:aws:iam::{far}:role/tool", **named)
    roles = [
        role("open", AssumeRolePolicyDocument=trust(far), **ADMINISTRATOR),
        role("asks", AssumeRolePolicyDocument=tool, **ADMINISTRATOR),
        role("all", AssumeRolePolicyDocument=trust("*", **named), **ADMINISTRATOR),
    ]
    found = {p: path.verdict for p, path in opened(tmp_path, holding(roles=roles)).graph.paths().items()}
    assert found["account 444455556666"] == CERTAIN
    assert found["anyone with an AWS account"] == CONDITIONAL
    only_named = opened(tmp_path / "2", holding(roles=roles[1:2])).graph.paths()
    assert only_named["account 444455556666"].verdict == CONDITIONAL


def test_data_is_an_end_of_its_own_for_who_is_no_administrator(tmp_path):
    reader = role("reader", AssumeRolePolicyDocument=RUNS, **inline("Role", "r", allow("s3:GetObject")))
    audit = audited(tmp_path, holding([allow(["iam:PassRole", *CREATE])], roles=[reader]))
    (row,) = audit.escalation_paths.to_dict("records")
    assert (row["end"], row["verdict"], row["hops"]) == ("data in s3", CERTAIN, 1)
    assert row["path"] == (
        "user/ann → role/reader (iam:PassRole, lambda:CreateFunction, lambda:InvokeFunction), "
        "who may read data in s3"
    )
    one_bucket = role(
        "reader",
        AssumeRolePolicyDocument=RUNS,
        **inline("Role", "r", allow("s3:GetObject", "arn:aws:s3:::b/*")),
    )
    assert opened(tmp_path / "2", holding([allow(["iam:PassRole", *CREATE])], roles=[one_bucket])).paths == []


@pytest.mark.parametrize(
    ("action", "end"),
    [
        ("s3:PutBucketPolicy", "data in s3"),
        ("dynamodb:PutResourcePolicy", "data in dynamodb"),
        ("secretsmanager:PutResourcePolicy", "secrets"),
        ("ssm:GetParametersByPath", "secrets"),
        ("ec2:DescribeInstanceAttribute", "user data"),
        ("s3:ListAllMyBuckets", None),
    ],
)
def test_who_may_write_a_resource_policy_or_read_user_data_comes_to_data(tmp_path, action, end):
    reader = role("reader", AssumeRolePolicyDocument=RUNS, **inline("Role", "r", allow(action)))
    audit = audited(tmp_path, holding([allow(["iam:PassRole", *CREATE])], roles=[reader]))
    assert set(audit.escalation_paths.end) == ({end} if end else set())


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        ([allow("s3:GetObject", "arn:aws:s3:::*")], {"data in s3"}),
        ([allow("s3:Get*", "arn:aws:s3:::*/*")], {"data in s3"}),
        ([allow("s3:GetObject", "arn:aws:s3:::?*")], {"data in s3"}),
        ([allow("s3:GetObject"), deny("s3:*", "arn:aws:s3:::payroll/*")], {"data in s3"}),
        ([{"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::payroll*"}], {"data in s3"}),
        ([allow("s3:GetObject"), deny("s3:*", "arn:aws:s3:::*")], set()),
        ([allow("s3:GetObject", "arn:aws:s3:::team-*")], set()),
        ([allow("s3:GetObject", "arn:aws:s3:*:111122223333:accesspoint/*")], set()),
        ([allow("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*:*:secret:*-??????")], {"secrets"}),
        ([allow("kms:Dec*", "arn:aws:kms:*:111122223333:key/*")], {"decryption"}),
        ([allow("kms:Decrypt", "arn:aws:kms:*:444455556666:key/*")], set()),
        ([allow("dynamodb:Scan", "arn:aws:dynamodb:*:*:table/*")], {"data in dynamodb"}),
    ],
    ids=str,
)
def test_who_reads_all_of_a_kind_by_patterns_or_but_for_some_is_at_the_end(tmp_path, statements, found):
    """Rules G1 to G3, G7."""
    reader = role("reader", AssumeRolePolicyDocument=RUNS, **inline("Role", "r", *statements))
    escalation = opened(tmp_path, holding([allow(["iam:PassRole", *CREATE])], roles=[reader]))
    assert {(path.end, path.verdict) for path in escalation.paths} == {(end, CERTAIN) for end in found}


def test_a_role_without_an_instance_profile_is_put_into_a_new_one(tmp_path):
    rule = load_rules()["pass-role-ec2-run-instances-with-new-instance-profile"]
    account = holding([allow(list(rule.permissions))], roles=[role("target", **ADMINISTRATOR)])
    assert verdicts(opened(tmp_path, account), rule) == {CERTAIN}
    assert verdicts(opened(tmp_path / "2", account), load_rules()["pass-role-ec2-run-instances"]) == {
        "needs a live resource"
    }


def test_who_is_an_administrator_already_has_no_path(tmp_path):
    assert opened(tmp_path, holding([allow("*")])).paths == []


def test_without_authorization_details_there_is_nothing_and_no_crash(tmp_path):
    audit = iamaudit.open_snapshot(snapshot(tmp_path, credential_report=report({"user": "ann"})))
    assert audit.escalation_paths.empty
    assert audit.escalation_ways.empty


def test_what_identity_center_makes_has_no_boundary_of_who_asked_for_it(tmp_path):
    rule = load_rules()["sso-put-inline-policy-to-permission-set"]
    account = holding([allow("sso:PutInlinePolicyToPermissionSet")], **boundary("b"))
    account["Policies"].append(policy("b", allow(["sso:*", "s3:*"])))
    assert verdicts(opened(tmp_path, account), rule) == {"needs a live resource"}


_CENTER = "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Team_0123456789abcdef"


def of_center(*statements, **fields):
    """Return a role of IAM Identity Center that holds some statements and a policy of the account."""
    provider = {"Federated": f"{IAM}:saml-provider/AWSSSO_0123_DO_NOT_DELETE"}
    trusts = document({"Effect": "Allow", "Principal": provider, "Action": "sts:AssumeRoleWithSAML"})
    named = {"Arn": f"{IAM}:role/{_CENTER}", "Path": "/aws-reserved/sso.amazonaws.com/"}
    held = inline("Role", "AwsSSOInlinePolicy", *statements) if statements else {}
    return role(_CENTER.rpartition("/")[2], **named, AssumeRolePolicyDocument=trusts, **held, **fields)


@pytest.mark.parametrize(
    ("actions", "is_admin", "found"),
    [
        ("iam:UpdateAssumeRolePolicy", True, []),
        (["iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy"], False, []),
        (["iam:PutRole*", "iam:DeleteRole*", "iam:DetachRole*", "iam:UpdateAssume*"], False, []),
        (["iam:UpdateAssumeRolePolicy", "iam:DeleteRolePermissionsBoundary"], True, []),
        ("iam:UpdateSAMLProvider", True, [CONDITIONAL]),
    ],
)
def test_nobody_else_changes_a_role_of_identity_center(tmp_path, actions, is_admin, found):
    held = ADMINISTRATOR if is_admin else attached("dull")
    account = details(
        users=[user("ann", **inline("User", "own", allow(actions, f"{IAM}:*")))],
        roles=[of_center(**held)],
        policies=[ADMIN, policy("dull", allow("s3:*"))],
    )
    escalation = opened(tmp_path, account)
    assert [path.verdict for path in escalation.paths_of("ann")] == found
    assert escalation.blocked_of("ann") == []


@pytest.mark.parametrize(
    ("actions", "found"),
    [
        (["iam:AttachRolePolicy", "iam:PutRolePolicy"], []),
        (["iam:DetachRolePolicy", "iam:DeleteRolePolicy"], []),
        ("iam:CreatePolicyVersion", ["iam-create-policy-version"]),  # of a policy that the account manages
    ],
)
def test_a_role_of_identity_center_does_not_change_itself(tmp_path, actions, found):
    center = of_center(allow(actions), **attached("team"))
    account = details(roles=[center], policies=[ADMIN, policy("team", allow("s3:*"))])
    escalation = opened(tmp_path, account)
    paths = escalation.paths_of(center["RoleName"])
    assert [path.steps[0].way.rule.id for path in paths] == found


def test_a_role_of_identity_center_keeps_its_boundary(tmp_path):
    frees = allow(["iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary", "sts:AssumeRole"])
    center = of_center(frees, **boundary("limit"))
    boss = role("boss", AssumeRolePolicyDocument=trust_account(), **ADMINISTRATOR)
    account = details(roles=[center, boss], policies=[ADMIN, policy("limit", allow("iam:*Boundary"))])
    assert opened(tmp_path, account).paths_of(center["RoleName"]) == []


INSTANCES = "arn:aws:ec2:*:111122223333:instance/*"
DOCUMENTS = "arn:aws:ssm:*::document/*"


@pytest.mark.parametrize(
    ("resources", "found"),
    [
        ([DOCUMENTS, INSTANCES], {"needs a live resource"}),
        ([DOCUMENTS], {"blocked"}),
        ([INSTANCES], {"blocked"}),
        ("*", {"needs a live resource"}),
    ],
)
def test_a_command_needs_a_document_and_an_instance(tmp_path, resources, found):
    rule = load_rules()["ssm-send-command"]
    trusts = document(
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    )
    profile = [{"InstanceProfileName": "target", "Arn": f"{IAM}:instance-profile/target"}]
    target = role("target", AssumeRolePolicyDocument=trusts, InstanceProfileList=profile, **ADMINISTRATOR)
    account = holding([allow("ssm:SendCommand", resources)], roles=[target])
    assert verdicts(opened(tmp_path, account), rule) == found


def test_a_deny_about_federated_identities_is_never_a_certain_way_in(tmp_path):
    comes = {"Federated": f"{IAM}:saml-provider/corp"}
    let_in = {"Effect": "Allow", "Principal": comes, "Action": "sts:AssumeRoleWithSAML"}
    shut_out = {**let_in, "Effect": "Deny", **when("StringEquals", "SAML:sub", "mallory")}
    certain = role("r", AssumeRolePolicyDocument=document(let_in), **ADMINISTRATOR)
    denied = role("r", AssumeRolePolicyDocument=document(let_in, shut_out), **ADMINISTRATOR)
    for target, verdict in ((certain, CERTAIN), (denied, CONDITIONAL)):
        paths = opened(tmp_path / verdict, holding(roles=[target])).graph.paths()
        assert paths["SAML corp"].verdict == verdict


@pytest.mark.parametrize("action", ["sts:TagSession", "sts:AssumeRole", "sts:AssumeRoleWithSAML"])
def test_a_statement_about_something_else_makes_no_pinned_identity_certain(tmp_path, action):
    comes = {"Federated": f"{IAM}:oidc-provider/token.actions.githubusercontent.com"}
    pinned = {"Effect": "Allow", "Principal": comes, "Action": "sts:AssumeRoleWithWebIdentity"}
    pinned |= when("StringEquals", "token.actions.githubusercontent.com:sub", "repo:org/app:ref:refs/heads/x")
    other = {"Effect": "Allow", "Principal": comes, "Action": action}
    both = role("r", AssumeRolePolicyDocument=document(pinned, other), **ADMINISTRATOR)
    paths = opened(tmp_path / "1", holding(roles=[both])).graph.paths()
    assert paths["web identity token.actions.githubusercontent.com"].verdict == CONDITIONAL
    alone = role("r", AssumeRolePolicyDocument=document(other), **ADMINISTRATOR)
    assert opened(tmp_path / "2", holding(roles=[alone])).graph.paths() == {}


@pytest.mark.parametrize(
    ("principal", "found"),
    [
        ({"AWS": f"arn:aws-cn:iam::{IAM.split(':')[4]}:root"}, CERTAIN),
        ({"CanonicalUser": "79a5"}, CONDITIONAL),
    ],
)
def test_the_account_by_another_name_lets_its_own_in(tmp_path, principal, found):
    trusts = document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
    target = role("target", AssumeRolePolicyDocument=trusts, **ADMINISTRATOR)
    assert verdicts(opened(tmp_path, holding([allow("sts:AssumeRole")], roles=[target])), ASSUME) == {found}


def test_an_outsider_who_has_another_statement_is_not_cut_by_taking_one_away(tmp_path):
    far = {"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "sts:AssumeRole"}
    once = role("r", AssumeRolePolicyDocument=document(far), **ADMINISTRATOR)
    twice = role("r", AssumeRolePolicyDocument=document(far, far), **ADMINISTRATOR)
    assert opened(tmp_path / "1", holding(roles=[once])).choke_points.points[0].cut == (
        "account 444455556666",
    )
    assert opened(tmp_path / "2", holding(roles=[twice])).choke_points.points == ()


def test_a_statement_that_surely_applies_counts_where_another_one_depends(tmp_path):
    with_mfa = allow("sts:AssumeRole", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    users = [user(name, **inline("User", "own", with_mfa)) for name in ("ann", "bob")]
    target = role("r", AssumeRolePolicyDocument=trust_account(), **ADMINISTRATOR)
    escalation = opened(tmp_path, details(users=users, roles=[target], policies=[ADMIN]))
    (point,) = escalation.choke_points.points
    assert (point.policy, len(point.cut)) == (f"{IAM}:role/r@trust", 2)
    step = escalation.graph.paths()[f"{IAM}:user/ann"].steps[0]
    assert escalation.statements(step) == [
        f"{IAM}:role/r@trust Statement[0]",
        f"{IAM}:user/ann#own Statement[0]",
    ]


def older(name, statement, before):
    made = policy(name, statement)
    made["PolicyVersionList"][0]["Document"] = document(before)
    return made


@pytest.mark.parametrize(("allowed_on", "found"), [("good", {"certain"}), ("dull", set())])
def test_an_older_version_is_one_of_a_policy_that_the_action_reaches(tmp_path, allowed_on, found):
    rule = load_rules()["iam-set-default-policy-version"]
    own = allow(list(rule.permissions), f"{IAM}:policy/{allowed_on}")
    policies = [older("good", allow("s3:*"), allow("*")), older("dull", own, allow("s3:*"))]
    account = details(users=[user("ann", **attached("good", "dull"))], policies=policies)
    verdicts_found = verdicts(opened(tmp_path, account), rule)
    assert verdicts_found - {"blocked"} == found


def test_the_policy_with_the_older_version_is_named_not_one_that_comes_first(tmp_path):
    own = allow("iam:SetDefaultPolicyVersion")
    policies = [older("a-dull", own, allow("s3:*")), older("z-good", allow("s3:*"), allow("*"))]
    account = details(users=[user("ann", **attached("a-dull", "z-good"))], policies=policies)
    escalation = opened(tmp_path, account)
    (path,) = escalation.graph.paths().values()
    by = "iam:SetDefaultPolicyVersion by way of policy/z-good"
    assert escalation.words(path) == f"user/ann → administrator ({by})"
    (step,) = path.steps
    assert escalation.statements(step) == [f"{IAM}:policy/a-dull Statement[0]"]


def test_an_older_version_of_a_boundary_gives_nothing(tmp_path):
    rule = load_rules()["iam-set-default-policy-version"]
    policies = [older("own", allow(list(rule.permissions)), allow("s3:*")), policy("limit", allow("*"))]
    account = details(users=[user("ann", **attached("own"), **boundary("limit"))], policies=policies)
    assert ways_of(opened(tmp_path, account), rule) == []


def test_who_holds_a_policy_that_nobody_collected_is_not_surely_an_administrator(tmp_path):
    account = details(users=[user("ann", **attached("admin", "gone"))], policies=[ADMIN])
    escalation = opened(tmp_path, account)
    assert escalation.ends["administrator"].keys() == {CONDITIONAL}
    assert escalation.is_administrator("ann") == "perhaps"


def test_root_is_an_administrator_and_takes_no_way(tmp_path):
    account = details(roles=[role("r", AssumeRolePolicyDocument=trust_account(), **ADMINISTRATOR)])
    escalation = opened(tmp_path, account)
    assert (escalation.is_administrator("root"), escalation.ways_of("root")) == ("yes", [])


def test_a_principal_that_is_nobody_lets_nobody_in(tmp_path):
    names_a_group = trust("arn:aws:iam::444455556666:group/g")
    account = details(roles=[role("r", AssumeRolePolicyDocument=names_a_group, **ADMINISTRATOR)])
    assert opened(tmp_path, account).graph.outsiders == []


def test_the_administrator_policy_is_that_of_the_partition(tmp_path):
    rule = load_rules()["iam-attach-user-policy"]
    full = [f"arn:aws-us-gov:iam::aws:policy/{name}" for name in ("AdministratorAccess", "IAMFullAccess")]
    but_admin = {"ArnNotEquals": {"iam:PolicyARN": full}}
    own = {**inline("User", "own", allow(list(rule.permissions), Condition=but_admin))}
    ann = user("ann", **own, Arn=f"arn:aws-us-gov:iam::{IAM.split(':')[4]}:user/ann")
    assert verdicts(opened(tmp_path, details(users=[ann])), rule) == {"blocked"}


def test_a_role_whose_trust_policy_was_not_collected_may_trust_anybody(tmp_path):
    target = role("r", **ADMINISTRATOR)
    del target["AssumeRolePolicyDocument"]
    escalation = opened(tmp_path, holding([allow("sts:AssumeRole")], roles=[target]))
    assert {path.verdict for path in escalation.graph.paths().values()} == {CONDITIONAL}


@pytest.mark.parametrize(
    "guardrail", [g for g in GUARDRAILS if g["path"]], ids=[g["guardrail"] for g in GUARDRAILS if g["path"]]
)
def test_a_guardrail_of_the_organization_leaves_the_paths_that_it_does_not_cut(tmp_path, guardrail):
    account = holding([allow("iam:PassRole"), allow(CREATE)])
    escalation = opened(tmp_path, account, organization_policies=scp(guardrail["statement"]))
    (path,) = (p for p in escalation.paths if p.principal == f"{IAM}:user/ann")
    assert (path.end, path.verdict) == ("administrator", guardrail["path"])
