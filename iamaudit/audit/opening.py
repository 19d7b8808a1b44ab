"""Open a snapshot for an audit, and refuse parameters that cannot be meant."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from iamaudit.audit.audit import Audit
from iamaudit.audit.completion import offer_names
from iamaudit.audit.display import running_shell, show_answers
from iamaudit.audit.dossiers.dossier import Dossier
from iamaudit.audit.given import THIS_RUN, Given, read_given
from iamaudit.audit.key import Terms, judgement_key
from iamaudit.audit.store import Store
from iamaudit.checks import CATALOGUE, EvidenceFile, load_checks
from iamaudit.checks.basis import CODE_SCAN, SCAN
from iamaudit.checks.signoff.attestations import read_attestations
from iamaudit.checks.signoff.owners import Owners, read_owners
from iamaudit.checks.signoff.waivers import read_waivers
from iamaudit.codescan import read_scan
from iamaudit.demo.collected import DEMO_CODE, DEMO_OWNERS, demo_snapshot
from iamaudit.errors import ParameterError, did_you_mean
from iamaudit.frames import stored_sightings_frame
from iamaudit.settings import INPUTS, SNAPSHOT, Settings
from iamaudit.snapshot import Snapshot, older_snapshots, read_snapshot

DEMO = str(SNAPSHOT.default)
_INPUTS = tuple(each.name for each in INPUTS)


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
        ``as_of`` is not a time, a threshold is unknown or not a whole number, or a file cannot be used.
    """
    inputs = (
        as_of,
        waivers,
        attestations,
        owners,
        checks,
        code_scan,
        trusted_accounts,
        previous,
        break_glass,
    )
    named = {name: value for name, value in zip(_INPUTS, inputs, strict=True) if value}
    values = {SNAPSHOT.name: path, **named, **thresholds}
    return _open(Given(values, dict.fromkeys(values, THIS_RUN)), is_kept=is_kept)


def open_notebook(namespace: Mapping[str, Any]) -> Audit:
    """Open the snapshot that a notebook's parameters name; ``namespace`` is its ``globals()``.

    What the notebook gives itself, or papermill handed over, counts before the params file that its parameter
    ``params`` names, and that before the defaults. ``audit.settings_in_force`` says what counted.

    Raises
    ------
    SnapshotError
        There is no snapshot that can be read.
    ParameterError
        A name is unknown, a value cannot be meant, or the snapshot is not of the account ``account_id``.
    """
    given, account_id = read_given(namespace)
    show_answers(Audit, Dossier)
    offer_names(running_shell())
    audit = _open(given)
    refuse_other_account(audit, account_id)
    return audit


def refuse_other_account(audit: Audit, wanted: str) -> None:
    """Refuse a snapshot that is not of the account that somebody meant; nobody means any with ``""``."""
    if wanted and wanted != audit.account_id:
        raise ParameterError(
            f"the snapshot is of account {audit.account_id}, `account_id` is `{wanted}`: give that account's"
        )


def _open(given: Given, *, is_kept: bool = True) -> Audit:
    settings, own_checks = _settings(given.values), given.values.get("checks", "")
    path = given.values.get(SNAPSHOT.name, DEMO)
    texts = {name: given.values.get(name, "") for name in _INPUTS}
    moment = _moment(texts["as_of"]) if texts["as_of"] else None
    accounts = _accounts(texts["trusted_accounts"])
    loaded = load_checks(Path(own_checks)) if own_checks else ()
    accepted = read_waivers(Path(texts["waivers"]), CATALOGUE) if texts["waivers"] else ()
    answers = read_attestations(Path(texts["attestations"])) if texts["attestations"] else {}
    named = read_owners(Path(texts["owners"])) if texts["owners"] else Owners()
    snapshot = read_snapshot(demo_snapshot() if str(path) == DEMO else path)
    is_demo = snapshot.manifest.origin == "demo"
    code_scan = texts["code_scan"] or (DEMO_CODE if is_demo else "")
    found, scan = _scan(Path(code_scan), snapshot.manifest.account_id) if code_scan else (None, None)
    older = older_snapshots(snapshot, Path(texts["previous"]) if texts["previous"] else None)
    terms = Terms(
        as_of=moment or _taken(snapshot),
        settings=settings,
        trusted_accounts=accounts,
        break_glass=_listed(texts["break_glass"]),
        waivers=accepted,
        attestations=answers,
        owners=named if named or not is_demo else read_owners(DEMO_OWNERS),
        code_scan=found,
        scan_file=scan,
        own_checks=loaded,
        own_checks_text=Path(own_checks).read_text(encoding="utf-8") if own_checks else "",
        previous=[each.path for each in older],
        given=given,
    )
    earlier = [_judged(each, replace(terms, as_of=_taken(each), previous=()), is_kept) for each in older]
    audit = _judged(snapshot, terms, is_kept, earlier)
    if terms.owners and snapshot.why_not("authorization_details") is None:
        terms.owners.refuse_unknown([*audit.users.arn.dropna(), *audit.roles.arn])
    return audit


def _settings(values: Mapping[str, Any]) -> Settings:
    """Return the thresholds among what was given; what is nothing else is meant to be one."""
    thresholds = {name: value for name, value in values.items() if name not in (SNAPSHOT.name, *_INPUTS)}
    known = {field.name for field in fields(Settings)}
    unknown = sorted(thresholds.keys() - known)
    if unknown:
        hint = did_you_mean(unknown[0], known, f"use one of {', '.join(sorted(known))}")
        raise ParameterError(f"unknown threshold `{unknown[0]}`: {hint}")
    return Settings(**thresholds)


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


def _scan(path: Path, account_id: str) -> tuple[pd.DataFrame, EvidenceFile]:
    account, rows, scanned = read_scan(path)
    if account != account_id:
        raise ParameterError(f"the scan `{path}` is of account {account}, the snapshot of {account_id}")
    holds = "; ".join(scanned) or "what was scanned is not recorded"
    carried, digest = f"given/{CODE_SCAN}{path.suffix}", hashlib.sha256(path.read_bytes()).hexdigest()
    return stored_sightings_frame(rows), EvidenceFile(SCAN, carried, holds, "", digest)


def _moment(as_of: str | datetime) -> datetime:
    try:
        moment = as_of if isinstance(as_of, datetime) else datetime.fromisoformat(as_of)
    except ValueError as error:
        raise ParameterError(f"`as_of` is `{as_of}`: write it like 2026-11-01T08:00:00Z") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
