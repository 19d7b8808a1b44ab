"""The laws of deciding on many at once: a witness matches, a group of resources decides like each of it."""

import re
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from iamaudit.escalation.universe import Universe
from iamaudit.escalation.witness import witness
from iamaudit.iam.policy import compile_pattern
from tests.accounts import IAM, allow, deny, details, policy, role, user
from tests.escalation.accounts import attached, opened

PATTERNS = st.text(alphabet="ab*?", max_size=5)


@given(st.lists(PATTERNS, min_size=1, max_size=3))
def test_a_witness_matches_every_pattern_and_is_missed_only_when_there_is_none(patterns):
    found = witness(tuple(patterns))
    if found is not None:
        assert all(compile_pattern(pattern).match(found) for pattern in patterns)
        return
    texts = ("".join(each) for size in range(6) for each in product("abx", repeat=size))
    assert not any(all(compile_pattern(p).match(text) for p in patterns) for text in texts)


NAMES = ["a", "ab", "b", "dev-a", "dev-b"]
ENTRIES = st.sampled_from(
    ["*", *(f"{IAM}:role/{n}" for n in (*NAMES, "dev-*", "*b", "?", "a*")), f"{IAM}:*", "arn:aws:s3:::x"]
)
STATEMENTS = st.builds(
    lambda effect, entries, negated: {
        **effect("iam:PassRole", entries),
        **({"NotResource": entries} if negated else {}),
    },
    st.sampled_from([allow, deny]),
    st.lists(ENTRIES, min_size=1, max_size=2),
    st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(STATEMENTS, min_size=1, max_size=4))
def test_a_group_of_resources_decides_like_each_of_it(tmp_path_factory, statements):
    for statement in statements:
        if "NotResource" in statement:
            statement.pop("Resource", None)
    account = details(
        users=[user("ann", **attached("p"))],
        roles=[role(name) for name in NAMES],
        policies=[policy("p", *statements)],
    )
    escalation = opened(tmp_path_factory.mktemp("a"), account)
    census, actor = escalation.census, escalation.account.actors[f"{IAM}:user/ann"]
    decider, who = census.decider, census.decider.holding(actor)
    cells = decider.over(actor, who, "iam:PassRole", census.roles, {})
    seen = 0
    for bits, decision in cells:
        assert bits & seen == 0
        seen |= bits
        for arn in census.universe.names(bits):
            assert decider.decide(actor, "iam:PassRole", arn, {}).verdict == decision.verdict
    assert seen in (0, census.roles)


def test_a_universe_finds_what_an_entry_covers_by_its_literal_beginning():
    universe = Universe.of(["arn:b/2", "arn:b/1", "arn:a/1"])
    assert universe.arns == ("arn:a/1", "arn:b/1", "arn:b/2")
    assert list(universe.names(universe.matching("arn:b/*", re.compile("arn:b/.*")))) == [
        "arn:b/1",
        "arn:b/2",
    ]
    assert universe.matching("*", re.compile(".*")) == 0b111
    assert universe.matching("arn:c", re.compile("arn:c")) == 0
    assert universe.first(universe.bits(["arn:b/2", "arn:b/1", "none"])) == "arn:b/1"
