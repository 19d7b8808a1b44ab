"""Laws over generated edits: what was edited is found, and nothing else."""

import copy
import json
from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iamaudit.comparison import MIRRORED, changes_frame, observation_changes_frame
from tests.accounts import allow, attached, details, group, inline, policy, role, user
from tests.comparison.sides import side

# Each policy allows other actions, so that taking one away is a loss and never hidden by another.
POLICIES = [
    policy("reads", allow("sns:GetTopicAttributes")),
    policy("writes", allow("sqs:SendMessage")),
    policy("all", allow("*")),
]
NAMES = ("ann", "bob", "eve")


def account(held, members, roles):
    users = [user(name, **attached(*sorted(held[name])), GroupList=sorted(members[name])) for name in NAMES]
    groups = [group("g", **inline("Group", "own", allow("kms:ListKeys")))]
    return details(
        users=users, groups=groups, roles=[role(name) for name in sorted(roles)], policies=POLICIES
    )


accounts = st.builds(
    lambda held, members, roles: {"held": held, "members": members, "roles": roles},
    st.fixed_dictionaries({name: st.sets(st.sampled_from(["reads", "writes"])) for name in NAMES}),
    st.fixed_dictionaries({name: st.sets(st.just("g")) for name in NAMES}),
    st.sets(st.sampled_from(["r1", "r2"])),
)
edits = st.lists(
    st.one_of(
        st.tuples(st.just("policy"), st.sampled_from(NAMES), st.sampled_from(["reads", "writes", "all"])),
        st.tuples(st.just("group"), st.sampled_from(NAMES), st.just("g")),
        st.tuples(st.just("role"), st.sampled_from(["r1", "r2"]), st.just("")),
    ),
    max_size=3,
    unique_by=lambda edit: edit[:2],
)


def edited(start, changes):
    """Return the account after the edits: each turns something on or off; and what must be told of them."""
    after, told = copy.deepcopy(start), set()
    for kind, name, what in changes:
        place = after["roles"] if kind == "role" else after["held" if kind == "policy" else "members"][name]
        value = name if kind == "role" else what
        is_on = value not in place
        (place.add if is_on else place.remove)(value)
        words = {
            "policy": ("policy attached", "policy detached"),
            "group": ("group joined", "group left"),
            "role": ("role created", "role deleted"),
        }[kind]
        told.add((words[not is_on], f"role/{name}" if kind == "role" else f"user/{name}"))
    return after, told


@cache
def judged(account_text):
    return side(authorization_details=json.loads(account_text))


def sides(*accounts_):
    return [judged(json.dumps(account(**each))) for each in accounts_]


def compared(before, after):
    return changes_frame(before, after, observation_changes_frame([before, after]))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(accounts, edits)
def test_exactly_the_edits_are_told_and_the_reverse_is_their_mirror(start, changes):
    after, expected = edited(start, changes)
    old, new = sides(start, after)
    there, back = compared(old, new), compared(new, old)
    assert compared(old, old).empty
    causes = {(row.what, row.who) for row in there.itertuples() if row.area == "inventory"}
    assert causes == expected
    assert {row.who for row in there.itertuples()} == {who for _, who in expected}
    mirrored = sorted((MIRRORED[r.what], r.who, r.after, r.before) for r in there.itertuples())
    assert sorted((r.what, r.who, r.before, r.after) for r in back.itertuples()) == mirrored
    is_as_the_sets_say(old, new, there)


def is_as_the_sets_say(old, new, told):
    """The slow way: the action sets of each principal that is on both sides, one against the other."""
    before = {p.arn: p for p in old.principals}
    for now in new.principals:
        if now.arn not in before:
            continue
        was, mine = before[now.arn], set(told.what[told.arn == now.arn])
        assert ("permissions gained" in mine) == bool(now.sets.possible & ~was.sets.possible)
        assert ("permissions lost" in mine) == bool(was.sets.possible & ~now.sets.possible)
        assert bool({"administrator gained", "administrator lost"} & mine) == (
            was.administrator != now.administrator
        )
