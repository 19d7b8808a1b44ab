"""Three-valued logic: ``True``, ``False``, and ``None`` for what cannot be known."""

from collections.abc import Iterable

Ternary = bool | None


def any_of(values: Iterable[Ternary]) -> Ternary:
    """Return whether one holds: ``True`` beats unknown, unknown beats ``False``."""
    is_unknown = False
    for value in values:
        if value:
            return True
        is_unknown = is_unknown or value is None
    return None if is_unknown else False


def all_of(values: Iterable[Ternary]) -> Ternary:
    """Return whether all hold: ``False`` beats unknown, unknown beats ``True``."""
    is_unknown = False
    for value in values:
        if value is False:
            return False
        is_unknown = is_unknown or value is None
    return None if is_unknown else True


def negated(value: Ternary) -> Ternary:
    """Return the opposite; of the unknown it is unknown."""
    return None if value is None else not value
