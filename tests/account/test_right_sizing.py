"""What a user or role used, and the policies that are proposed for it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iamaudit.account import Period, policy_words, proposal_lines, proposal_rows, right_size
from iamaudit.iam.actions import load_catalogue
from iamaudit.iam.policy import parse_document, write_document
from tests.accounts import (
    AS_OF,
    IAM,
    account_of,
    ago,
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
from tests.iam.evaluate.test_effective import POLICY

CATALOGUE = load_catalogue()
ROLE = f"{IAM}:role/app"


def service(namespace, used=None, **actions):
    """Return what AWS says of a service used so many days ago, and of its tracked actions."""
    tracked = [
        {"ActionName": name, "LastAccessedTime": ago(days), "LastAccessedRegion": "eu-west-1"}
        if days is not None
        else {"ActionName": name}
        for name, days in actions.items()
    ]
    said = {"ServiceName": namespace, "ServiceNamespace": namespace, "TotalAuthenticatedEntities": 0}
    if used is not None:
        said |= {"LastAuthenticated": ago(used), "LastAuthenticatedRegion": "eu-west-1"}
    return said | ({"TrackedActionsLastAccessed": tracked} if tracked else {})


def report(*services, status="COMPLETED", **fields):
    return {"JobStatus": status, "ServicesLastAccessed": list(services), **fields}


def account(statements, *services, policies=(), **fields):
    app = role("app", **(fields or {}), **inline("Role", "own", *statements))
    source = {ROLE: report(*services)}
    return account_of(authorization_details=details(roles=[app], policies=policies), last_accessed=source)


def sized(given, arn=ROLE, **period):
    return right_size(given, given.actors[arn], Period(as_of=AS_OF, **period))


def proposed(given, arn=ROLE):
    return {p.attachment.name: write_document(p.after)["Statement"] for p in sized(given, arn).policies}


def actions(given, arn=ROLE):
    return {name: [s.get("Action") for s in body] for name, body in proposed(given, arn).items()}


def test_tracked_actions_that_were_used_stay_and_the_others_go():
    given = account([allow("s3:*")], service("s3", 3, PutBucketPolicy=3, DeleteBucket=None, CreateBucket=400))
    (found,) = sized(given).policies
    assert found.lost == ("s3:CreateBucket", "s3:DeleteBucket")
    (kept,) = actions(given)["own"]
    assert {"s3:GetObject", "s3:PutBucketPolicy"} <= set(kept)  # AWS does not track what is done to objects


def test_a_service_that_was_not_used_goes_and_one_that_the_report_lacks_stays():
    given = account([allow(["sqs:*", "sns:*", "sts:*"])], service("sqs"), service("sns", 20))
    assert actions(given) == {"own": [["sns:*", "sts:*"]]}
    use = sized(given).compared.use
    assert (use.services_where(True), use.services_where(False), use.services_where(None)) == (
        ["sns"],
        ["sqs"],
        ["sts"],
    )


def test_a_service_of_which_aws_tracks_no_action_keeps_all_of_them():
    given = account([allow(["sns:Publish", "sns:Subscribe"])], service("sns", 20))
    assert actions(given) == {}
    use = sized(given).compared.use
    assert (use.used, use.unused, CATALOGUE.names_of(use.untracked)) == (
        0,
        0,
        ["sns:Publish", "sns:Subscribe"],
    )


def test_pass_role_is_never_unused():
    given = account([allow("iam:*")], service("iam"))
    assert actions(given) == {"own": [["iam:PassRole"]]}


@pytest.mark.parametrize(("days", "stays"), [(399, True), (400, False), (500, False)])
def test_a_use_counts_within_the_period_only(days, stays):
    given = account([allow("sqs:*")], service("sqs", days))
    assert bool(sized(given).policies) is not stays


def test_an_action_that_was_not_tracked_all_the_time_is_not_unused():
    made = {"CreateDate": "2020-01-01T00:00:00+00:00"}
    given = account([allow(["sqs:CreateQueue", "iam:CreateUser"])], **made)
    young = datetime(2024, 1, 1, tzinfo=UTC)  # AWS tracked sqs for 223 days then, and iam for three years
    source = {ROLE: report(service("sqs", 1100, CreateQueue=None), service("iam", 1100, CreateUser=None))}
    given = account_of(
        authorization_details=details(
            roles=[role("app", **made, **inline("Role", "own", allow(["sqs:CreateQueue", "iam:CreateUser"])))]
        ),
        last_accessed=source,
    )
    found = right_size(given, given.actors[ROLE], Period(as_of=young))
    assert found.policies[0].lost == ("iam:CreateUser",)


def test_every_kind_of_policy_is_narrowed_and_the_boundary_and_denies_stay():
    ann = user("ann", GroupList=["dev"], **attached("own"), **boundary("edge"))
    given = account_of(
        authorization_details=details(
            users=[ann],
            groups=[group("dev", **inline("Group", "team", allow("sqs:*"), deny("s3:DeleteBucket")))],
            policies=[policy("own", allow("s3:*")), policy("edge", allow(["s3:*", "sqs:*"]))],
        ),
        last_accessed={f"{IAM}:user/ann": report(service("sqs"), service("s3", 1))},
    )
    arn = f"{IAM}:user/ann"
    assert proposed(given, arn) == {"team": [{**deny(["s3:DeleteBucket"]), "Resource": ["*"]}]}
    (found,) = sized(given, arn).policies
    assert (found.attachment.how, found.attachment.via) == ("group", "dev")


def test_a_policy_of_which_nothing_is_used_is_empty():
    given = account([allow("sqs:*")], service("sqs"))
    (found,) = sized(given).policies
    assert (found.is_empty, found.size) == (True, len('{"Version":"2012-10-17","Statement":[]}'))
    assert found.diff.splitlines()[:4] == ["--- own", "+++ own (right-sized)", "@@ -1,14 +0,0 @@", "-{"]


def test_the_diff_shows_the_lines_that_change():
    given = account([allow(["sqs:*", "sns:*"])], service("sqs"), service("sns", 1))
    changed = [line for line in sized(given).policies[0].diff.splitlines()[2:] if line[0] in "+-"]
    assert changed == ['-        "sqs:*",']


OLD = {"CreateDate": ago(401)}
STATES = {
    "nothing was collected": (None, OLD, {}, ("not evaluated", "the source last_accessed was not collected")),
    "no report": ({}, OLD, {}, ("not evaluated", "the source last_accessed holds no report on it")),
    "failed": (
        {ROLE: report(status="FAILED", Error={"Code": "x", "Message": "no such job"})},
        OLD,
        {},
        ("not evaluated", "AWS's report on its last use is FAILED (no such job)"),
    ),
    "in progress": (
        {ROLE: report(status="IN_PROGRESS")},
        OLD,
        {},
        ("not evaluated", "AWS's report on its last use is IN_PROGRESS"),
    ),
    "no age": ({ROLE: report()}, {"CreateDate": None}, {}, ("not evaluated", "its age is unknown")),
    "young": (
        {ROLE: report()},
        {"CreateDate": ago(399)},
        {},
        ("left out", "it is 399 days old, less than the 400 days that are looked at"),
    ),
    "as old as the period": ({ROLE: report()}, {"CreateDate": ago(400)}, {}, ("evaluated", None)),
    "a shorter period": ({ROLE: report()}, {"CreateDate": ago(90)}, {"days": 90}, ("evaluated", None)),
    "a period that AWS does not look back": (
        {ROLE: report()},
        {"CreateDate": ago(400)},
        {"days": 900},
        ("evaluated", None),
    ),
    "break-glass by tag": (
        {ROLE: report()},
        {**OLD, "Tags": [{"Key": "duty", "Value": "break-glass"}]},
        {},
        ("left out", "it is kept for an emergency (break-glass)"),
    ),
    "break-glass by name": (
        {ROLE: report()},
        OLD,
        {"break_glass": ("role/app",)},
        ("left out", "it is kept for an emergency (break-glass)"),
    ),
    "service-linked": (
        {ROLE: report()},
        {**OLD, "Path": "/aws-service-role/x/"},
        {},
        ("left out", "its service defines the permissions of a service-linked role"),
    ),
    "a policy that was not collected": (
        {ROLE: report()},
        {**OLD, **attached("gone")},
        {},
        ("not evaluated", "gone was not collected or cannot be read"),
    ),
}


@pytest.mark.parametrize("name", STATES)
def test_who_is_evaluated(name):
    source, fields, period, expected = STATES[name]
    app = role("app", **{**inline("Role", "own", allow("s3:*")), **fields})
    given = account_of(authorization_details=details(roles=[app]), last_accessed=source)
    compared = sized(given, **period).compared
    assert (compared.state, compared.reason) == expected
    assert (compared.use is not None) is (expected[0] == "evaluated")


def test_root_is_left_out():
    found = sized(account([allow("*")]), f"{IAM}:root")
    assert (found.compared.state, found.policies) == ("left out", ())


REPORTS = st.lists(
    st.tuples(
        st.sampled_from(["s3", "iam", "sts", "ec2", "unheard-of"]),
        st.none() | st.sampled_from([1, 399, 400, 700]),
        st.dictionaries(
            st.sampled_from(["PutObject", "GetUser", "DescribeInstances", "DeleteBucket", "BrandNew"]),
            st.none() | st.sampled_from([1, 399, 400, 700]),
        ),
    ),
    unique_by=lambda each: each[0],
)
RESOURCES = ["arn:aws:s3:::example/key", "arn:aws:iam::111122223333:role/x", "*"]


@settings(max_examples=60, deadline=None)
@given(st.lists(POLICY, min_size=1, max_size=3), st.none() | POLICY, REPORTS)
def test_the_proposal_allows_no_more_and_every_used_action_as_before(held, edge, reported):
    managed = [policy(f"p{i}", *statements) for i, statements in enumerate(held)]
    limits = boundary("edge") if edge else {}
    names = [f"p{i}" for i in range(len(held))]

    def build(policies):
        app = role("app", **attached(*names), **limits)
        edges = [policy("edge", *edge)] if edge else []
        source = {ROLE: report(*(service(name, used, **tracked) for name, used, tracked in reported))}
        return account_of(
            authorization_details=details(roles=[app], policies=[*policies, *edges]), last_accessed=source
        )

    before = build(managed)
    found = sized(before)
    assert found.compared.state == "evaluated"
    new = {p.attachment.name: write_document(p.after)["Statement"] for p in found.policies}
    after = build([policy(n, *new.get(n, said)) for n, said in zip(names, held, strict=True)])
    (old,), (now,) = before.principals, after.principals
    assert now.sets.possible & ~old.sets.possible == 0
    assert now.sets.certain & ~old.sets.certain == 0
    used = [f"{n}:{a}" for n, _, tracked in reported for a, d in tracked.items() if d is not None and d < 400]
    asked = filter(CATALOGUE.expand_pattern, used)  # what AWS does not have is not answered
    for action in [*asked, "iam:PassRole"]:
        for resource in RESOURCES:
            was, is_ = before.decide("app", action, resource), after.decide("app", action, resource)
            assert was.verdict == is_.verdict, action
    for action in ("s3:GetObject", "ec2:RunInstances", "iam:CreateUser", "sqs:SendMessage"):
        for resource in RESOURCES:
            was, is_ = before.decide("app", action, resource), after.decide("app", action, resource)
            assert is_.is_denied or is_.verdict == was.verdict, action


def test_what_is_proposed_is_a_policy_that_aws_accepts():
    given = account(
        [allow("*"), allow("s3:*", "arn:aws:s3:::a/*", Sid="A")], service("ec2"), service("s3", 1)
    )
    (found,) = sized(given).policies
    again = parse_document(write_document(found.after))
    assert (again.problems, found.size > 6144) == ((), True)
    assert document(*write_document(found.after)["Statement"]) == write_document(found.after)


def test_the_words_say_what_stays_and_why():
    statements = allow(["sqs:CreateQueue", "sqs:DeleteQueue", "sns:Publish", "sts:AssumeRole"])
    given = account([statements], service("sqs", 3, CreateQueue=3, DeleteQueue=None), service("sns", 4))
    lines = list(proposal_lines(sized(given)))
    assert lines[:5] == [
        "role/app is granted 4 actions in 3 services. Within 400 days it used 2 services (sns, sqs).",
        "1 action was used and 1 action was not. AWS does not track the use of the other 2, so they stay.",
        "AWS reports no single actions of sns: everything that is granted there stays.",
        "The report lacks sts: what is granted there stays.",
        "The proposal keeps resources, conditions, Deny statements and the permissions boundary. The action "
        "sets before and after prove that it allows no more.",
    ]
    assert lines[6] == "own (inline): 1 action would be lost."


def test_the_words_on_an_unused_principal_and_on_one_that_is_left_out():
    unused = sized(account([allow("sqs:*")], service("sqs")))
    assert "It used nothing: remove role/app rather than its permissions." in list(proposal_lines(unused))
    young = sized(account([allow("sqs:*")], CreateDate=ago(3)))
    assert list(proposal_lines(young)) == [
        "role/app is left out: it is 3 days old, less than the 400 days that are looked at."
    ]


def test_a_document_beyond_the_quota_is_said_to_be_split():
    given = account([allow("*")], service("ec2", 1, RunInstances=1, TerminateInstances=None))
    (words,) = (policy_words(p) for p in sized(given).policies)
    assert "A managed policy holds 6,144: split it by statement or service." in words


def test_the_rows_for_programs_have_the_new_document():
    given = account([allow(["sqs:*", "sns:*"])], service("sqs"), service("sns", 1))
    rows = proposal_rows(sized(given))
    (policy_row,) = rows["policies"]
    assert (rows["state"], rows["services_unused"], policy_row["how"]) == ("evaluated", ["sqs"], "inline")
    assert policy_row["document"]["Statement"][0]["Action"] == ["sns:*"]
    assert len(policy_row["lost"]) == len(CATALOGUE.services["sqs"])
