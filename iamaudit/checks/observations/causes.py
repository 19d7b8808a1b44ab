"""Which findings have one root cause."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from iamaudit.checks.observations.facts import Facts, Row
from iamaudit.checks.observations.failed import Failed, statement_name
from iamaudit.checks.observations.practices import PRACTICES

_STATEMENT = re.compile(r"(?P<policy>\S.*?)(?: v\d+)?(?: Statement\[(?P<index>\d+)\])?$")
_ORDER = {name: place for place, name in enumerate(PRACTICES)}


class Cause(NamedTuple):
    """What has to change: a kind of ``CAUSES`` and whose, a practice, or what one ``check`` asks for."""

    kind: str
    subject: str


def gather(failed: Sequence[Failed], facts: Facts) -> list[Cause]:
    """Return the root cause of each finding.

    A subject (a statement, a user's credentials, a principal, a role's trust) about which anything but a
    practice is found has all of its findings together. So has a user who is root, an administrator, or whose
    live key stands in code. All others are told with those who are neglected alike.
    """
    named = [_named(row, facts) for row in failed]
    together: dict[Cause, list[int]] = {}
    for number, cause in enumerate(named):
        together.setdefault(cause, []).append(number)
    causes = list(named)
    for cause, numbers in together.items():
        rows = [failed[number] for number in numbers]
        for number, found in zip(numbers, _told(cause, rows, facts), strict=True):
            causes[number] = found
    return causes


def _named(row: Failed, facts: Facts) -> Cause:
    if row.check.cause == "path":
        return cause_of_path(row.resource, row.evidence, facts)
    if row.check.cause == "principal" and not facts.is_administrator(row.subject):
        wide = facts.wide_statement(row.subject)
        return Cause("statement", wide) if wide else Cause("principal", row.subject)
    if row.check.cause == "practice":
        name = row.check.practice
        return Cause("practice", name) if name else Cause("check", row.check.id)
    return Cause(row.check.cause, row.subject)


def _told(cause: Cause, rows: Sequence[Failed], facts: Facts) -> Iterator[Cause]:
    """Return where each finding about one subject is told."""
    practices = [row.check.practice for row in rows]
    stories = [name for name in practices if name and PRACTICES[name].story]
    is_own = any(not row.check.practice for row in rows) or (
        cause.kind == "credential" and bool(stories) and _is_notable(cause.subject, facts)
    )
    if cause.kind in ("practice", "check") or is_own:
        yield from [cause] * len(rows)
    elif cause.kind == "principal" and facts.is_administrator(cause.subject):
        yield from [Cause("practice", "administrators")] * len(rows)
    else:
        first = min(stories, key=_ORDER.__getitem__, default="")
        yield from (Cause("practice", first if name in stories else name) for name in practices)


def _is_notable(user: str, facts: Facts) -> bool:
    return facts.is_root(user) or facts.is_administrator(user) or bool(facts.live_keys_in_code(user))


def cause_of_path(principal: str, evidence: str, facts: Facts) -> Cause:
    """Return what opens a path: the key that lies in code, the choke point, the statement, or the principal.

    A path that leads by somebody who has a path as well has that one's cause.
    """
    if facts.live_keys_in_code(principal):
        return Cause("credential", principal)
    start, path = principal, facts.path(principal, evidence)
    if path is None:
        return Cause("principal", principal)
    seen = {principal}
    while (onward := _onward(path, facts)) and onward[0] not in seen:
        principal, path = onward
        seen.add(principal)
    label = facts.label(principal)
    if path["end"] == "administrator":
        for choke in facts.chokes:
            if label in choke["stops"]:
                return _cause_of_policy(choke["policy"], choke["index"])
    return next(_in_evidence(path["evidence"], facts), Cause("principal", start))


def _onward(path: Row, facts: Facts) -> tuple[str, Row] | None:
    """Return the last principal on the way that has a path to an administrator of its own, with that path."""
    if path["end"] != "administrator":
        return None
    for node in reversed(path["nodes"][1:]):
        arn = facts.principal(node)
        if (own := facts.path(arn) if arn else None) is not None:
            return arn, own
    return None


def _in_evidence(evidence: str, facts: Facts) -> Iterator[Cause]:
    """Yield the account's own statements and trust policies among a path's evidence, in their order."""
    for piece in evidence.split("; "):
        match = _STATEMENT.match(piece)
        if match is None or ":iam::aws:" in match["policy"]:
            continue
        cause = _cause_of_policy(match["policy"], match["index"])
        if cause.kind == "trust" or facts.statement(cause.subject).get("effect") == "Allow":
            yield cause


def _cause_of_policy(policy: str, index: object) -> Cause:
    if policy.endswith("@trust"):
        return Cause("trust", policy.removesuffix("@trust"))
    return Cause("statement", statement_name(policy, index))


def by_cause(causes: Iterable[Cause], failed: Sequence[Failed]) -> Mapping[Cause, list[Failed]]:
    """Return the findings of each cause, the gravest first."""
    found: dict[Cause, list[Failed]] = {}
    for cause, row in zip(causes, failed, strict=True):
        found.setdefault(cause, []).append(row)
    return {
        cause: sorted(rows, key=lambda row: (row.gravity, row.title, row.message, row.evidence))
        for cause, rows in sorted(found.items())
    }
