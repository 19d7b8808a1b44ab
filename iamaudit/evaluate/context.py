"""The context of a request: condition keys and their values, known, absent or unknown."""

from collections.abc import Mapping
from dataclasses import dataclass

Value = str | tuple[str, ...]
"""A single-valued key has a text, a multivalued key a tuple of texts (rule H4)."""


@dataclass(frozen=True, slots=True)
class Context:
    """Condition keys by lower-case name (rule H3).

    A key that is not in ``values`` is absent when ``is_complete``, else nobody knows.
    """

    values: Mapping[str, Value]
    is_complete: bool = True

    @classmethod
    def of(cls, values: Mapping[str, object], *, is_complete: bool = True) -> "Context":
        """Return the context of plain values; a list makes a key multivalued."""
        return cls(
            {
                key.lower(): tuple(map(_text, value)) if isinstance(value, (list, tuple)) else _text(value)
                for key, value in values.items()
            },
            is_complete,
        )

    def find(self, key: str) -> Value | None:
        """Return the value of ``key``, ``None`` when it is absent or unknown."""
        return self.values.get(key.lower())

    def is_unknown(self, key: str) -> bool:
        """Say whether nobody knows if ``key`` is in the request."""
        return not self.is_complete and key.lower() not in self.values


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
