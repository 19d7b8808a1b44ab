"""Each permission check against policies made to fail it and to pass it: 0 wrong conclusions."""

from collections import Counter

import pytest

import iamaudit
from iamaudit.checks import CATALOGUE
from tests.accounts import (
    AS_OF,
    allow,
    attached,
    boundary,
    deny,
    details,
    group,
    inline,
    policy,
    role,
    snapshot,
    user,
)
from tests.checks.permission_corpus import (
    FAILS,
    PASSES,
    PRINCIPAL_CHECKS,
    STATEMENT_CHECKS,
    fails,
    passes,
    statement_samples,
)

SAMPLES = list(statement_samples())
NO_ADMINISTRATOR = deny(
    ["iam:Attach*", "iam:Put*", "iam:*PolicyVersion", "iam:AddUserToGroup", "iam:UpdateAssumeRolePolicy"]
)


def judged(folder, **sources):
    return iamaudit.open_snapshot(snapshot(folder, **sources), as_of=AS_OF, is_kept=False)


@pytest.fixture(scope="module")
def statements(tmp_path_factory):
    named = [(f"case-{number}", sample) for number, sample in enumerate(SAMPLES)]
    roles = [role(f"limited-{n}", **boundary(n)) for n, sample in named if sample.is_boundary]
    policies = [policy(n, *sample.statements) for n, sample in named]
    found = details(policies=policies, roles=roles)
    return judged(tmp_path_factory.mktemp("statements"), authorization_details=found)


def test_every_check_of_what_a_statement_allows_is_in_the_corpus():
    about_form = {"policy-not-action", "policy-not-resource", "policy-unknown-action", "group-deny-reach"}
    of_statements = {check.id for check in CATALOGUE.values() if check.population == "statements"}
    assert of_statements - about_form == set(STATEMENT_CHECKS)
    assert set(PRINCIPAL_CHECKS) <= set(CATALOGUE)


def test_each_check_is_failed_in_eight_ways_and_passed_in_four():
    for check, patterns in STATEMENT_CHECKS.items():
        ways = Counter(s.way.rpartition(": ")[2] for s in SAMPLES if s.check == check)
        assert all(ways[way] == len(patterns) for way in (*FAILS, *PASSES)), check


@pytest.mark.parametrize("id", STATEMENT_CHECKS)
def test_a_statement_is_an_exception_when_it_allows_it_on_every_resource(statements, id):  # noqa: A002
    found = set(statements.workpapers[id].exceptions.policy_name)
    wrong = [
        (sample.way, "missed" if sample.fails else "invented")
        for number, sample in enumerate(SAMPLES)
        if sample.check == id and sample.fails != (f"case-{number}" in found)
    ]
    assert wrong == []


def _holders(check):
    """Return users and roles by name, with what they hold and whether they fail the check."""
    patterns = PRINCIPAL_CHECKS[check]
    rows = []
    for pattern in patterns:
        rows += [(statements, True) for statements in fails(pattern).values()]
        rows += [(s, False) for way, s in passes(pattern).items() if way != "boundary only"]
    return patterns[0], [(f"p-{number}", *row) for number, row in enumerate(rows)]


@pytest.fixture(scope="module", params=PRINCIPAL_CHECKS)
def holders(request, tmp_path_factory):
    check = request.param
    pattern, rows = _holders(check)
    users, roles, expected = [], [], {}
    policies = [policy("no-administrator", NO_ADMINISTRATOR), policy("limit", allow("sqs:*"))]
    policies += [policy("wide", allow("*")), policy("far", allow(pattern, "arn:aws:sqs:::x"))]
    policies.append(policy("not-that", deny(list(PRINCIPAL_CHECKS[check]))))
    for name, statements, is_failed in rows:
        policies.append(policy(name, *statements))
        held = attached(name, "no-administrator")
        expected |= {f"attached-{name}": is_failed, f"role-{name}": is_failed, f"inline-{name}": is_failed}
        expected |= {f"bounded-{name}": False, f"within-{name}": is_failed, f"denied-{name}": False}
        users += [
            user(f"attached-{name}", **held),
            user(f"inline-{name}", **inline("User", "own", *statements), **attached("no-administrator")),
            user(f"bounded-{name}", **held, **boundary("limit")),
            user(f"denied-{name}", **attached(name, "not-that", "no-administrator")),
        ]
        roles += [role(f"role-{name}", **held), role(f"within-{name}", **held, **boundary("wide"))]
    users += [user("member", GroupList=["g"]), user("spared", GroupList=["g"], **attached("not-that"))]
    users.append(user("split", **attached("far", "no-administrator")))
    expected |= {"member": True, "spared": False, "split": False}
    team = group("g", **inline("Group", "own", allow(pattern)))
    found = details(users=users, groups=[team], roles=roles, policies=policies)
    return check, pattern, found, expected, tmp_path_factory.mktemp("holders")


def _exceptions(audit, check):
    return set(audit.workpapers[check].exceptions.principal_name)


def test_a_principal_is_an_exception_when_it_may_after_every_layer(holders):
    check, _, found, expected, folder = holders
    exceptions = _exceptions(judged(folder / "alone", authorization_details=found), check)
    wrong = {name: is_failed for name, is_failed in expected.items() if is_failed != (name in exceptions)}
    assert wrong == {}


def test_an_scp_takes_it_from_everybody_and_one_about_something_else_from_nobody(holders):
    check, _, found, expected, folder = holders

    def under(name, *statements):
        document = {"Version": "2012-10-17", "Statement": [allow("*"), *statements]}
        level = {"Target": "r-1", "Policies": [{"Name": "scp", "Content": document}]}
        organization = {"ServiceControlPolicies": [level]}
        audit = judged(folder / name, authorization_details=found, organization_policies=organization)
        return _exceptions(audit, check)

    assert under("denied", deny(list(PRINCIPAL_CHECKS[check]))) & {"member", "attached-p-0"} == set()
    wanted = {name for name, is_failed in expected.items() if is_failed}
    assert under("scoped", deny("*", "arn:aws:sqs:::x")) == wanted
    region = {"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}
    assert under("region", deny("*", Condition=region)) == wanted  # under a condition still
