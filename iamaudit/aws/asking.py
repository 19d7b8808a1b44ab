"""Ask AWS: one client for all sources, so many requests at a time, in time and counted for its source."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import replace as changed
from functools import partial
from math import inf
from multiprocessing.pool import ThreadPool
from threading import Semaphore
from time import monotonic
from types import MappingProxyType
from typing import Any, TypeVar

import boto3

from iamaudit.aws.answers import (
    EXPECTED,
    PARSER_ERRORS,
    UnreadableAnswerError,
    cannot_start,
    check_shape,
    is_from_parser,
    result_of,
)
from iamaudit.aws.session import Service, open_client
from iamaudit.aws.time_limit import within
from iamaudit.snapshot import SourceResult

WORKERS = 8
"""Requests at a time; what AWS allows a second is one rate for all of them."""

_Answer = TypeVar("_Answer")
_Item = TypeVar("_Item")


Connect = Callable[[str], AbstractContextManager[Any]]
"""Gives a client in a region, for as long as its context."""


def _nowhere(region: str) -> AbstractContextManager[Any]:
    raise UnreadableAnswerError(f"{region} cannot be asked")


class Questions:
    """What is asked for one source: the ids of its requests, and whether its time is over.

    ``kept`` are the answers that an earlier collection stored before it ended, ``keep`` stores more of them.
    ``done`` of ``total`` say how far it is, where it is asked for many one by one. ``elsewhere`` is how a
    regional service is asked, and in which regions.
    """

    def __init__(
        self,
        workers: int = WORKERS,
        *,
        kept: Mapping[str, Any] = MappingProxyType({}),
        keep: Callable[[Mapping[str, Any]], None] = lambda _: None,
        elsewhere: tuple[Connect, Sequence[str]] = (_nowhere, ()),
    ) -> None:
        self.workers, self.kept, self.keep, self.elsewhere = workers, kept, keep, elsewhere
        self.request_ids: list[str] = []
        self.is_over = False
        self.begun_at, self._ends_at = monotonic(), inf
        self.done, self.total = 0, 0

    @property
    def seconds_left(self) -> float | None:
        """Return how long the rest takes at the pace so far; nothing is known before the first answer."""
        if not self.done:
            return None
        return (monotonic() - self.begun_at) / self.done * (self.total - self.done)

    @property
    def is_nearly_over(self) -> bool:
        """Say whether it is time to end with what was answered."""
        return monotonic() > self._ends_at

    def ask(self, ask: Callable[[], _Answer], seconds: float) -> _Answer:
        """Return what ``ask`` gives within its time; what botocore cannot read is an error like any other.

        Raises
        ------
        UnreadableAnswerError
            It was not in time, or the answer cannot be read.
        """
        self._ends_at = monotonic() + 0.9 * seconds
        asking = copy_context()
        asking.run(_CURRENT.set, self)
        try:
            return within(seconds, lambda: asking.run(ask), self.stop)
        except PARSER_ERRORS as error:
            if not is_from_parser(error):
                raise
            raise UnreadableAnswerError(
                f"the answer cannot be read ({type(error).__name__}: {error})"
            ) from error

    def ask_source(self, name: str, ask: Callable[[], SourceResult], seconds: float) -> SourceResult:
        """Return what asking for a source came to, with its calls; a failure is a result as well."""
        try:
            result = self.ask(ask, seconds)
            if result.status == "collected":
                check_shape(name, result.content)
        except EXPECTED as error:
            result = result_of(error)
        ids = tuple(sorted(filter(None, self.request_ids)))
        return changed(result, calls=len(self.request_ids), request_ids=ids)

    def stop(self) -> None:
        """Send nothing any more: what is still at work stops with its next request."""
        self.is_over = True


_CURRENT: ContextVar[Questions] = ContextVar("questions")


def this_source() -> Questions:
    """Return the questions of the source that is asked for here."""
    return _CURRENT.get(None) or Questions()


def side_by_side(
    items: Sequence[_Item], ask: Callable[[_Item], _Answer], *, is_counted: bool = True
) -> Iterator[_Answer]:
    """Yield what ``ask`` gives for each item, in their order, for the source that is asked for here.

    Unless ``is_counted``, the source says itself how far it is.
    """
    questions = this_source()
    if is_counted:
        questions.done, questions.total = 0, len(items)
    here = copy_context()
    with ThreadPool(questions.workers) as pool:  # its threads do not keep a process alive
        for answer in pool.imap(lambda item: here.copy().run(ask, item), items):
            questions.done += is_counted
            yield answer


@contextmanager
def shared_client(
    session: boto3.Session,
    service: Service,
    endpoint_url: str | None,
    workers: int = WORKERS,
    *,
    slots: Semaphore | None = None,
    region: str | None = None,
) -> Iterator[Any]:
    """Yield a client for the questions of many sources: no more than ``workers`` requests at a time.

    Sources share its connections and its rate: what AWS throttles for one slows all of them down. Clients
    that are given the same ``slots`` share the number of requests, too.
    """

    def refuse_late(**_: Any) -> None:
        if _CURRENT.get().is_over:
            raise UnreadableAnswerError("the time limit for this source was reached")

    def count(parsed: Mapping[str, Any], **_: Any) -> None:
        _CURRENT.get().request_ids.append(parsed.get("ResponseMetadata", {}).get("RequestId", ""))

    with closing(open_client(session, service, endpoint_url, workers, region)) as client:
        events = client.meta.events
        events.register_first("before-send", refuse_late)
        connection = client._endpoint.http_session  # no event comes for an answer that cannot be parsed
        connection.send = partial(_send_in_turn, slots or Semaphore(workers), connection.send)
        events.register("after-call", count)
        yield client


def _send_in_turn(slots: Semaphore, send: Callable[[Any], Any], request: Any) -> Any:
    with slots:
        return send(request)


def ask_who(session: boto3.Session, endpoint_url: str | None, seconds: float) -> SourceResult:
    """Return the caller identity.

    Raises
    ------
    CollectionError
        AWS does not say who we are.
    """
    questions = Questions()
    with shared_client(session, "sts", endpoint_url) as sts:
        try:
            answer: dict[str, Any] = {**questions.ask(sts.get_caller_identity, seconds)}
            check_shape("caller_identity", answer)
        except EXPECTED as error:
            raise cannot_start(error, "asking AWS who we are", "check the endpoint") from error
    answer.pop("ResponseMetadata")
    ids = questions.request_ids
    return SourceResult("collected", answer, calls=len(ids), request_ids=tuple(ids))
