"""How one principal becomes an administrator, and what blocks its other ways."""

from collections.abc import Iterable, Iterator

from markupsafe import Markup

from iamaudit.escalation import Escalation, PathsAnswer, explain_paths
from iamaudit.tables.markup import Html


def paths(escalation: Escalation, principal: str = "") -> Html:
    """Return how one principal becomes an administrator, and what blocks its other ways.

    Without a name it is the first of ``escalation_paths`` that is of the account.
    """
    chosen = principal or next(iter(escalation.with_a_path), "")
    if not chosen:
        return Html(Markup('<p class="empty">No path to an administrator is known.</p>'))
    items = Markup("").join(_items(explain_paths(escalation, chosen)))
    return Html(Markup('<ul class="paths">{}</ul>').format(items))


def _items(answer: PathsAnswer) -> Iterator[Markup]:
    if answer.summary:
        yield _item(answer.summary, answer.kept_away)
    for path in answer.paths:
        because = (line for step in path.steps for line in step.lines)
        yield _item(f"{path.verdict}, {path.hops}: {path.words}", because)
    for way in answer.blocked:
        yield _item(f"blocked: {', '.join(way.permissions)}{way.aim}", (way.blocker,))


def _item(line: str, because: Iterable[str]) -> Markup:
    inner = Markup("").join(Markup("<li>{}</li>").format(each) for each in because)
    return Markup("<li>{}<ul>{}</ul></li>").format(line, inner)
