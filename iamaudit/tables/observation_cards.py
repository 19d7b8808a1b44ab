"""Observations as cards: what is wrong, why it matters here, what to do first, who, and until when."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from iamaudit.checks import limit_in_words
from iamaudit.tables.anchors import control_link, observation_link
from iamaudit.tables.markup import Html, count_of, fact_list, prose, severity_mark

NO_OWNER = "not recorded"
_CONTROLS = 4
_ROOM = 240
"""How many characters of the condition a card tells."""


def observation_cards(frame: pd.DataFrame, *, cards: int = 5) -> Html:
    """Return the first rows of the ``observations`` frame as cards, each with a link to its full form."""
    if not len(frame):
        return Html(Markup('<p class="empty">There is nothing to do: no check found an exception.</p>'))
    first = Markup("\n").join(_card(row) for row in frame.head(cards).to_dict("records"))
    return Html(Markup('<div class="cards">{}</div>').format(first))


def _card(row: Mapping[Any, Any]) -> Markup:
    facts = [
        ("Owner", owner(row)),
        ("Due", due(row)),
        ("Controls", _controls(row["criteria"])),
        ("Covers", _covers(row)),
        ("Evidence", observation_link(row["id"], "full observation")),
    ]
    return Markup(
        '<article class="card"><h3>{}. {}</h3><p class="status">{}</p><p>{}</p><p>{}</p>'
        '<p class="first"><b>Do first:</b> {}</p>{}</article>'
    ).format(
        row["rank"],
        observation_link(row["id"], title(row)),
        severity_mark(row["severity"]),
        prose(_beginning(row["condition"])),
        prose(row["effect"]),
        prose(first_step(row["recommendation"])),
        fact_list(facts),
    )


def _beginning(text: str) -> str:
    """Return as many sentences as a card has room for; a longer one is cut between findings, or at a word."""
    if len(text) <= _ROOM:
        return text
    head = text[: _ROOM + 1]
    sentences, _, rest = head.rpartition(". ")
    if sentences and len(rest) < len(head) - 60:
        return f"{sentences}."
    findings = head.rpartition("; ")[0]
    return f"{findings}; …" if len(findings) > len(head) - 100 else f"{head.rpartition(' ')[0]} …"


def title(row: Mapping[Any, Any]) -> str:
    """Return the title of an observation, which says so when all of it is waived."""
    return f"{row['title']} (waived)" if row["is_waived"] else str(row["title"])


def owner(row: Mapping[Any, Any]) -> str:
    """Return who answers for what an observation is about."""
    return row["owner"] if isinstance(row["owner"], str) else NO_OWNER


def due(row: Mapping[Any, Any]) -> str:
    """Return until when somebody has to act, with the time limit that it comes from."""
    if pd.isna(row["due_at"]):
        return "none: waived" if row["is_waived"] else "when convenient"
    shown = f"{row['due_at']:%d %b %Y}".lstrip("0")
    time = f", {row['due_at']:%H:%M} UTC" if row["severity"] == "critical" else ""
    return f"{shown}{time} ({limit_in_words(row['severity'])})"


def first_step(steps: Sequence[str]) -> str:
    """Return what to do first."""
    return steps[0] if len(steps) else "–"


def _controls(names: Sequence[str]) -> Markup:
    if not len(names):
        return Markup("none of the frameworks")
    shown = Markup("; ").join(control_link(name) for name in names[:_CONTROLS])
    return shown + (f"; {len(names) - _CONTROLS:,} more" if len(names) > _CONTROLS else "")


def _covers(row: Mapping[Any, Any]) -> str:
    said = f"{count_of(row['findings'], 'finding')} of {count_of(len(row['checks']), 'check')}"
    return said + (f", {row['waived']:,} waived" if row["waived"] else "")
