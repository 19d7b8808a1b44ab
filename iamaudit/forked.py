"""Work in a copy of this process while it goes on, where whoever runs it allows that.

A copy has everything that was made so far and costs a few milliseconds. Only Linux copies a process safely,
and only a process of ours is copied: a kernel has threads that a copy would lack.
"""

import os
import pickle
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from threading import Thread
from typing import TypeVar
from warnings import catch_warnings, simplefilter

_Made = TypeVar("_Made")
_Item = TypeVar("_Item")
_LOOK_SECONDS = 0.5
_can_copy = sys.platform.startswith("linux")
_is_allowed = False


@contextmanager
def forking() -> Iterator[None]:
    """Allow copies of this process within, where the system has a second processor for them."""
    global _is_allowed  # noqa: PLW0603 - it is about this process
    before, _is_allowed = _is_allowed, _can_copy and len(os.sched_getaffinity(0)) > 1
    try:
        yield
    finally:
        _is_allowed = before


def may_copy() -> bool:
    """Say whether work that is begun goes on in a copy of this process."""
    return _is_allowed


def begin(work: Callable[[], _Made]) -> Callable[[], _Made]:
    """Begin ``work`` in a copy of this process; return what waits for its result, and gives it again.

    Its result must be one that ``pickle`` takes. Without leave the work is done here at once. When the copy
    fails it is done here, too, so that the fault shows where it can be handled.
    """
    if _is_allowed:
        return cache(_begin(work))
    made = work()
    return lambda: made


def in_a_copy(work: Callable[[], _Made]) -> _Made:
    """Return what ``work`` makes in a copy of this process, whose memory is gone afterwards.

    Its result must be one that ``pickle`` takes. It is made here where the system does not copy a process
    safely, and where the copy failed.
    """
    return _begin(work)() if _can_copy else work()


def in_halves(work: Callable[[Sequence[_Item]], _Made], items: Sequence[_Item]) -> list[_Made]:
    """Return what ``work`` makes of every other item, and of the rest; of all at once without leave."""
    if not _is_allowed:
        return [work(items)]
    other = begin(lambda: work(items[1::2]))
    return [work(items[::2]), other()]


def end_with(parent: int) -> None:
    """Let a thread end this process at once when ``parent`` is gone."""

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_SECONDS)
        os._exit(1)

    Thread(target=look, daemon=True).start()


def _begin(work: Callable[[], _Made]) -> Callable[[], _Made]:
    receiving, sending = os.pipe()
    here = os.getpid()
    with catch_warnings():
        simplefilter("ignore", DeprecationWarning)  # the threads are those of numpy and Arrow, which wait
        copy = os.fork()
    if copy == 0:
        os.close(receiving)
        _be_a_copy(work, here, sending)
    os.close(sending)

    def result() -> _Made:
        with os.fdopen(receiving, "rb") as pipe:
            data = pipe.read()
        _, status = os.waitpid(copy, 0)
        return pickle.loads(data) if status == 0 else work()  # noqa: S301 - from our own copy

    return result


def _be_a_copy(work: Callable[[], object], parent: int, sending: int) -> None:
    """Do the work, say what it made, and end without what an interpreter does at its end."""
    global _is_allowed  # noqa: PLW0603
    try:
        _is_allowed = False
        end_with(parent)
        with os.fdopen(sending, "wb") as pipe:
            pickle.dump(work(), pipe, protocol=pickle.HIGHEST_PROTOCOL)
        os._exit(0)
    finally:
        os._exit(1)
