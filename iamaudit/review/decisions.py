"""What the owners' decisions are worth for the account as it is now."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from iamaudit.errors import ParameterError
from iamaudit.iam.arn import account_of, parse_arn

STATES = ("decided", "undecided", "unclear", "missing", "gone", "changed", "conflict", "duplicate")
"""What can become of a row: only ``decided`` may be acted upon."""
_COLUMNS = (
    *("owner", "principal", "principal_type", "principal_name"),
    *("state", "decision", "note", "comment", "evidence"),
)
_Row = Mapping[Hashable, Any]


def judge_decisions(decisions: pd.DataFrame, now_frame: pd.DataFrame) -> pd.DataFrame:
    """Return what each decision is worth for the account as it is now.

    Parameters
    ----------
    decisions
        What ``read_decisions`` returned, of one file or of several put together.
    now_frame
        What ``review_frame`` returns for the account now.

    Returns
    -------
    pandas.DataFrame
        A row per row of the files, then one per principal that is in none of them. ``state`` is ``decided``,
        ``undecided``, ``unclear`` (the cell says something else), ``changed`` (decided on other permissions),
        ``gone`` (not in the account any more), ``conflict`` (rows that contradict each other), ``duplicate``
        (adds nothing to another row) or ``missing``. ``note`` says it in words, ``evidence`` names file,
        sheet and row.

    Raises
    ------
    ParameterError
        The file and the snapshot are of different accounts.
    """
    rows: Sequence[_Row] = decisions.to_dict("records")
    now: dict[str, _Row] = {row["principal"]: row for row in now_frame.to_dict("records")}
    _same_account(rows, now)
    named: dict[str, list[_Row]] = {}
    for row in rows:
        named.setdefault(_known(row["principal"]), []).append(row)
    main = {arn: _main(found, now.get(arn)) for arn, found in named.items() if len(found) > 1 and arn}
    conflicts = {arn for arn in main if len(_said(named[arn])) > 1}
    judged = [*_judged(rows, now, main, conflicts), *_missing(now, named)]
    return pd.DataFrame(judged, columns=list(_COLUMNS)).astype(dict.fromkeys(_COLUMNS, "string"))


def _judged(
    rows: Sequence[_Row], now: Mapping[str, _Row], main: Mapping[str, _Row], conflicts: set[str]
) -> Iterator[dict[str, Any]]:
    for row in rows:
        arn = _known(row["principal"])
        if arn in conflicts and arn in now:
            state, note = "conflict", "several rows of it say different things: ask which holds"
        elif main.get(arn, row) is not row and arn in now:
            state, note = "duplicate", f"stands for the same as {main[arn]['evidence']}"
        else:
            state, note = _state(row, now.get(arn))
        kind, name = _parts(arn)
        yield {
            **{field: _known(row[field]) for field in ("owner", "decision", "comment", "evidence")},
            "principal": arn,
            "principal_type": kind,
            "principal_name": name,
            "state": state,
            "note": note,
        }


def _state(row: _Row, now: _Row | None) -> tuple[str, str]:
    if not _known(row["principal"]):
        return "unclear", "the row has no ARN: its hidden column was changed"
    if now is None:
        return "gone", "not in the account any more, or made anew under another ARN"
    if row["decision"] == "undecided":
        return "undecided", "no decision"
    if row["decision"] == "unclear":
        return "unclear", f"the decision is `{row['text']}`: use keep, remove or change"
    if not _known(row["fingerprint"]):
        return "changed", "what it was decided on is not known: its hidden column was changed"
    if row["fingerprint"] != now["fingerprint"]:
        return "changed", "decided on other permissions than it has now: ask again"
    return "decided", ""


def _missing(now: Mapping[str, _Row], named: Mapping[str, Sequence[_Row]]) -> Iterator[dict[str, Any]]:
    for arn, row in now.items():
        if arn not in named:
            yield {
                **{field: row[field] for field in ("owner", "principal", "principal_type", "principal_name")},
                "state": "missing",
                "decision": "undecided",
                "note": "in no row: it was deleted there or is new since the export, which of the two "
                "cannot be told",
            }


def _main(rows: Sequence[_Row], now: _Row | None) -> _Row:
    """Return the row that speaks for its duplicates: one with a decision, on what is there now if any is."""
    mark = None if now is None else now["fingerprint"]
    return min(rows, key=lambda row: (row["decision"] == "undecided", row["fingerprint"] != mark))


def _said(rows: Sequence[_Row]) -> set[str]:
    """Return the different decisions of the rows; an empty one contradicts none."""
    return {
        str(row["text"]).casefold() if row["decision"] == "unclear" else str(row["decision"])
        for row in rows
        if row["decision"] != "undecided"
    }


def _same_account(rows: Sequence[_Row], now: Mapping[str, _Row]) -> None:
    theirs = {account for row in rows if (account := _account(_known(row["principal"])))}
    ours = {_account(arn) for arn in now}
    if theirs and ours and not theirs & ours:
        raise ParameterError(
            f"the decisions are of account {', '.join(sorted(theirs))}, the snapshot of "
            f"{', '.join(sorted(ours))}: give those that belong together"
        )


def _account(arn: str) -> str:
    return account_of(arn) or ""


def _parts(arn: str) -> tuple[str, str]:
    """Return the type and the name that an ARN tells."""
    parsed = parse_arn(arn)
    kind, _, rest = (parsed.resource if parsed else "").partition("/")
    return kind, rest.rpartition("/")[2]


def _known(value: Any) -> str:
    return "" if pd.isna(value) else str(value)
