"""Questions by name, ``audit.principal("alice")``, for which Tab offers the names."""

from collections.abc import Callable, Sequence
from functools import update_wrapper
from typing import Any, Generic, TypeVar, overload

_Answer = TypeVar("_Answer")


class Asked(Generic[_Answer]):
    """A question by name: ``ask("alice")``, or ``ask["alice"]``, for which Tab offers the names."""

    def __init__(self, ask: Callable[..., _Answer], names: Callable[[], Sequence[str]]) -> None:
        self._ask, self._names = ask, names
        update_wrapper(self, ask)

    def __call__(self, name: str, *more: str) -> _Answer:
        """Return the answer about what is called so."""
        return self._ask(name, *more)

    def __getitem__(self, name: str) -> _Answer:
        return self._ask(name)

    def names(self) -> list[str]:
        """Return the names that may be asked for."""
        return list(self._names())

    def _ipython_key_completions_(self) -> list[str]:
        return self.names()


def asked(
    names: Callable[[Any], Sequence[str]],
) -> "Callable[[Callable[..., _Answer]], _Question[_Answer]]":
    """Make a method a question by name; ``names`` gives the names that an object has."""
    return lambda method: _Question(method, names)


class _Question(Generic[_Answer]):
    def __init__(self, method: Callable[..., _Answer], names: Callable[[Any], Sequence[str]]) -> None:
        self._method, self._names = method, names
        update_wrapper(self, method)

    @overload
    def __get__(self, owner: None, kind: type) -> "_Question[_Answer]": ...
    @overload
    def __get__(self, owner: object, kind: type) -> Asked[_Answer]: ...
    def __get__(self, owner: Any, kind: type) -> "_Question[_Answer] | Asked[_Answer]":
        if owner is None:
            return self
        return Asked(self._method.__get__(owner, kind), lambda: self._names(owner))

    def __call__(self, owner: Any, name: str, *more: str) -> _Answer:
        return self._method(owner, name, *more)
