"""Open a snapshot for an audit, and refuse parameters that cannot be meant."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from iamaudit.audit.audit import Audit
from iamaudit.audit.completion import offer_names
from iamaudit.audit.display import running_shell, show_answers
from iamaudit.audit.dossiers.dossier import Dossier
from iamaudit.audit.given import THIS_RUN, Given, read_given
from iamaudit.audit.key import Terms, judgement_key
from iamaudit.audit.params_file import moment_of
from iamaudit.audit.store import Store
from iamaudit.checks import CATALOGUE, EvidenceFile, load_checks
from iamaudit.checks.basis import CODE_SCAN, SCAN
from iamaudit.checks.signoff.attestations import read_attestations
from iamaudit.checks.signoff.owners import Owners, names_of, read_owners
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
        A snapshot folder, or a folder of them of one account (the newest is taken), the folder of a report
        that carries its snapshot, or ``"demo"`` for the embedded account, which comes with the package.
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
        ``as_of`` is not a time or before the snapshot, a threshold is unknown or not a whole number, a file
        cannot be used, or ``owners`` or ``break_glass`` names nobody of the account.
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
    audit = reopen_snapshot(values, is_kept=is_kept)
    _refuse_unknown_names(audit)
    return audit


def reopen_snapshot(values: Mapping[str, Any], *, is_kept: bool = True) -> Audit:
    """Open a snapshot by values that another one was judged by: they may name principals that it lacks.

    Raises
    ------
    SnapshotError, ParameterError
        As ``open_snapshot``, but for names that the account lacks.
    """
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
    _refuse_unknown_names(audit)
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
    moment = moment_of(texts["as_of"]) if texts["as_of"] else None
    accounts = _accounts(texts["trusted_accounts"])
    loaded = load_checks(Path(own_checks)) if own_checks else ()
    accepted = read_waivers(Path(texts["waivers"]), CATALOGUE) if texts["waivers"] else ()
    answers = read_attestations(Path(texts["attestations"])) if texts["attestations"] else {}
    named = read_owners(Path(texts["owners"])) if texts["owners"] else Owners()
    snapshot = read_snapshot(demo_snapshot() if str(path) == DEMO else path)
    if moment:
        _refuse_earlier(moment, snapshot)
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
    return _judged(snapshot, terms, is_kept, earlier)


def _refuse_unknown_names(audit: Audit) -> None:
    """Refuse an owner's or an emergency's principal that is none of the account: it may be misspelt."""
    owners, break_glass = audit.owners, audit.break_glass
    if not (owners or break_glass) or audit.snapshot.why_not("authorization_details") is not None:
        return
    arns = [*audit.users.arn.dropna(), *audit.roles.arn]
    if owners:
        owners.refuse_unknown(arns)
    known = {name for arn in arns for name in names_of(arn)[:2]}
    for name in break_glass:
        is_of_another = name.startswith("arn:") and name.split(":")[4:5] != [audit.account_id]
        if name not in known and not is_of_another:
            hint = did_you_mean(name, sorted(known), "give role/NAME or user/NAME, or leave it out")
            raise ParameterError(f"`break_glass` names `{name}`, which the account does not have: {hint}")


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
    wrong = [each for each in accounts if not re.fullmatch(r"\d{12}", each, re.ASCII)]
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


def _refuse_earlier(moment: datetime, snapshot: Snapshot) -> None:
    """Refuse a moment before the day of the evidence: a key would not be old yet, and pass.

    Files that were handed over are of the day when AWS made the credential report, where it says that.
    """
    made = snapshot.manifest.started_at
    if snapshot.manifest.origin == "files":
        report = snapshot.manifest.sources.get("credential_report")
        made = (report and report.generated_at) or moment
    if moment.date() < made.date():
        raise ParameterError(
            f"`as_of` is {moment:%Y-%m-%d}, before the evidence of {made:%Y-%m-%d}: leave it out, or give a "
            "later moment"
        )
