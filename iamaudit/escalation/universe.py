"""The users, roles, groups and policies of an account as bits: a set of them is a Python integer."""

import bisect
import re
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import TypeVar

from iamaudit.iam.evaluate.wildcards import Matcher
from iamaudit.iam.policy import compile_pattern, has_wildcard

_FEW = 16  # bits that are found one by one sooner than in a text of all
_VERY_FEW = 4  # bits that are set one by one sooner than in an array of all
_K = TypeVar("_K", bound=Hashable)
_SEGMENTS = 5  # colons before the part in which a wildcard matches anything (rule G3)


@dataclass(frozen=True, slots=True)
class Universe:
    """Every ARN that an escalation can aim at, sorted; bit ``i`` of a set stands for ``arns[i]``.

    ``everything`` is the set of all. ``is_plain`` says that all begin alike up to the fifth colon and have no
    further one, as a path may.
    """

    arns: tuple[str, ...]
    index: Mapping[str, int]
    everything: int
    is_plain: bool = True
    _covered: dict[str, int] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, arns: Iterable[str]) -> "Universe":
        """Return the universe of these ARNs."""
        ordered = tuple(sorted(set(arns)))
        heads = {tuple(arn.split(":", _SEGMENTS)[:_SEGMENTS]) for arn in ordered}
        is_plain = len(heads) == 1 and all(arn.count(":") == _SEGMENTS for arn in ordered)
        index = {arn: number for number, arn in enumerate(ordered)}
        return cls(ordered, index, (1 << len(ordered)) - 1, is_plain)

    @property
    def partition(self) -> str:
        """The partition of the account: ``aws``, ``aws-cn`` or ``aws-us-gov``."""
        return self.arns[0].split(":")[1] if self.arns else "aws"

    def bit(self, arn: str) -> int:
        """Return the set of one ARN, the empty set when it is not in the universe."""
        number = self.index.get(arn)
        return 0 if number is None else 1 << number

    def bits(self, arns: Iterable[str]) -> int:
        """Return the set of those of ``arns`` that there are."""
        index = self.index
        return self.packed([index[arn] for arn in arns if arn in index])

    def parts(self, pairs: Iterable[tuple[_K, str]]) -> dict[_K, int]:
        """Return the set of the ARNs that stand beside each value."""
        found: dict[_K, list[str]] = {}
        for value, arn in pairs:
            found.setdefault(value, []).append(arn)
        return {value: self.bits(arns) for value, arns in found.items()}

    def packed(self, places: Collection[int]) -> int:
        """Return the set of some positions."""
        if len(places) < _VERY_FEW:
            return reduce(or_, (1 << place for place in places), 0)
        packed = bytearray(len(self.arns) // 8 + 1)
        for place in places:
            packed[place >> 3] |= 1 << (place & 7)
        return int.from_bytes(packed, "little")

    def names(self, bits: int) -> Iterator[str]:
        """Yield the ARNs in a set, sorted."""
        return (self.arns[position] for position in positions(bits))

    def some(self, bits: int, count: int) -> list[str]:
        """Return the first ARNs in a set; the rest of it is not looked at."""
        found: list[str] = []
        while bits and len(found) < count:
            lowest = bits & -bits
            found.append(self.arns[lowest.bit_length() - 1])
            bits ^= lowest
        return found

    def first(self, bits: int) -> str:
        """Return the first ARN of a set that is not empty."""
        return self.arns[(bits & -bits).bit_length() - 1]

    def covered_by(self, entry: str, regex: Matcher | None) -> int:
        """Return the set that an entry of ``Resource`` covers, by its expression; worked out once.

        Only what begins like the entry's literal beginning is looked at. ``entry`` may be any text that the
        expression's matches begin like, so an entry with variables is handed over up to the first of them.
        Without an expression nothing is covered.
        """
        if regex is None:
            return 0
        found = self._covered.get(regex.pattern)
        if found is None:
            found = self._covered[regex.pattern] = self._match(self._aligned(entry), regex)
        return found

    def _aligned(self, entry: str) -> str:
        """Return an entry with the wildcards of its first five segments put to what all ARNs here have there.

        With five colons on both sides each segment of the entry is held against one of the ARN's.
        """
        parts = entry.split(":", _SEGMENTS)
        if len(parts) <= _SEGMENTS or not self.is_plain:
            return entry
        own = self.arns[0].split(":", _SEGMENTS)
        for number, part in enumerate(parts[:_SEGMENTS]):
            if has_wildcard(part) and compile_pattern(part).match(own[number]):
                parts[number] = own[number]
        return ":".join(parts)

    def _match(self, entry: str, regex: Matcher) -> int:
        literal = re.split(r"[*?$]", entry, maxsplit=1)[0]
        start = bisect.bisect_left(self.arns, literal)
        stop = bisect.bisect_right(self.arns, literal + "\U0010ffff")
        if entry == f"{literal}*" and literal.count(":") >= _SEGMENTS:
            return (1 << stop) - (1 << start)  # nothing else to match
        return self.bits(arn for arn in self.arns[start:stop] if regex.fullmatch(arn))


def positions(bits: int) -> Iterator[int]:
    """Yield the positions of the bits that are set, lowest first."""
    if bits.bit_count() < _FEW:
        while bits:
            lowest = bits & -bits
            yield lowest.bit_length() - 1
            bits ^= lowest
        return
    text = bin(bits)[:1:-1]
    position = text.find("1")
    while position >= 0:
        yield position
        position = text.find("1", position + 1)
