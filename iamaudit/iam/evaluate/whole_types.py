"""Whether the resources that a statement names are all of a type: ``role/*`` is every role.

Asked about resources with names that nobody could guess: a pattern that covers these covers any.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, reduce
from operator import or_
from typing import NamedTuple

from iamaudit.iam.actions import load_catalogue, without
from iamaudit.iam.evaluate.context import Context
from iamaudit.iam.evaluate.resources import resource_regex
from iamaudit.iam.evaluate.wildcards import Matcher
from iamaudit.iam.policy import covers_everything, has_wildcard

# Names of a character that stands in no policy, of two lengths: only a star fits both.
_CHARACTER = "\ue000"
_NAMES = (_CHARACTER * 3, _CHARACTER * 40)
_SECRET, _SUFFIX = ":secret:${SecretId}", "-" + _CHARACTER * 6  # Secrets Manager ends each name so
_VARIABLE = re.compile(r"\$\{[^}]*\}")
_Sample = tuple[tuple[str, ...], int]


class Home(NamedTuple):
    """The account whose resources are asked about."""

    partition: str
    account: str


def unguessable(form: str, home: Home) -> tuple[str, ...]:
    """Return ARNs of a resource type in an account whose Region and name stand in no policy."""
    plain = form.replace("${Partition}", home.partition).replace("${Account}", home.account)
    suffix = _SUFFIX if form.endswith(_SECRET) else ""
    return tuple(_VARIABLE.sub(name, plain) + suffix for name in _NAMES)


def whole_types(entries: Iterable[str], home: Home | None = None) -> int:
    """Return the actions of which a whole resource type is covered by one of ``Resource``'s entries.

    Without ``home`` it is asked about the account that an entry names, whichever that is.
    """
    return reduce(or_, (_covered(entry, home)[0] for entry in entries), 0)


def left_whole(entries: Iterable[str], home: Home | None = None) -> int:
    """Return the actions of which ``NotResource``'s entries leave a whole resource type."""
    taken = reduce(or_, (_covered(entry, home)[1] for entry in entries), 0)
    return without(load_catalogue().everything, taken)


@lru_cache(maxsize=65_536)
def _covered(entry: str, home: Home | None) -> tuple[int, int]:
    """Return the actions of which an entry covers every unguessable resource of a type, and some."""
    if covers_everything(entry):
        return load_catalogue().everything, load_catalogue().everything
    parts = entry.split(":", 5)
    if "${" in entry or "*" not in entry or len(parts) < 2:
        return 0, 0
    every = some = 0
    for samples, actions in _alike(entry, _samples(home or _named(parts))):
        matches = [_matcher(entry).fullmatch(sample) for sample in samples]
        every |= actions if all(matches) else 0
        some |= actions if any(matches) else 0
    return every, some


def _named(parts: Sequence[str]) -> Home:
    """Return the account that the parts of an ARN name, or any."""
    account = parts[4] if len(parts) > 4 and parts[4].isdigit() else "111122223333"
    return Home("aws" if has_wildcard(parts[1]) else parts[1], account)


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
def _samples(home: Home) -> tuple[_Sample, ...]:
    """Return, for each type of resource, two of its ARNs in an account and the actions on it, sorted."""
    types = load_catalogue().resource_types.items()
    return tuple(sorted((unguessable(form, home), actions) for form, actions in types))
