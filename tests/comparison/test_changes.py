from datetime import timedelta

import pytest

from iamaudit.comparison import (
    MIRRORED,
    changes_frame,
    changes_in_sentences,
    first_changes,
    not_compared,
    observation_changes_frame,
    permission_changes_frame,
    trend_frame,
)
from tests.accounts import (
    AS_OF,
    IAM,
    allow,
    attached,
    boundary,
    details,
    document,
    group,
    inline,
    key,
    password,
    policy,
    report,
    role,
    user,
)
from tests.comparison.sides import side

VENDOR = {"AWS": "arn:aws:iam::444455556666:root"}
ROOT = {"user": "<root_account>"}


def compared(before, after):
    return changes_frame(before, after, observation_changes_frame([before, after]))


def said(changes):
    return [(row.what, row.who, row.severity) for row in changes.itertuples()]


def iam(users=(), roles=(), groups=(), policies=()):
    return {
        "authorization_details": details(users=users, roles=roles, groups=groups, policies=policies),
    }


def trusts(*statements):
    return role("r", AssumeRolePolicyDocument=document(*statements))


def lets_in(principal, **fields):
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **fields}


ASKS_ID = {"Condition": {"StringEquals": {"sts:ExternalId": "x"}}}
WITH_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
ANN = user("ann")
P = policy("p", allow("s3:GetObject"))
PUTS = user("ann", **inline("User", "own", allow("sns:Publish")))


CASES = [
    ("nothing", iam([ANN]), iam([ANN]), []),
    (
        "an administrator by a group",
        iam([ANN], groups=[group("g", **attached("all"))], policies=[policy("all", allow("*"))]),
        iam(
            [user("ann", GroupList=["g"])],
            groups=[group("g", **attached("all"))],
            policies=[policy("all", allow("*"))],
        ),
        [
            ("administrator gained", "user/ann", "high"),
            ("permissions gained", "user/ann", "medium"),
            ("group joined", "user/ann", "informational"),
        ],
    ),
    (
        "a policy attached",
        iam([ANN], policies=[P]),
        iam([user("ann", **attached("p"))], policies=[P]),
        [("permissions gained", "user/ann", "medium"), ("policy attached", "user/ann", "informational")],
    ),
    (
        "a condition lifted",
        iam(
            [
                user(
                    "ann",
                    **inline(
                        "User",
                        "own",
                        allow("sns:Publish", Condition=WITH_MFA),
                    ),
                )
            ]
        ),
        iam([PUTS]),
        [
            ("conditions lifted", "user/ann", "low"),
            ("policy edited", "the inline policy own of user/ann", "informational"),
        ],
    ),
    (
        "a text that says the same",
        iam([PUTS]),
        iam([user("ann", **inline("User", "own", allow(["sns:publish"])))]),
        [("policy edited", "the inline policy own of user/ann", "informational")],
    ),
    (
        "a boundary removed",
        iam([user("ann", **attached("p"), **boundary("b"))], policies=[P, policy("b", allow("sns:*"))]),
        iam([user("ann", **attached("p"))], policies=[P, policy("b", allow("sns:*"))]),
        [("permissions gained", "user/ann", "medium"), ("boundary removed", "user/ann", "medium")],
    ),
    (
        "a trust opened",
        iam(roles=[role("r")]),
        iam(roles=[trusts(*role("r")["AssumeRolePolicyDocument"]["Statement"], lets_in(VENDOR))]),
        [("trust opened", "role/r", "high")],
    ),
    (
        "an external id dropped",
        iam(roles=[trusts(lets_in(VENDOR, **ASKS_ID))]),
        iam(roles=[trusts(lets_in(VENDOR))]),
        [("trust widened", "role/r", "high")],
    ),
    (
        "statements in another order",
        iam(roles=[trusts(lets_in(VENDOR), lets_in({"AWS": "*"}, **ASKS_ID))]),
        iam(roles=[trusts(lets_in({"AWS": "*"}, **ASKS_ID), lets_in(VENDOR))]),
        [],
    ),
    (
        "a user of the same name made again",
        iam([ANN]),
        iam([user("ann", UserId="AIDAother")]),
        [("user replaced", "user/ann", "medium")],
    ),
    (
        "a user made",
        iam([]),
        iam([ANN]),
        [("user created", "user/ann", "informational")],
    ),
]


@pytest.mark.parametrize(("before", "after", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_an_edit_of_the_account_is_told_as_what_it_means(before, after, expected):
    assert said(compared(side(**before), side(**after))) == expected


@pytest.mark.parametrize(("before", "after"), [c[1:3] for c in CASES], ids=[c[0] for c in CASES])
def test_the_other_way_round_each_change_is_mirrored(before, after):
    there, back = compared(side(**before), side(**after)), compared(side(**after), side(**before))
    mirrored = {(MIRRORED[r.what], r.who, r.after, r.before) for r in there.itertuples()}
    assert {(r.what, r.who, r.before, r.after) for r in back.itertuples()} == mirrored


def creds(*rows, **sources):
    return side(credential_report=report(ROOT, *rows), **sources)


OFF = key(1, age=100, active="false")
TWO = {**key(1, age=100), **key(2, age=1)}
KEYS = [
    ("rotated", key(1, age=100), key(1, age=1), "access key rotated", "informational"),
    ("a second key", key(1, age=100), TWO, "access key created", "low"),
    ("deleted", key(1, age=100), {}, "access key deleted", "informational"),
    ("replaced, off", key(1, age=100), {**OFF, **key(2, age=1)}, "access key rotated", "informational"),
    ("switched off", key(1, age=100), OFF, "access key deactivated", "informational"),
    ("switched on", OFF, key(1, age=100), "access key activated", "low"),
    ("a password without MFA", {}, password(changed=1), "password set", "medium"),
    ("no MFA now", password(changed=9, mfa="true"), password(changed=9), "MFA removed", "high"),
]


@pytest.mark.parametrize(("before", "after", "what", "severity"), [case[1:] for case in KEYS])
def test_credentials_are_told_and_mirrored(before, after, what, severity):
    old, new = creds({"user": "ann", **before}), creds({"user": "ann", **after})
    assert said(compared(old, new)) == [(what, "user/ann", severity)]
    assert compared(new, old).what.tolist() == [MIRRORED[what]]


def test_a_key_that_was_only_used_did_not_change():
    old, new = (creds({"user": "ann", **key(1, age=100, used=days)}) for days in (5, 1))
    assert compared(old, new).empty


def test_a_key_of_root_is_critical():
    old = creds()
    new = side(credential_report=report({**ROOT, **key(1, age=1)}))
    assert said(compared(old, new)) == [("access key created", "root", "critical")]


def test_a_key_with_the_same_id_is_not_rotated_when_its_report_date_moves():
    """AWS dates `last_rotated` by a change of the status as well."""

    def listed(created):
        rows = [
            {
                "UserName": "ann",
                "AccessKeyId": "AKIAINVENTED00000001",
                "Status": "Active",
                "CreateDate": created,
            }
        ]
        return {"AccessKeyMetadata": rows}

    first, second = key(1, age=100), key(1, age=50)
    made = [row["access_key_1_last_rotated"] for row in (first, second)]
    old = creds({"user": "ann", **first}, access_keys=listed(made[0]))
    new = creds({"user": "ann", **second}, access_keys=listed(made[1]))
    assert said(compared(old, new)) == []


def test_a_source_that_is_missing_is_no_change():
    old, new = creds({"user": "ann", **key(1, age=9)}), side(**iam([PUTS]))
    assert said(compared(old, new)) == said(compared(new, old)) == []
    assert list(not_compared(old, new)) == [
        "Permissions, trust, users, groups, roles and policies are not compared: authorization_details was "
        "not collected in the older snapshot.",
        "Access keys, passwords and MFA are not compared: credential_report was not collected in the newer "
        "snapshot.",
        "Identity providers are not compared: saml_providers, oidc_providers were not collected in the older "
        "snapshot.",
        "Identity providers are not compared: saml_providers, oidc_providers were not collected in the newer "
        "snapshot.",
    ]


def seen(*observations, unjudged=(), days=0):
    return side(observations=observations, unjudged=unjudged, as_of=AS_OF - timedelta(days=days))


ONE = {"id": "obs-one", "checks": ["c"], "resources": ["a"]}
WAIVED = {**ONE, "is_waived": True, "waived": 1}

SERIES = [
    ("new", [seen(days=30), seen(ONE)], "new", 0),
    ("open", [seen(ONE, days=30), seen(ONE)], "open", 30),
    ("resolved", [seen(ONE, days=30), seen()], "resolved", None),
    ("its evidence is gone", [seen(ONE, days=30), seen(unjudged=["c"])], "not judged", None),
    ("its evidence was not there", [seen(days=30, unjudged=["c"]), seen(ONE)], "first judged", 0),
    ("reopened", [seen(ONE, days=60), seen(days=30), seen(ONE)], "reopened", 0),
    ("waived", [seen(ONE, days=30), seen(WAIVED)], "waived", 30),
    ("a waiver ran out", [seen(WAIVED, days=30), seen(ONE)], "waiver ended", 30),
    ("open for the whole series", [seen(ONE, days=60), seen(ONE, days=30), seen(ONE)], "open", 60),
]


@pytest.mark.parametrize(("series", "state", "days"), [c[1:] for c in SERIES], ids=[c[0] for c in SERIES])
def test_an_observation_has_a_state_and_an_age(series, state, days):
    (row,) = observation_changes_frame(series).to_dict("records")
    assert row["state"] == state
    assert (row["days_open"] if days is not None else None) == days


def test_what_grew_or_is_more_severe_is_told():
    more = {**ONE, "resources": ["a", "b"], "findings": 2}
    worse = {**ONE, "severity": "critical"}
    assert said(compared(seen(ONE), seen(more))) == [("observation grew", "obs-one", "low")]
    assert said(compared(seen(more), seen(ONE))) == [("observation shrank", "obs-one", "informational")]
    assert said(compared(seen(ONE), seen(worse))) == [("observation more severe", "obs-one", "critical")]


def test_one_snapshot_has_no_observation_changes():
    assert observation_changes_frame([seen(ONE)]).empty


def test_principals_that_changed_alike_share_the_rows_of_their_actions():
    old = side(**iam([user("a"), user("b")], policies=[P]))
    new = side(**iam([user("a", **attached("p")), user("b", **attached("p"))], policies=[P]))
    rows, changes = permission_changes_frame(old, new), compared(old, new)
    assert rows[["service", "access_level"]].to_numpy().tolist() == [["s3", "Read"]]
    assert rows.gained.tolist() == [["s3:GetObject"]]
    assert rows.lost.tolist() == [[]]
    assert set(changes.permission_change.dropna()) == set(rows.permission_change)


def test_the_trend_has_a_row_a_snapshot_and_knows_what_it_does_not_know():
    old = creds({"user": "ann", **key(1, age=200)}, **iam([user("ann")]))
    new = side(**iam([user("ann"), user("bob", **inline("User", "all", allow("*")))]), observations=[ONE])
    trend = trend_frame([old, new], 90)
    assert trend.administrators.tolist() == [0, 1]
    assert trend.late_keys.isna().tolist() == [False, True]
    assert trend.oldest_key_age_days[0] == 200
    assert trend.high.tolist() == [0, 1]


def test_a_summary_takes_the_gravest_and_the_lines_say_all():
    old, new = side(**iam([ANN])), side(**iam([user("ann", **inline("User", "all", allow("*")))]))
    changes = compared(old, new)
    (first,) = first_changes(changes, 1)
    assert first == {
        "what": "administrator gained",
        "who": "user/ann",
        "before": "no",
        "after": "yes",
        "severity": "high",
        "sentence": "user/ann became an administrator.",
    }
    assert changes_in_sentences(changes).splitlines()[0] == "high           user/ann became an administrator."
    assert changes_in_sentences(compared(old, old)) == "Nothing changed."
    assert changes.arn[0] == f"{IAM}:user/ann"
