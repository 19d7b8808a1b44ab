from datetime import UTC, datetime

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from iamaudit.aws.credential_report import _WAITS, collect_credential_report

MADE = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)
TEXT = (
    "user,arn,mfa_active\n"
    "<root_account>,arn:aws:iam::444455556666:root,false\n"
    '"a,b",arn:aws:iam::444455556666:user/a,true\n'
    "NA,arn:aws:iam::444455556666:user/NA,false"
)
STARTED, INPROGRESS, COMPLETE = ({"State": state} for state in ("STARTED", "INPROGRESS", "COMPLETE"))
REPORT = {"Content": TEXT.encode(), "ReportFormat": "text/csv", "GeneratedTime": MADE}


class Dialogue:
    """A client whose answers are laid down, and the sleeps that were asked for in between."""

    def __init__(self, *steps):
        self.iam = boto3.client("iam", region_name="us-east-1")
        self.slept = []
        self.stub = Stubber(self.iam)
        for verb, answer in steps:
            operation = f"{verb}_credential_report"
            if isinstance(answer, str):
                self.stub.add_client_error(operation, answer, f"the message of {answer}")
            else:
                self.stub.add_response(operation, answer)

    def run(self):
        with self.stub:
            try:
                return collect_credential_report(self.iam, sleep=self.slept.append)
            finally:
                self.stub.assert_no_pending_responses()
                self.iam.close()


COLLECTED = {
    "at once": ([("generate", COMPLETE), ("get", REPORT)], 0),
    "started, in progress, complete": (
        [("generate", STARTED), ("generate", INPROGRESS), ("generate", COMPLETE), ("get", REPORT)],
        2,
    ),
    "in progress when it is fetched": (
        [("generate", COMPLETE), ("get", "ReportInProgress")] * 2 + [("generate", COMPLETE), ("get", REPORT)],
        2,
    ),
    "expired, so made anew": (
        [
            ("generate", COMPLETE),
            ("get", "ReportExpired"),
            ("generate", STARTED),
            ("generate", COMPLETE),
            ("get", REPORT),
        ],
        2,
    ),
    "not present yet": (
        [("generate", COMPLETE), ("get", "ReportNotPresent"), ("generate", COMPLETE), ("get", REPORT)],
        1,
    ),
    "not to be generated, but there": ([("generate", "AccessDenied"), ("get", REPORT)], 0),
    "not to be generated, in progress for another": (
        [
            ("generate", "AccessDenied"),
            ("get", "ReportInProgress"),
            ("generate", "AccessDenied"),
            ("get", REPORT),
        ],
        1,
    ),
    "too often asked for, but there": ([("generate", "LimitExceeded"), ("get", REPORT)], 0),
    "too often asked for, later made": (
        [
            ("generate", "LimitExceeded"),
            ("get", "ReportNotPresent"),
            ("generate", COMPLETE),
            ("get", REPORT),
        ],
        1,
    ),
}


@pytest.mark.parametrize(("steps", "sleeps"), COLLECTED.values(), ids=COLLECTED)
def test_a_report_is_waited_for_and_kept_as_text(steps, sleeps):
    dialogue = Dialogue(*steps)
    result = dialogue.run()
    assert (result.status, result.content, result.generated_at) == ("collected", TEXT, MADE)
    assert result.rows == {"root": 1, "users": 2}
    assert dialogue.slept == list(_WAITS[:sleeps])


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ([("generate", "AccessDenied"), ("get", "ReportNotPresent")], "AccessDenied"),
        ([("generate", "AccessDenied"), ("get", "ReportExpired")], "AccessDenied"),
        ([("generate", COMPLETE), ("get", "AccessDenied")], "AccessDenied"),
        ([("generate", "ServiceFailure")], "ServiceFailure"),
        ([("generate", "ExpiredToken")], "ExpiredToken"),
        ([("generate", COMPLETE), ("get", "Throttling")], "Throttling"),
    ],
)
def test_what_waiting_does_not_cure_is_raised(steps, code):
    dialogue = Dialogue(*steps)
    with pytest.raises(ClientError) as caught:
        dialogue.run()
    assert caught.value.response["Error"]["Code"] == code
    assert dialogue.slept == []


@pytest.mark.parametrize(
    ("round_", "last"),
    [
        ([("generate", INPROGRESS)], "INPROGRESS"),
        (
            [("generate", COMPLETE), ("get", "ReportInProgress")],
            "ReportInProgress: the message of ReportInProgress",
        ),
        (
            [("generate", "LimitExceeded"), ("get", "ReportNotPresent")],
            "LimitExceeded: the message of LimitExceeded",
        ),
    ],
)
def test_a_report_that_is_never_ready_fails_after_a_bounded_wait(round_, last):
    dialogue = Dialogue(*round_ * len(_WAITS))
    result = dialogue.run()
    assert (result.status, result.content) == ("failed", None)
    assert result.reason == f"not ready after 112 seconds, at last: {last}"
    assert dialogue.slept == list(_WAITS)


def test_the_report_of_an_endpoint_is_collected(admin, iam):
    admin.create_user(UserName="mary")
    result = collect_credential_report(iam, sleep=lambda _: None)
    assert result.status == "collected"
    assert result.rows == {"root": 0, "users": 1}  # moto knows no root
    assert result.content.splitlines()[1].startswith("mary,arn:aws:iam::444455556666:user/mary,")
