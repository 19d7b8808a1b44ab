"""Choke points: the statements without which most paths are gone, each proved on a copy of the account.

Without a statement only those can lose their path whose path rests on it: no boundary is a candidate and no
policy of a group that makes administrators, since these also limit what others can become. So a candidate's
paths are the most that it can cut; candidates are tried in that order, and the search ends where the next can
cut no more than the best has cut. Nothing is timed: the same account gives the same answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from iamaudit.escalation.edits import Place, State, Trial
from iamaudit.escalation.evidence import Evidence
from iamaudit.escalation.graph import Graph
from iamaudit.escalation.surroundings import Surroundings
from iamaudit.iam.policy import Statement

_PICKS, _TRIES, _MOST_TRIES = 5, 24, 400
_ASKED = 40_000  # principals that a whole search looks at anew, at most


@dataclass(frozen=True, slots=True)
class ChokePoint:
    """One edit: without ``statement`` of ``policy``, and those picked before, this many paths are left.

    ``before`` and ``after`` count the paths by verdict. ``cut`` names who has none any more, ``weakened`` who
    has one that is less sure.
    """

    policy: str
    statement: Statement
    before: Mapping[str, int]
    after: Mapping[str, int]
    cut: tuple[str, ...]
    weakened: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """The choke points of an account, and what the search for them looked at.

    ``paths`` were there to cut and ``candidates`` statements that they rest on; ``tried`` of these were taken
    out of a copy of the account. ``is_complete`` says that no other candidate can cut more.
    """

    points: tuple[ChokePoint, ...]
    paths: int
    candidates: int
    tried: int
    is_complete: bool

    @property
    def conclusion(self) -> str:
        """The outcome in one sentence."""
        if not self.paths:
            return "No path to an administrator is known that could be cut."
        if self.points:
            count, left = len(self.points), sum(self.points[-1].after.values())
            edits = "one statement" if count == 1 else f"{count} statements"
            paths = "1 path" if self.paths == 1 else f"{self.paths:,} paths"
            verb = "is" if 1 in (left, self.paths) else "are"
            outcome = f"Without {edits}, {left:,} of {paths} {verb} left{self._weaker}."
            tried = f" {self.tried:,} of {self.candidates:,} candidates were tried."
            return outcome if self.is_complete else outcome + tried
        if not self.candidates:
            return (
                f"Nothing was tried: the {self.paths:,} paths rest on policies of AWS, on SCPs, on "
                "permissions boundaries, or on policies of administrators."
            )
        any_path = "the one path" if self.paths == 1 else f"any of the {self.paths:,} paths"
        if self.is_complete:
            return f"None of the {self.tried:,} candidates cuts {any_path} by itself. All were tried."
        return (
            f"None of the {self.tried:,} statements that were tried cuts {any_path} by itself; "
            f"{self.candidates - self.tried:,} more were not tried."
        )

    @property
    def _weaker(self) -> str:
        cut = {name for point in self.points for name in point.cut}
        weaker = {name for point in self.points for name in point.weakened} - cut
        return f", {len(weaker):,} less sure" if weaker else ""


def search_choke_points(around: Surroundings, graph: Graph, evidence: Evidence) -> Search:
    """Find up to five edits, each the one that cuts most of the paths that are left.

    Only what an Allow on a path rests on is a candidate, and no statement of a boundary, or of a policy that
    an administrator or a group that makes one holds.
    """
    state = State.of(around, graph, evidence)
    paths, candidates = len(state.paths), {place for place, _ in state.candidates}
    points: list[ChokePoint] = []
    tried, asked = set[Place](), 0
    is_complete = True
    for _ in range(_PICKS):
        best: Trial | None = None
        is_complete = True
        for number, (place, most) in enumerate(state.candidates):
            if best is not None and most <= best.gain:
                break
            if (number >= _TRIES and best is not None) or number >= _MOST_TRIES or asked >= _ASKED:
                is_complete = False
                break
            trial = state.without(place)
            tried.add(place)
            asked += trial.asked
            if trial.gain and (best is None or trial.gain > best.gain):
                best = trial
        if best is None:
            break
        after = state.after(best)
        points.append(_point(state, best, after))
        state = after
        candidates |= {place for place, _ in state.candidates}
    return Search(tuple(points), paths, len(candidates), len(tried), is_complete)


def _point(state: State, best: Trial, after: State) -> ChokePoint:
    policy, index = best.place
    document = state.around.account.policies[policy].document
    weakened = tuple(
        name for name, path in sorted(after.paths.items()) if path.verdict != state.paths[name].verdict
    )
    return ChokePoint(
        policy=policy,
        statement=next(s for s in document.statements if s.index == index),
        before=state.count,
        after=after.count,
        cut=tuple(sorted(set(state.paths) - set(after.paths))),
        weakened=weakened,
    )
