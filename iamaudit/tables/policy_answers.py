"""Answers about what policies allow: a decision explained, what a new document would change, a proposal."""

from collections.abc import Iterable

import pandas as pd
from markupsafe import Markup

from iamaudit.account import Answer, RightSized, policy_words, proposal_summary
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


def proposals(several: Iterable[RightSized]) -> Html:
    """Return right-sizing proposals: the use of each principal, and the difference of each policy, folded."""
    found = Markup("").join(map(_proposal, several))
    return Html(found or Markup('<p class="empty">No principal was evaluated, so there is no proposal.</p>'))


def _proposal(sized: RightSized) -> Markup:
    summary = Markup("").join(Markup("<p>{}</p>").format(line) for line in proposal_summary(sized))
    folded = Markup("<details><summary>{}</summary><pre>{}</pre></details>")
    policies = Markup("").join(folded.format(policy_words(p), p.diff) for p in sized.policies)
    return Markup('<div class="answer">{}{}</div>').format(summary, policies)
