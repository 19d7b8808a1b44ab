"""What an audit shows of escalation: frames, choke points, answers about one principal."""

import pytest

import iamaudit
from iamaudit import tables
from iamaudit.escalation import paths_as_rows, paths_in_words
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
    policy,
    role,
    snapshot,
    user,
)
from tests.escalation.accounts import ADMIN, ADMINISTRATOR, audited, opened, scp, trust, trust_account

PUT = policy("put", allow("iam:PutUserPolicy"))


def account(**changes):
    """Return three users who share one mistake, and one who has another."""
    users = [user(name, **attached("put")) for name in ("ann", "bob", "cleo")]
    users.append(user("dan", **attached("assume")))
    way_in = role("way-in", AssumeRolePolicyDocument=trust_account(), **ADMINISTRATOR)
    assume = policy("assume", allow("sts:AssumeRole", f"{IAM}:role/way-in"))
    return details(users=users, roles=[way_in], policies=[ADMIN, PUT, assume], **changes)


def test_the_paths_frame_says_who_how_and_by_which_statement(tmp_path):
    paths = audited(tmp_path, account()).escalation_paths
    assert paths.principal_name.tolist() == ["ann", "bob", "cleo", "dan"]
    row = paths[paths.principal_name == "dan"].iloc[0]
    assert (row.end, row.verdict, row.hops) == ("administrator", "certain", 1)
    assert row.nodes == ["user/dan", "role/way-in"]
    assert row.arrows == ["sts:AssumeRole"]
    assert row.references == ["sts-001", "sts-002", "sts-003"]
    assert row.evidence == f"{IAM}:policy/assume Statement[0]; {IAM}:role/way-in@trust Statement[0]"


def test_choke_points_come_in_the_order_of_what_they_cut_and_are_proved(tmp_path):
    points = audited(tmp_path, account()).choke_points
    assert points.evidence.tolist()[0] == f"{IAM}:policy/put Statement[0]"
    assert points.paths_before.tolist() == [4, 1]
    assert points.paths_after.tolist() == [1, 0]
    assert points.cut.tolist() == [["user/ann", "user/bob", "user/cleo"], ["user/dan"]]
    assert points["rank"].tolist() == [1, 2]
    without = account()
    without["Policies"] = [p for p in without["Policies"] if p["PolicyName"] != "put"]
    for each in without["UserDetailList"][:3]:
        each["AttachedManagedPolicies"] = []
    assert len(opened(tmp_path / "2", without).paths) == points.paths_after[0]  # the proof, done by hand


def test_a_statement_that_another_one_makes_up_for_is_no_choke_point(tmp_path):
    doubled = details(
        users=[user("ann", **attached("put", "again"))],
        policies=[PUT, policy("again", allow("iam:Put*"))],
    )
    assert audited(tmp_path, doubled).choke_points.empty


def test_a_statement_of_an_scp_is_no_candidate(tmp_path):
    search = opened(tmp_path, account(), organization_policies=scp()).choke_points
    assert [point.policy for point in search.points] == [f"{IAM}:policy/put", f"{IAM}:policy/assume"]


def test_a_service_that_many_pass_a_role_to_is_cut_by_the_trust_policy_of_the_role(tmp_path):
    runs = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    target = role("target", AssumeRolePolicyDocument=document(runs), **ADMINISTRATOR)
    create = allow(["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"])
    names = ("ann", "bob", "cleo")
    people = [user(name, **inline("User", "own", create)) for name in names]
    (point,) = opened(tmp_path, details(users=people, roles=[target], policies=[ADMIN])).choke_points.points
    assert (point.policy, point.statement.index) == (f"{IAM}:role/target@trust", 0)
    assert point.cut == tuple(f"{IAM}:user/{name}" for name in names)


@pytest.mark.parametrize(
    ("held", "conclusion"),
    [
        ([], "No path to an administrator is known that could be cut."),
        (["put", "again"], "None of the 2 candidates cuts the one path by itself. All were tried."),
        (["put"], "Without one statement, 0 of 1 path is left."),
    ],
)
def test_the_search_says_what_it_came_to(tmp_path, held, conclusion):
    policies = [PUT, policy("again", allow("iam:Put*"))]
    row = audited(tmp_path, details(users=[user("ann", **attached(*held))], policies=policies)).choke_search
    assert row.conclusion[0].startswith(conclusion)
    assert row.is_complete[0]
    assert row.tried[0] == len(held) == row.candidates[0]


def test_what_an_administrator_holds_is_no_candidate(tmp_path):
    both = details(
        users=[user("ann", **attached("put")), user("boss", **attached("admin", "put"))],
        policies=[ADMIN, PUT],
    )
    escalation = opened(tmp_path, both)
    assert len(escalation.paths) == 1
    assert escalation.choke_points.points == ()


def test_what_limits_others_is_no_candidate(tmp_path):
    limited = user("ann", **attached("put"), **boundary("limit"))
    escalation = opened(tmp_path, details(users=[limited], policies=[PUT, policy("limit", allow("*"))]))
    assert len(escalation.paths) == 1
    assert escalation.choke_points.candidates == 1
    assert [point.policy for point in escalation.choke_points.points] == [f"{IAM}:policy/put"]


def test_a_path_that_gets_less_sure_counts_as_weakened(tmp_path):
    mfa = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    own = policy("own", allow("iam:PutUserPolicy"), allow("iam:AttachUserPolicy", **mfa))
    points = audited(tmp_path, details(users=[user("ann", **attached("own"))], policies=[own])).choke_points
    assert points.weakened.tolist() == [["user/ann"], []]
    assert points.cut.tolist() == [[], ["user/ann"]]
    assert points.certain_after.tolist() == [0, 0]


def test_the_search_counts_the_paths_that_are_left_but_less_sure(tmp_path):
    mfa = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    shared = policy("shared", allow("iam:AttachUserPolicy", **mfa))
    users = [user("ann", **attached("put", "shared")), user("boss", **attached("admin", "shared"))]
    escalation = opened(tmp_path, details(users=users, policies=[ADMIN, PUT, shared]))
    assert escalation.choke_points.conclusion == "Without one statement, 1 of 1 path is left, 1 less sure."


def test_the_ways_frame_has_the_blocked_ways_with_what_blocks(tmp_path):
    blocked = details(
        users=[user("ann", **attached("put"), **boundary("b"))], policies=[PUT, policy("b", allow("s3:*"))]
    )
    (row,) = audited(tmp_path, blocked).escalation_ways.to_dict("records")
    assert (row["verdict"], row["blocker_kind"]) == ("blocked", "permissions boundary")
    assert row["principals"] == ["user/ann"]
    assert row["blocker"] == f"permissions boundary: iam:PutUserPolicy is not in {IAM}:policy/b"


def test_the_words_about_one_principal_name_paths_and_blockers(tmp_path):
    held = policy("held", allow(["iam:PutUserPolicy", "iam:CreateAccessKey"]), deny("iam:CreateAccessKey"))
    people = [user("ann", **attached("held")), user("boss", **ADMINISTRATOR), user("eve")]
    escalation = opened(tmp_path, details(users=people, policies=[ADMIN, held]))
    assert list(paths_in_words(escalation, "ann")) == [
        "certain, 1 hop: user/ann → administrator (iam:PutUserPolicy)",
        "    iam-put-user-policy (iam-007): certain",
        f"    by {IAM}:policy/held Statement[0]",
        "blocked: iam:CreateAccessKey on user/boss",
        f"    Deny: iam:CreateAccessKey by {IAM}:policy/held Statement[1]",
        "blocked: iam:PutUserPolicy, iam:CreateAccessKey on user/boss and 1 more",
        f"    Deny: iam:CreateAccessKey by {IAM}:policy/held Statement[1]",
    ]
    rows = paths_as_rows(escalation, "ann")
    assert [step["rule"] for step in rows["paths"][0]["steps"]] == ["iam-put-user-policy"]
    assert rows["blocked"][0]["targets"] == [f"{IAM}:user/boss"]
    assert next(paths_in_words(escalation, "boss")) == "user/boss is an administrator already"
    assert list(paths_in_words(escalation, "eve")) == [
        "user/eve cannot become an administrator by any way that is known"
    ]
    shown = repr(tables.paths(escalation))
    assert shown.startswith("certain, 1 hop: user/ann → administrator")


def test_without_any_path_the_table_says_so(tmp_path):
    assert repr(tables.paths(opened(tmp_path, details(users=[user("eve")])))) == (
        "No path to an administrator is known."
    )


def test_an_older_version_of_a_policy_that_was_broader_can_be_brought_back(tmp_path):
    own = policy("own", allow("iam:SetDefaultPolicyVersion"))  # its version v1 allows everything
    account = details(users=[user("ann", **attached("own"))], policies=[own])
    (row,) = audited(tmp_path, account).escalation_paths.to_dict("records")
    assert (row["rules"], row["verdict"]) == (["iam-set-default-policy-version"], "certain")


def test_role_access_tells_the_trusted_from_those_who_may(tmp_path):
    mfa = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    roles = [
        role("open", AssumeRolePolicyDocument=trust_account()),
        role("mfa", AssumeRolePolicyDocument=trust_account(**mfa)),
        role("named", AssumeRolePolicyDocument=trust(f"{IAM}:user/bob"), **ADMINISTRATOR),
    ]
    people = [user("ann", **attached("assume")), user("bob"), user("cleo", GroupList=["g"])]
    source = details(
        users=people, roles=roles, groups=[group("g", **attached("assume"))],
        policies=[ADMIN, policy("assume", allow("sts:AssumeRole"))],
    )  # fmt: skip
    frame = iamaudit.open_snapshot(snapshot(tmp_path, authorization_details=source)).role_access
    found = frame.set_index("role_name")
    assert found.assumed_by["open"] == ["role/named", "user/ann", "user/cleo"]
    assert (found.assumed_by["mfa"], found.perhaps_by["mfa"]) == ([], ["role/named", "user/ann", "user/cleo"])
    assert found.assumed_by["named"] == ["user/bob"]
    assert found.reach.to_dict() == {"open": "nothing", "mfa": "nothing", "named": "administrator"}


@pytest.mark.parametrize("name", ["escalation_paths", "escalation_ways", "choke_points", "role_access"])
def test_the_demo_has_something_to_show(name):
    assert len(getattr(iamaudit.open_snapshot(), name)) > 0
