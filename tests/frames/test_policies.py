from iamaudit.frames import attachments_frame, policies_frame, statements_frame
from iamaudit.iam.actions import load_catalogue
from tests.accounts import (
    IAM,
    account_of,
    allow,
    attached,
    boundary,
    deny,
    details,
    group,
    inline,
    policy,
    role,
    user,
)

CATALOGUE = load_catalogue()
AWS_POLICY = "arn:aws:iam::aws:policy/ReadOnlyAccess"

DETAILS = details(
    users=[
        user(
            "ann",
            GroupList=["dev"],
            **attached("direct"),
            **inline("User", "own", allow("s3:*")),
            **boundary("limit"),
        )
    ],
    groups=[group("dev", **attached("shared", AWS_POLICY), **inline("Group", "team", deny("iam:*")))],
    roles=[role("app", **attached("shared"))],
    policies=[
        policy("direct", allow("s3:GetObjects"), allow("*")),
        policy("shared", {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
        policy("limit", allow("s3:*")),
        policy("spare", allow("ec2:*", "arn:aws:ec2:*:*:instance/*")),
    ],
)


def frames(data):
    account = account_of(authorization_details=data)
    statements = statements_frame(account)
    return policies_frame(account).set_index("policy"), statements


def test_every_policy_is_a_row_managed_inline_and_trust():
    policies, _ = frames(DETAILS)
    assert policies.kind.to_dict() == {
        f"{IAM}:group/dev#team": "inline",
        f"{IAM}:policy/direct": "customer managed",
        f"{IAM}:policy/limit": "customer managed",
        f"{IAM}:policy/shared": "customer managed",
        f"{IAM}:policy/spare": "customer managed",
        f"{IAM}:role/app@trust": "trust",
        f"{IAM}:user/ann#own": "inline",
        AWS_POLICY: "aws managed",
    }


def test_the_default_version_counts():
    policies, statements = frames(DETAILS)
    assert policies.loc[f"{IAM}:policy/spare", "version"] == "v2"
    assert len(statements[statements.policy == f"{IAM}:policy/spare"]) == 1


def test_uses_are_counted_and_a_boundary_is_no_attachment():
    policies, _ = frames(DETAILS)
    counts = policies[["attachment_count", "boundary_count"]].apply(tuple, axis=1).to_dict()
    assert counts[f"{IAM}:policy/shared"] == (2, 0)  # the group once, not once a member, and the role
    assert counts[f"{IAM}:policy/limit"] == (0, 1)
    assert counts[f"{IAM}:policy/spare"] == (0, 0)


def test_an_attached_policy_that_was_not_collected_stays_visible():
    policies, _ = frames(DETAILS)
    row = policies.loc[AWS_POLICY]
    assert not row.is_readable
    assert row.problems == ["its document was not collected (not among the policies handed over)"]


def test_a_policy_that_could_not_be_fetched_says_why():
    data = DETAILS | {"PoliciesNotCollected": [{"Arn": AWS_POLICY, "Reason": "AccessDenied"}]}
    policies, _ = frames(data)
    assert policies.loc[AWS_POLICY, "problems"] == ["its document was not collected (AccessDenied)"]


def test_a_document_that_is_no_policy_is_reported_not_raised():
    broken = policy("broken", allow("s3:*"))
    broken["PolicyVersionList"][1]["Document"] = "not a policy"
    policies, statements = frames(details(policies=[broken]))
    assert not policies.iloc[0].is_readable
    assert "is not JSON" in policies.iloc[0].problems[0]
    assert len(statements) == 0


def test_a_policy_with_a_problem_of_grammar_is_readable_and_one_with_an_unclear_statement_is_not():
    odd = policy("odd", allow("s3:GetObject", "arn:aws:s3:*:*:example/*"))
    unclear = policy("unclear", {**allow("s3:*"), "Effect": "allow"}, deny("iam:*"))
    policies, statements = frames(details(policies=[odd, unclear]))
    assert policies.is_readable.to_dict() == {f"{IAM}:policy/odd": True, f"{IAM}:policy/unclear": False}
    assert policies.problems.str.len().tolist() == [1, 1]
    assert statements.evidence.tolist() == [
        f"{IAM}:policy/odd v2 Statement[0]",
        f"{IAM}:policy/unclear v2 Statement[1]",
    ]


def test_size_is_counted_without_white_space():
    data = details(policies=[policy("p", allow("s3:*"))])
    policies, _ = frames(data)
    assert policies.iloc[0]["size"] == len(
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
    )


def test_attachments_say_how_and_through_which_group():
    found = attachments_frame(account_of(authorization_details=DETAILS))
    rows = (
        found[found.principal == f"{IAM}:user/ann"][["policy", "how", "via"]].fillna("").to_numpy().tolist()
    )
    assert sorted(rows) == sorted(
        [
            [f"{IAM}:policy/direct", "direct", ""],
            [f"{IAM}:user/ann#own", "inline", ""],
            [f"{IAM}:policy/shared", "group", "dev"],
            [AWS_POLICY, "group", "dev"],
            [f"{IAM}:group/dev#team", "group", "dev"],
            [f"{IAM}:policy/limit", "boundary", ""],
        ]
    )


def test_statements_carry_what_checks_ask_for():
    _, statements = frames(DETAILS)
    direct = statements[statements.policy == f"{IAM}:policy/direct"].set_index("index")
    assert direct.loc[0, "unknown_actions"] == ["s3:GetObjects"]
    assert (direct.loc[1, "is_all_actions"], direct.loc[1, "is_all_resources"]) == (True, True)
    assert direct.loc[1, "evidence"] == f"{IAM}:policy/direct v2 Statement[1]"
    own = statements[statements.policy == f"{IAM}:user/ann#own"].iloc[0]
    assert own.whole_services == ["s3"]
    assert own.arn == f"{IAM}:user/ann"
    shared = statements[statements.policy == f"{IAM}:policy/shared"].iloc[0]
    assert (shared.actions, shared.not_actions, shared.is_all_actions) == ([], ["iam:*"], False)


def test_a_condition_is_kept_as_text():
    condition = {"IpAddress": {"aws:SourceIp": ["192.0.2.0/24"]}}
    _, statements = frames(details(policies=[policy("p", allow("s3:*", Condition=condition))]))
    assert statements.iloc[0].conditions == '{"IpAddress aws:SourceIp": ["192.0.2.0/24"]}'
    assert statements.iloc[0].is_conditional
