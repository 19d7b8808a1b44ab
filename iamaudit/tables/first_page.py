"""The pieces of a report's first page: numbers, distances, frameworks, changes, and what was not seen."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import pandas as pd
from markupsafe import Markup

from iamaudit.checks import count_controls
from iamaudit.tables.anchors import CONTROLS_PAGE, anchor, control_link
from iamaudit.tables.markup import Html, count_of, prose, severity_mark

_MARKS = {
    "not met": "bad",
    "not evaluated": "warn",
    "manual": "none",
    "no exceptions noted": "part",
    "met": "ok",
}
_NAMED = 12
"""How many principals of one distance the picture names."""


class _Number(Protocol):
    @property
    def count(self) -> int | None: ...
    @property
    def label(self) -> str: ...
    @property
    def note(self) -> str: ...
    @property
    def page(self) -> str: ...


class _Distance(Protocol):
    @property
    def label(self) -> str: ...
    @property
    def names(self) -> Sequence[str]: ...


class _Unseen(Protocol):
    @property
    def what(self) -> str: ...
    @property
    def means(self) -> str: ...
    @property
    def takes(self) -> str: ...


def numbers(given: Iterable[_Number]) -> Html:
    """Return numbers as tiles, each a link to the page that has the evidence."""
    tiles = Markup("").join(
        Markup('<li><a href="{}"><b>{}</b> {}</a><span>{}</span></li>').format(
            each.page, "–" if each.count is None else f"{each.count:,}", each.label, each.note
        )
        for each in given
    )
    return Html(Markup('<ul class="numbers">{}</ul>').format(tiles))


def distances(given: Sequence[_Distance], page: str) -> Html:
    """Return a bar of all principals by how far they are from being an administrator, and their names."""
    total = sum(len(each.names) for each in given)
    if not total:
        return Html(Markup('<p class="empty">No user and no role is known.</p>'))
    words = "; ".join(f"{each.label}: {len(each.names):,}" for each in given)
    segments = Markup("").join(
        Markup('<i class="d{}" style="flex-grow:{}"></i>').format(place, len(each.names))
        for place, each in enumerate(given)
        if each.names
    )
    lines = Markup("").join(
        Markup('<li><span class="key d{}"></span><span class="group"><b>{:,}</b> {}{}</span></li>').format(
            place, len(each.names), each.label, _names(each) if place < len(given) - 1 else ""
        )
        for place, each in enumerate(given)
    )
    reach = sum(len(each.names) for each in given[:-1])
    caption = Markup("<h3>{:,} of {:,} users and roles {} to become one</h3>").format(
        reach,
        total,
        "is an administrator or has a path" if reach == 1 else "are administrators or have a path",
    )
    return Html(
        Markup(
            '{}<div class="stack" role="img" aria-label="{}">{}</div><ul class="legend">{}</ul>'
            '<p><a href="{}">Every path with its evidence</a></p>'
        ).format(caption, f"Users and roles by distance from administrator. {words}.", segments, lines, page)
    )


def _names(group: _Distance) -> Markup:
    if not group.names:
        return Markup("")
    shown = Markup(", ").join(Markup("<code>{}</code>").format(name) for name in group.names[:_NAMED])
    more = len(group.names) - _NAMED
    return Markup(": ") + shown + (f" and {more:,} more" if more > 0 else "")


def framework_summary(controls: pd.DataFrame, *, page: str = CONTROLS_PAGE) -> Html:
    """Return for each framework and level how many controls came to what, and which are not met."""
    counted = count_controls(controls)
    items = []
    for row in counted.to_dict("records"):
        framework, level = str(row["framework"]), row["level"]
        has_level = controls.level[controls.framework == framework].notna().any()
        counts = {name: int(row[name]) for name in counted.columns[2:] if row[name]}
        of_row = controls.framework.eq(framework) & (controls.level.eq(level) if has_level else True)
        name = f"{framework}, level {level}" if has_level else framework
        items.append(
            Markup('<li><a href="{}#{}">{}</a>{}<span class="said">{}</span>{}</li>').format(
                page,
                anchor("framework", framework),
                name,
                _bar(counts),
                " · ".join(f"{count:,} {conclusion}" for conclusion, count in counts.items()),
                _not_met(controls[of_row & controls.conclusion.eq("not met")], page),
            )
        )
    return Html(Markup('<ul class="frameworks">{}</ul>').format(Markup("").join(items)))


def _bar(counts: Mapping[str, int]) -> Markup:
    said = ", ".join(f"{count:,} {conclusion}" for conclusion, count in counts.items())
    parts = Markup("").join(
        Markup('<i class="{}" style="flex-grow:{}"></i>').format(_MARKS.get(conclusion, "rest"), count)
        for conclusion, count in counts.items()
    )
    return Markup('<span class="stack" role="img" aria-label="{}">{}</span>').format(said, parts)


def _not_met(controls: pd.DataFrame, page: str) -> Markup:
    if not len(controls):
        return Markup("")
    items = Markup("").join(
        Markup("<li>{} {}</li>").format(
            control_link(f"{row['framework']} {row['control']}", row["control"], page=page), row["title"]
        )
        for row in controls.to_dict("records")
    )
    return Markup("<details><summary>{} not met</summary><ul>{}</ul></details>").format(
        count_of(len(controls), "control"), items
    )


def first_changes(rows: Sequence[Mapping[str, Any]], *, total: int, page: str = "") -> Html:
    """Return changes since an earlier snapshot as sentences, the gravest first.

    Parameters
    ----------
    rows
        Each with ``severity`` and ``sentence``.
    total
        How many there are; ``page`` is where all of them are.
    """
    if not rows:
        return Html(Markup('<p class="empty">Nothing changed.</p>'))
    items = Markup("").join(
        Markup("<li>{} {}</li>").format(severity_mark(row["severity"]), row["sentence"]) for row in rows
    )
    said = f"All {count_of(total, 'change')}"
    more = Markup('<p><a href="{}">{}</a></p>').format(page, said) if page else Markup("")
    return Html(Markup('<ul class="changes">{}</ul>{}').format(items, more))


def not_looked_at(given: Iterable[_Unseen]) -> Html:
    """Return what an audit does not see, what that means, and what it would take."""
    items = Markup("").join(
        Markup("<li><h3>{}</h3><p>{}</p><p><b>It would take:</b> {}</p></li>").format(
            each.what, _emphasis(each.means), prose(each.takes)
        )
        for each in given
    )
    return Html(Markup('<ul class="unseen">{}</ul>').format(items))


def _emphasis(text: str) -> Markup:
    pieces = text.split("*")
    return Markup("").join(
        Markup("<em>{}</em>").format(piece) if number % 2 else prose(piece)
        for number, piece in enumerate(pieces)
    )
