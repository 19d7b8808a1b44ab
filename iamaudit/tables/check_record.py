"""A workpaper as a page: everything that an auditor asks for about one check, and lines to sign."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence

import pandas as pd
from markupsafe import Markup

from iamaudit.checks import (
    Basis,
    Check,
    EvidenceFile,
    Workpaper,
    completeness,
    criterion,
    exceptions_in_words,
    is_tested,
    objective,
    population_in_words,
    proofs,
    sample_rule,
)
from iamaudit.tables.anchors import anchor
from iamaudit.tables.frame_table import table
from iamaudit.tables.markup import MARKS, Html, conclusion_mark, fact_list, prose, severity_mark


def workpaper(paper: Workpaper, *, columns: Sequence[str] = (), limit: int = 10) -> Html:
    """Return a check's full record, which stands alone: from the objective to the lines to sign.

    ``columns`` are shown beside the message and the evidence of each exception.
    """
    check = paper.check
    rows = Markup("")
    if len(paper.exceptions):
        rows = table(
            _exceptions(paper, columns, limit), caption="Exceptions", limit=limit, file="findings.csv"
        ).markup
        if check.remediation:  # an analyst's own check may have none
            rows += Markup("<h4>Remediation</h4>{}").format(_steps(check.remediation))
    return Html(
        Markup('<article class="paper" id="{}"><h3>{} · {}</h3>{}{}{}</article>').format(
            anchor("check", check.id),
            check.reference,
            paper.title,
            fact_list(_facts(paper)),
            rows,
            _signature(paper.basis),
        )
    )


def workpapers(papers: Iterable[Workpaper], *, limit: int = 5) -> Html:
    """Return the full record of many checks, what is not met first."""
    order = {conclusion: place for place, conclusion in enumerate(MARKS)}
    ranked = sorted(papers, key=lambda paper: order[paper.conclusion])
    return Html(Markup("").join(workpaper(paper, limit=limit).markup for paper in ranked))


def _facts(paper: Workpaper) -> Iterator[tuple[str, object]]:
    check, found, population = paper.check, len(paper.exceptions), len(paper.population)
    unknown = not is_tested(paper.conclusion, population, len(paper.not_judged))
    tested = None if unknown else population
    accepted = paper.basis.waived(check) if paper.basis else frozenset()
    waived = int(paper.exceptions.arn.isin(accepted).sum()) if accepted else 0
    yield "Conclusion", conclusion_mark(paper.conclusion)
    if paper.reason:
        yield "Remark", prose(paper.reason)
    yield "Severity", severity_mark(check.severity)
    yield "Objective", objective(paper.title)
    yield "Criterion", criterion(check)
    if paper.basis and (thresholds := paper.basis.thresholds(check)):
        yield "Thresholds", "; ".join(thresholds)
    if paper.basis and (others := paper.basis.other_terms(check, paper.title)):
        yield "Other terms", Markup("<br>").join(others)
    yield "Population", prose(population_in_words(check, tested))
    yield "Completeness", completeness(tested, len(paper.not_judged))
    yield "Procedure", prose(paper.procedure)
    if paper.basis:
        yield "Sample", sample_rule(tested, check.severity, paper.basis.settings)
    yield "Exceptions", exceptions_in_words(found, tested, waived)
    yield "Limits", prose(check.blind_spot or "none stated")
    if paper.basis:
        yield "Evidence", _evidence_index(paper.basis.files(check)) or "nothing that tells was collected"
    yield "Look it up", f"{check.console}; {check.documentation}"


def _exceptions(paper: Workpaper, columns: Sequence[str], limit: int) -> pd.DataFrame:
    """Return the exceptions as they are shown: the first of them with what proves each."""
    check, found = paper.check, paper.exceptions
    places = [_lines(text) for text in proofs(check, found.head(limit))]
    hidden: list[object] = [""] * (len(found) - len(places))
    shown = found[["message", *columns]].assign(
        evidence=pd.Series([*places, *hidden], found.index, dtype=object)
    )
    if paper.basis and (waived := paper.basis.waived(check)):
        shown["message"] += found.arn.isin(waived).map({True: " (waived)", False: ""})
    if "text" in found:
        excerpts = [_statement(text, check) for text in found.text.head(limit)]
        shown = shown.assign(statement=pd.Series([*excerpts, *hidden], found.index, dtype=object))
    return shown


def _lines(text: str) -> Html:
    lines = (Markup("<code>{}</code>").format(line) for line in str(text).split("\n"))
    return Html(Markup("<br>").join(lines))


def _statement(text: str, check: Check) -> Html:
    """Return a statement with the elements that decide marked, an element a line.

    Where a condition decides and there is none, a marked line says so.
    """
    elements = {
        name: f'"{name}": {json.dumps(value, ensure_ascii=False)}' for name, value in json.loads(text).items()
    }
    if "Condition" in check.decides:
        elements.setdefault("Condition", 'no "Condition"')
    lines = [
        (Markup("<mark>{}</mark>") if name in check.decides else Markup("{}")).format(line)
        for name, line in elements.items()
    ]
    return Html(Markup('<code class="statement">{}</code>').format(Markup("<br>").join(lines)))


def _evidence_index(files: Sequence[EvidenceFile]) -> Markup:
    return Markup("<br>").join(map(_evidence_line, files))


def _evidence_line(file: EvidenceFile) -> Markup:
    name = (
        Markup('<a href="evidence/{0}"><code>evidence/{0}</code></a>').format(file.file) if file.file else ""
    )
    about = [file.holds, file.made, f"sha-256 {file.sha256[:16]}…" if file.sha256 else ""]
    said = "; ".join(filter(None, about))
    return Markup("{}{}{}{}").format(file.title, ", " if name else "", name, f": {said}" if said else "")


def _signature(basis: Basis | None) -> Markup:
    """Return who prepared a workpaper, and lines for those who test and review it."""
    if basis is None:
        return Markup("")
    return Markup(
        '<div class="sign"><span>Prepared by {}</span><span>Tested by, date</span>'
        "<span>Reviewed by, date</span></div>"
    ).format(basis.prepared)


def _steps(remediation: str) -> Markup:
    """Return the remediation as a list of its steps, for any row: ``{user}`` becomes ``USER``."""
    general = re.sub(r"\{(\w+)\}", lambda match: match[1].upper(), remediation)
    items = Markup("").join(Markup("<li>{}</li>").format(prose(step)) for step in general.split("; "))
    return Markup('<ol class="cure">{}</ol>').format(items)
