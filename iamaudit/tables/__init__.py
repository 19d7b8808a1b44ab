"""Frame in, safe HTML out.

Whatever comes out of an account is text: ``markupsafe`` escapes every value, so a tag that holds ``<img>``
stays readable as such. Nothing is cut short without saying so and naming the file that has all of it.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup

from iamaudit.account import Answer
from iamaudit.checks import Check, Workpaper
from iamaudit.escalation import Escalation, paths_in_words
from iamaudit.snapshot import SOURCES

_MARKS = {"not met": "bad", "not evaluated": "warn", "manual": "none", "met": "ok"}
_VERDICTS = {"allowed": "ok", "depends": "warn"}
_SEVERITY_COLOURS = {
    "critical": "bad",
    "high": "bad",
    "medium": "warn",
    "low": "none",
    "error": "bad",
    "security warning": "bad",
    "warning": "warn",
    "suggestion": "none",
}
_LISTED = 30
"""How many entries of a list one cell shows, before it says how many there are."""
_CODE = {"arn", "resource", "principal", "policy", "owner", "evidence", "user", "boundary_arn", "check"}


@dataclass(frozen=True, slots=True)
class Html:
    """A piece of a page that a notebook displays."""

    markup: Markup

    def _repr_html_(self) -> str:
        return str(self.markup)

    def __repr__(self) -> str:
        spaced = str(self.markup).replace("<", " <")
        return " ".join(Markup(spaced).striptags().split())  # noqa: S704 - only to take the tags out


def table(
    frame: pd.DataFrame,
    *,
    columns: Sequence[str] | Mapping[str, str] | None = None,
    caption: str = "",
    limit: int = 50,
    file: str = "",
    empty: str = "No row.",
) -> Html:
    """Return rows of ``frame`` as a table, an empty frame as the sentence ``empty``.

    Parameters
    ----------
    columns
        The columns to show, or a mapping from column to heading.
    limit
        How many rows are shown; the caption then says "first N of M" and names ``file``, which has all.
    """
    chosen = columns if isinstance(columns, Mapping) else {c: _heading(c) for c in columns or frame.columns}
    if not len(frame):
        return Html(Markup('<p class="empty">{}</p>').format(empty))
    shown = frame.head(limit)
    if len(frame) > limit:
        where = f", all in data/{file}" if file else ""
        caption = f"{caption + ': ' if caption else ''}first {limit:,} of {len(frame):,} rows{where}"
    head = Markup("").join(
        Markup('<th scope="col"{}>{}</th>').format(_class(frame, column), heading)
        for column, heading in chosen.items()
    )
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                Markup("<td{}>{}</td>").format(_class(frame, c), _cell(c, row[c])) for c in chosen
            )
        )
        for row in shown[list(chosen)].to_dict("records")
    )
    title = Markup("<caption>{}</caption>").format(caption) if caption else Markup("")
    return Html(
        Markup(
            '<div class="scroll"><table>{}<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
        ).format(title, head, body)
    )


def cover(headline: str, tally: Mapping[str, int], facts: Iterable[tuple[str, str]]) -> Html:
    """Return the conclusion of an audit, how many checks came to each, and what it rests on."""
    counts = Markup("").join(
        Markup('<li><b class="{0}">{1}</b>{2}</li>').format(_MARKS[name], count, _mark(name))
        for name, count in tally.items()
    )
    return Html(
        Markup('<p class="headline"><strong>{}</strong></p><ul class="tally">{}</ul>{}').format(
            headline, counts, _facts(facts)
        )
    )


def first_steps(findings: pd.DataFrame, *, limit: int = 5) -> Html:
    """Return the most severe findings as a list of what to do first, one line a check."""
    if not len(findings):
        return Html(Markup("<p>There is no finding.</p>"))
    firsts = findings.drop_duplicates("check")
    more = findings.check.value_counts() - 1
    items = Markup("").join(
        Markup("<li>{} {}{}</li>").format(
            _severity(severity),
            message,
            f", and {more[check]:,} more like it" if more[check] else "",
        )
        for check, severity, message in firsts[["check", "severity", "message"]].head(limit).to_numpy()
    )
    return Html(Markup('<ol class="todo">{}</ol>').format(items))


def results(checks: pd.DataFrame) -> Html:
    """Return the ``checks`` frame: every check with its conclusion, exceptions and population."""
    counted = checks.assign(
        found=checks.exceptions.astype("string") + " of " + checks.population.astype("string"),
        reason=checks.reason.fillna(""),
    )
    columns = {"conclusion": "conclusion", "severity": "severity", "title": "check", "found": "exceptions"}
    remark = {"reason": "remark"} if checks.reason.notna().any() else {}
    return table(counted, columns={**columns, **remark}, limit=len(checks))


def workpaper(paper: Workpaper, *, columns: Sequence[str] = (), limit: int = 10) -> Html:
    """Return a check's full record: population, procedure, exceptions with evidence, conclusion, cure.

    ``columns`` are shown beside the message and the evidence of each exception.
    """
    check, found, population = paper.check, len(paper.exceptions), len(paper.population)
    share = f" ({found / population:.1%})" if population else ""
    facts = [
        ("Conclusion", _mark(paper.conclusion)),
        ("Severity", _severity(check.severity)),
        ("Controls", "; ".join(check.controls) or "none"),
        ("Population", _population(paper)),
        ("Procedure", _prose(paper.procedure)),
        ("Exceptions", f"{found:,} of {population:,}{share}"),
    ]
    if paper.reason:
        facts.append(("Remark", paper.reason))
    facts.append(("Does not see", _prose(check.blind_spot)))
    facts.append(("Look it up", f"{check.console}; {check.documentation}"))
    rows = Markup("")
    if found:
        shown = paper.exceptions[["message", *columns, "evidence"]]
        if check.decides:
            shown = shown.assign(statement=paper.exceptions.text.map(lambda text: _statement(text, check)))
        rows = table(shown, caption="Exceptions", limit=limit, file="findings.csv").markup
        rows += Markup("<h4>How to cure</h4>{}").format(_steps(check.remediation))
    return Html(
        Markup('<article class="paper" id="wp-{}"><h3>{}</h3>{}{}</article>').format(
            check.id, paper.title, _facts(facts), rows
        )
    )


def answer(given: Answer) -> Html:
    """Return an explained decision: the question, the verdict with its mark, and why."""
    reasons = Markup("").join(Markup("<li>{}</li>").format(reason) for reason in given.reasons)
    return Html(
        Markup(
            '<div class="answer"><p><code>{}</code></p><p><span class="mark {}">{}</span></p><ul>{}</ul>'
            '<p class="aside">{}</p></div>'
        ).format(given.question, _VERDICTS.get(given.verdict, "bad"), given.verdict, reasons, given.not_seen)
    )


def changes(frame: pd.DataFrame, *, limit: int = 20) -> Html:
    """Return a ``what_if`` frame: per principal how much changes, and the first actions of it."""
    kinds = ("gained", "lost", "became_conditional", "became_certain")
    shown = frame.assign(**{kind: frame[kind].map(_first_of) for kind in kinds})
    empty = "Nobody's effective permissions would change."
    return table(shown[["principal", *kinds]], limit=limit, empty=empty)


def _first_of(values: Sequence[Any], count: int = 4) -> str:
    more = f" … {len(values):,} in all" if len(values) > count else ""
    return ", ".join(map(str, values[:count])) + more or "–"


def workpapers(papers: Iterable[Workpaper], *, limit: int = 5) -> Html:
    """Return the full record of many checks, what is not met first."""
    order = {conclusion: place for place, conclusion in enumerate(_MARKS)}
    ranked = sorted(papers, key=lambda paper: order[paper.conclusion])
    return Html(Markup("").join(workpaper(paper, limit=limit).markup for paper in ranked))


def controls(frame: pd.DataFrame) -> Html:
    """Return the ``controls`` frame of one framework: what each control comes to, and why."""
    shown = frame.assign(
        conclusion=frame.conclusion,
        rests=frame.checks.map(", ".join).where(frame.kind == "automated", frame.evidence.fillna("")),
        answer=(frame.answer + " (" + frame.answered_by + ", " + frame.answered_on + ")").fillna(""),
    )
    headings = {"title": "asks that", "rests": "rests on"}
    columns = ("control", "title", "conclusion", "exceptions", "rests", "answer")
    return table(shown, columns={name: headings.get(name, name) for name in columns}, limit=len(frame))


def frameworks(frame: pd.DataFrame) -> Html:
    """Return how many controls of each framework come to each conclusion."""
    counted = frame.groupby(["framework", "conclusion"], sort=False).size().unstack(fill_value=0)
    present = [name for name in (*_MARKS, "not applicable") if name in counted.columns]
    return table(counted[present].reset_index(), limit=len(counted))


def _statement(text: str, check: Check) -> Html:
    """Return a statement with the elements that decide marked, an element a line."""
    lines = [
        (Markup("<mark>{}</mark>") if name in check.decides else Markup("{}")).format(
            f'"{name}": {json.dumps(value, ensure_ascii=False)}'
        )
        for name, value in json.loads(text).items()
    ]
    return Html(Markup('<code class="statement">{}</code>').format(Markup("<br>").join(lines)))


def paths(escalation: Escalation, principal: str = "") -> Html:
    """Return how one principal becomes an administrator, and what blocks its other ways.

    Without a name it is the first of ``escalation_paths`` that is of the account.
    """
    own = escalation.paths[escalation.paths.principal_type != "outsider"]
    chosen = principal or (own.principal.iloc[0] if len(own) else "")
    if not chosen:
        return Html(Markup('<p class="empty">Nobody has a path to an administrator.</p>'))
    items: list[tuple[str, list[str]]] = []
    for line in paths_in_words(escalation, chosen):
        if line.startswith("    "):
            items[-1][1].append(line.strip())
        else:
            items.append((line, []))
    return Html(Markup('<ul class="paths">{}</ul>').format(Markup("").join(_path(*item) for item in items)))


def _path(line: str, because: Iterable[str]) -> Markup:
    inner = Markup("").join(Markup("<li>{}</li>").format(each) for each in because)
    return Markup("<li>{}<ul>{}</ul></li>").format(line, inner)


def not_seen(missing: pd.DataFrame) -> Html:
    """Return the sources that are no evidence here, with the permission each needs."""
    columns = {"title": "source", "status": "state", "needs": "needs", "reason": "why"}
    return table(missing, columns=columns, empty="Every source was collected.")


def _population(paper: Workpaper) -> Markup:
    check, count = paper.check, len(paper.population)
    sources = [_source(name) for name in check.sources] or ["what was collected"]
    where = f" where `{check.where}`" if check.where else ""
    rows = "row" if count == 1 else "rows"
    return _prose(f"{count:,} {rows} of {check.population}{where}, from {' and '.join(sources)}")


def _source(name: str) -> str:
    return SOURCES[name].title if name in SOURCES else name.replace("_", " ")


def _steps(remediation: str) -> Markup:
    """Return the cure as a list of its steps, for any row: ``{user}`` becomes ``USER``."""
    general = re.sub(r"\{(\w+)\}", lambda match: match[1].upper(), remediation)
    items = Markup("").join(Markup("<li>{}</li>").format(_prose(step)) for step in general.split("; "))
    return Markup('<ol class="cure">{}</ol>').format(items)


def _prose(text: str) -> Markup:
    """Return our own words as HTML, with what stands in backticks as code."""
    pieces = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if number % 2 else piece
        for number, piece in enumerate(pieces)
    )


def _facts(facts: Iterable[tuple[str, Any]]) -> Markup:
    rows = Markup("").join(Markup("<dt>{}</dt><dd>{}</dd>").format(label, text) for label, text in facts)
    return Markup('<dl class="facts">{}</dl>').format(rows)


def _mark(conclusion: str) -> Markup:
    """Return a conclusion with the shape and the colour that go with it."""
    return Markup('<span class="mark {}">{}</span>').format(_MARKS.get(conclusion, "none"), conclusion)


def _severity(severity: str) -> Markup:
    return Markup('<b class="{}">{}</b>').format(_SEVERITY_COLOURS[severity], severity)


def _class(frame: pd.DataFrame, column: str) -> Markup:
    """Return the class of a column's cells: numbers stand right, numbers and dates are never broken."""
    values = frame[column]
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return Markup(' class="d"')
    is_number = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    return Markup(' class="n"') if is_number else Markup("")


def _cell(column: str, value: Any) -> Any:
    if column == "conclusion":
        return _mark(value)
    if column == "severity":
        return _severity(value)
    if isinstance(value, Html):
        return value.markup
    text = _text(value)
    return Markup("<code>{}</code>").format(text) if column in _CODE and text != "–" else text


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return _first_of(value, count=_LISTED)
    if value is None or value is pd.NA or value is pd.NaT or value != value:  # noqa: PLR0124 - NaN
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    return f"{value:,}" if isinstance(value, (int, float)) else str(value)


def _heading(column: str) -> str:
    return column.replace("_", " ").removesuffix(" at")
