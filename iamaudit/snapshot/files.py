"""Make a snapshot from the files that a client hands over, without asking AWS."""

import base64
import binascii
import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from iamaudit.errors import SnapshotError
from iamaudit.snapshot.manifest import SourceResult
from iamaudit.snapshot.write import write_snapshot

_LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
_DOCUMENTS = {"PolicyDocument", "AssumeRolePolicyDocument", "Document"}
_DETAILS_CURE = "give the output of `aws iam get-account-authorization-details`"
_REPORT_CURE = "give the output of `aws iam get-credential-report`, or the CSV from the console"
_GAP = re.compile(r"[\s,]*")
_ACCOUNT = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):")


def snapshot_from_files(
    root: Path,
    *,
    authorization_details: Sequence[Path] = (),
    credential_report: Path | None = None,
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
    account_id
        The account, if the files should be held to it; else it is read from their ARNs.

    What is not given is *missing* in the snapshot, as are all other sources.

    Raises
    ------
    SnapshotError
        A file cannot be read or is something else, the files are of several accounts, or none was given.
    """
    if not authorization_details and credential_report is None:
        raise SnapshotError("nothing to import: give --authorization-details, --credential-report or both")
    results: dict[str, SourceResult] = {}
    accounts: set[str] = set()
    if authorization_details:
        details = _read_details(authorization_details)
        arns = (item["Arn"] for name in _LISTS[:3] for item in details[name])
        accounts |= _accounts(arns)
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
    details: dict[str, list[Any]] = {name: [] for name in _LISTS}
    for path in paths:
        for page in _json_values(path, _text(path), _DETAILS_CURE):
            found = [name for name in _LISTS if isinstance(page, dict) and name in page]
            if not found:
                raise SnapshotError(f"`{path}` holds no authorization details: {_DETAILS_CURE}")
            for name in found:
                items = page[name]
                if not isinstance(items, list) or not all(_has_arn(item) for item in items):
                    raise SnapshotError(
                        f"`{path}`: `{name}` is no list of items with an Arn: {_DETAILS_CURE}"
                    )
                details[name] += [_decoded(item) for item in items]
    return details


def _read_report(path: Path) -> tuple[str, datetime | None]:
    text = _text(path)
    if not text.lstrip().startswith("{"):
        return text, None
    (answer, *_) = _json_values(path, text, _REPORT_CURE)
    try:
        content = base64.b64decode(answer["Content"], validate=True).decode("utf-8")
        made = answer.get("GeneratedTime")
        return content, None if made is None else datetime.fromisoformat(made)
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise SnapshotError(f"`{path}` holds no credential report: {_REPORT_CURE}") from error


def _report_rows(path: Path, text: str) -> list[dict[str, str]]:
    """Return the rows of the CSV, after a look at whether all of it is there."""
    reader = csv.DictReader(io.StringIO(text), strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        raise SnapshotError(f"`{path}` is no CSV ({error}): {_REPORT_CURE}") from error
    absent = [name for name in ("user", "arn") if name not in (reader.fieldnames or ())]
    if absent:
        raise SnapshotError(f"`{path}` has no column `{absent[0]}`: {_REPORT_CURE}")
    for number, row in enumerate(rows, start=1):
        if None in row or None in row.values():
            raise SnapshotError(
                f"`{path}` row {number} does not fit the header, it is cut short: {_REPORT_CURE}"
            )
    if not rows:
        raise SnapshotError(f"`{path}` has a header and no row: {_REPORT_CURE}")
    return rows


def _text(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SnapshotError(f"cannot read `{path}` ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise SnapshotError(f"`{path}` is no UTF-8 text: save the output of the AWS CLI as it is") from error
    if not text.strip():
        raise SnapshotError(f"`{path}` is empty: the command that wrote it has failed")
    return text.strip()


def _json_values(path: Path, text: str, cure: str) -> Iterator[Any]:
    """Yield the JSON values that stand one after the other in ``text``."""
    decoder, position = json.JSONDecoder(), 0
    while position < len(text):
        try:
            value, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            where = (
                f"line {error.lineno} column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
            )
            raise SnapshotError(f"`{path}` is no JSON ({where or error}): {cure}") from error
        yield value
        gap = _GAP.match(text, position)
        position = gap.end() if gap else position


def _has_arn(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("Arn"), str)


def _decoded(value: Any) -> Any:
    """Return ``value`` with URL-encoded policy documents as objects; text that is none stays as it is."""
    if isinstance(value, list):
        return [_decoded(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _document(item) if key in _DOCUMENTS and isinstance(item, str) else _decoded(item)
        for key, item in value.items()
    }


def _document(text: str) -> Any:
    plain = unquote(text) if text.lstrip().startswith("%") else text
    try:
        return json.loads(plain)
    except ValueError:
        return plain  # the frames report it as a policy that cannot be read


def _accounts(arns: Iterable[str]) -> set[str]:
    return {match[1] for arn in arns if (match := _ACCOUNT.match(arn))}


def _one_account(found: set[str], expected: str | None) -> str:
    accounts = sorted(found | ({expected} if expected else set()))
    if len(accounts) > 1:
        raise SnapshotError(
            f"the files are of several accounts ({', '.join(accounts)}): import one at a time"
        )
    if not accounts:
        raise SnapshotError("no ARN in the files tells the account: give --account-id")
    return accounts[0]
