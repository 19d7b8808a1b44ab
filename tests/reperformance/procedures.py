"""Procedures that re-perform a check each, and how they compare with the workpapers."""

from collections import Counter
from dataclasses import dataclass

PROCEDURES = {}
"""Every re-performed check by its id."""

NAMED_BY = {
    "access_keys": ("arn", "slot"),
    "user_credentials": ("arn", "credential_id"),
    "analyzer_regions": ("region",),
    "analyzer_findings": ("finding_id",),
    "statements": ("policy", "index"),
    "policies": ("policy",),
    "trust": ("role", "index", "principal"),
    "breadth": ("principal",),
    "role_access": ("role",),
    "account_facts": ("account_id",),
    "code_keys": ("path", "line", "key_id"),
}
"""The columns that name a row of a population; else it is the ARN."""


@dataclass
class Answer:
    """What a check comes to: who the question is about, who does not meet it, of whom nobody knows."""

    conclusion: str
    population: Counter
    exceptions: Counter
    unknown: Counter


def procedure(check, *sources):
    """Register a function from the raw snapshot to rows ``(name, is asked, is an exception)``.

    Both may be ``None``, for *nobody knows*. ``sources`` are the files without which nothing is concluded.
    """

    def register(function):
        PROCEDURES[check] = (sources, function)
        return function

    return register


def answer(check, raw):
    sources, function = PROCEDURES[check]
    if not all(map(raw.has, sources)):
        return Answer("not evaluated", Counter(), Counter(), Counter())
    rows = [(name if isinstance(name, tuple) else (name,), *rest) for name, *rest in function(raw)]
    exceptions = Counter(name for name, asked, fails in rows if asked and fails)
    unknown = Counter(name for name, asked, fails in rows if asked is None or (asked and fails is None))
    conclusion = "not met" if exceptions else "not evaluated" if unknown else "met"
    return Answer(conclusion, Counter(name for name, asked, _ in rows if asked), exceptions, unknown)


def answered(paper):
    """Return what a workpaper of the product says, in the same words."""
    columns = list(NAMED_BY.get(paper.check.population, ("arn",)))
    named = [
        Counter(tuple(row) for row in frame[columns].itertuples(index=False, name=None))
        for frame in (paper.population, paper.exceptions, paper.not_judged)
    ]
    return Answer(paper.conclusion, *named)


def differences(check, raw, paper):
    """Say in a line each where a workpaper and its re-performance differ."""
    mine, theirs = answer(check, raw), answered(paper)
    found = []
    if mine.conclusion != theirs.conclusion:
        found.append(f"conclusion: re-performed {mine.conclusion}, workpaper {theirs.conclusion}")
    for part in ("population", "exceptions", "unknown"):
        ours, its = getattr(mine, part), getattr(theirs, part)
        for who, names in (("re-performed", ours - its), ("workpaper", its - ours)):
            if names:
                found.append(f"{part}: only {who} has {', '.join(sorted(map(_shown, names)))}")
    return found


def _shown(name):
    return " ".join(map(str, name))
