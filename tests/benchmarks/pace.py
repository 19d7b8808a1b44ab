"""How fast this machine is right now, printed beside what a benchmark measured; no bound is read by it.

A plain loop over a dictionary and whole numbers is measured before and after, in the same run. It tells a
reader of the figures whether others were at work on the machine.
"""

import time
from dataclasses import dataclass, field
from statistics import median


def _loop() -> float:
    started, found, bits = time.perf_counter(), {}, 0
    for number in range(200_000):
        key = number % 977, number % 31
        found[key] = found.get(key, 0) | (1 << (number % 2_000))
        bits ^= found[key]
    return time.perf_counter() - started


@dataclass(slots=True)
class Pace:
    """The pace of one run: looked at when it is made, and again when it is shown."""

    seen: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.look()

    def look(self) -> None:
        """Measure the loop."""
        self.seen += [_loop() for _ in range(5)]

    def __str__(self) -> str:
        self.look()
        return f"a plain loop took {median(self.seen):.3f} s"
