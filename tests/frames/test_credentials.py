import pandas as pd
import pytest

from iamaudit.errors import SnapshotError
from iamaudit.frames import access_keys_frame, users_frame
from tests.accounts import AS_OF, HEADER, IAM, account_of, ago, details, key, password, report, user

ROOT = {"user": "<root_account>", "password_enabled": "not_supported", "password_last_used": ago(3)}


def users(*rows, detail=None, **options):
    account = account_of(credential_report=report(*rows, **options), authorization_details=detail)
    return users_frame(account, AS_OF).set_index("name")


def keys(*rows, detail=None):
    account = account_of(credential_report=report(*rows), authorization_details=detail)
    return access_keys_frame(account, AS_OF)


def test_no_report_gives_no_row_and_keeps_the_columns():
    frame = access_keys_frame(account_of(), AS_OF)
    assert len(frame) == 0
    assert frame.dtypes["age_days"] == "Int64"
    assert str(frame.dtypes["created_at"]) == "datetime64[us, UTC]"


def test_a_user_called_na_is_a_user():
    frame = users(ROOT, {"user": "NA", **password(changed=10, used=1)})
    assert list(frame.index) == ["<root_account>", "NA"]
    assert frame.loc["NA", "has_password"] is True or frame.loc["NA", "has_password"] == True  # noqa: E712


def test_a_name_with_a_comma_stays_in_its_column():
    frame = users(ROOT, {"user": "doe,jane", **key(1, age=5, used=1)})
    assert frame.loc["doe,jane", "active_keys"] == 1


@pytest.mark.parametrize(
    ("text", "expected"), [("true", True), ("TRUE", True), ("false", False), ("FALSE", False)]
)
def test_booleans_are_read_in_any_letter_case(text, expected):
    assert users({"user": "a", "mfa_active": text}).loc["a", "mfa_active"] == expected


KEY = "AKIAEXAMPLE000000001"


def asked_later(used=None, *, made=100, key_id=KEY, owner="a", **more):
    """Return what AWS says of a key when it is asked for itself."""
    last = {"Region": "N/A", "ServiceName": "N/A"}
    if used is not None:
        last = {"LastUsedDate": ago(used), "Region": "eu-north-1", "ServiceName": "sqs"}
    listed = {"UserName": "a", "AccessKeyId": KEY, "Status": "Active", "CreateDate": ago(made)}
    return {
        "access_keys": {"AccessKeyMetadata": [listed, *more.pop("others", ())]},
        "access_keys_last_used": {
            "AccessKeys": [{"AccessKeyId": key_id, "UserName": owner, "AccessKeyLastUsed": last}]
        },
    }


@pytest.mark.parametrize(
    ("reported", "later", "expected"),
    [
        (key(1, age=100, used=7), asked_later(3), (3, False, "sqs", "eu-north-1")),
        (key(1, age=100), asked_later(0), (0, False, "sqs", "eu-north-1")),  # used since the report was made
        (key(1, age=100, used=7), asked_later(7), None),  # the report says as much
        (key(1, age=100, used=7), asked_later(9), None),
        (key(1, age=100, used=7), asked_later(), None),  # what was used was used
        (key(1, age=100, used=7), asked_later(3, made=99), None),  # another key
        (key(1, age=100, used=7), asked_later(3, owner="b"), None),
        (key(1, age=100, used=7), {}, None),
    ],
)
def test_a_last_use_that_aws_told_after_the_report_counts(reported, later, expected):
    def frame(**sources):
        row = {"user": "a", **reported}
        return access_keys_frame(account_of(credential_report=report(ROOT, row), **sources), AS_OF)

    (row,) = frame(**later).to_dict("records")
    columns = ("idle_days", "never_used", "last_used_service", "last_used_region")
    if expected is None:
        (as_reported,) = frame().to_dict("records")
        assert [row[name] for name in columns] == [as_reported[name] for name in columns]
        assert row["evidence"] == "credential_report.csv user = a, access_key_1"
    else:
        assert tuple(row[name] for name in columns) == expected
        assert row["evidence"] == (
            "access_keys_last_used.json AccessKeyId = AKIA…0001, credential_report.csv user = a, access_key_1"
        )


def test_what_the_report_does_not_tell_of_a_key_is_told_later():
    reported = {**key(1, age=100), "access_key_1_last_used_date": "not_supported"}
    account = account_of(credential_report=report({"user": "a", **reported}), **asked_later())
    (row,) = access_keys_frame(account, AS_OF).to_dict("records")
    assert (row["never_used"], row["idle_days"]) == (True, 100)


def test_of_two_keys_made_in_one_second_nobody_knows_which_was_used():
    other = {"UserName": "a", "AccessKeyId": KEY[::-1], "Status": "Active", "CreateDate": ago(100)}
    later = asked_later(3, others=[other])
    account = account_of(credential_report=report({"user": "a", **key(1, age=100, used=7)}), **later)
    (row,) = access_keys_frame(account, AS_OF).to_dict("records")
    assert pd.isna(row["access_key_id"])
    assert row["idle_days"] == 7


def logins(**reset):
    return {
        "login_profiles": {
            "LoginProfiles": [
                {"UserName": name, "PasswordResetRequired": must} for name, must in reset.items()
            ]
        }
    }


def test_a_password_that_is_gone_when_aws_is_asked_later_is_none():
    people = [{"user": name, **password(changed=30, used=9)} for name in ("a", "b", "c")]
    account = account_of(credential_report=report(ROOT, *people), **logins(a=True, b=False))
    frame = users_frame(account, AS_OF).set_index("name")
    assert [*frame.has_password.astype(object)] == [pd.NA, True, True, False]
    assert [*frame.password_reset_required.astype(object)] == [pd.NA, True, False, pd.NA]
    assert frame.password_idle_days["c"] is pd.NA
    assert frame.evidence["c"] == "login_profiles.json has no UserName = c, credential_report.csv user = c"
    assert frame.evidence["a"] == "credential_report.csv user = a"


@pytest.mark.parametrize("changed", [-1, None])
def test_a_password_that_may_have_been_set_since_is_still_there(changed):
    row = {"user": "a", **password(changed=5)}
    row["password_last_changed"] = "not_supported" if changed is None else ago(changed)
    account = account_of(credential_report=report(ROOT, row), **logins())
    assert users_frame(account, AS_OF).set_index("name").has_password["a"] == True  # noqa: E712


def test_without_login_profiles_nobody_knows_who_must_change_a_password():
    frame = users(ROOT, {"user": "a", **password(changed=5)})
    assert (frame.loc["a", "has_password"], frame.loc["a", "password_reset_required"]) == (True, pd.NA)


@pytest.mark.parametrize("text", ["not_supported", "N/A", "", "maybe"])
def test_what_is_neither_true_nor_false_is_missing(text):
    assert users({"user": "a", "mfa_active": text}).loc["a", "mfa_active"] is pd.NA


@pytest.mark.parametrize(
    "text", ["2026-10-22T08:00:00Z", "2026-10-22T08:00:00+00:00", "2026-10-22T10:00:00+02:00"]
)
def test_dates_may_end_in_z_or_an_offset(text):
    frame = users({"user": "a", **password(changed=40), "password_last_used": text})
    assert frame.loc["a", "password_idle_days"] == 10


@pytest.mark.parametrize(
    ("columns", "idle", "never"),
    [
        (password(changed=300, used=10), 10, False),
        (password(changed=300), 300, True),  # never signed in: since it was set
        ({**password(changed=300), "password_last_used": "N/A"}, 300, True),
        ({**password(changed=300), "password_last_used": "not_supported"}, pd.NA, pd.NA),
        ({**password(changed=1), "password_last_changed": "N/A"}, 1035, True),  # since the user was made
        ({}, pd.NA, pd.NA),  # no password
    ],
)
def test_a_password_is_idle_since_its_last_use_or_since_it_was_set(columns, idle, never):
    row = users({"user": "a", **columns}).loc["a"]
    assert row.password_idle_days is idle if idle is pd.NA else row.password_idle_days == idle
    assert row.password_never_used is never if never is pd.NA else row.password_never_used == never


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (key(1, age=100, used=7), [(1, "Active", 100, 7, False)]),
        (key(1, age=100), [(1, "Active", 100, 100, True)]),  # never used: since it was made
        (key(2, age=30, active="false"), [(2, "Inactive", 30, 30, True)]),
        (key(1, age=9, used=1) | key(2, age=0.5), [(1, "Active", 9, 1, False), (2, "Active", 0, 0, True)]),
        ({}, []),
    ],
)
def test_a_key_slot_in_use_is_a_row(columns, expected):
    frame = keys({"user": "a", **columns})
    found = frame[["slot", "status", "age_days", "idle_days", "never_used"]]
    assert list(found.itertuples(index=False, name=None)) == expected


def test_a_key_of_unknown_date_has_unknown_age_and_is_kept():
    frame = keys({"user": "a", "access_key_1_active": "true"})
    assert frame.age_days.isna().tolist() == [True]
    assert frame.is_active.tolist() == [True]


def test_last_use_of_a_user_is_the_newest_of_password_and_both_keys():
    row = {**ROOT, "password_last_used": ago(200), **key(1, age=400, used=100), **key(2, age=400, used=0)}
    found = users(row).loc["<root_account>"]
    assert found.days_idle == 0
    assert found.never_used == False  # noqa: E712


def test_a_user_without_any_use_was_never_used():
    found = users({"user": "a", **password(changed=9), **key(1, age=9)}).loc["a"]
    assert found.never_used == True  # noqa: E712
    assert found.days_idle is pd.NA


def test_a_column_that_aws_added_later_is_kept_as_text():
    frame = users(
        {"user": "a", "quantum_key": "x"}, header=HEADER + ",additional_credentials_info,quantum_key"
    )
    assert frame.loc["a", "report_quantum_key"] == "x"
    assert "report_additional_credentials_info" not in frame.columns  # the 23rd column is known


def test_columns_may_stand_in_any_order():
    shuffled = ",".join(reversed(HEADER.split(",")))
    assert users({"user": "a", "mfa_active": "true"}, header=shuffled).loc["a", "mfa_active"] == True  # noqa: E712


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("user,arn\na,b", "user_creation_time"),
        ("", "no column `user`"),
        (report({"user": "a"}) + f"\nb,{IAM}:user/b,2024", "row 2"),
        (report({"user": "a"}) + ",one,too,many", "row 1"),
    ],
)
def test_a_truncated_report_is_refused_with_its_place(text, word):
    with pytest.raises(SnapshotError, match=word):
        users_frame(account_of(credential_report=text), AS_OF)


def test_a_user_of_a_cached_report_who_was_deleted_is_marked_as_gone():
    frame = users(ROOT, {"user": "a"}, {"user": "b"}, detail=details(users=[user("a")]))
    assert frame.is_gone.to_dict() == {"<root_account>": False, "a": False, "b": True}
    gone = keys({"user": "b", **key(1, age=5)}, detail=details(users=[user("a")]))
    assert gone.is_gone.tolist() == [True]


def test_a_user_made_after_the_report_has_missing_credentials():
    frame = users(ROOT, detail=details(users=[user("new", Tags=[{"Key": "team", "Value": "<b>"}])]))
    assert frame.loc["new", "mfa_active"] is pd.NA
    assert frame.loc["new", "tags"] == '{"team": "<b>"}'


def test_without_report_root_is_known_from_the_account_summary():
    counts = {"SummaryMap": {"AccountMFAEnabled": 0, "AccountAccessKeysPresent": 1}}
    frame = users_frame(account_of(account_summary=counts), AS_OF)
    (row,) = frame.itertuples()
    assert (row.is_root, row.mfa_active, row.active_keys) == (True, False, 1)
    assert row.evidence == "account_summary.json"


def test_without_anything_root_is_a_row_of_unknowns():
    (row,) = users_frame(account_of(), AS_OF).itertuples()
    assert row.arn == f"{IAM}:root"
    assert row.mfa_active is pd.NA
    assert row.active_keys is pd.NA


def test_evidence_is_a_key_of_the_report_and_no_row_number():
    found = keys(ROOT, {"user": "a", **key(1, age=5)})
    assert found.evidence.tolist() == ["credential_report.csv user = a, access_key_1"]
