"""What is left without a statement is what a search of the edited account finds."""

import pytest
from hypothesis import given, settings

from iamaudit.escalation import CERTAIN
from iamaudit.escalation.decider import Decider
from iamaudit.escalation.edits import State
from iamaudit.escalation.escalation import surroundings
from iamaudit.escalation.finder import find_ways
from iamaudit.escalation.graph import Graph
from iamaudit.escalation.outsiders import outsiders
from tests.accounts import (
    ACCOUNT,
    AS_OF,
    IAM,
    allow,
    attached,
    boundary,
    details,
    document,
    inline,
    policy,
    role,
    user,
)
from tests.escalation.accounts import opened
from tests.escalation.test_laws import LAW, accounts, made

OPEN = document({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"})
EVERYTHING = policy("everything", allow("*"))


def searched(escalation, around):
    """Return the paths of an edited account, searched from the beginning."""
    afresh = surroundings(around.account, Decider(around.account, escalation.universe, AS_OF))
    ways = find_ways(afresh, afresh.actors)
    return verdicts(Graph.of(escalation.universe, ways, escalation.ends, outsiders(afresh)))


def verdicts(graph):
    """Return how sure the path of each principal is."""
    return {name: path.verdict for name, path in graph.paths().items()}


def state_of(escalation):
    """Return the account before an edit."""
    return State.of(escalation.around, escalation.graph, escalation.evidence)


@settings(LAW, max_examples=40)
@given(accounts())
def test_without_each_candidate_and_after_each_edit_the_paths_are_those_of_a_new_search(
    tmp_path_factory, account
):
    escalation = made(tmp_path_factory, account)
    state = state_of(escalation)
    for _ in range(3):
        trials = [state.without(place) for place, _ in state.candidates]
        for trial in trials:
            assert verdicts(trial.graph) == searched(escalation, trial.around), trial.place
        best = max(trials, key=lambda trial: trial.gain, default=None)
        if best is None or not best.gain:
            break
        state = state.after(best)
        assert verdicts(state.graph) == searched(escalation, state.around)


def frees_a_role():
    """Ann may take the boundary off a role that holds everything, and assume it."""
    ann = allow(["iam:DeleteRolePermissionsBoundary", "sts:AssumeRole"], f"{IAM}:role/red")
    red = role("red", **attached("everything"), **boundary("limit"), AssumeRolePolicyDocument=OPEN)
    return ann, red


def rewrites_a_boundary():
    """Ann may rewrite the policy that is the boundary of a role that holds everything, and assume it."""
    _, red = frees_a_role()
    return allow(["iam:CreatePolicyVersion", "sts:AssumeRole"], [f"{IAM}:policy/limit", red["Arn"]]), red


@pytest.mark.parametrize("case", [frees_a_role, rewrites_a_boundary])
def test_who_frees_another_of_its_boundary_rests_on_what_that_one_holds(tmp_path, case):
    statement, red = case()
    ann = user("ann", **inline("User", "own", statement))
    cal = user("cal", **attached("everything"), **boundary("own"))  # frees itself
    policies = [
        EVERYTHING,
        policy("limit", allow("s3:*")),
        policy("own", allow("iam:DeleteUserPermissionsBoundary")),
    ]
    escalation = opened(tmp_path, details(users=[ann, cal], roles=[red], policies=policies))
    assert verdicts(escalation.graph) == {ann["Arn"]: CERTAIN, cal["Arn"]: CERTAIN}
    trial = state_of(escalation).without((f"{IAM}:policy/everything", 0))
    assert verdicts(trial.graph) == searched(escalation, trial.around) == {}
    assert trial.gain == 18
    (point, *_) = escalation.choke_points.points
    assert (point.policy, point.cut) == (f"{IAM}:policy/everything", (ann["Arn"], cal["Arn"]))
