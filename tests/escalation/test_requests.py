"""What a request surely carries or lacks: conditions that can never be met, and those that always are."""

import pytest

from iamaudit.escalation import CERTAIN, CONDITIONAL, load_rules
from tests.accounts import (
    IAM,
    allow,
    attached,
    deny,
    details,
    document,
    inline,
    key,
    policy,
    report,
    role,
    user,
)
from tests.escalation.accounts import ADMIN, ADMINISTRATOR, opened, trust_account, verdicts
from tests.escalation.test_traps import CREATE, LAMBDA, PUT, holding, when

BLOCKED = "blocked"
ASSUME = load_rules()["sts-assume-role"]
ATTACH, KEY = load_rules()["iam-attach-user-policy"], load_rules()["iam-create-access-key"]
ROLE = load_rules()["iam-put-role-policy"]
SESSION = f"{IAM}:role/ann"


def of_user(rule, *policies, **fields):
    return rule, holding(*policies, **fields)


def of_role(rule, *policies):
    """Return an account in which a role ``ann`` holds these statements."""
    named = [policy(f"p{number}", *statements) for number, statements in enumerate(policies)]
    ann = role("ann", **attached(*(p["PolicyName"] for p in named)))
    return rule, details(roles=[ann], policies=[ADMIN, *named])


def put(**fields):
    return [allow("iam:PutUserPolicy", **fields)]


def put_role(**fields):
    return [allow("iam:PutRolePolicy", **fields)]


def boss(**fields):
    """Return an account in which ``ann`` may make keys of whoever has the tags that a condition asks for."""
    return KEY, holding([allow("iam:CreateAccessKey", **fields)])


TAGGED = {"Tags": [{"Key": "Team", "Value": "red"}]}
PASSED = when("StringEquals", "iam:PassedToService", "lambda.amazonaws.com")
REGIONS = [when("StringEquals", "aws:RequestedRegion", region) for region in ("eu-west-1", "us-east-1")]

CASES = {
    # keys that an action does not have
    "a service passed to, on Put": (*of_user(PUT, put(**PASSED)), {BLOCKED}),
    "a service passed to, if it exists": (
        *of_user(PUT, put(**when("StringEqualsIfExists", "iam:PassedToService", "x"))),
        {CERTAIN},
    ),
    "no service passed to, on Put": (
        *of_user(PUT, put(**when("Null", "iam:PassedToService", "true"))),
        {CERTAIN},
    ),
    "a policy to attach, on Put": (
        *of_user(
            PUT, put(**when("ArnEquals", "iam:PolicyARN", "arn:aws:iam::aws:policy/AdministratorAccess"))
        ),
        {BLOCKED},
    ),
    "a policy to attach, on Attach": (
        *of_user(
            ATTACH,
            [
                allow(
                    "iam:AttachUserPolicy",
                    **when("ArnEquals", "iam:PolicyARN", "arn:aws:iam::aws:policy/AdministratorAccess"),
                )
            ],
        ),
        {CERTAIN},
    ),
    "a key of another service": (*of_user(PUT, put(**when("StringLike", "s3:prefix", "*"))), {BLOCKED}),
    "a Deny about what the action does not have": (
        *of_user(PUT, put(), [deny("iam:PutUserPolicy", **when("StringEquals", "iam:PassedToService", "x"))]),
        {CERTAIN},
    ),
    "a key that nobody documents": (
        *of_user(PUT, put(**when("StringLike", "example.com:sub", "*"))),
        {CONDITIONAL},
    ),
    # temporary credentials
    "a role session has an issue time": (
        *of_role(ROLE, put_role(**when("Null", "aws:TokenIssueTime", "false"))),
        {CERTAIN},
    ),
    "sessions of long ago are revoked": (
        *of_role(
            ROLE,
            put_role(),
            [deny("iam:PutRolePolicy", **when("DateLessThan", "aws:TokenIssueTime", "2026-01-01T00:00:00Z"))],
        ),
        {CERTAIN},
    ),
    "a role without an issue time": (
        *of_role(ROLE, put_role(**when("Null", "aws:TokenIssueTime", "true"))),
        {BLOCKED},
    ),
    "a long-term key has no issue time": (
        *of_user(PUT, put(**when("Null", "aws:TokenIssueTime", "true"))),
        {CERTAIN},
    ),
    "a session of a user has an issue time": (
        *of_user(PUT, put(**when("Null", "aws:TokenIssueTime", "false"))),
        {CONDITIONAL},
    ),
    # who asks
    "users only": (*of_user(PUT, put(**when("StringEquals", "aws:PrincipalType", "User"))), {CERTAIN}),
    "users only, asked by a role": (
        *of_role(ROLE, put_role(**when("StringEquals", "aws:PrincipalType", "User"))),
        {BLOCKED},
    ),
    "role sessions only": (
        *of_role(ROLE, put_role(**when("StringEquals", "aws:PrincipalType", "AssumedRole"))),
        {CERTAIN},
    ),
    "a user by its id": (*of_user(PUT, put(**when("StringEquals", "aws:userid", "AIDAann"))), {CERTAIN}),
    "another user's id": (*of_user(PUT, put(**when("StringEquals", "aws:userid", "AIDAbob"))), {BLOCKED}),
    "any session of the role": (
        *of_role(ROLE, put_role(**when("StringLike", "aws:userid", "AROAann:*"))),
        {CERTAIN},
    ),
    "a session name that is free": (
        *of_role(ROLE, put_role(**when("StringEquals", "aws:userid", "AROAann:me"))),
        {CERTAIN},
    ),
    "sessions of another role": (
        *of_role(ROLE, put_role(**when("StringLike", "aws:userid", "AROAbob:*"))),
        {BLOCKED},
    ),
    "only by way of a service": (
        *of_user(PUT, put(**when("StringEquals", "aws:CalledViaFirst", "x.amazonaws.com"))),
        {BLOCKED},
    ),
    # whom it is about
    "a tag of the target": (*boss(**when("StringEquals", "aws:ResourceTag/team", "red")), {BLOCKED}),
    "no such tag on the target": (*boss(**when("Null", "aws:ResourceTag/team", "true")), {CERTAIN}),
    "the tag is the own user's": (
        *of_user(PUT, put(**when("StringEquals", "iam:ResourceTag/team", "red")), **TAGGED),
        {CERTAIN},
    ),
    "another tag of the own user": (
        *of_user(PUT, put(**when("StringEquals", "iam:ResourceTag/team", "blue")), **TAGGED),
        {BLOCKED},
    ),
    "the own tag": (
        *of_user(
            PUT, put(**when("StringEquals", "aws:ResourceTag/team", "${aws:PrincipalTag/team}")), **TAGGED
        ),
        {CERTAIN},
    ),
    "a Deny for the tagged": (
        *of_user(PUT, put(), [deny("iam:*", **when("StringLike", "aws:ResourceTag/team", "r*"))], **TAGGED),
        {BLOCKED},
    ),
    "groups have no tags": (
        *of_user(
            load_rules()["iam-attach-group-policy"],
            [allow("iam:AttachGroupPolicy", **when("StringEquals", "aws:ResourceTag/team", "red"))],
            groups=[{"GroupName": "own", "Arn": f"{IAM}:group/own"}],
            GroupList=["own"],
        ),
        {BLOCKED},
    ),
    # where
    "IAM is asked in us-east-1": (*of_user(PUT, put(**REGIONS[1])), {CERTAIN}),
    "IAM is asked nowhere else": (*of_user(PUT, put(**REGIONS[0])), {BLOCKED}),
    "the region of the service that gets a role": (
        *of_user(LAMBDA, [allow(["iam:PassRole", *CREATE], **REGIONS[0])]),
        {CERTAIN},
    ),
    "created here and used there": (
        *of_user(
            LAMBDA, [allow("iam:PassRole"), *(allow(a, **r) for a, r in zip(CREATE, REGIONS, strict=True))]
        ),
        {BLOCKED},
    ),
    "created and used in all but one region": (
        *of_user(
            LAMBDA,
            [allow("iam:PassRole"), allow(CREATE, **when("StringNotEquals", "aws:RequestedRegion", "x"))],
        ),
        {CERTAIN},
    ),
    "functions of a region, asked of another": (
        *of_user(
            LAMBDA,
            [
                allow("iam:PassRole"),
                allow(CREATE, "arn:aws:lambda:us-east-1:111122223333:function:*", **REGIONS[0]),
            ],
        ),
        {BLOCKED},
    ),
}


@pytest.mark.parametrize(("rule", "account", "found"), CASES.values(), ids=CASES)
def test_a_condition_on_what_is_known_is_decided(tmp_path, rule, account, found):
    assert verdicts(opened(tmp_path, account), rule) == found


@pytest.mark.parametrize(("active", "found"), [("true", CERTAIN), ("false", CONDITIONAL)])
def test_who_surely_has_no_access_key_signs_with_none(tmp_path, active, found):
    account = holding(put(**when("Null", "aws:TokenIssueTime", "true")))
    known = report(
        {"user": "<root_account>"}, {"user": "ann", **key(1, age=1, active=active)}, {"user": "boss"}
    )
    assert verdicts(opened(tmp_path, account, credential_report=known), PUT) == {found}


def test_a_blocked_way_says_which_statement_a_tag_keeps_away(tmp_path):
    rule, account = boss(**when("StringEquals", "aws:ResourceTag/team", "red"))
    (way,) = opened(tmp_path, account).blocked_of("ann")
    assert way.rule is rule
    assert (
        way.blocker == f"condition: iam:CreateAccessKey of {IAM}:policy/p0 Statement[0] does not reach there"
    )


def test_targets_that_a_tag_tells_apart_are_told_apart(tmp_path):
    users = [user(f"u{n}", Tags=[{"Key": "team", "Value": f"t{n}"}], **ADMINISTRATOR) for n in range(40)]
    held = inline(
        "User", "own", allow("iam:CreateAccessKey", **when("StringLike", "aws:ResourceTag/team", "t1*"))
    )
    account = details(users=[user("ann", **held), *users], policies=[ADMIN])
    (way,) = [w for w in opened(tmp_path, account).ways_of("ann") if w.rule is KEY and w.verdict == CERTAIN]
    assert way.targets.bit_count() == 11  # t1 and t10 to t19


ARN = f"{IAM}:user/ann"


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (when("StringEquals", "aws:ResourceTag/team", "red"), {CERTAIN}),
        (when("StringEquals", "aws:ResourceTag/team", "blue"), {BLOCKED}),
        (when("StringEquals", "sts:RoleSessionName", "${aws:username}"), {CERTAIN}),
    ],
)
def test_assuming_a_role_is_about_the_role_too(tmp_path, condition, found):
    target = role("target", AssumeRolePolicyDocument=trust_account(), **TAGGED, **ADMINISTRATOR)
    account = holding([allow("sts:AssumeRole", **condition)], roles=[target])
    assert verdicts(opened(tmp_path, account), ASSUME) == found


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (when("StringEquals", "sts:RoleSessionName", "${aws:username}"), {CERTAIN}),
        (when("Null", "aws:TokenIssueTime", "true"), {CERTAIN}),
        (when("Bool", "aws:MultiFactorAuthPresent", "true"), {CONDITIONAL}),
        (when("StringEquals", "iam:PassedToService", "x"), set()),
    ],
)
def test_a_trust_policy_for_the_account_is_decided_by_what_is_known(tmp_path, condition, found):
    target = role("target", AssumeRolePolicyDocument=trust_account(**condition), **ADMINISTRATOR)
    account = holding([allow("sts:AssumeRole")], roles=[target])
    assert verdicts(opened(tmp_path, account), ASSUME) == found


FAR = "444455556666"
OIDC = "token.actions.githubusercontent.com"


@pytest.mark.parametrize(
    ("principal", "action", "condition", "found"),
    [
        (
            {"AWS": FAR},
            "sts:AssumeRole",
            when("DateLessThan", "aws:CurrentTime", "2020-01-01T00:00:00Z"),
            set(),
        ),
        ({"AWS": FAR}, "sts:AssumeRole", when("DateGreaterThan", "aws:CurrentTime", "2020-01-01"), {CERTAIN}),
        ({"AWS": FAR}, "sts:AssumeRole", when("Bool", "aws:SecureTransport", "true"), {CERTAIN}),
        ({"AWS": FAR}, "sts:AssumeRole", when("StringLike", "sts:RoleSessionName", "dev-*"), {CERTAIN}),
        ({"AWS": FAR}, "sts:AssumeRole", when("StringEquals", "sts:ExternalId", "x"), {CONDITIONAL}),
        ({"AWS": FAR}, "sts:AssumeRole", when("StringEquals", "aws:RequestedRegion", "eu-west-1"), {CERTAIN}),
        (
            {"Federated": f"{IAM}:oidc-provider/{OIDC}"},
            "sts:AssumeRoleWithWebIdentity",
            when("DateLessThan", "aws:CurrentTime", "2020-01-01"),
            set(),
        ),
        (
            {"Federated": f"{IAM}:oidc-provider/{OIDC}"},
            "sts:AssumeRoleWithWebIdentity",
            when("DateGreaterThan", "aws:CurrentTime", "2020-01-01"),
            {CERTAIN},
        ),
        (
            {"Federated": f"{IAM}:oidc-provider/{OIDC}"},
            "sts:AssumeRoleWithWebIdentity",
            when("StringLike", "sts:RoleSessionName", "dev-*"),
            {CERTAIN},
        ),
        (
            {"Federated": f"{IAM}:saml-provider/corp"},
            "sts:AssumeRoleWithSAML",
            when("StringEquals", "SAML:aud", "https://signin.aws.amazon.com/saml"),
            {CONDITIONAL},
        ),
    ],
)
def test_outsiders_are_held_to_the_time_and_may_say_what_is_free(
    tmp_path, principal, action, condition, found
):
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, **condition}
    account = holding(roles=[role("r", AssumeRolePolicyDocument=document(statement), **ADMINISTRATOR)])
    assert {path.verdict for path in opened(tmp_path, account).graph.paths().values()} == found


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (when("DateLessThan", "aws:CurrentTime", "2020-01-01T00:00:00Z"), set()),
        (when("DateGreaterThan", "aws:CurrentTime", "2020-01-01T00:00:00Z"), {CERTAIN}),
        (when("StringEquals", "aws:SourceAccount", "111122223333"), {CERTAIN}),
        (when("StringEquals", "aws:SourceAccount", FAR), set()),
        (when("Bool", "aws:PrincipalIsAWSService", "true"), {CERTAIN}),
        (when("ArnLike", "aws:SourceArn", "arn:aws:lambda:*:111122223333:function:x"), {CONDITIONAL}),
    ],
)
def test_services_are_held_to_what_is_known_of_them(tmp_path, condition, found):
    trusts = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    target = role("target", AssumeRolePolicyDocument=document({**trusts, **condition}), **ADMINISTRATOR)
    account = holding([allow(["iam:PassRole", *CREATE])], roles=[target])
    assert verdicts(opened(tmp_path, account), LAMBDA) == found


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        ({"Bool": {"aws:SecureTransport": "false"}}, CERTAIN),
        ({"Bool": {"aws:MultiFactorAuthPresent": "false"}}, CERTAIN),
        ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}, CONDITIONAL),
        ({"Bool": {"aws:ViaAWSService": "true"}}, CERTAIN),  # it asks by itself
        ({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, CONDITIONAL),
    ],
    ids=str,
)
def test_data_is_read_for_sure_by_who_words_its_requests_as_a_deny_asks(tmp_path, condition, verdict):
    guarded = inline("User", "own", allow("s3:GetObject"), deny("s3:*", Condition=condition))
    escalation = opened(tmp_path, details(users=[user("ann", **guarded)]))
    assert {level: bin(bits).count("1") for level, bits in escalation.ends["data in s3"].items()} == {
        verdict: 1
    }


TAG, SOURCE = (
    when("StringEquals", "aws:RequestTag/team", "red"),
    when("StringEquals", "sts:SourceIdentity", "ann"),
)
TAGS, NAMES = (["sts:AssumeRole", action] for action in ("sts:TagSession", "sts:SetSourceIdentity"))


@pytest.mark.parametrize(
    ("held", "trusted", "found"),
    [
        (allow("sts:*", **TAG), {}, {BLOCKED}),  # rule B7: the trust policy lets no tag be passed
        (allow("sts:*", **TAG), {"Action": TAGS}, {CERTAIN}),
        (allow("sts:*"), TAG, {BLOCKED}),
        (allow("sts:*"), {"Action": TAGS, **TAG}, {CERTAIN}),
        (allow("sts:AssumeRole"), {"Action": TAGS, **TAG}, {BLOCKED}),  # nor do its own policies
        (allow("sts:*", **SOURCE), {}, {BLOCKED}),
        (allow("sts:*", **SOURCE), {"Action": NAMES}, {CONDITIONAL}),
        (allow("sts:*"), SOURCE, {BLOCKED}),
        (allow("sts:*"), {"Action": NAMES, **SOURCE}, {CONDITIONAL}),
        (allow("sts:AssumeRole"), {"Action": NAMES, **SOURCE}, {BLOCKED}),
        (allow("sts:*"), when("Null", "sts:SourceIdentity", "true"), {CONDITIONAL}),
    ],
)
def test_what_is_passed_to_a_session_needs_its_own_permission(tmp_path, held, trusted, found):
    boss = role("boss", AssumeRolePolicyDocument=trust_account(**trusted), **ADMINISTRATOR)
    escalation = opened(tmp_path, holding([held], roles=[boss]))
    assert verdicts(escalation, ASSUME) == found
    decision = escalation.around.decider.decide(
        escalation.actor("ann"), "sts:AssumeRole", boss["Arn"], (), escalation.account.trust[boss["Arn"]]
    )
    assert decision.is_denied == (found == {BLOCKED})
