"""An end to what would never end: a server that drips, or always has one more page."""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from iamaudit.aws.answers import UnreadableAnswerError

_Answer = TypeVar("_Answer")


def within(seconds: float, client: Any, ask: Callable[[], _Answer]) -> _Answer:
    """Return what ``ask`` gives, if it gives it in time.

    It works in a thread that the end of the process does not wait for. After the limit ``client`` sends
    nothing any more, so what is still at work stops with its next call.

    Raises
    ------
    UnreadableAnswerError
        It did not.
    """
    outcome: SimpleQueue[tuple[_Answer | None, BaseException | None]] = SimpleQueue()

    def work() -> None:
        try:
            outcome.put((ask(), None))
        except BaseException as error:
            outcome.put((None, error))

    threading.Thread(target=work, daemon=True).start()
    try:
        answer, error = outcome.get(timeout=seconds)
    except Empty:
        client.meta.events.register_first("before-send", _refuse)
        raise UnreadableAnswerError(f"no whole answer within {seconds:,.0f} seconds") from None
    if error is not None:
        raise error
    return answer  # type: ignore[return-value]  # it is the answer when there is no error


def _refuse(**_: Any) -> None:
    raise UnreadableAnswerError("the time for this source is over")
