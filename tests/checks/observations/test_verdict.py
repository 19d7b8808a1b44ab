import pytest

from iamaudit.checks import verdict
from iamaudit.frames import build_frame


def observed(*rows):
    return build_frame(
        "observations",
        [
            {"rank": rank, "severity": severity, "title": title, "is_waived": is_waived}
            for rank, (severity, title, is_waived) in enumerate(rows, start=1)
        ],
    )


@pytest.mark.parametrize(
    ("rows", "not_evaluated", "said"),
    [
        (
            [("critical", "An active key of ann is in code", False)],
            0,
            "This account needs action within 24 hours: an active key of ann is in code.",
        ),
        (
            [("high", "Root has no MFA", False), ("high", "Every role is open", False), ("low", "x", False)],
            3,
            "This account needs action within 7 days: Root has no MFA, and 1 more observation is high.",
        ),
        (
            [("medium", "Anna.b signs in", False)] * 3,
            0,
            "This account needs action within 30 days: Anna.b signs in, and 2 more observations are medium.",
        ),
        (
            [("critical", "A thing", True), ("low", "3 roles trust more", False)],
            0,
            "This account needs action within 90 days: 3 roles trust more.",
        ),
        (
            [("informational", "2 users have no tag", False)],
            0,
            "Nothing in this account has to change by a date: 2 users have no tag.",
        ),
        ([("high", "x", True)], 0, "Every observation is waived (1 in all)."),
        ([], 1, "No check found an exception, but 1 check could not be evaluated."),
        ([], 0, "Every check is met."),
    ],
)
def test_the_verdict_says_how_soon_to_act_and_on_what_first(rows, not_evaluated, said):
    assert verdict(observed(*rows), not_evaluated=not_evaluated) == said
