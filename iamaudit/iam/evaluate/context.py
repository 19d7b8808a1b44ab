"""The context of a request: condition keys and their values, known, absent or unknown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from iamaudit.iam.evaluate.ternary import Ternary

Value = str | tuple[str, ...]
"""A single-valued key has a text, a multivalued key a tuple of texts (rule H4)."""


@dataclass(frozen=True, slots=True)
class Context:
    """Condition keys by lower-case name (rule H3).

    A key that is not in ``values`` is absent when ``is_complete`` or when ``absent`` names it
    (``aws:principaltag/`` names every key that begins so); else nobody knows. ``present`` names those that
    are there with a value that nobody knows, ``beginnings`` how such a value begins, with something behind.
    """

    values: Mapping[str, Value]
    is_complete: bool = True
    absent: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    beginnings: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        values: Mapping[str, object],
        *,
        is_complete: bool = True,
        absent: tuple[str, ...] = (),
        present: tuple[str, ...] = (),
        beginnings: Mapping[str, str] | None = None,
    ) -> "Context":
        """Return the context of plain values; a list makes a key multivalued."""
        return cls(
            {
                key.lower(): tuple(map(_text, value)) if isinstance(value, (list, tuple)) else _text(value)
                for key, value in values.items()
            },
            is_complete,
            absent,
            present,
            {key.lower(): text for key, text in (beginnings or {}).items()},
        )

    def with_values(self, values: Mapping[str, str]) -> "Context":
        """Return the context of a request that carries these values as well, or instead."""
        more = {key.lower(): value for key, value in values.items()}
        return Context({**self.values, **more}, self.is_complete, self.absent, self.present, self.beginnings)

    def find(self, key: str) -> Value | None:
        """Return the value of ``key``, ``None`` when it is absent or unknown."""
        return self.values.get(key.lower())

    def has(self, key: str) -> bool:
        """Say whether the request surely carries ``key``, or one that begins so when it ends with ``/``."""
        if key.endswith("/"):
            return any(name.startswith(key) for name in self.values)
        return self.values.get(key) not in (None, ())

    def is_absent(self, key: str) -> Ternary:
        """Say whether ``key`` is not in the request; an empty list of values is none."""
        if self.is_unknown(key):
            return False if key.lower() in (*self.present, *self.beginnings) else None
        return self.find(key) in (None, ())

    def is_unknown(self, key: str) -> bool:
        """Say whether nobody knows the value of ``key``, nor that the request lacks it."""
        name = key.lower()
        if self.is_complete or name in self.values:
            return False
        return not (name in self.absent or name.startswith(_beginnings(self.absent)))


@lru_cache(maxsize=1024)
def _beginnings(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of some names that stand for every key that begins so."""
    return tuple(name for name in names if name.endswith("/"))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
