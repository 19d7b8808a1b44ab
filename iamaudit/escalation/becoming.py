"""Whom one principal can become in one step, and who can become it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from iamaudit.escalation.escalation import Escalation, actions_of
from iamaudit.escalation.graph import ADMINISTRATOR, Step
from iamaudit.escalation.takeover import Takeover, wins_target
from iamaudit.escalation.way import BLOCKED, LEVELS


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
    return _surest(
        (target, Takeover.of(way))
        for way in escalation.ways_of(name)
        if way.verdict != BLOCKED
        for target in (names(way.targets & ~own) if wins_target(way) else (ADMINISTRATOR,))
    )


def become_by(escalation: Escalation, name: str) -> list[Becoming]:
    """Return who can become a principal in one step, outsiders too, the surest first.

    Who surely is an administrator can become anybody, and is here for the roles that it may assume.

    Raises
    ------
    ParameterError
        Nobody, or not just one, is called ``name``.
    """
    bit = escalation.universe.bit(escalation.actor(name).arn)
    inside = (
        (source, takeover)
        for takeover in escalation.takeovers
        if takeover.targets & bit
        for source in escalation.universe.names(takeover.sources & ~bit)
    )
    outside = (
        (stranger, replace(Takeover.of(way), permissions=tuple(actions_of(Step(stranger, way, name)))))
        for stranger, several in escalation.strangers.items()
        for way in several
        if way.targets & bit
    )
    return _surest([*inside, *outside])


def _surest(pairs: Iterable[tuple[str, Takeover]]) -> list[Becoming]:
    found: dict[str, list[Takeover]] = {}
    for who, takeover in pairs:
        found.setdefault(who, []).append(takeover)
    return sorted(_becoming(found), key=lambda each: (LEVELS.index(each.verdict), each.who))


def _becoming(found: Mapping[str, list[Takeover]]) -> Iterator[Becoming]:
    for who, several in found.items():
        verdict = min((each.verdict for each in several), key=LEVELS.index)
        surest = [each for each in several if each.verdict == verdict]
        yield Becoming(
            who,
            verdict,
            rules=_once(each.rule for each in surest),
            permissions=_once(action for each in surest for action in each.permissions),
            needs=_once(each.needs for each in surest if each.needs),
        )


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
