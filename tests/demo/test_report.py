import csv
import io
from datetime import timedelta

import pytest

from iamaudit.demo import ACCOUNT_ID, AS_OF

HEADER = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,"
    "password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,"
    "access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"
    "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,"
    "cert_2_active,cert_2_last_rotated"
)


@pytest.fixture(scope="session")
def text(report):
    return report["Content"].decode("utf-8")


@pytest.fixture(scope="session")
def rows(text):
    return {row["user"]: row for row in csv.DictReader(io.StringIO(text))}


def test_it_was_made_two_hours_before_it_is_looked_at(report):
    assert report["GeneratedTime"] == AS_OF - timedelta(hours=2)
    assert report["ReportFormat"] == "text/csv"


def test_it_has_the_documented_columns_and_nothing_else(text):
    assert text.splitlines()[0] == HEADER
    assert not text.endswith("\n")
    assert "\r" not in text


def test_root_comes_first_and_users_follow_without_regard_to_case(rows, users):
    root, *names = rows
    assert root == "<root_account>"
    assert names == sorted(users, key=str.lower)


def test_root_has_a_used_key_a_used_password_and_no_mfa(rows):
    root = rows["<root_account>"]
    assert list(root.values()) == [
        *("<root_account>", f"arn:aws:iam::{ACCOUNT_ID}:root", "2024-10-07T09:12:44Z"),
        *("true", "2026-10-24T14:25:01Z", "not_supported", "not_supported", "false"),
        *("true", "2024-10-08T14:25:01Z", "2026-10-26T14:27:01Z", "us-east-1", "s3"),
        *("false", "N/A", "N/A", "N/A", "N/A"),
        *("false", "N/A", "false", "N/A"),
    ]


@pytest.mark.parametrize(
    ("user", "column", "value"),
    [
        ("emeka.obi", "password_last_used", "no_information"),
        ("emeka.obi", "password_last_changed", "2026-02-16T11:35:07Z"),
        ("test-reader", "password_enabled", "false"),
        ("test-reader", "password_last_used", "N/A"),
        ("test-reader", "password_last_changed", "N/A"),
        ("alice.moreau", "password_next_rotation", "N/A"),
        ("mateo.ruiz", "access_key_1_active", "true"),
        ("mateo.ruiz", "access_key_1_last_used_date", "N/A"),
        ("mateo.ruiz", "access_key_1_last_used_service", "N/A"),
        ("helen.park", "access_key_1_active", "false"),
        ("helen.park", "access_key_1_last_rotated", "N/A"),
        ("dmitri.volkov", "access_key_1_active", "false"),
        ("dmitri.volkov", "access_key_1_last_rotated", "2025-01-20T11:24:21Z"),
        ("compliance-scanner", "access_key_1_last_used_date", "2026-11-01T03:05:12Z"),
        ("compliance-scanner", "access_key_1_last_used_service", "iam"),
        ("metrics-exporter", "access_key_1_last_used_region", "eu-west-1"),
        ("jane.doe", "arn", f"arn:aws:iam::{ACCOUNT_ID}:user/jane.doe"),
    ],
)
def test_a_cell_has_the_value_or_sentinel_that_aws_would_write(rows, user, column, value):
    assert rows[user][column] == value


def test_nothing_is_quoted_as_no_name_holds_a_comma(text):
    assert '"' not in text


def test_no_event_is_later_than_the_report(rows):
    times = [cell for row in rows.values() for cell in row.values() if cell.startswith("202")]
    assert all(cell.endswith("Z") and len(cell) == 20 for cell in times)
    assert min(times) == "2024-10-07T09:12:44Z"
    assert max(times) <= "2026-11-01T06:00:00Z"


def test_keys_are_many_and_their_ages_are_spread_over_two_years(rows):
    rotated = [
        row[f"access_key_{slot}_last_rotated"][:7]
        for row in rows.values()
        for slot in (1, 2)
        if row[f"access_key_{slot}_last_rotated"] != "N/A"
    ]
    assert len(rotated) >= 25
    assert len(set(rotated)) >= 18  # different months


def test_no_report_is_given_before_one_was_generated(account):
    from iamaudit.demo.state import backend  # noqa: PLC0415 - only this test looks behind the account

    iam, generated = account.session.client("iam"), backend().credential_report
    backend().credential_report = None
    try:
        with pytest.raises(iam.exceptions.CredentialReportNotPresentException):
            iam.get_credential_report()
    finally:
        backend().credential_report = generated
        iam.close()
