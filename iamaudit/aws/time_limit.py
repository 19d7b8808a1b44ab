"""An end to what would never end: a server that drips, or always has one more page."""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TypeVar

from iamaudit.aws.answers import UnreadableAnswerError

_Answer = TypeVar("_Answer")


def within(seconds: float, ask: Callable[[], _Answer], give_up: Callable[[], None]) -> _Answer:
    """Return what ``ask`` gives, if it gives it in time; else call ``give_up``, which stops it.

    It works in a thread that the end of the process does not wait for.

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
        give_up()
        raise UnreadableAnswerError(f"no whole answer within {seconds:,.0f} seconds") from None
    if error is not None:
        raise error
    return answer  # type: ignore[return-value]  # it is the answer when there is no error
