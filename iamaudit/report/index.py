"""``index.html``: the executive summary, for a reader who has two minutes, and every file of the bundle."""

import re
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from iamaudit import tables
from iamaudit.audit import Audit
from iamaudit.audit.posture import distances, posture
from iamaudit.audit.unseen import unseen
from iamaudit.checks import observation_counts
from iamaudit.comparison import first_changes
from iamaudit.report.carried import carried_files
from iamaudit.report.exports import Export
from iamaudit.report.files import Frames, file_groups
from iamaudit.report.pages import TEMPLATES, Page, Site, write_page

_MARKS = {"not met": "bad", "not evaluated": "warn", "manual": "none", "met": "ok"}
_CARDS, _CHANGES = 5, 8


def write_index(audit: Audit, target: Path, site: Site, *, exports: Sequence[Export]) -> None:
    """Write the first page of a bundle; the other files are there."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    newest = audit.controls[audit.controls.framework.isin(audit.newest_frameworks)]
    rows = {name: len(frame) for name, frame in audit.frames.items()}
    meanings = {
        name: (getattr(Audit, name).__doc__ or "").partition("\n")[0].replace("``", "") for name in rows
    }
    about = {link.href: link.about or link.title for link in site.links}
    about |= dict(carried_files(target.parent))
    body = environment.get_template("bundle.html.j2").render(
        page=Page(target.name, "Summary", site),
        verdict=audit.verdict,
        headline=audit.headline,
        tally=[(name, count, _MARKS[name]) for name, count in audit.tally.items()],
        facts=audit.facts,
        observed=observation_counts(audit.observations),
        total=len(audit.observations),
        cards=tables.observation_cards(audit.observations, cards=_CARDS).markup,
        numbers=tables.numbers(posture(audit)).markup,
        distances=tables.distances(distances(audit), "escalation.html").markup,
        frameworks=tables.framework_summary(newest).markup,
        since=audit.older[-1].as_of if audit.older else None,
        changes=_changes(audit),
        unseen=tables.not_looked_at(unseen(audit)).markup,
        groups=file_groups(target.parent, Frames(rows, meanings, site.parquet_only), exports, about),
    )
    write_page(target, _without_dead_links(body, target.parent))


def _changes(audit: Audit) -> Markup:
    first = first_changes(audit.changes, limit=_CHANGES)
    return tables.first_changes(first, total=len(audit.changes), page="changes.html").markup


def _without_dead_links(body: str, folder: Path) -> str:
    """Return a page in which a link to a page that this bundle does not have is plain text."""
    pages = {path.name for path in folder.glob("*.html")} | {"index.html"}
    return re.sub(
        r'<a href="([\w-]+\.html)(?:#[^"]*)?">(.*?)</a>',
        lambda link: link[0] if link[1] in pages else link[2],
        body,
        flags=re.DOTALL,
    )
