"""Make a snapshot from the files that a client hands over, without asking AWS."""

import base64
import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from iamaudit.errors import SnapshotError
from iamaudit.snapshot.documents import with_plain_documents
from iamaudit.snapshot.manifest import SourceResult
from iamaudit.snapshot.organization import read_organization_policies
from iamaudit.snapshot.reading import json_values, read_text
from iamaudit.snapshot.shapes import REPORT_COLUMNS, shape_problem
from iamaudit.snapshot.write import write_snapshot

_LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
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
        The account: of files that mix several, its part is taken and the manifest says how much is left
        out. Unless given, it is read from the ARNs.

    What is not given is *missing* in the snapshot, as are all other sources.

    Raises
    ------
    SnapshotError
        A file cannot be read, is something else or is not all of it, or none was given; the files are of
        several accounts and ``account_id`` does not say which, or of another one.
    """
    if not authorization_details and credential_report is None and organization_policies is None:
        raise SnapshotError("nothing to import: give --authorization-details, --credential-report or both")
    details = _read_details(authorization_details) if authorization_details else {}
    text, generated_at = _read_report(credential_report) if credential_report else ("", None)
    users = _report_rows(credential_report, text) if credential_report else []
    detailed = _accounts(item["Arn"] for items in details.values() for item in items)
    reported = _accounts(row["arn"] for row in users)
    account = _one_account(detailed | reported, account_id)
    for what, found in (("authorization details", detailed), ("credential report", reported)):
        if found and account not in found:  # none of it is left, and nothing is no evidence
            others = " and ".join(sorted(found))
            raise SnapshotError(
                f"the {what} of account {others} cannot tell of `{account}`: give its own, or leave them out"
            )
    results: dict[str, SourceResult] = {}
    if authorization_details:
        results["authorization_details"] = _details_of(account, details)
    if credential_report is not None:
        results["credential_report"] = _report_of(account, text, users, generated_at)
    if organization_policies is not None:
        results["organization_policies"] = read_organization_policies(organization_policies)
    now = clock()
    return write_snapshot(root, results, account_id=account, origin="files", started_at=now, finished_at=now)


def _details_of(account: str, details: Mapping[str, list[Any]]) -> SourceResult:
    """Return what is of ``account``, AWS managed policies with it; ``reason`` says what is left out."""
    own = {
        name: [item for item in items if _accounts([item["Arn"]]) in (set(), {account})]
        for name, items in details.items()
    }
    rows = {name: len(items) for name, items in own.items()}
    left_out = sum(map(len, details.values())) - sum(rows.values())
    return SourceResult("collected", own, rows=rows, reason=_left_out(left_out, "principals and policies"))


def _report_of(
    account: str, text: str, users: Sequence[Mapping[str, str]], generated_at: datetime | None
) -> SourceResult:
    """Return the rows of ``account``, the text as it is when there are no others."""
    own = [row for row in users if _accounts([row["arn"]]) in (set(), {account})]
    if len(own) < len(users):
        written = io.StringIO()
        writer = csv.DictWriter(written, fieldnames=list(users[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(own)
        text = written.getvalue()
    roots = sum(row["user"] == "<root_account>" for row in own)
    return SourceResult(
        "collected",
        text,
        rows={"root": roots, "users": len(own) - roots},
        reason=_left_out(len(users) - len(own), "rows"),
        generated_at=generated_at,
    )


def _left_out(count: int, what: str) -> str | None:
    return f"left out, as of other accounts in the same files: {count:,} {what}" if count else None


def _read_details(paths: Sequence[Path]) -> dict[str, list[Any]]:
    """Return the four lists of all pages, after a look at whether all of it is there."""
    values = ((path, value) for path in paths for value in json_values(path, read_text(path), _DETAILS_CURE))
    pages = [
        (path, page) for path, value in values for page in ((isinstance(value, list) and value) or [value])
    ]
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
    details = {name: list(found[name].values()) for name in _LISTS}
    problem = shape_problem("authorization_details", details)
    if problem:
        raise SnapshotError(f"`{last}`: {problem}: {_DETAILS_CURE}")
    return details


def _lists_of(path: Path, page: Any) -> dict[str, list[Any]]:
    lists = {name: page[name] for name in _LISTS if name in page} if isinstance(page, dict) else {}
    if not lists:
        raise SnapshotError(f"`{path}` holds no authorization details: {_DETAILS_CURE}")
    for name, items in lists.items():
        if not isinstance(items, list) or not all(_has_arn(item) for item in items):
            raise SnapshotError(f"`{path}`: `{name}` is not a list of items with an Arn: {_DETAILS_CURE}")
    try:
        return {name: with_plain_documents(items) for name, items in lists.items()}
    except RecursionError as error:
        raise SnapshotError(f"`{path}` is nested deeper than any policy: {_DETAILS_CURE}") from error


def _read_report(path: Path) -> tuple[str, datetime | None]:
    text = read_text(path)
    if not text.startswith("{"):
        return _decoded(text), None
    (answer, *_) = json_values(path, text, _REPORT_CURE)
    try:
        content = base64.b64decode(answer["Content"], validate=True).decode("utf-8")
        made = answer.get("GeneratedTime")
        return content, None if made is None else datetime.fromisoformat(made)
    except (KeyError, TypeError, ValueError) as error:
        raise SnapshotError(f"`{path}` holds no credential report: {_REPORT_CURE}") from error


def _decoded(text: str) -> str:
    """Return the CSV that AWS CLI wrote as base64 (``--query Content``), and any other text as it is."""
    try:
        decoded = base64.b64decode("".join(text.split()), validate=True).decode("utf-8")
    except ValueError:
        return text
    return decoded if decoded.startswith(REPORT_COLUMNS[0]) else text


def _report_rows(path: Path, text: str) -> list[dict[str, str]]:
    """Return the rows of the CSV, after a look at whether all of it is there."""
    problem = shape_problem("credential_report", text)
    if problem:
        raise SnapshotError(f"`{path}` {problem}: {_REPORT_CURE}")
    return list(csv.DictReader(io.StringIO(text)))


def _has_arn(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("Arn"), str)


def _accounts(arns: Iterable[str]) -> set[str]:
    return {match[1] for arn in arns if (match := _ACCOUNT.match(arn))}


def _one_account(found: set[str], expected: str | None) -> str:
    if expected is not None and not re.fullmatch(r"\d{12}", expected, re.ASCII):
        raise SnapshotError(f"account id `{expected}` is not 12 digits: give the id, with its leading zeros")
    if expected is None and len(found) > 1:
        raise SnapshotError(
            f"the files are of several accounts ({', '.join(sorted(found))}): choose one with --account-id"
        )
    if not found and expected is None:
        raise SnapshotError("the files contain no ARN with an account id: give --account-id")
    account = expected or next(iter(found))
    if found and account not in found:
        others = " and ".join(sorted(found))
        raise SnapshotError(f"the files are of account {others}, not `{expected}`: check which is meant")
    return account
