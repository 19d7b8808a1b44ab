"""Answers in words: a decision, the changes that a new policy would make, access keys found in code."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from iamaudit.iam.evaluate import Decision, Match

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision in words: the question, the verdict, why, and what was not looked at."""

    question: str
    verdict: str
    reasons: tuple[str, ...]
    not_seen: str

    @property
    def lines(self) -> list[str]:
        """The answer a line each, the verdict first."""
        return [self.verdict, *self.reasons, self.not_seen]


def explain(
    question: str, decision: Decision, names: Mapping[int, str], *, organization_is_known: bool
) -> Answer:
    """Return a decision in words; ``names`` say what a document is called, by its identity."""
    is_denied = decision.verdict == "depends" and decision.blocked_by
    unseen = "policies of the resource" + ("" if organization_is_known else ", SCPs, RCPs")
    return Answer(
        question,
        "implicit or explicit deny" if is_denied else decision.verdict,
        tuple(because(decision, names)),
        f"not looked at: {unseen} and session policies",
    )


def because(decision: Decision, names: Mapping[int, str]) -> Iterator[str]:
    """Yield why a decision is what it is: the statements that made it, what blocks, what it depends on."""
    for match in decision.denied_by:
        yield f"denied by {_place(match, names)}"
    for match in decision.allowed_by:
        yield f"allowed by {_place(match, names)}"
    for match in decision.wide:
        yield f"{_place(match, names)} covers the resource only if a * may reach beyond its colon"
    if decision.verdict == "allowed" and not decision.allowed_by:
        yield "allowed whatever the policies say"
    if decision.blocked_by:
        yield f"nothing in the {decision.blocked_by} allows it"
        return
    for match in decision.unknown:
        conditions = "; ".join(map(str, match.statement.conditions))
        yield f"depends on {_place(match, names)}" + (f": {conditions}" if conditions else "")
    for policy in decision.missing:
        yield f"depends on {policy}, which was not collected"


def _place(match: Match, names: Mapping[int, str]) -> str:
    statement = match.statement
    sid = f" ({statement.sid})" if statement.sid else ""
    name = names.get(id(match.document), match.layer)
    return f"{name} Statement[{statement.index}]{sid}, {statement.effect}"


def changes_in_words(changes: pd.DataFrame) -> str:
    """Return a paragraph per principal of a ``what_if`` frame, with the first actions of each change."""
    if not len(changes):
        return "nobody's effective permissions change"
    lines = []
    for row in changes.to_dict("records"):
        lines.append(f"{row['principal_type']}/{row['principal_name']}")
        for name in ("gained", "lost", "became_conditional", "became_certain"):
            actions = row[name]
            if actions:
                more = f" and {len(actions) - _SHOWN:,} more" if len(actions) > _SHOWN else ""
                heading = f"{name.replace('_', ' ')} {len(actions):,}"
                lines.append(f"  {heading}: {', '.join(actions[:_SHOWN])}{more}")
        if not row["is_complete"]:
            lines.append("  a policy of it was not collected: nothing is certain")
    return "\n".join(lines)


def sightings_in_words(found: pd.DataFrame) -> str:
    """Return a line per row of ``Audit.sightings``."""
    if not len(found):
        return "no access key id found"
    lines = []
    for row in found.to_dict("records"):
        place = f"{row['path']}:{row['line']}" + ("" if pd.isna(row["commit"]) else f" in {row['commit']}")
        if pd.notna(row["user"]):
            whose = f"{row['status']} key of {row['user']}, {row['age_days']} days old, "
            whose += f"{row['actions_possible']} actions possible (administrator: {row['administrator']})"
        elif row["is_example"]:
            whose = "an example of AWS's documentation"
        else:
            whose = "whose it is is not known" if pd.isna(row["status"]) else str(row["status"])
        lines.append(f"{row['key_id']} {place} ({row['where']}): {whose}")
    return "\n".join(lines)
