"""Last access at the level of actions: jobs, pages, failures that are named, and going on later."""

import pytest
from botocore.exceptions import ClientError

from iamaudit.aws import last_accessed as room
from iamaudit.aws.answers import UnreadableAnswerError
from iamaudit.aws.asking import Questions
from iamaudit.aws.last_accessed import collect_last_accessed, principals_to_ask
from iamaudit.errors import CollectionError
from iamaudit.snapshot import SourceResult
from tests.aws.recorded import last_accessed

ACCOUNT = "444455556666"
MARY, NORA, OLGA, DEPLOY = (
    f"arn:aws:iam::{ACCOUNT}:{name}" for name in ("user/mary", "user/nora", "user/olga", "role/deploy")
)
EVERYBODY = [MARY, NORA, OLGA, DEPLOY]


@pytest.fixture
def people(backend):
    for name in ("mary", "nora", "olga"):
        backend.create_user("us-east-1", name)
    backend.create_role("deploy", "{}", "/", None, "", [], "3600")
    return EVERYBODY


@pytest.fixture
def take(iam, people):
    """Ask for everybody, without waiting, and say how long it would have waited."""

    def run(arns=EVERYBODY, **options):
        waited = []
        questions = Questions(**options)
        result = questions.ask(lambda: collect_last_accessed(iam, arns, sleep=waited.append), 60)
        return result, waited

    return run


def test_the_pages_of_each_principal_are_one_answer_at_the_level_of_actions(take, jobs):
    result, waited = take()
    assert result.status == "collected"
    assert [*result.content] == EVERYBODY
    assert (result.rows, result.reason) == ({"principals": 4, "not told of": 0}, None)
    assert {level for _, level in jobs.begun} == {"ACTION_LEVEL"}
    assert waited == []
    names = [service["ServiceNamespace"] for service in result.content[DEPLOY]["ServicesLastAccessed"]]
    assert names == ["iam", "sqs", "ce"]
    assert result.content[MARY].keys() == last_accessed(MARY).keys()
    tracked = result.content[MARY]["ServicesLastAccessed"][0]["TrackedActionsLastAccessed"]
    assert [(each["ActionName"], each.get("LastAccessedEntity")) for each in tracked] == [
        ("ListUsers", MARY),
        ("CreateUser", None),
    ]


def test_a_job_that_is_under_way_is_waited_for(take, jobs):
    jobs.states[NORA] = ["IN_PROGRESS"] * 3
    result, waited = take()
    assert result.rows == {"principals": 4, "not told of": 0}
    assert waited == [0.2, 0.5, 1]


def test_a_job_that_is_never_ready_is_named_and_nobody_is_called_unused_for_it(take, jobs):
    jobs.states[NORA] = ["IN_PROGRESS"] * 1000
    result, waited = take()
    assert sum(waited) < 120
    assert result.content[NORA] == {
        "JobStatus": "FAILED",
        "Error": {
            "Code": "UnreadableAnswerError",
            "Message": f"the job was not ready after {sum(waited):.0f} seconds",
        },
    }
    assert result.rows == {"principals": 3, "not told of": 1}
    assert result.reason.startswith("no report on 1 of 4 users and roles, the first because of ")


def test_a_job_that_failed_keeps_what_aws_said(take, jobs):
    jobs.failing[DEPLOY] = "internal failure"
    result, _ = take()
    assert result.content[DEPLOY]["JobStatus"] == "FAILED"
    assert result.content[DEPLOY]["Error"] == {"Code": "ServiceError", "Message": "internal failure"}
    assert result.reason.endswith("because of ServiceError: internal failure")


def test_a_job_that_a_renewed_session_does_not_know_is_begun_again(take, jobs):
    jobs.states[OLGA] = ["forgotten"]

    def begun_again(response, generate=jobs.generate):
        if any(arn == response._get_param("Arn") for arn, _ in jobs.begun):
            jobs.states.clear()
        return generate(response)

    jobs.generate = begun_again
    result, _ = take()
    assert result.rows == {"principals": 4, "not told of": 0}
    assert [arn for arn, _ in jobs.begun].count(OLGA) == 2


def test_a_principal_who_is_gone_is_left_out(take):
    result, _ = take([MARY, f"arn:aws:iam::{ACCOUNT}:user/gone", NORA])
    assert [*result.content] == [MARY, NORA]
    assert result.rows == {"principals": 2, "not told of": 0}


def _refuse_some(iam, refused, code="AccessDenied"):
    asked = []

    def refuse(params, **_):
        asked.append(params["body"]["Arn"])
        if params["body"]["Arn"] in refused:
            raise ClientError(
                {"Error": {"Code": code, "Message": "not allowed"}}, "GenerateServiceLastAccessedDetails"
            )

    iam.meta.events.register("before-call.iam.GenerateServiceLastAccessedDetails", refuse)
    return asked


def test_a_principal_who_is_refused_is_named(take, iam):
    _refuse_some(iam, {NORA})
    result, _ = take()
    assert result.content[NORA] == {
        "JobStatus": "FAILED",
        "Error": {"Code": "AccessDenied", "Message": "not allowed"},
    }
    assert result.rows == {"principals": 3, "not told of": 1}


def test_when_everybody_is_refused_the_source_is_and_not_all_are_asked(take, iam, monkeypatch):
    monkeypatch.setattr(room, "_JOBS", 10)
    nobody = [f"arn:aws:iam::{ACCOUNT}:user/user-{number}" for number in range(1000)]
    asked = _refuse_some(iam, {*nobody})
    with pytest.raises(ClientError, match="AccessDenied"):
        take(nobody)
    assert len(asked) == 30


def test_credentials_that_are_no_good_end_the_collection_and_what_was_answered_is_kept(
    take, iam, monkeypatch
):
    monkeypatch.setattr(room, "_JOBS", 2)
    kept = []
    _refuse_some(iam, {OLGA}, "ExpiredToken")
    with pytest.raises(CollectionError, match="sign in again"):
        take(keep=kept.append)
    assert [sorted(part) for part in kept] == [sorted([MARY, NORA])]


def test_what_was_kept_is_not_asked_for_again(take, jobs):
    whole, _ = take()
    jobs.begun.clear()
    kept = {arn: whole.content[arn] for arn in (MARY, DEPLOY)} | {"arn:aws:iam::444455556666:user/gone": {}}
    again, _ = take(kept=kept)
    assert again.content == whole.content
    assert sorted(arn for arn, _ in jobs.begun) == sorted([NORA, OLGA])


def test_those_for_whom_there_is_no_time_left_are_named(iam, people, monkeypatch):
    monkeypatch.setattr(room, "_JOBS", 2)
    monkeypatch.setattr(Questions, "is_nearly_over", property(lambda self: len(self.request_ids) > 0))
    questions = Questions()
    iam.meta.events.register("after-call", lambda **_: questions.request_ids.append("r"))
    result = questions.ask(lambda: collect_last_accessed(iam, people), 60)
    assert {arn: each["JobStatus"] for arn, each in result.content.items()} == {
        MARY: "COMPLETED",
        NORA: "COMPLETED",
        OLGA: "FAILED",
        DEPLOY: "FAILED",
    }
    assert result.reason == (
        "no report on 2 of 4 users and roles, the first because of UnreadableAnswerError: not asked: the "
        "time limit was reached"
    )


def _answer(iam, answer):
    iam.meta.events.register(
        "after-call.iam.GetServiceLastAccessedDetails", lambda parsed, **_: answer(parsed)
    )


SPOILED = {
    "more, and no marker": (lambda parsed: parsed.pop("Marker", None), "has no Marker"),
    "a marker for ever": (
        lambda parsed: parsed.update(IsTruncated=True, Marker="0"),
        "has no end after 100 pages",
    ),
    "no state": (lambda parsed: parsed.pop("JobStatus"), "the answer has no JobStatus"),
    "no services": (
        lambda parsed: parsed.pop("ServicesLastAccessed"),
        "the answer has no ServicesLastAccessed",
    ),
    "a state that is none": (lambda parsed: parsed.update(JobStatus="?"), "JobStatus must be one of"),
    "an action without name": (
        lambda parsed: [
            service["TrackedActionsLastAccessed"][0].pop("ActionName", None)
            for service in parsed["ServicesLastAccessed"]
            if "TrackedActionsLastAccessed" in service
        ],
        "must contain .*ActionName",
    ),
}


@pytest.mark.parametrize("case", SPOILED)
def test_an_answer_that_is_not_as_awss_are_is_no_evidence(case, take, iam):
    spoil, message = SPOILED[case]
    _answer(iam, spoil)
    with pytest.raises(UnreadableAnswerError, match=message):
        take([MARY])


def test_users_and_roles_of_the_details_are_asked_for():
    details = {"UserDetailList": [{"Arn": MARY}], "RoleDetailList": [{"Arn": DEPLOY}]}
    assert principals_to_ask({"authorization_details": SourceResult("collected", details)}) == [MARY, DEPLOY]
    with pytest.raises(UnreadableAnswerError, match="no authorization details to name the users and roles"):
        principals_to_ask({"authorization_details": SourceResult("denied")})
