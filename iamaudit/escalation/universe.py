"""The users, roles, groups and policies of an account as bits: a set of them is a Python integer."""

import bisect
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from iamaudit.iam.evaluate.wildcards import Matcher


@dataclass(frozen=True, slots=True)
class Universe:
    """Every ARN that an escalation can aim at, sorted; bit ``i`` of a set stands for ``arns[i]``."""

    arns: tuple[str, ...]
    index: Mapping[str, int]
    _matched: dict[str, int] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, arns: Iterable[str]) -> "Universe":
        """Return the universe of these ARNs."""
        ordered = tuple(sorted(set(arns)))
        return cls(ordered, {arn: number for number, arn in enumerate(ordered)})

    @property
    def partition(self) -> str:
        """The partition of the account: ``aws``, ``aws-cn`` or ``aws-us-gov``."""
        return self.arns[0].split(":")[1] if self.arns else "aws"

    def bits(self, arns: Iterable[str]) -> int:
        """Return the set of those of ``arns`` that there are."""
        packed = bytearray(len(self.arns) // 8 + 1)
        for arn in arns:
            number = self.index.get(arn)
            if number is not None:
                packed[number >> 3] |= 1 << (number & 7)
        return int.from_bytes(packed, "little")

    def names(self, bits: int) -> Iterator[str]:
        """Yield the ARNs in a set, sorted."""
        if bits and bits & (bits - 1) == 0:
            yield self.first(bits)  # one alone, as most sources are
            return
        text = bin(bits)[:1:-1]
        position = text.find("1")
        while position >= 0:
            yield self.arns[position]
            position = text.find("1", position + 1)

    def first(self, bits: int) -> str:
        """Return the first ARN of a set that is not empty."""
        return self.arns[(bits & -bits).bit_length() - 1]

    def matching(self, entry: str, regex: Matcher) -> int:
        """Return the set that an entry of ``Resource`` covers, by its expression; worked out once an entry.

        Only what begins like the entry's literal beginning is looked at.
        """
        found = self._matched.get(regex.pattern)
        if found is None:
            found = self._matched[regex.pattern] = self._match(entry, regex)
        return found

    def _match(self, entry: str, regex: Matcher) -> int:
        if entry == "*":
            return (1 << len(self.arns)) - 1
        literal = re.split(r"[*?$]", entry, maxsplit=1)[0]
        start = bisect.bisect_left(self.arns, literal)
        stop = bisect.bisect_right(self.arns, literal + "\U0010ffff")
        return self.bits(arn for arn in self.arns[start:stop] if regex.fullmatch(arn))
