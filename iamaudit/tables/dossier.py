"""All that is known of one thing on one screen: facts, and a few rows of each of its frames."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup

from iamaudit.tables.frame_table import table
from iamaudit.tables.markup import Html, fact_list, first_of
from iamaudit.tables.plain_text import aligned, printable

_UNSEEN = "What the audit does not see of it"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a dossier: rows of a frame under a heading, and a sentence where there are none.

    ``name`` is the attribute of the dossier that has all rows, ``columns`` maps the columns that are shown to
    their headings, ``limit`` says how many rows are. One that ``is_wide`` takes the width of the page.
    """

    name: str
    heading: str
    frame: pd.DataFrame
    columns: Mapping[str, str]
    empty: str
    limit: int = 6
    is_wide: bool = False

    @property
    def shown(self) -> pd.DataFrame:
        """The first rows, of each list the first entries, without the columns in which nothing stands."""
        rows = self.frame.head(self.limit)
        kept = [name for name in self.columns if _has_value(rows[name])]
        return pd.DataFrame({name: _told(rows[name]) for name in kept})

    @property
    def headings(self) -> Mapping[str, str]:
        """The headings of the columns that are shown."""
        shown = self.shown
        return {name: heading for name, heading in self.columns.items() if name in shown}

    @property
    def about(self) -> str:
        """How many rows there are, and which attribute has those that are not shown."""
        rows = len(self.frame)
        return f"first {self.limit:,} of {rows:,} rows, all in .{self.name}" if rows > self.limit else ""


def dossier(
    title: str, facts: Iterable[tuple[str, str]], sections: Iterable[Section], unseen: Sequence[str]
) -> Html:
    """Return a dossier as HTML."""
    parts = Markup("").join(map(_section, sections))
    limits = Markup("").join(Markup("<li>{}</li>").format(each) for each in unseen)
    return Html(
        Markup(
            '<article class="paper dossier"><h3>{}</h3>{}<div class="parts">{}</div><h4>{}</h4>'
            '<ul class="aside">{}</ul></article>'
        ).format(title, fact_list(facts), parts, _UNSEEN, limits)
    )


def dossier_text(
    title: str, facts: Iterable[tuple[str, str]], sections: Iterable[Section], unseen: Sequence[str]
) -> str:
    """Return a dossier as plain text for a terminal."""
    known = list(facts)
    width = max((len(label) for label, _ in known), default=0)
    lines = [title, *(f"  {label:<{width}}  {text}" for label, text in known)]
    for section in sections:
        lines += ["", *_lines(section)]
    lines += ["", _UNSEEN, *(f"  {each}" for each in unseen)]
    return "\n".join(printable(line).rstrip() for line in lines)


def _section(section: Section) -> Markup:
    shown = table(
        section.shown,
        columns=section.headings,
        caption=section.about,
        limit=section.limit,
        empty=section.empty,
    )
    kind = Markup(' class="wide"') if section.is_wide else Markup("")
    return Markup("<section{}><h4>{}</h4>{}</section>").format(kind, section.heading, shown.markup)


def _is_list(values: "pd.Series[Any]") -> bool:
    return values.dtype == object


def _told(values: "pd.Series[Any]") -> "pd.Series[Any]":
    return (
        values.map(lambda entries: first_of(entries) if len(entries) else "") if _is_list(values) else values
    )


def _has_value(values: "pd.Series[Any]") -> bool:
    return bool(values.map(len).any() if _is_list(values) else values.notna().any())


def _lines(section: Section) -> Iterator[str]:
    yield section.heading + (f" ({section.about})" if section.about else "")
    if len(section.frame):
        rows = aligned(section.shown, section.headings)
        yield from (f"  {line}" for line in rows)
    else:
        yield f"  {section.empty}"
