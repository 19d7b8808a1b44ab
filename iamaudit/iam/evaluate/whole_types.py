"""Whether the resources that a statement names leave anything of a type: ``role/*`` is every role."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from iamaudit.iam.actions import load_catalogue
from iamaudit.iam.evaluate.context import Context
from iamaudit.iam.evaluate.resources import resource_regex
from iamaudit.iam.evaluate.wildcards import Matcher
from iamaudit.iam.policy import covers_everything, has_wildcard

# Names that have no character and no length in common, one with a path: only a star fits both.
_SAMPLES = ("k7", "W/Zq-9.x")
_VARIABLE = re.compile(r"\$\{\w+\}")
_Sample = tuple[tuple[str, ...], int]


def whole_types(entries: Iterable[str]) -> int:
    """Return the actions of which a whole resource type is covered by one of ``Resource``'s entries."""
    found = 0
    for entry in entries:
        found |= load_catalogue().everything if covers_everything(entry) else _whole_types(entry)
    return found


@lru_cache(maxsize=65_536)
def _whole_types(entry: str) -> int:
    parts = entry.split(":", 5)
    if "${" in entry or "*" not in entry or len(parts) < 2:
        return 0
    partition = "aws" if has_wildcard(parts[1]) else parts[1]
    account = parts[4] if len(parts) > 4 and parts[4].isdigit() else "111122223333"
    found = 0
    for samples, actions in _alike(entry, _samples(partition, account)):
        if all(map(_matcher(entry).fullmatch, samples)):
            found |= actions
    return found


def _alike(entry: str, known: Sequence[_Sample]) -> Iterator[_Sample]:
    """Yield those of the sorted samples that begin like an entry, and hold the longest of its texts."""
    texts = re.split(r"[*?]", entry)
    longest = max(texts, key=len)
    for at in range(bisect_left(known, texts[0], key=_first), len(known)):
        if not _first(known[at]).startswith(texts[0]):
            break
        if longest in _first(known[at]):
            yield known[at]


def _first(sample: _Sample) -> str:
    return sample[0][0]


def _matcher(entry: str) -> Matcher:
    found = resource_regex(entry, Context({}), has_variables=False)
    assert found is not None  # noqa: S101 - without variables nothing is unknown
    return found


@lru_cache(maxsize=64)
def _samples(partition: str, account: str) -> tuple[_Sample, ...]:
    """Return, for each type of resource, two of its ARNs in an account and the actions on it, sorted."""
    return tuple(
        sorted(
            (tuple(_VARIABLE.sub(sample, plain) for sample in _SAMPLES), actions)
            for template, actions in load_catalogue().resource_types.items()
            for plain in [template.replace("${Partition}", partition).replace("${Account}", account)]
        )
    )
