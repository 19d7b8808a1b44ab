"""Open a snapshot for an audit, and refuse parameters that cannot be meant."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd

from iamaudit.audit.audit import Audit
from iamaudit.audit.display import show_answers
from iamaudit.audit.key import Terms, judgement_key
from iamaudit.audit.store import Store
from iamaudit.checks import CATALOGUE, load_checks
from iamaudit.checks.signoff.attestations import read_attestations
from iamaudit.checks.signoff.owners import Owners, read_owners
from iamaudit.checks.signoff.waivers import read_waivers
from iamaudit.codescan import read_scan
from iamaudit.demo.collected import DEMO_CODE, DEMO_OWNERS, demo_snapshot
from iamaudit.errors import ParameterError, did_you_mean
from iamaudit.frames import stored_sightings_frame
from iamaudit.settings import INPUTS, THRESHOLDS, Settings
from iamaudit.snapshot import Snapshot, older_snapshots, read_snapshot

DEMO = "demo"
PARAMETERS = tuple(each.name for each in (*INPUTS, *THRESHOLDS))
"""What a notebook may hand over beside its snapshot."""


def open_snapshot(  # noqa: PLR0913 - what an audit may be given
    path: str | Path = DEMO,
    *,
    as_of: str | datetime | None = None,
    waivers: str | Path = "",
    attestations: str | Path = "",
    owners: str | Path = "",
    checks: str | Path = "",
    code_scan: str | Path = "",
    trusted_accounts: str = "",
    previous: str | Path = "",
    break_glass: str = "",
    is_kept: bool = True,
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
    owners
        A YAML file of who answers for which user and role; the tag ``owner`` counts where it names nobody.
    checks
        A Python file of checks of your own; it is run, so look at it first.
    code_scan
        What ``iamaudit scan-code --write FILE`` wrote for this account.
    trusted_accounts
        Accounts of one's own, 12 digits each, separated by commas: roles may trust them.
    previous
        The older snapshot with which ``changes`` compares; unless given, the newest older one of the account
        that lies beside. It is judged under the same thresholds, at the moment when it was taken.
    break_glass
        Users and roles kept for an emergency, separated by commas: an ARN, ``role/name`` or ``user/name``.
        They may be idle.
    is_kept
        Whether what is judged is kept, and read back by whoever asks next; else all of it is judged anew.
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
        hint = did_you_mean(unknown[0], known, f"use one of {', '.join(sorted(known))}")
        raise ParameterError(f"unknown threshold `{unknown[0]}`: {hint}")
    settings = Settings(**thresholds)
    moment = _moment(as_of) if as_of else None
    accounts = _accounts(trusted_accounts)
    own_checks = load_checks(Path(checks)) if checks else ()
    accepted = read_waivers(Path(waivers), CATALOGUE) if waivers else ()
    answers = read_attestations(Path(attestations)) if attestations else {}
    named = read_owners(Path(owners)) if owners else Owners()
    snapshot = read_snapshot(demo_snapshot() if str(path) == DEMO else path)
    is_demo = snapshot.manifest.origin == "demo"
    code_scan = code_scan or (DEMO_CODE if is_demo else "")
    found, scanned = _scan(Path(code_scan), snapshot.manifest.account_id) if code_scan else (None, [])
    older = older_snapshots(snapshot, Path(previous) if previous else None)
    terms = Terms(
        as_of=moment or _taken(snapshot),
        settings=settings,
        trusted_accounts=accounts,
        break_glass=_listed(break_glass),
        waivers=accepted,
        attestations=answers,
        owners=named if named or not is_demo else read_owners(DEMO_OWNERS),
        code_scan=found,
        scanned=scanned,
        own_checks=own_checks,
        own_checks_text=Path(checks).read_text(encoding="utf-8") if checks else "",
        previous=[each.path for each in older],
    )
    earlier = [_judged(each, replace(terms, as_of=_taken(each), previous=()), is_kept) for each in older]
    audit = _judged(snapshot, terms, is_kept, earlier)
    if terms.owners and snapshot.why_not("authorization_details") is None:
        terms.owners.refuse_unknown([*audit.users.arn.dropna(), *audit.roles.arn])
    return audit


def open_notebook(namespace: Mapping[str, Any]) -> Audit:
    """Open the snapshot that a notebook's parameters name; ``namespace`` is its ``globals()``."""
    given = {name: namespace[name] for name in PARAMETERS if name in namespace}
    _refuse_misspelt(namespace)
    show_answers()
    return open_snapshot(namespace.get("snapshot") or DEMO, **given)


def _refuse_misspelt(namespace: Mapping[str, Any]) -> None:
    """Refuse a name that is nearly a parameter: papermill hands over whatever it was given."""
    known = ("snapshot", *PARAMETERS)
    for name, value in namespace.items():
        if name not in known and not name.startswith("_") and isinstance(value, str | int):
            close = get_close_matches(name, known, n=1, cutoff=0.85)
            if close:
                raise ParameterError(f"unknown parameter `{name}`: did you mean `{close[0]}`?")


def _judged(snapshot: Snapshot, terms: Terms, is_kept: bool, older: Sequence[Audit] = ()) -> Audit:
    return Audit(snapshot, terms, Store(judgement_key(snapshot, terms)) if is_kept else None, older)


def _taken(snapshot: Snapshot) -> datetime:
    return snapshot.manifest.finished_at or snapshot.manifest.started_at


def _listed(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(",") if each.strip())


def _accounts(text: str) -> tuple[str, ...]:
    accounts = _listed(text)
    wrong = [each for each in accounts if not (each.isdigit() and len(each) == 12)]
    if wrong:
        raise ParameterError(f"`trusted_accounts` has `{wrong[0]}`: give 12 digits each, separated by commas")
    return accounts


def _scan(path: Path, account_id: str) -> tuple[pd.DataFrame, list[str]]:
    account, rows, scanned = read_scan(path)
    if account != account_id:
        raise ParameterError(f"the scan `{path}` is of account {account}, the snapshot of {account_id}")
    return stored_sightings_frame(rows), scanned


def _moment(as_of: str | datetime) -> datetime:
    try:
        moment = as_of if isinstance(as_of, datetime) else datetime.fromisoformat(as_of)
    except ValueError as error:
        raise ParameterError(f"`as_of` is `{as_of}`: write it like 2026-11-01T08:00:00Z") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
