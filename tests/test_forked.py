"""Work in a copy of this process: what it makes, where faults show, and that no copy outlives its parent."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from iamaudit import forked
from iamaudit.forked import begin, forking, in_a_copy, in_halves, may_copy


@pytest.fixture(autouse=True)
def _two_processors(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})


def test_work_is_done_in_a_copy_of_this_process_and_its_result_is_kept():
    made = {"here": [1]}
    with forking():
        result = begin(lambda: (os.getpid(), made))
    made["here"].append(2)  # the copy was made before
    pid, seen = result()
    assert pid != os.getpid()
    assert seen == {"here": [1]}
    assert result() == (pid, seen)
    assert not psutil.pid_exists(pid)


def test_without_leave_work_is_done_here_at_once():
    done = []
    result = begin(lambda: done.append(os.getpid()) or "made")
    assert done == [os.getpid()]
    assert (result(), result()) == ("made", "made")
    assert done == [os.getpid()]


def test_without_a_second_processor_no_copy_is_made(monkeypatch):
    with forking():
        assert may_copy()
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    with forking():
        assert not may_copy()
        assert begin(os.getpid)() == os.getpid()


def test_a_copy_whose_memory_goes_needs_no_second_processor(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    made = []
    assert in_a_copy(lambda: made.append("there") or os.getpid()) != os.getpid()
    assert made == []
    monkeypatch.setattr(forked, "_can_copy", False)
    assert in_a_copy(lambda: made.append("here") or os.getpid()) == os.getpid()
    assert made == ["here"]


def test_leave_ends_where_it_was_given_and_a_copy_has_none():
    with forking():
        copy, within = begin(lambda: (os.getpid(), begin(os.getpid)()))()
    assert copy == within != os.getpid()
    assert begin(os.getpid)() == os.getpid()


def _killed_elsewhere(here):
    if os.getpid() != here:
        os.kill(os.getpid(), signal.SIGKILL)
    return "made here"


def test_what_fails_in_a_copy_is_done_here():
    here = os.getpid()
    with forking():
        killed = begin(lambda: _killed_elsewhere(here))
        cannot_be_handed_over = begin(lambda: lambda: "made here")
        wrong = begin(lambda: 1 / 0)
    assert killed() == "made here"
    assert cannot_be_handed_over()() == "made here"
    with pytest.raises(ZeroDivisionError):
        wrong()


@pytest.mark.parametrize("items", [[], [1], [1, 2, 3, 4, 5]])
def test_halves_are_every_other_item_and_the_rest(items):
    assert in_halves(list, items) == [items]
    with forking():
        first, second = in_halves(lambda each: [os.getpid(), *each], items)
    assert first == [os.getpid(), *items[::2]]
    assert second[0] != os.getpid()
    assert second[1:] == items[1::2]


ORPHAN = """
import os, time
os.sched_getaffinity = lambda _: {0, 1}
from iamaudit.forked import begin, forking
with forking():
    begin(lambda: [print(os.getpid(), flush=True), time.sleep(60)])
time.sleep(60)
"""


def test_a_copy_ends_with_its_parent():
    parent = subprocess.Popen(  # noqa: S603 - this interpreter, our own text
        [sys.executable, "-c", ORPHAN], stdout=subprocess.PIPE, text=True
    )
    try:
        copy = psutil.Process(int(parent.stdout.readline()))
    finally:
        parent.kill()
        parent.wait()
    parent.stdout.close()
    ended = time.monotonic() + 5
    while copy.is_running() and time.monotonic() < ended:
        time.sleep(0.1)
    assert not copy.is_running()
