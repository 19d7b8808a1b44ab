"""Sources side by side, each as soon as what it rests on is answered."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from math import ceil
from queue import Empty, SimpleQueue
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


_WATCH_SECONDS = 0.5


def progress_in_words(asking: Mapping[str, Questions]) -> str:
    """Say how far the source is that will take longest, and how many minutes are left at its pace so far."""
    left = {name: each.seconds_left or 0 for name, each in asking.items() if each.total > each.done}
    if not left:
        return ""
    slowest = max(left, key=lambda name: (left[name], name))
    questions = asking[slowest]
    text = f"{slowest} {questions.done:,} of {questions.total:,}"
    if not questions.done:
        return text
    minutes = ceil(left[slowest] / 60)
    return f"{text}, about {minutes:,} {'minute' if minutes == 1 else 'minutes'} left"


def ask_all(
    ask: Mapping[str, Ask],
    iam: "IAMClient",
    results: dict[str, SourceResult],
    *,
    questions_for: Callable[[str], Questions],
    seconds_for: Callable[[str, Answers], float],
    watch: Callable[[Mapping[str, Questions]], None] = lambda _: None,
) -> Iterator[str]:
    """Add what each source came to that is not in ``results``, and yield its name.

    ``watch`` is shown now and then what is under way.
    """
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
            try:
                name, answer = answers.get(timeout=_WATCH_SECONDS)
            except Empty:
                watch(asking)
                continue
            del asking[name]
            if isinstance(answer, BaseException):
                raise answer
            results[name] = answer
            yield name
    finally:
        for questions in asking.values():
            questions.stop()
