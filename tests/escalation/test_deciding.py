"""The laws of deciding on many at once: a witness matches, a universe finds what an entry covers."""

import re
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from iamaudit.escalation.caller import Caller
from iamaudit.escalation.rules import load_rules
from iamaudit.escalation.universe import Universe
from iamaudit.escalation.witness import witness
from iamaudit.iam.evaluate import Context
from iamaudit.iam.evaluate.resources import resource_regex
from iamaudit.iam.policy import compile_pattern
from tests.accounts import ACCOUNT, IAM, allow, attached, deny, details, policy, role
from tests.escalation.accounts import account_of, opened, scp, verdicts

PATTERNS = st.text(alphabet="ab*?", max_size=5)


@given(st.lists(PATTERNS, min_size=1, max_size=3))
def test_a_witness_matches_every_pattern_and_is_missed_only_when_there_is_none(patterns):
    found = witness(tuple(patterns))
    if found is not None:
        assert all(compile_pattern(pattern).match(found) for pattern in patterns)
        return
    texts = ("".join(each) for size in range(6) for each in product("abx", repeat=size))
    assert not any(all(compile_pattern(p).match(text) for p in patterns) for text in texts)


def test_a_universe_finds_what_an_entry_covers_by_its_literal_beginning():
    universe = Universe.of(["arn:b/2", "arn:b/1", "arn:a/1"])
    assert universe.arns == ("arn:a/1", "arn:b/1", "arn:b/2")
    found = universe.covered_by("arn:b/*", re.compile("arn:b/.*"))
    assert list(universe.names(found)) == ["arn:b/1", "arn:b/2"]
    assert universe.covered_by("*", re.compile(".*")) == universe.everything == 0b111
    assert universe.covered_by("arn:c", re.compile("arn:c")) == 0
    assert universe.first(universe.bits(["arn:b/2", "arn:b/1", "none"])) == "arn:b/1"


ENTRIES = st.builds(
    lambda parts, path: ":".join([*parts, path]),
    st.tuples(
        *(st.sampled_from([own, "*", f"{own[:1]}*", "?" * len(own), "zz"]) for own in IAM.split(":")[:5])
    ),
    st.text(alphabet="rolex/*?-a", max_size=8).map(lambda text: f"role/{text}"),
)


@given(ENTRIES, st.booleans())
def test_a_universe_finds_all_that_an_entry_covers_and_nothing_else(entry, has_colons):
    arns = [f"{IAM}:role/{name}" for name in ("a", "ab", "x/a", "rolex", "a-a", "")]
    arns += [f"{IAM}:role/path:with:colons/a"] if has_colons else []
    universe = Universe.of(arns)
    regex = resource_regex(entry, Context({}), has_variables=False)
    found = set(universe.names(universe.covered_by(entry, regex)))
    assert found == {arn for arn in universe.arns if regex.fullmatch(arn)}


def test_no_scp_limits_a_service_linked_role(tmp_path):
    """Rules D1, D4: the sets say what ``authorize`` says."""
    path = "/aws-service-role/x.amazonaws.com/"
    linked = role(
        "AWSServiceRoleForX", Path=path, Arn=f"{IAM}:role{path}AWSServiceRoleForX", **attached("all")
    )
    account = details(roles=[linked, role("app", **attached("all"))], policies=[policy("all", allow("*"))])
    escalation = opened(tmp_path, account, organization_policies=scp(deny("iam:*")))
    asked = ("iam:PassRole", f"{IAM}:role/app")
    found = {}
    for arn, actor in escalation.account.roles.items():
        caller = Caller(escalation.around.decider, actor)
        surely = bool(caller.reach(asked[0]).surely & escalation.universe.bit(asked[1]))
        assert caller.on(*asked) is surely
        assert (escalation.account.decide(arn, *asked).verdict == "allowed") is surely
        found[actor.name] = surely
    assert found == {"AWSServiceRoleForX": True, "app": False}


def test_entries_about_other_types_hide_no_resource_of_ones_own(tmp_path):
    """An entry that no function matches is not a way to take an entry: however many, they are not tried."""
    rule = load_rules()["pass-role-lambda-create-function-and-invoke-function"]
    others = [f"{IAM}:role/a{number}" for number in range(70)]
    on = [*others, f"arn:aws:lambda:*:{ACCOUNT}:function:dev-*"]
    account = account_of(rule, resource=dict.fromkeys(rule.actions_on("any"), on))
    assert verdicts(opened(tmp_path, account), rule) == {"certain"}
