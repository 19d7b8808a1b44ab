"""Sources side by side, each as soon as what it rests on is answered."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

from iamaudit.aws.asking import Questions
from iamaudit.snapshot import SourceResult

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

Answers = Mapping[str, SourceResult]
"""What was answered; what a source rests on is in it when the source is asked for."""

Ask = Callable[["IAMClient", Answers], SourceResult]

_KNOW_USERS = ("authorization_details", "credential_report")
REST_ON: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "mfa_devices",
            "access_keys",
            "login_profiles",
            "ssh_public_keys",
            "service_specific_credentials",
            "signing_certificates",
        ),
        _KNOW_USERS,
    ),
    "last_accessed": ("authorization_details",),
    "access_keys_last_used": ("access_keys",),
}
"""What must be answered before a source can be asked for; one of them that was collected is enough."""


def ask_all(
    ask: Mapping[str, Ask],
    iam: "IAMClient",
    results: dict[str, SourceResult],
    *,
    questions_for: Callable[[str], Questions],
    seconds_for: Callable[[str, Answers], float],
) -> Iterator[str]:
    """Add what each source came to that is not in ``results``, and yield its name."""
    answers: SimpleQueue[tuple[str, SourceResult | BaseException]] = SimpleQueue()
    waiting, asking = [name for name in ask if name not in results], dict[str, Questions]()

    def answer_for(name: str, questions: Questions) -> None:
        try:
            seconds = seconds_for(name, results)
            answers.put((name, questions.ask_source(name, partial(ask[name], iam, results), seconds)))
        except BaseException as error:  # raised where it is waited for
            answers.put((name, error))

    try:
        while waiting or asking:
            unanswered = {*waiting, *asking}
            for name in [name for name in waiting if unanswered.isdisjoint(REST_ON.get(name, ()))]:
                waiting.remove(name)
                asking[name] = questions_for(name)
                Thread(target=answer_for, args=(name, asking[name]), daemon=True).start()
            name, answer = answers.get()
            del asking[name]
            if isinstance(answer, BaseException):
                raise answer
            results[name] = answer
            yield name
    finally:
        for questions in asking.values():
            questions.stop()
