"""Every observation in the form of an audit, with filters that need no script."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from iamaudit.checks import AREAS, SEVERITIES
from iamaudit.tables.anchors import anchor, check_link, control_link
from iamaudit.tables.frame_table import pieces, table
from iamaudit.tables.markup import Html, count_of, fact_list, prose, severity_mark
from iamaudit.tables.observation_cards import NO_OWNER, due, owner, title

_FULL_CHARACTERS = 450_000
"""How much text the full forms may take: a page must stay under 1 MB."""
_LISTED = 1_000
_AT_A_TIME = 100
_GRAVITY = {name: place for place, name in enumerate(SEVERITIES)}
_SORTS = ("severity", "owner", "area")


def observation_forms(observations: pd.DataFrame, findings: pd.DataFrame, *, limit: int = 10) -> Html:
    """Return every observation with condition, criteria, likely cause, effect, recommendation and findings.

    The links on top show the observations of one severity, owner or area: the place that they point at hides
    the others. When the account has more observations than a page can hold, the last ones are a list.

    Parameters
    ----------
    findings
        The frame ``findings``; each row names its observation.
    limit
        How many findings are shown of each observation; a line then names the file that has all.
    """
    if not len(observations):
        return Html(Markup('<p class="empty">No check found an exception: there is no observation.</p>'))
    forms = list(_full(observations, findings, limit))
    rest = observations.iloc[len(forms) :]
    body = [*_filters(observations.head(len(forms))), *forms]
    return Html(Markup("\n").join(body) + (_rest(rest, len(observations)) if len(rest) else Markup("")))


def _full(observations: pd.DataFrame, findings: pd.DataFrame, limit: int) -> Iterator[Markup]:
    places, used = findings.groupby("observation", sort=False).indices, 0
    failed, gravity = findings[["check", "title", "controls"]], findings.severity.map(_GRAVITY).tolist()
    for row in _rows(observations):
        several = sorted(places.get(row["id"], []), key=gravity.__getitem__)  # else in the frame's order
        rows = _findings(row["id"], findings.iloc[several[:limit]], len(several))
        form = _form(row, failed.iloc[several], rows)
        used += len(form)
        if used > _FULL_CHARACTERS:
            return
        yield form


def _rows(observations: pd.DataFrame) -> Iterator[Mapping[Any, Any]]:
    """Yield rows; of thousands a page holds the first ones, and the others cost nothing."""
    for start in range(0, len(observations), _AT_A_TIME):
        yield from observations.iloc[start : start + _AT_A_TIME].to_dict("records")


def _form(row: Mapping[Any, Any], failed: pd.DataFrame, rows: Markup) -> Markup:
    facts = [
        ("Condition", prose(row["condition"])),
        ("Criteria", _criteria(failed)),
        ("Likely cause", prose(row["cause"])),
        ("Effect", prose(row["effect"])),
        ("Why this rank", prose(row["why"])),
        ("Recommendation", _steps(row["recommendation"])),
    ]
    return Markup(
        '<article class="obs {classes}" id="{id}">'
        '<h3>{rank}. {title} <a class="here" href="#{id}" aria-label="link to number {rank}">link</a></h3>'
        '<p class="status">{severity} · owner: {owner} · due: {due} · area: {area}</p>{facts}{rows}</article>'
    ).format(
        classes=" ".join(anchor(kind, value) for kind in _SORTS for value in _values(kind, row)),
        id=row["id"],
        rank=row["rank"],
        title=title(row),
        severity=severity_mark(row["severity"]),
        owner=owner(row),
        due=due(row),
        area=row["area"],
        facts=fact_list(facts),
        rows=rows,
    )


def _criteria(failed: pd.DataFrame) -> Markup:
    """Return what each failed check asks for, and which controls ask for it."""
    titles = dict(zip(failed["check"][::-1], failed.title[::-1], strict=True))  # the first row's of each
    asked: dict[str, dict[str, None]] = {check: {} for check in failed["check"]}
    for check, controls in zip(failed["check"], failed.controls, strict=True):
        if isinstance(controls, str):
            asked[check] |= dict.fromkeys(filter(None, controls.split("; ")))
    item = Markup('<li>{} <span class="aside">{}</span></li>')
    items = [
        item.format(
            check_link(check, titles[check]),
            _listed([control_link(name) for name in names]) or "good practice beyond the frameworks",
        )
        for check, names in asked.items()
    ]
    return Markup("<ul>{}</ul>").format(Markup("").join(items)) if items else Markup("–")


def _listed(links: Sequence[Markup]) -> Markup:
    """Return links in a row; a line does not break before the semicolon behind one."""
    item, last = Markup('<span class="item">{};</span>'), links[-1:]
    return Markup(" ").join([*map(item.format, links[:-1]), *last])


def _steps(steps: Sequence[str]) -> Markup:
    items = Markup("").join(Markup("<li>{}</li>").format(prose(step)) for step in steps)
    return Markup('<ol class="cure">{}</ol>').format(items)


def _findings(name: str, first: pd.DataFrame, total: int) -> Markup:
    if not total:
        return Markup("")
    shown = first.assign(
        check=pieces(map(check_link, first["check"]), first),
        message=first.message + first.waiver.notna().map({True: " (waived)", False: ""}),
    )
    caption = f"{count_of(total, 'finding')} with {'its' if total == 1 else 'their'} evidence"
    if total > len(first):
        caption = (
            f"First {len(first)} of {caption}; the others are in data/findings.csv, observation = {name}"
        )
    columns = {"severity": "severity", "message": "finding", "check": "check", "evidence": "evidence"}
    return table(shown, columns=columns, caption=caption, limit=len(first)).markup


def _values(kind: str, row: Mapping[Any, Any]) -> list[str]:
    """Return by what a filter finds an observation: each of its owners counts."""
    value = row[kind]
    if not isinstance(value, str):
        return [NO_OWNER]
    return value.split(", ") if kind == "owner" else [value]


def _filters(observations: pd.DataFrame) -> Iterator[Markup]:
    """Yield the links, the rules that let a place hide what is not asked for, and these places."""
    rows = observations.to_dict("records")
    groups = {kind: _counts(kind, rows) for kind in _SORTS}
    lines = [
        (f"By {kind}", Markup(" · ").join(_filter_link(kind, *each) for each in counts.items()))
        for kind, counts in groups.items()
    ]
    yield Markup('<nav class="filters" id="filters" aria-label="Filters">{}</nav>').format(fact_list(lines))
    places = dict.fromkeys(anchor(kind, value) for kind, counts in groups.items() for value in counts)
    yield Markup("<style>{}</style>").format(
        Markup("").join(
            Markup('[id="{0}"]:target~.obs:not([class~="{0}"]){{display:none}}').format(place)
            for place in places
        )
    )
    for kind, counts in groups.items():
        for value, number in counts.items():
            if (place := anchor(kind, value)) in places:
                del places[place]
                yield Markup(
                    '<p class="chosen" id="{}">Shown: {} of {} {}. <a href="#filters">Show all</a></p>'
                ).format(place, count_of(number, "observation"), kind, value)


def _filter_link(kind: str, value: str, number: int) -> Markup:
    return Markup('<a href="#{}">{} ({:,})</a>').format(anchor(kind, value), value, number)


def _counts(kind: str, rows: Sequence[Mapping[Any, Any]]) -> dict[str, int]:
    order = {"severity": SEVERITIES, "area": AREAS}.get(kind, ())
    values = [value for row in rows for value in _values(kind, row)]
    known = [value for value in order if value in values]
    return {value: values.count(value) for value in dict.fromkeys([*known, *sorted(values)])}


def _rest(rest: pd.DataFrame, total: int) -> Markup:
    place = Markup('<span id="{}">{}</span>')
    rows = rest.head(_LISTED).to_dict("records")
    shown = rest.head(_LISTED)
    shown = shown.assign(
        title=pieces((place.format(row["id"], title(row)) for row in rows), shown),
        owner=[owner(row) for row in rows],
    )
    columns = {"rank": "rank", "severity": "severity", "title": "observation", "owner": "owner"}
    caption = f"{count_of(len(shown), 'more observation')}; all {total:,} are told in data/observations.csv"
    return table(shown, columns=columns | {"findings": "findings"}, caption=caption, limit=len(shown)).markup
