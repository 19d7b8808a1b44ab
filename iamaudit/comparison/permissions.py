"""Who gained or lost what effectively: the action sets of both sides, after every layer."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from iamaudit.account import PrincipalPermissions
from iamaudit.comparison.change import Change, counted, label
from iamaudit.comparison.side import Side, has_evidence
from iamaudit.frames import build_frame
from iamaudit.iam.actions import SENSITIVE, Catalogue

_VERDICTS = ("no", "perhaps", "yes")
_PATHS = ("none", "needs a live resource", "conditional", "certain")
_NAMED = 3  # services, and sensitive actions, that a sentence names
_DETAILS = "authorization_details.json"


@dataclass(frozen=True)
class Difference:
    """How two action sets differ; ``possible`` and ``certain`` are those of both sides."""

    possible: tuple[int, int]
    certain: tuple[int, int]

    @property
    def id(self) -> str:
        """A name that is the same for everybody whose permissions changed in the same way."""
        text = " ".join(f"{actions:x}" for actions in (*self.possible, *self.certain))
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @cached_property
    def gained(self) -> int:
        """What is possible now only."""
        return self.possible[1] & ~self.possible[0]

    @cached_property
    def lost(self) -> int:
        """What was possible before only."""
        return self.possible[0] & ~self.possible[1]

    @cached_property
    def lifted(self) -> int:
        """What was possible under a condition or on something, and is certain now."""
        return self.possible[0] & self.certain[1] & ~self.certain[0]

    @cached_property
    def limited(self) -> int:
        """What was certain, and is possible under a condition or on something now."""
        return self.certain[0] & self.possible[1] & ~self.certain[1]

    def __bool__(self) -> bool:
        return self.possible[0] != self.possible[1] or bool(self.lifted or self.limited)


def permission_changes(before: Side, after: Side) -> Iterator[Change]:
    """Yield every change of what a user or role may do, and of who is or can become an administrator."""
    if not has_evidence("breadth", before, after):
        return
    old, new = ({p.arn: p for p in side.principals} for side in (before, after))
    sentences: dict[tuple[str, int], str] = {}
    for arn in sorted(old.keys() | new.keys()):
        yield from _administrator(arn, old.get(arn), new.get(arn))
        yield from _actions(arn, old.get(arn), new.get(arn), after.catalogue, sentences)
    yield from _paths(before, after)


def permission_changes_frame(before: Side, after: Side) -> pd.DataFrame:
    """Return a row per distinct change of permissions, service and access level, with the actions.

    Principals whose permissions changed in the same way point to one ``permission_change`` with their rows in
    ``changes``. ``gained`` and ``lost`` are about what is possible; ``became_certain`` was possible under a
    condition or on something only, ``became_conditional`` the other way round.
    """
    if not has_evidence("breadth", before, after):
        return build_frame("permission_changes", ())
    old, new = ({p.arn: p for p in side.principals} for side in (before, after))
    differences = dict.fromkeys(
        _difference(old.get(arn), new.get(arn)) for arn in sorted(old.keys() | new.keys())
    )
    rows = [row for each in differences if each for row in _rows(each, after.catalogue)]
    return build_frame("permission_changes", rows)


def _difference(old: PrincipalPermissions | None, new: PrincipalPermissions | None) -> Difference:
    sides = [each.sets if each else None for each in (old, new)]
    possible, certain = ([getattr(s, name) if s else 0 for s in sides] for name in ("possible", "certain"))
    return Difference((possible[0], possible[1]), (certain[0], certain[1]))


def _rows(difference: Difference, catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    parts = {
        "gained": difference.gained,
        "lost": difference.lost,
        "became_certain": difference.lifted,
        "became_conditional": difference.limited,
    }
    cells: dict[tuple[str, str], dict[str, list[str]]] = {}
    for part, actions in parts.items():
        for (service, level), names in _by_cell(actions, catalogue).items():
            cells.setdefault((service, level), {})[part] = names
    for (service, level), lists in sorted(cells.items()):
        yield {
            "permission_change": difference.id,
            "service": service,
            "access_level": level,
            **lists,
        }


def _by_cell(actions: int, catalogue: Catalogue) -> dict[tuple[str, str], list[str]]:
    levels: Mapping[str, str] = dict(zip(catalogue.names, catalogue.levels, strict=True)) if actions else {}
    cells: dict[tuple[str, str], list[str]] = {}
    for name in catalogue.names_of(actions):
        cells.setdefault((name.partition(":")[0], levels[name]), []).append(name)
    return cells


def _administrator(
    arn: str, old: PrincipalPermissions | None, new: PrincipalPermissions | None
) -> Iterator[Change]:
    was, now = (each.administrator if each else "no" for each in (old, new))
    if was == now:
        return
    rises = _VERDICTS.index(now) > _VERDICTS.index(was)
    who = label(arn)
    words = {
        "yes": f"{who} became an administrator",
        "perhaps": f"{who} became an administrator under a condition",
        "no": f"{who} is no longer an administrator",
    }
    said = words[now] if rises or now == "no" else f"{who} is an administrator only under a condition now"
    gone = ": it was deleted" if new is None else ""
    severity = ("high" if now == "yes" else "medium") if rises else "informational"
    yield Change(
        area="permissions",
        what=f"administrator {'gained' if rises else 'lost'}",
        who=who,
        arn=arn,
        before=was,
        after=now,
        severity=severity,
        sentence=f"{said}{gone}.",
        evidence=f"{_DETAILS} {arn}",
        permission_change=_difference(old, new).id,
    )


def _actions(
    arn: str,
    old: PrincipalPermissions | None,
    new: PrincipalPermissions | None,
    catalogue: Catalogue,
    sentences: dict[tuple[str, int], str],
) -> Iterator[Change]:
    """Yield what one principal gained, lost, and what became certain or conditional for it."""
    change = _difference(old, new)
    if not change:
        return
    is_sure = all(each is None or each.sets.is_complete for each in (old, new))
    note = "" if is_sure else " One of its policies was not collected."
    kinds = (
        ("permissions gained", "gained", change.gained, change.possible, True),
        ("permissions lost", "lost", change.lost, change.possible, False),
        ("conditions lifted", "may now do without a condition", change.lifted, change.certain, True),
        ("conditions added", "may now do only under a condition", change.limited, change.certain, False),
    )
    for what, verb, actions, (was, now), is_more in kinds:
        if not actions:
            continue
        if (what, actions) not in sentences:
            sentences[what, actions] = f"{verb} {_in_words(actions, catalogue)}"
        yield Change(
            area="permissions",
            what=what,
            who=label(arn),
            arn=arn,
            before=counted(was.bit_count(), "action"),
            after=counted(now.bit_count(), "action"),
            severity=_severity(actions, catalogue) if is_more else "informational",
            sentence=f"{label(arn)} {sentences[what, actions]}.{note}",
            evidence=f"{_DETAILS} {arn}",
            permission_change=change.id,
        )


def _severity(actions: int, catalogue: Catalogue) -> str:
    if actions & (catalogue.expand_patterns(SENSITIVE) | catalogue.level_mask("Permissions management")):
        return "medium"
    return "low" if actions & catalogue.level_mask("Write") else "informational"


def _in_words(actions: int, catalogue: Catalogue) -> str:
    """Return how many actions, of which services and levels, and which sensitive ones are among them."""
    cells = _by_cell(actions, catalogue)
    services: Counter[str] = Counter()
    levels: Counter[str] = Counter()
    for (service, level), names in cells.items():
        services[service] += len(names)
        levels[level] += len(names)
    named = ", ".join(f"{service} {count:,}" for service, count in services.most_common(_NAMED))
    rest = len(services) - _NAMED
    more = f" and {counted(rest, 'more service')}" if rest > 0 else ""
    kinds = ", ".join(f"{count:,} {level}" for level, count in levels.most_common())
    sensitive = catalogue.names_of(actions & catalogue.expand_patterns(SENSITIVE))
    among = ", ".join(sensitive[:_NAMED]) + (
        f" and {len(sensitive) - _NAMED:,} more" if len(sensitive) > _NAMED else ""
    )
    alarm = f", among them {among}" if sensitive else ""
    return f"{counted(actions.bit_count(), 'action')} ({named}{more}; {kinds}){alarm}"


def _paths(before: Side, after: Side) -> Iterator[Change]:
    """Yield who can become an administrator through others now and could not before, and the reverse."""
    old, new = (_ways(side.frames["escalation_paths"]) for side in (before, after))
    for arn in sorted(old.keys() | new.keys()):
        was, now = (side.get(arn, {"verdict": "none"}) for side in (old, new))
        if was["verdict"] == now["verdict"]:
            continue
        rises = _PATHS.index(now["verdict"]) > _PATHS.index(was["verdict"])
        who = label(arn) if arn.startswith("arn:") else arn
        path = (now if rises else was)["path"]
        said = (
            f"{who} can become an administrator ({now['verdict']}): {path}"
            if rises
            else f"{who} can no longer become an administrator like this ({was['verdict']}): {path}"
        )
        yield Change(
            area="permissions",
            what=f"path to administrator {'opened' if rises else 'closed'}",
            who=who,
            arn=arn if arn.startswith("arn:") else None,
            before=was["verdict"],
            after=now["verdict"],
            severity=("high" if now["verdict"] == "certain" else "medium") if rises else "informational",
            sentence=f"{said}.",
            evidence=(now if rises else was)["evidence"],
        )


def _ways(paths: pd.DataFrame) -> dict[str, dict[str, Any]]:
    rows = paths[paths["end"] == "administrator"].to_dict("records")
    return {
        row["principal"]: {str(name): value for name, value in row.items()}
        for row in sorted(rows, key=lambda row: _PATHS.index(row["verdict"]))
    }
