"""The lists of the workbook: observations, controls, exceptions and samples."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from iamaudit.audit import Audit
from iamaudit.checks import CATALOGUE, proofs, reference_of
from iamaudit.frames import rows_of
from iamaudit.report.data import data_file
from iamaudit.report.workbook.book import HEAD, Book, Column, Link
from iamaudit.report.workbook.cover import SIGN_OFF
from iamaudit.report.workbook.places import Places
from iamaudit.report.workbook.record import REGISTER

MAX_ROWS = 10_000
"""Nobody works through more rows by hand; the rest is under ``data/``, and the sheet says where."""

_IN_WORDS = 6
_WORKPAPER = Column("workpaper", 12, "The reference of the test; it leads to its record.")
OBSERVATIONS = (
    Column("no.", 5, "The place in the order in which to act."),
    Column("severity", 11, "How soon to act: likelihood x impact (docs/severity.md)."),
    Column("observation", 28, "What is wrong, and the name by which data/ and later audits know it."),
    Column("owner", 14, "Who answers for it, by tag or owners file; empty where neither says."),
    Column("due", 10, "The day by which to act, from the severity."),
    Column("management response", 24, "What those who answer for it will do.", to_fill=True),
    Column(
        "status",
        13,
        "Where it stands: choose from the list.",
        to_fill=True,
        choices=("open", "in progress", "done, to be verified", "closed", "risk accepted"),
    ),
    Column("closed on", 10, "The day on which it was verified.", to_fill=True),
    Column("condition, cause, effect", 56, "What the evidence shows, the likely cause, and what can happen."),
    Column("recommendation", 48, "What to do, in a safe order."),
    Column("criteria", 20, "The controls that are not met."),
    Column("findings", 9, "How many exceptions go away with it; some of them may be waived."),
)
_CONTROL = (
    Column("control", 10, "The number of the control in this framework."),
    Column("level", 7, "The profile of CIS that asks for it; level 2 adds to level 1."),
    Column("title", 38, "What the control asks, in our words."),
    Column("kind", 12, "automated: tests decide it. partial: they see a part. manual: a person answers it."),
    Column("conclusion", 17, "Met, not met, not evaluated, or open to a person."),
    _WORKPAPER,
    Column("all workpapers", 22, "Every test behind the control."),
    Column(
        "tested as", 44, "Each test under the terms of the control, and what it came to; no more than six."
    ),
    Column("population", 10, "How many distinct resources were tested."),
    Column("exceptions", 10, "How many of them do not meet it."),
    Column("asks beyond", 40, "What the control asks that no test sees."),
    Column("answer", 26, "What somebody signed, by whom and when."),
    Column("auditor's remark", 26, "What the team adds.", to_fill=True),
)
EXCEPTIONS = (
    _WORKPAPER,
    Column("severity", 11, "How soon to act on it."),
    Column("resource", 40, "The ARN of what does not meet the criterion."),
    Column("exception", 44, "What is wrong with it."),
    Column("evidence", 52, "Where it stands, by key and value; for a path, a line a hop."),
    Column("observation", 12, "The number of the observation with which it goes away; it leads there."),
    Column("controls", 24, "The controls that it does not meet."),
    Column("waiver", 16, "Who accepted it until when; empty where nobody did."),
    Column("auditor's remark", 26, "What the team adds.", to_fill=True),
)
SAMPLES = (
    _WORKPAPER,
    Column("result", 13, "What the tool found for the row, and the stratum it was drawn from."),
    Column("stratum", 8, "How many rows the stratum has."),
    Column("resource", 40, "The ARN of what is tested."),
    Column("evidence", 52, "Where to look, by key and value."),
    Column(
        "tick mark",
        13,
        "What the test by hand says of the tool's result: choose from the list.",
        to_fill=True,
        choices=("agrees", "differs", "not applicable"),
    ),
    Column("remark", 26, "What was seen.", to_fill=True),
    Column("tester", 14, "Who tested.", to_fill=True),
    Column("date", 11, "When.", to_fill=True),
)


def columns_of_all() -> Iterator[tuple[str, str, str]]:
    """Yield sheet, heading and meaning of every column."""
    tables: Mapping[str, Iterable[Column]] = {
        "Observations": OBSERVATIONS,
        "a framework": _CONTROL,
        "Workpapers": REGISTER,
        "Exceptions": EXCEPTIONS,
        "Samples": SAMPLES,
        "Sign-off": SIGN_OFF,
    }
    for sheet, columns in tables.items():
        yield from ((sheet, column.heading, column.about) for column in columns)


def write_observations(book: Book, audit: Audit, parquet_only: Collection[str]) -> None:
    """Write what to do, with fields for the answer of those who answer for it."""
    about = "Agree owner, due date, response and status with those who answer for each."
    observed = audit.observations
    book.table(
        "Observations",
        "Observations, worst first",
        OBSERVATIONS,
        (_observation(row) for row in rows_of(observed.head(MAX_ROWS))),
        about=_capped(about, len(observed), "observations", parquet_only),
    )


def _observation(row: Mapping[Any, Any]) -> list[Any]:
    steps = [f"{number}. {step}" for number, step in enumerate(row["recommendation"], start=1)]
    title, due = f"{row['title']}\n{row['id']}", row.get("due_at")
    parts = {"Condition": "condition", "Likely cause": "cause", "Effect": "effect"}
    told = [f"{label}: {row[name]}" for label, name in parts.items()]
    known = [row["rank"], row["severity"], title, row["owner"], due]
    return [*known, told, steps, "; ".join(row["criteria"]), _with_waived(row)]


def _with_waived(row: Mapping[Any, Any]) -> int | str:
    return f"{row['findings']:,}, {row['waived']:,} waived" if row["waived"] else int(row["findings"])


def write_controls(book: Book, audit: Audit, framework: str, places: Places) -> None:
    """Write the controls of a framework, each with the workpapers behind it."""
    rows = audit.controls[audit.controls.framework == framework]
    levels = rows.level.notna().any()
    columns = [column for column in _CONTROL if levels or column.heading != "level"]
    book.table(
        framework,
        f"Controls of {framework}",
        columns,
        (_control(row, places, has_level=bool(levels)) for row in rows_of(rows)),
        about="Thresholds are the framework's own. The first workpaper of a control is a link.",
    )


def _control(row: Mapping[Any, Any], places: Places, *, has_level: bool) -> list[Any]:
    checks = [check for check in row["checks"] if check in places.rows]
    said = [row[name] for name in ("title", "kind", "conclusion")]
    answer = None
    if isinstance(row["answered_by"], str):
        answer = f"{row['answer']} ({row['answered_by']}, {row['answered_on']})"
    return [
        row["control"],
        *([row["level"]] if has_level else []),
        *said,
        places.link(checks[0]) if checks else None,
        "; ".join(map(reference_of, checks)),
        _tested(row),
        row["population"],
        row["exceptions"],
        row["beyond"],
        answer,
    ]


def _tested(row: Mapping[Any, Any]) -> list[str] | None:
    """Return what was tested in words, with the thresholds of the framework, where the tests are few."""
    if len(row["tests"]) > _IN_WORDS:
        return None
    said = (test.partition(": ")[2] for test in row["tests"])
    return [f"{words}: {result}" for words, result in zip(said, row["results"], strict=True)]


def write_exceptions(book: Book, audit: Audit, places: Places, parquet_only: Collection[str]) -> None:
    """Write the exceptions in the order of the findings, each with what proves it."""
    findings, observed = audit.findings, audit.observations
    ranks = dict(zip(observed.id, observed["rank"], strict=True))
    proven = _proven(audit) if len(findings) <= MAX_ROWS else {}
    book.table(
        "Exceptions",
        "Exceptions",
        EXCEPTIONS,
        (_exception(row, places, proven, ranks) for row in rows_of(findings.head(MAX_ROWS))),
        about=_capped(
            "Filter by workpaper, severity or observation.", len(findings), "findings", parquet_only
        ),
    )


def _exception(
    row: Mapping[Any, Any],
    places: Places,
    proven: Mapping[tuple[str, Any, Any], str],
    ranks: Mapping[str, int],
) -> list[Any]:
    proof = proven.get((row["check"], row["resource"], row["message"]), row["evidence"])
    rank = ranks[row["observation"]]
    led = Link(f"no. {rank}", "Observations", HEAD + rank) if rank <= MAX_ROWS else f"no. {rank}"
    said = [row[name] for name in ("severity", "resource", "message")]
    return [places.link(row["check"]), *said, proof, led, row["controls"], row["waiver"]]


def _proven(audit: Audit) -> Mapping[tuple[str, Any, Any], str]:
    """Return what proves each exception; of an account so large that a list is cut, the pointer is enough."""
    found = {}
    for check, paper in audit.workpapers.items():
        rows = paper.exceptions
        if len(rows):
            told = (rows.arn.tolist(), rows.message.tolist(), proofs(CATALOGUE[check], rows))
            found.update({(check, arn, said): proof for arn, said, proof in zip(*told, strict=True)})
    return found


def write_samples(book: Book, audit: Audit, places: Places) -> None:
    """Write the rows drawn for a test by hand, with fields for its result."""
    book.table(
        "Samples",
        "Samples for tests by hand",
        SAMPLES,
        (_sampled(row, places) for row in rows_of(audit.samples.head(MAX_ROWS))),
        about=f"Stratified by result, seed {audit.settings.sample_seed}; docs/auditor.md has the rule. "
        "A workpaper that is not here has too few rows for a sample: test them all.",
    )


def _sampled(row: Mapping[Any, Any], places: Places) -> list[Any]:
    return [places.link(row["check"]), row["stratum"], row["of"], row["resource"], row["evidence"]]


def _capped(about: str, rows: int, frame: str, parquet_only: Collection[str]) -> str:
    if rows <= MAX_ROWS:
        return about
    return f"First {MAX_ROWS:,} of {rows:,} rows, all in data/{data_file(frame, parquet_only)}. {about}"
