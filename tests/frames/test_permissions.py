import hashlib
from collections import Counter

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from iamaudit.account import PrincipalPermissions
from iamaudit.frames import breadth_frame, permission_sets_frame, permissions_frame
from iamaudit.frames.permissions import _CHUNK
from iamaudit.iam.actions import ACCESS_LEVELS, load_catalogue
from iamaudit.iam.evaluate import EffectivePermissions
from tests.accounts import (
    account_of,
    allow,
    attached,
    details,
    inline,
    role,
    user,
)

CATALOGUE = load_catalogue()
COUNTS = ["actions_possible", "actions_on_all_resources", "actions_certain"]


def held(data):
    return account_of(authorization_details=data).principals


def frame(data):
    people = held(data)
    return permissions_frame(breadth_frame(people, CATALOGUE), permission_sets_frame(people, CATALOGUE))


def test_a_row_is_a_principal_a_service_and_an_access_level():
    data = details(
        roles=[
            role(
                "app",
                **inline(
                    "Role",
                    "own",
                    allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::example/*"),
                    allow("s3:GetBucketAcl"),
                    allow("s3:GetBucketPolicy", Condition={"Bool": {"aws:SecureTransport": "true"}}),
                ),
            )
        ]
    )
    found = frame(data).set_index("access_level")
    assert found.index.tolist() == ["Write", "Read"]
    assert found.loc["Write", COUNTS].tolist() == [1, 0, 0]
    assert found.loc["Read", COUNTS].tolist() == [3, 2, 1]
    assert found.scope.to_dict() == {"Write": "scoped", "Read": "both"}
    assert found.principal_type.unique().tolist() == ["role"]
    assert found.actions_in_service.unique().tolist() == [len(CATALOGUE.services["s3"])]


def test_the_counts_of_an_administrator_add_up_to_the_catalogue():
    found = frame(details(roles=[role("admin", **inline("Role", "all", allow("*")))]))
    assert found[COUNTS].sum().tolist() == [len(CATALOGUE.names)] * 3
    assert (found.actions_known == found.actions_certain).all()
    assert found.scope.unique().tolist() == ["all resources"]
    by_level = found.groupby("access_level").actions_possible.sum()
    assert by_level.to_dict() == {level: CATALOGUE.levels.count(level) for level in by_level.index}


def test_counting_in_chunks_gives_every_principal_its_own_row():
    names = sorted(CATALOGUE.names)[:: len(CATALOGUE.names) // (_CHUNK + 5)][: _CHUNK + 3]
    roles = [role(f"r{n:04}", **inline("Role", "own", allow(name))) for n, name in enumerate(names)]
    found = frame(details(roles=roles))
    assert found.principal_name.tolist() == [f"r{n:04}" for n in range(len(names))]
    assert found.service.tolist() == [name.partition(":")[0] for name in names]
    assert found.actions_certain.tolist() == [1] * len(names)


def test_nobody_and_a_principal_without_permissions_give_no_row():
    assert len(frame(details())) == 0
    assert len(frame(details(users=[user("ann")]))) == 0
    assert list(frame(details()).columns) == list(
        frame(details(roles=[role("r", **inline("Role", "i", allow("*")))])).columns
    )


def test_a_permission_set_is_there_once_and_named_by_what_it_allows():
    same = {"one": allow(["s3:GetObject", "s3:PutObject"]), "two": allow(["s3:putobject", "s3:GETOBJECT"])}
    users = [user(name, **inline("User", "own", statement)) for name, statement in same.items()]
    scoped = role(
        "scoped", **inline("Role", "own", allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::b/*"))
    )
    people = held(details(users=[*users, user("none")], roles=[scoped]))
    sets, breadth = permission_sets_frame(people, CATALOGUE), breadth_frame(people, CATALOGUE)
    named = breadth.set_index("principal_name").permission_set
    assert named["one"] == named["two"] != named["scoped"]
    assert named.str.fullmatch("[0-9a-f]{12}").all()
    rows = sets[["permission_set", "access_level", "actions_certain", "scope"]].astype("string")
    assert rows.to_numpy().tolist() == [
        [named["one"], "Write", "1", "all resources"],
        [named["one"], "Read", "1", "all resources"],
        [named["scoped"], "Write", "0", "scoped"],
        [named["scoped"], "Read", "0", "scoped"],
    ]
    alone = held(details(users=users[1:]))
    assert breadth_frame(alone, CATALOGUE).permission_set.tolist() == [named["two"]]


def test_the_rows_of_all_are_users_then_roles_by_name_with_the_rows_of_their_sets():
    data = details(
        users=[
            user("Zoe", **inline("User", "own", allow("s3:GetObject"))),
            user("ann", **inline("User", "own", allow("*"))),
        ],
        roles=[role("app", **attached("gone"), **inline("Role", "own", allow("s3:GetObject")))],
    )
    found = frame(data)
    assert found.principal_name.unique().tolist() == ["ann", "Zoe", "app"]
    assert found[found.principal_name == "app"].is_complete.tolist() == [False]
    assert found[found.principal_name == "Zoe"].is_complete.tolist() == [True]
    assert found[found.principal_name == "ann"].actions_certain.sum() == len(CATALOGUE.names)
    assert found.index.equals(pd.RangeIndex(len(found)))


def test_breadth_is_a_row_per_principal_the_broadest_first():
    data = details(
        users=[user("none")],
        roles=[
            role("reader", **inline("Role", "own", allow(["s3:GetObject", "sqs:GetQueueUrl"]))),
            role("admin", **inline("Role", "own", allow("*"))),
            role("scoped", **inline("Role", "own", allow("iam:PutUserPolicy", "arn:aws:iam::*:user/x"))),
        ],
    )
    found = breadth_frame(account_of(authorization_details=data).principals, CATALOGUE)
    assert found.principal_name.tolist() == ["admin", "reader", "scoped", "none"]
    numbers = found.set_index("principal_name")[
        ["actions_possible", "actions_certain", "permissions_management", "read", "services"]
    ]
    assert numbers.loc["reader"].tolist() == [2, 2, 0, 2, 2]
    assert numbers.loc["scoped"].tolist() == [1, 0, 1, 0, 1]
    assert numbers.loc["none"].tolist() == [0, 0, 0, 0, 0]
    assert numbers.loc["admin"].tolist()[:2] == [len(CATALOGUE.names)] * 2
    assert numbers.loc["admin", "services"] == len(CATALOGUE.services)
    levels = ["permissions_management", "write", "tagging", "read", "list"]
    assert found[levels].sum(axis=1).tolist() == found.actions_possible.tolist()
    assert len(breadth_frame([], CATALOGUE)) == 0


PLACES = st.integers(0, len(CATALOGUE.names) - 1)
# A few actions anywhere, and whole runs of the catalogue, which begin and end within words of 64.
SETS = st.tuples(st.sets(PLACES, max_size=9), st.lists(st.tuples(PLACES, st.integers(1, 300)), max_size=3))
PARTS = st.sampled_from(["all", "some", "none"])


def bits(places, runs):
    ends = [range(start, min(start + size, len(CATALOGUE.names))) for start, size in runs]
    return sum(1 << place for place in places.union(*ends))


def part(actions, how, some):
    return {"all": actions, "some": actions & bits(*some), "none": 0}[how]


def permissions(possible, some, of_possible, of_everywhere):
    everywhere = part(bits(*possible), of_possible, some)
    certain = part(everywhere, of_everywhere, some)
    return EffectivePermissions(certain, everywhere, 0, 0, bits(*possible), is_complete=True)


def cells(actions):
    """Return how many actions a set has by service and access level, counted one by one."""
    places = (place for place in range(len(CATALOGUE.names)) if actions >> place & 1)
    return Counter((CATALOGUE.names[place].partition(":")[0], CATALOGUE.levels[place]) for place in places)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(SETS, SETS, PARTS, PARTS), min_size=1, max_size=4))
def test_counting_by_words_and_carries_is_counting_one_by_one(drawn):
    sets = [permissions(*each) for each in drawn]
    people = [
        PrincipalPermissions(f"arn:aws:iam::111122223333:user/u{n}", "user", f"u{n}", each, "no")
        for n, each in enumerate(sets)
    ]
    rows = {
        (row.permission_set, row.service, row.access_level): (
            *(row.actions_possible, row.actions_on_all_resources, row.actions_certain),
        )
        for row in permission_sets_frame(people, CATALOGUE).itertuples()
    }
    breadth = breadth_frame(people, CATALOGUE).set_index("principal_name")
    expected = {}
    for n, each in enumerate(sets):
        packed = b"".join(
            actions.to_bytes(len(CATALOGUE.names) // 8 + 1, "little") for actions in each.counted
        )
        name = hashlib.sha256(packed).hexdigest()[:12]
        possible, everywhere, certain = map(cells, each.counted)
        expected |= {(name, *cell): (possible[cell], everywhere[cell], certain[cell]) for cell in possible}
        own = breadth.loc[f"u{n}"]
        assert own.permission_set == name
        assert own.services == len({service for service, _ in possible})
        assert own.actions_possible == possible.total()
        assert own.actions_certain == certain.total()
        for level in ACCESS_LEVELS:
            found = sum(count for (_, own_level), count in possible.items() if own_level == level)
            assert own[level.lower().replace(" ", "_")] == found
    assert rows == expected
