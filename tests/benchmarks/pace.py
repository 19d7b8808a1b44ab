"""How fast this machine is right now, so that a bound in seconds means the same on every machine.

The bounds of the benchmarks are seconds of the machine on which they were set, when nothing else ran on it. A
plain loop over a dictionary and whole numbers, which is what this project spends its time with, took
``set_at`` seconds there. It is measured before and after what a benchmark measures, in the same run; the
benchmark compares its seconds as that machine would have taken them: load of others slows both alike.
"""

import time
from dataclasses import dataclass, field
from statistics import median

SET_AT = 0.086
"""The seconds of the loop where most bounds were set."""

RUN_SET_AT = 0.055
"""The same where those of whole runs were set: the commit that set them took 15.0 s for 500 + 500 principals
there, and again, measured anew, 24.3 s where the loop took 0.088."""


def _loop() -> float:
    started, found, bits = time.perf_counter(), {}, 0
    for number in range(200_000):
        key = number % 977, number % 31
        found[key] = found.get(key, 0) | (1 << (number % 2_000))
        bits ^= found[key]
    return time.perf_counter() - started


@dataclass(slots=True)
class Pace:
    """The pace of one run: looked at when it is made, and again for each result."""

    set_at: float = SET_AT
    seen: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.look()

    def look(self) -> None:
        """Measure the loop."""
        self.seen += [_loop() for _ in range(5)]

    def __str__(self) -> str:
        self.look()
        return f"the machine is {median(self.seen) / self.set_at:.2f} x as slow as where bounds were set"

    def seconds(self, measured: float) -> float:
        """Return the seconds where the bounds were set of what took ``measured`` seconds here."""
        self.look()
        return measured * self.set_at / median(self.seen)
