"""Answers about what policies allow: one decision explained, and what a new document would change."""

import pandas as pd
from markupsafe import Markup

from iamaudit.account import Answer
from iamaudit.tables.frame_table import table
from iamaudit.tables.markup import Html, first_of

_VERDICTS = {"allowed": "ok", "depends": "warn"}


def answer(given: Answer) -> Html:
    """Return an explained decision: the question, the verdict with its mark, and why."""
    reasons = Markup("").join(Markup("<li>{}</li>").format(reason) for reason in given.reasons)
    return Html(
        Markup(
            '<div class="answer"><p><code>{}</code></p><p><span class="mark {}">{}</span></p><ul>{}</ul>'
            '<p class="aside">{}</p></div>'
        ).format(given.question, _VERDICTS.get(given.verdict, "bad"), given.verdict, reasons, given.not_seen)
    )


def changes(frame: pd.DataFrame, *, limit: int = 20) -> Html:
    """Return a ``what_if`` frame: per principal how much changes, and the first actions of it."""
    kinds = ("gained", "lost", "became_conditional", "became_certain")
    shown = frame.assign(**{kind: frame[kind].map(first_of) for kind in kinds})
    empty = "No effective permissions would change."
    return table(shown[["principal", *kinds]], limit=limit, empty=empty)
