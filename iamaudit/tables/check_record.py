"""A workpaper as a page: everything that an auditor asks for about one check."""

import json
import re
from collections.abc import Iterable, Sequence

from markupsafe import Markup

from iamaudit.checks import Check, Workpaper
from iamaudit.snapshot import SOURCES
from iamaudit.tables.frame_table import table
from iamaudit.tables.markup import MARKS, Html, conclusion_mark, fact_list, prose, severity_mark


def workpaper(paper: Workpaper, *, columns: Sequence[str] = (), limit: int = 10) -> Html:
    """Return a check's full record: population, procedure, exceptions with evidence, conclusion, cure.

    ``columns`` are shown beside the message and the evidence of each exception.
    """
    check, found, population = paper.check, len(paper.exceptions), len(paper.population)
    share = f" ({found / population:.1%})" if population else ""
    facts = [
        ("Conclusion", conclusion_mark(paper.conclusion)),
        ("Severity", severity_mark(check.severity)),
        ("Controls", "; ".join(check.controls) or "none"),
        ("Population", _population(paper)),
        ("Procedure", prose(paper.procedure)),
        ("Exceptions", f"{found:,} of {population:,}{share}"),
    ]
    if paper.reason:
        facts.append(("Remark", paper.reason))
    facts.append(("Limits", prose(check.blind_spot)))
    facts.append(("Look it up", f"{check.console}; {check.documentation}"))
    rows = Markup("")
    if found:
        shown = paper.exceptions[["message", *columns, "evidence"]]
        if check.decides:
            shown = shown.assign(statement=paper.exceptions.text.map(lambda text: _statement(text, check)))
        rows = table(shown, caption="Exceptions", limit=limit, file="findings.csv").markup
        rows += Markup("<h4>Remediation</h4>{}").format(_steps(check.remediation))
    return Html(
        Markup('<article class="paper" id="wp-{}"><h3>{}</h3>{}{}</article>').format(
            check.id, paper.title, fact_list(facts), rows
        )
    )


def workpapers(papers: Iterable[Workpaper], *, limit: int = 5) -> Html:
    """Return the full record of many checks, what is not met first."""
    order = {conclusion: place for place, conclusion in enumerate(MARKS)}
    ranked = sorted(papers, key=lambda paper: order[paper.conclusion])
    return Html(Markup("").join(workpaper(paper, limit=limit).markup for paper in ranked))


def _statement(text: str, check: Check) -> Html:
    """Return a statement with the elements that decide marked, an element a line."""
    lines = [
        (Markup("<mark>{}</mark>") if name in check.decides else Markup("{}")).format(
            f'"{name}": {json.dumps(value, ensure_ascii=False)}'
        )
        for name, value in json.loads(text).items()
    ]
    return Html(Markup('<code class="statement">{}</code>').format(Markup("<br>").join(lines)))


def _population(paper: Workpaper) -> Markup:
    check, count = paper.check, len(paper.population)
    sources = [_source(name) for name in check.sources] or ["what was collected"]
    where = f" where `{check.where}`" if check.where else ""
    rows = "row" if count == 1 else "rows"
    return prose(f"{count:,} {rows} of {check.population}{where}, from {' and '.join(sources)}")


def _source(name: str) -> str:
    return SOURCES[name].title if name in SOURCES else name.replace("_", " ")


def _steps(remediation: str) -> Markup:
    """Return the remediation as a list of its steps, for any row: ``{user}`` becomes ``USER``."""
    general = re.sub(r"\{(\w+)\}", lambda match: match[1].upper(), remediation)
    items = Markup("").join(Markup("<li>{}</li>").format(prose(step)) for step in general.split("; "))
    return Markup('<ol class="cure">{}</ol>').format(items)
