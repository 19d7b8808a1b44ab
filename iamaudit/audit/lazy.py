"""``Lazy``: what an audit has by name, made when it is first taken."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from iamaudit.errors import UnknownNameError, did_you_mean

_Made = TypeVar("_Made")


class Lazy(Mapping[str, _Made]):
    """A mapping of known names whose values are made when they are first taken."""

    def __init__(self, names: Sequence[str], make: Callable[[str], _Made]) -> None:
        self._names, self._make = names, make
        self._made: dict[str, _Made] = {}

    def __getitem__(self, name: str) -> _Made:
        if name not in self._names:
            hint = did_you_mean(str(name), self._names, f"use one of {', '.join(self._names[:5])}, ...")
            raise UnknownNameError(f"there is no `{name}`: {hint}")
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _ipython_key_completions_(self) -> list[str]:
        return list(self._names)

    def forget(self, name: str) -> None:
        """Make a value again when it is next taken."""
        self._made.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
