"""Values that stay are made without Python's collector looking through them again and again."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_is_frozen = False


def freeze() -> None:
    """Keep what there is shared with copies of this process: the collector would write to all of it."""
    global _is_frozen  # noqa: PLW0603 - it is about this process
    gc.collect()
    gc.freeze()
    _is_frozen = True


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the search for unused values that hold one another, of which frozen values make none.

    An account is many small values, as the catalogue of actions is, and all of them stay: each search goes
    through all of them for nothing. What was made meanwhile counts as old afterwards: else it would be looked
    through three times before it does.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            if not (_is_frozen or gc.get_freeze_count()):  # to count the frozen looks at each of them
                gc.freeze()
                gc.unfreeze()  # into the oldest generation, without a look
            gc.enable()
