"""Observations as cards and as a list: what is wrong, why it matters here, what to do first, who owns it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from iamaudit.tables.frame_table import table
from iamaudit.tables.markup import Html, fact_list, prose, severity_mark

_UNOWNED = "not recorded: no tag `owner`"


def observations(frame: pd.DataFrame, *, cards: int = 5, limit: int = 30) -> Html:
    """Return the ``observations`` frame: the first ones as cards, the others as a list.

    Parameters
    ----------
    cards
        How many are told with their condition, effect, first step and owner.
    limit
        How many are shown in all; the list then says how many there are, and which file has them.
    """
    if not len(frame):
        return Html(Markup('<p class="empty">There is nothing to do: no check is failed.</p>'))
    first = Markup("").join(_card(row) for row in frame.head(cards).to_dict("records"))
    rest = frame.iloc[cards:limit]
    if not len(rest):
        return Html(first)
    shown = rest.assign(
        first_step=rest.recommendation.map(lambda steps: Html(prose(_first(steps)))),
        title=_titles(rest),
        owner=rest.owner.fillna(""),
    )
    columns = {"rank": "rank", "severity": "severity", "title": "what is wrong", "first_step": "do first"}
    named = {"owner": "owner"} if rest.owner.notna().any() else {}
    more = f", {len(frame):,} in all in data/observations.csv" if len(frame) > limit else ""
    caption = f"Observations {cards + 1} to {cards + len(rest)}{more}"
    columns |= {**named, "findings": "findings"}
    return Html(first + table(shown, columns=columns, caption=caption, limit=len(shown)).markup)


def _card(row: Mapping[Any, Any]) -> Markup:
    facts = [
        ("What", row["condition"]),
        ("Why here", row["why"]),
        ("Effect", row["effect"]),
        ("Do first", prose(_first(row["recommendation"]))),
        ("Owner", row["owner"] if isinstance(row["owner"], str) else prose(_UNOWNED)),
        ("Covers", _covers(row)),
    ]
    return Markup('<article class="paper" id="{}"><h3>{}. {} {}</h3>{}</article>').format(
        row["id"], row["rank"], severity_mark(row["severity"]), _title(row), fact_list(facts)
    )


def _covers(row: Mapping[Any, Any]) -> str:
    findings, checks = row["findings"], len(row["checks"])
    said = f"{findings:,} {'finding' if findings == 1 else 'findings'} of {checks:,} "
    said += "check" if checks == 1 else "checks"
    return said + (f", {row['waived']:,} waived" if row["waived"] else "")


def _titles(frame: pd.DataFrame) -> list[str]:
    return [_title(row) for row in frame.to_dict("records")]


def _title(row: Mapping[Any, Any]) -> str:
    return f"{row['title']} (waived)" if row["is_waived"] else str(row["title"])


def _first(steps: Sequence[str]) -> str:
    return steps[0] if len(steps) else ""
