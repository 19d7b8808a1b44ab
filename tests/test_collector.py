"""The pause of Python's collector: what is made meanwhile is old afterwards, and is not kept for ever."""

import gc
import weakref

from iamaudit import collector
from iamaudit.collector import collector_paused, freeze


class Thing:
    """Something that may hold itself."""


def is_in(generation, thing):
    return any(each is thing for each in gc.get_objects(generation=generation))


def test_what_is_made_while_it_pauses_is_old_afterwards():
    with collector_paused():
        made = Thing()
        assert not gc.isenabled()
        assert is_in(0, made)
    assert gc.isenabled()
    assert is_in(2, made)


def test_what_holds_itself_is_found_when_nobody_else_holds_it():
    with collector_paused():
        made = Thing()
        made.itself = made
    gone = weakref.ref(made)
    del made
    gc.collect()
    assert gone() is None


def test_what_somebody_froze_stays_frozen():
    gc.freeze()
    try:
        before = gc.get_freeze_count()
        with collector_paused():
            pass
        assert gc.get_freeze_count() >= before - 1_000 > 0
    finally:
        gc.unfreeze()


def test_what_is_frozen_to_be_shared_stays_frozen(monkeypatch):
    monkeypatch.setattr(collector, "_is_frozen", False)
    freeze()
    try:
        before = gc.get_freeze_count()
        with collector_paused():
            made = Thing()
        assert gc.get_freeze_count() >= before - 1_000 > 0
        assert gc.isenabled()
        assert made
    finally:
        gc.unfreeze()


def test_a_pause_within_a_pause_goes_on():
    with collector_paused():
        with collector_paused():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
