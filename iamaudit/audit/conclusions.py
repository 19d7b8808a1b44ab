"""``Conclusions``: what the evidence of a snapshot is judged to mean."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from importlib.metadata import version

import pandas as pd

from iamaudit import frames as f
from iamaudit.account import Period
from iamaudit.audit.evidence import Evidence
from iamaudit.audit.key import Terms
from iamaudit.audit.lazy import Lazy
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
from iamaudit.errors import ParameterError
from iamaudit.settings import INPUTS, Settings
from iamaudit.snapshot import Snapshot

BUILT_IN = {
    name: check for name, check in CATALOGUE.items() if check.function.__module__.startswith("iamaudit.")
}
"""The checks that come with iamaudit, by id."""
_INPUTS = frozenset(each.name for each in INPUTS)


class Conclusions(Evidence):
    """One snapshot at one moment, judged under one set of thresholds.

    Every frame is a property that is computed once, when it is first asked for. ``frames`` is the mapping of
    all of them.
    """

    def __init__(self, snapshot: Snapshot, terms: Terms) -> None:
        super().__init__(
            snapshot,
            as_of=terms.as_of,
            trusted_accounts=terms.trusted_accounts,
            break_glass=terms.break_glass,
        )
        self.settings, self._terms = terms.settings, terms
        self._selected: Selected = {}

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
            scan=self._terms.scan_file,
            controls=lambda: self.controls,
            findings=(lambda: self.findings) if self._terms.waivers else None,
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
        return headline(
            self.checks.conclusion,
            unanswered=int(waiting.sum()),
            uncollected=len(self.missing),
            empty=int(((self.checks.conclusion == "met") & (self.checks.population == 0)).sum()),
        )

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
        """Return the workpaper of one check, also of one that is not in the catalogue.

        Raises
        ------
        ParameterError
            It is no check, such as the id of one: ``audit.workpapers`` has those by id.
        """
        if not isinstance(check, Check):
            raise ParameterError(f"`{check}` is no check: write `audit.workpapers[...]` with the id of one")
        selected = self._selected if BUILT_IN.get(check.id) is check else None
        paper = evaluate_check(check, self.frames, self.settings, self._why_not, selected)
        return replace(paper, basis=self.basis)

    def _evaluate_within(self, check: Check, settings: Settings, everyone: pd.DataFrame) -> Workpaper:
        """Return the workpaper of a check under other thresholds, or of some rows of its population."""
        frames = {name: self.frames[name] for name in check.needs if name != "settings"}
        return evaluate_check(check, frames | {check.population: everyone}, settings, self._why_not)

    def _workpaper(self, check: Check) -> Workpaper:
        return self.evaluate(check)

    def _why_not(self, name: str) -> str | None:
        """Say why a source or parameter is not evidence."""
        if name not in _INPUTS:
            return self.snapshot.why_not(name)
        return None if self._terms.is_given(name) else f"give the parameter `{name}`"
