"""Make a snapshot from the files that a client hands over, without asking AWS."""

import base64
import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from iamaudit.errors import SnapshotError
from iamaudit.snapshot.documents import with_plain_documents
from iamaudit.snapshot.manifest import SourceResult
from iamaudit.snapshot.organization import read_organization_policies
from iamaudit.snapshot.reading import json_values, read_text
from iamaudit.snapshot.write import write_snapshot

_LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
_COLUMNS = (
    *("user", "arn", "user_creation_time", "password_enabled", "password_last_used"),
    *("password_last_changed", "password_next_rotation", "mfa_active"),
    *(f"access_key_{slot}_{part}" for slot in (1, 2) for part in ("active", "last_rotated")),
    *(f"access_key_{slot}_last_used_{part}" for slot in (1, 2) for part in ("date", "region", "service")),
    *(f"cert_{slot}_{part}" for slot in (1, 2) for part in ("active", "last_rotated")),
)
_DETAILS_CURE = "give the output of `aws iam get-account-authorization-details`"
_REPORT_CURE = "give the output of `aws iam get-credential-report`, or the CSV from the console"
_ACCOUNT = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):")


def snapshot_from_files(
    root: Path,
    *,
    authorization_details: Sequence[Path] = (),
    credential_report: Path | None = None,
    organization_policies: Path | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    account_id: str | None = None,
) -> Path:
    """Write ``root/<account_id>/<UTC now>/`` from what was handed over, and return that folder.

    Parameters
    ----------
    authorization_details
        One file or several with the pages of ``aws iam get-account-authorization-details``, one JSON object
        or several in each; policy documents as objects or as URL-encoded text.
    credential_report
        The CSV, or the JSON of ``aws iam get-credential-report`` (which also says when AWS made it).
    organization_policies
        The SCPs and RCPs of every level above the account, as in ``docs/evaluation.md``.
    account_id
        The account, if the files should be held to it; else it is read from their ARNs.

    What is not given is *missing* in the snapshot, as are all other sources.

    Raises
    ------
    SnapshotError
        A file cannot be read, is something else or is not all of it, the files are of several accounts, or
        none was given.
    """
    if not authorization_details and credential_report is None and organization_policies is None:
        raise SnapshotError("nothing to import: give --authorization-details, --credential-report or both")
    results: dict[str, SourceResult] = {}
    accounts: set[str] = set()
    if authorization_details:
        details = _read_details(authorization_details)
        accounts |= _accounts(item["Arn"] for items in details.values() for item in items)
        rows = {name: len(items) for name, items in details.items()}
        results["authorization_details"] = SourceResult("collected", details, rows=rows)
    if credential_report is not None:
        text, generated_at = _read_report(credential_report)
        users = _report_rows(credential_report, text)
        accounts |= _accounts(row["arn"] for row in users)
        roots = sum(row["user"] == "<root_account>" for row in users)
        results["credential_report"] = SourceResult(
            "collected", text, rows={"root": roots, "users": len(users) - roots}, generated_at=generated_at
        )
    if organization_policies is not None:
        results["organization_policies"] = read_organization_policies(organization_policies)
    now = clock()
    return write_snapshot(
        root,
        results,
        account_id=_one_account(accounts, account_id),
        origin="files",
        started_at=now,
        finished_at=now,
    )


def _read_details(paths: Sequence[Path]) -> dict[str, list[Any]]:
    """Return the four lists of all pages, after a look at whether all of it is there."""
    pages = [(path, page) for path in paths for page in json_values(path, read_text(path), _DETAILS_CURE)]
    found: dict[str, dict[str, Any]] = {}
    for path, page in pages:
        for name, items in _lists_of(path, page).items():
            merged = found.setdefault(name, {})
            for item in items:
                if merged.setdefault(item["Arn"], item) != item:
                    raise SnapshotError(
                        f"`{path}` says something else about `{item['Arn']}` than the page before: give the "
                        "pages of one run"
                    )
    last = pages[-1][0]
    if all(page.get("IsTruncated") or page.get("NextToken") for _, page in pages):
        raise SnapshotError(f"`{last}` is not the last page: give all of them, or leave out --max-items")
    for name in _LISTS:
        if name not in found:
            raise SnapshotError(f"`{last}` has no `{name}`: {_DETAILS_CURE}, without --query")
    return {name: list(found[name].values()) for name in _LISTS}


def _lists_of(path: Path, page: Any) -> dict[str, list[Any]]:
    lists = {name: page[name] for name in _LISTS if name in page} if isinstance(page, dict) else {}
    if not lists:
        raise SnapshotError(f"`{path}` holds no authorization details: {_DETAILS_CURE}")
    for name, items in lists.items():
        if not isinstance(items, list) or not all(_has_arn(item) for item in items):
            raise SnapshotError(f"`{path}`: `{name}` is no list of items with an Arn: {_DETAILS_CURE}")
    try:
        return {name: with_plain_documents(items) for name, items in lists.items()}
    except RecursionError as error:
        raise SnapshotError(f"`{path}` is nested deeper than any policy: {_DETAILS_CURE}") from error


def _read_report(path: Path) -> tuple[str, datetime | None]:
    text = read_text(path)
    if not text.startswith("{"):
        return text, None
    (answer, *_) = json_values(path, text, _REPORT_CURE)
    try:
        content = base64.b64decode(answer["Content"], validate=True).decode("utf-8")
        made = answer.get("GeneratedTime")
        return content, None if made is None else datetime.fromisoformat(made)
    except (KeyError, TypeError, ValueError) as error:
        raise SnapshotError(f"`{path}` holds no credential report: {_REPORT_CURE}") from error


def _report_rows(path: Path, text: str) -> list[dict[str, str]]:
    """Return the rows of the CSV, after a look at whether all of it is there."""
    reader = csv.DictReader(io.StringIO(text), strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        raise SnapshotError(f"`{path}` is no CSV ({error}): {_REPORT_CURE}") from error
    absent = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
    if absent:
        raise SnapshotError(f"`{path}` has no column `{absent[0]}`: {_REPORT_CURE}")
    for number, row in enumerate(rows, start=1):
        if None in row or None in row.values():
            raise SnapshotError(f"`{path}` row {number} does not fit the header or is cut: {_REPORT_CURE}")
    if not rows:
        raise SnapshotError(f"`{path}` has a header and no row: {_REPORT_CURE}")
    return rows


def _has_arn(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("Arn"), str)


def _accounts(arns: Iterable[str]) -> set[str]:
    return {match[1] for arn in arns if (match := _ACCOUNT.match(arn))}


def _one_account(found: set[str], expected: str | None) -> str:
    if expected is not None and not re.fullmatch(r"\d{12}", expected, re.ASCII):
        raise SnapshotError(f"account id `{expected}` is not 12 digits: give the id, with its leading zeros")
    if len(found) > 1:
        raise SnapshotError(
            f"the files are of several accounts ({', '.join(sorted(found))}): import one at a time"
        )
    if not found and expected is None:
        raise SnapshotError("no ARN in the files tells the account: give --account-id")
    account = next(iter(found), expected)
    if expected not in (None, account):
        raise SnapshotError(f"the files are of account {account}, not `{expected}`: check which is meant")
    return str(account)
