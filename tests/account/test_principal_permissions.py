import pytest

from iamaudit.iam.actions import load_catalogue
from tests.accounts import (
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


def principals(data):
    return {p.name: p.sets for p in account_of(authorization_details=data).principals}


def test_direct_inline_and_group_policies_come_together():
    data = details(
        users=[
            user("ann", GroupList=["dev"], **attached("one"), **inline("User", "own", allow("s3:PutObject")))
        ],
        groups=[group("dev", **inline("Group", "team", allow("iam:GetUser")))],
        policies=[policy("one", allow("s3:GetObject"))],
    )
    assert CATALOGUE.names_of(principals(data)["ann"].certain) == [
        "iam:GetUser",
        "s3:GetObject",
        "s3:PutObject",
    ]


def test_a_deny_of_the_group_blocks_the_user_and_a_boundary_limits_the_role():
    data = details(
        users=[
            user("ann", GroupList=["dev"], **inline("User", "own", allow(["s3:GetObject", "s3:PutObject"])))
        ],
        groups=[group("dev", **inline("Group", "team", deny("s3:Put*")))],
        roles=[role("app", **attached("admin"), **boundary("limit"))],
        policies=[policy("admin", allow("*")), policy("limit", allow("sqs:SendMessage"))],
    )
    found = principals(data)
    assert CATALOGUE.names_of(found["ann"].possible) == ["s3:GetObject"]
    assert CATALOGUE.names_of(found["app"].possible) == ["sqs:SendMessage"]


@pytest.mark.parametrize(
    "principal",
    [
        user("ann", **attached("gone"), **inline("User", "own", allow("s3:GetObject"))),
        user("ann", GroupList=["gone"], **inline("User", "own", allow("s3:GetObject"))),
        user("ann", **boundary("gone"), **inline("User", "own", allow("s3:GetObject"))),
    ],
    ids=["policy", "group", "boundary"],
)
def test_what_was_not_collected_leaves_nothing_certain(principal):
    found = principals(details(users=[principal]))["ann"]
    assert (found.certain, found.is_complete) == (0, False)
    assert CATALOGUE.names_of(found.possible) == ["s3:GetObject"]
