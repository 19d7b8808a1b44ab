import pandas as pd

from iamaudit.frames import breadth_frame, permission_sets_frame, permissions_frame
from iamaudit.frames.permissions import _CHUNK
from iamaudit.iam.actions import load_catalogue
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
