"""Whom one principal can become in one step, and who can become it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from iamaudit.escalation.escalation import Escalation, actions_of
from iamaudit.escalation.graph import ADMINISTRATOR, Step
from iamaudit.escalation.way import BLOCKED, LEVELS, Way


@dataclass(frozen=True, slots=True)
class Becoming:
    """One who can become, or can be become, and the surest ways to it.

    ``who`` is an ARN, the name of an outsider, or ``administrator``.
    """

    who: str
    verdict: str
    rules: tuple[str, ...]
    permissions: tuple[str, ...]
    needs: tuple[str, ...]


def becomes(escalation: Escalation, name: str) -> list[Becoming]:
    """Return whom a principal can become in one step, the surest first; blocked ways do not count.

    Who surely is an administrator can become anybody: of such a one only the roles that it may assume are
    here.

    Raises
    ------
    ParameterError
        Nobody, or not just one, is called ``name``.
    """
    names, own = escalation.universe.names, escalation.universe.bit(escalation.actor(name).arn)
    pairs = (
        (target, way)
        for way in escalation.ways_of(name)
        for target in (names(way.targets & ~own) if wins_target(way) else (ADMINISTRATOR,))
    )
    return _surest(pairs)


def become_by(escalation: Escalation, name: str) -> list[Becoming]:
    """Return who can become a principal in one step, outsiders too, the surest first.

    All principals are looked at, once an ``escalation``. Who surely is an administrator can become anybody,
    and is here for the roles that it may assume.

    Raises
    ------
    ParameterError
        Nobody, or not just one, is called ``name``.
    """
    bit = escalation.universe.bit(escalation.actor(name).arn)
    ways = (way for way in escalation.ways if wins_target(way) and way.targets & bit)
    inside = ((source, way) for way in ways for source in escalation.universe.names(way.sources & ~bit))
    outside = (
        (stranger, way)
        for stranger, several in escalation.strangers.items()
        for way in several
        if way.targets & bit
    )
    return _surest([*inside, *outside])


def wins_target(way: Way) -> bool:
    """Say whether a way wins its target's permissions, alone or with more."""
    return way.rule.gives.startswith("target")


def _surest(pairs: Iterable[tuple[str, Way]]) -> list[Becoming]:
    found: dict[str, list[Way]] = {}
    for who, way in pairs:
        if way.verdict != BLOCKED:
            found.setdefault(who, []).append(way)
    return sorted(_becoming(found), key=lambda each: (LEVELS.index(each.verdict), each.who))


def _becoming(found: Mapping[str, list[Way]]) -> Iterator[Becoming]:
    for who, ways in found.items():
        verdict = min((way.verdict for way in ways), key=LEVELS.index)
        surest = [way for way in ways if way.verdict == verdict]
        yield Becoming(
            who,
            verdict,
            rules=_once(way.rule.id for way in surest),
            permissions=_once(action for way in surest for action in actions_of(Step(who, way, who))),
            needs=_once(way.live for way in surest if way.live),
        )


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
