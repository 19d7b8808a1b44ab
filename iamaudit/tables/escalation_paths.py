"""How one principal becomes an administrator, and what blocks its other ways."""

from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any

from markupsafe import Markup

from iamaudit.escalation import Escalation, paths_in_words
from iamaudit.tables.markup import Html


def paths(escalation: Escalation, principal: str = "") -> Html:
    """Return how one principal becomes an administrator, and what blocks its other ways.

    Without a name it is the first of ``escalation_paths`` that is of the account.
    """
    own = escalation.paths[escalation.paths.principal_type != "outsider"]
    chosen = principal or (own.principal.iloc[0] if len(own) else "")
    if not chosen:
        return Html(Markup('<p class="empty">Nobody has a path to an administrator.</p>'))
    return paths_list(_explained(escalation, chosen))


def paths_list(answer: Any) -> Html:
    """Return an answer of ``explain_paths`` as a list, the surest path first."""
    return Html(Markup('<ul class="paths">{}</ul>').format(Markup("").join(_items(answer))))


def _items(answer: Any) -> Iterator[Markup]:
    if answer.summary:
        yield _item(answer.summary, ())
    for path in answer.paths:
        because = (line for step in path.steps for line in step.lines)
        yield _item(f"{path.verdict}, {path.hops}: {path.words}", because)
    for way in answer.blocked:
        yield _item(f"blocked: {', '.join(way.permissions)}{way.aim}", (way.blocker,))


def _item(line: str, because: Iterable[str]) -> Markup:
    inner = Markup("").join(Markup("<li>{}</li>").format(each) for each in because)
    return Markup("<li>{}<ul>{}</ul></li>").format(line, inner)


def _explained(escalation: Escalation, principal: str) -> Any:
    """Return what ``explain_paths`` will: until it does, its words are taken for its values."""
    answer = SimpleNamespace(summary=None, paths=[], blocked=[])
    for line in paths_in_words(escalation, principal):
        kind, _, words = line.partition(": ")
        if line.startswith("    ") and answer.blocked:
            answer.blocked[-1].blocker = line.strip()
        elif line.startswith("    "):
            answer.paths[-1].steps[0].lines.append(line.strip())
        elif kind == "blocked":
            answer.blocked.append(SimpleNamespace(permissions=(words,), aim="", blocker=""))
        elif words:
            verdict, hops = kind.rsplit(", ", 1)
            step = SimpleNamespace(lines=[])
            answer.paths.append(SimpleNamespace(verdict=verdict, hops=hops, words=words, steps=[step]))
        else:
            answer.summary = line
    return answer
