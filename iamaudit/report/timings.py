"""How long each step of a run took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Timings:
    """Steps and their seconds, in the order in which they ended."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, float]] = []

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure what is done inside."""
        begun = time.perf_counter()
        yield
        self.steps.append((name, time.perf_counter() - begun))

    def lines(self) -> list[str]:
        """Return a line a step."""
        return [f"{seconds:8.1f} s  {name}" for name, seconds in self.steps]
