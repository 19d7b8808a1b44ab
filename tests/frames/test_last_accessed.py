"""The frames of last use, and of what was used of what is granted."""

import pandas as pd

from iamaudit.account import Period
from iamaudit.frames import last_accessed_frame, permission_use_frame
from tests.account.test_right_sizing import report, service
from tests.accounts import AS_OF, IAM, account_of, ago, allow, details, inline, role, user


def account(source, **fields):
    app = role("app", **inline("Role", "own", allow(["s3:GetObject", "sqs:*", "sns:*", "sts:AssumeRole"])))
    young = user("ann", CreateDate=ago(3), **inline("User", "own", allow("s3:GetObject")))
    return account_of(authorization_details=details(users=[young], roles=[app]), last_accessed=source)


REPORTS = {
    f"{IAM}:role/app": report(
        service("sqs", 3, CreateQueue=3, DeleteQueue=None), service("sns", 9), service("s3")
    ),
    f"{IAM}:user/ann": report(status="FAILED"),
    f"{IAM}:role/path/gone": report(service("ec2", 1)),
}


def rows(frame, columns):
    return [
        tuple(None if pd.isna(value) else value for value in row)
        for row in frame[columns].itertuples(index=False)
    ]


def test_a_row_per_service_and_per_tracked_action():
    frame = last_accessed_frame(account(REPORTS), AS_OF)
    columns = ["principal_name", "service", "action", "is_tracked", "days_idle", "region"]
    assert rows(frame, columns) == [
        ("app", "s3", None, False, None, None),
        ("app", "sns", None, False, 9, "eu-west-1"),
        ("app", "sqs", None, True, 3, "eu-west-1"),
        ("app", "sqs", "CreateQueue", True, 3, "eu-west-1"),
        ("app", "sqs", "DeleteQueue", True, None, None),
        ("gone", "ec2", None, False, 1, "eu-west-1"),
    ]
    assert frame.tracked_since.dt.strftime("%Y-%m-%d").tolist()[2:5] == [
        "2025-09-27",
        "2023-05-23",
        "2023-05-23",
    ]


def test_what_was_used_of_what_is_granted():
    frame = permission_use_frame(account(REPORTS), Period(as_of=AS_OF))
    columns = ["principal_name", "state", "services_granted", "services_used", "services_unused"]
    columns += ["services_unknown", "actions_used", "days_idle"]
    assert rows(frame, columns) == [
        ("app", "evaluated", 4, 2, 1, 1, 1, 3),
        ("ann", "left out", 1, None, None, None, None, None),
    ]
    app = frame.iloc[0]
    assert (app.used_services, app.unused_services, app.untracked_services) == (
        ["sns", "sqs"],
        ["s3"],
        ["sns"],
    )
    assert app.actions_unused == 2  # of s3 and of sqs, which AWS tracks
    assert app.actions_granted == app.actions_used + app.actions_unused + app.actions_untracked


def test_without_the_source_there_is_no_row():
    nothing = account(None)
    assert permission_use_frame(nothing, Period(as_of=AS_OF)).empty
    assert last_accessed_frame(nothing, AS_OF).empty
