import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from iamaudit.checks import limit_in_words
from iamaudit.checks.observations.due import due_at

ROOT = Path(__file__).parents[3]
AS_OF = datetime(2026, 11, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("severity", "due"),
    [
        ("critical", datetime(2026, 11, 2, 8, tzinfo=UTC)),
        ("high", datetime(2026, 11, 8, 8, tzinfo=UTC)),
        ("medium", datetime(2026, 12, 1, 8, tzinfo=UTC)),
        ("low", datetime(2027, 1, 30, 8, tzinfo=UTC)),
        ("informational", None),
    ],
)
def test_the_due_date_is_the_date_of_the_audit_and_the_limit_of_the_severity(severity, due):
    assert due_at(severity, AS_OF) == due


def test_the_time_limits_are_those_of_the_page_on_severity():
    page = (ROOT / "docs" / "severity.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (critical|high|medium|low|informational) \| ([^|]+) \|", page, re.MULTILINE)
    assert len(rows) == 5
    for severity, within in rows:
        assert limit_in_words(severity) == within
