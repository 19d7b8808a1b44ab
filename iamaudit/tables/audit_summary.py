"""What an audit comes to: its conclusion, every check, and what was not seen."""

from collections.abc import Iterable, Mapping

import pandas as pd
from markupsafe import Markup

from iamaudit.checks import is_tested
from iamaudit.tables.anchors import check_link
from iamaudit.tables.frame_table import pieces, table
from iamaudit.tables.markup import MARKS, Html, conclusion_mark, fact_list


def cover(headline: str, tally: Mapping[str, int], facts: Iterable[tuple[str, str]]) -> Html:
    """Return the conclusion of an audit, how many checks came to each, and what it rests on."""
    counts = Markup("").join(
        Markup('<li><b class="{0}">{1}</b>{2}</li>').format(MARKS[name], count, conclusion_mark(name))
        for name, count in tally.items()
    )
    return Html(
        Markup('<p class="headline"><strong>{}</strong></p><ul class="tally">{}</ul>{}').format(
            headline, counts, fact_list(facts)
        )
    )


def results(checks: pd.DataFrame) -> Html:
    """Return the ``checks`` frame: every check with its conclusion, exceptions and population."""
    rows = zip(checks.conclusion, checks.population, checks.not_judged, checks.exceptions, strict=True)
    counted = checks.assign(
        found=[
            f"{found} of {of}" if is_tested(how, of, open_) else "not known" for how, of, open_, found in rows
        ],
        reason=checks.reason.fillna(""),
        title=pieces(map(check_link, checks["check"], checks.title), checks),
    )
    columns = {"conclusion": "conclusion", "severity": "severity", "title": "check", "found": "exceptions"}
    remark = {"reason": "remark"} if checks.reason.notna().any() else {}
    return table(counted, columns={**columns, **remark}, limit=len(checks))


def not_seen(missing: pd.DataFrame) -> Html:
    """Return the sources that are not evidence here, with the permission each needs."""
    columns = {"title": "source", "status": "state", "needs": "needs", "reason": "why"}
    return table(missing, columns=columns, empty="Every source was collected.")
