"""What the controls of frameworks come to."""

import pandas as pd
from markupsafe import Markup

from iamaudit.checks import count_controls
from iamaudit.tables.anchors import anchor, check_link
from iamaudit.tables.frame_table import pieces, table
from iamaudit.tables.markup import Html, prose

_IN_WORDS = 6
_OF = "\u00a0of\u00a0"  # in one line


def controls(frame: pd.DataFrame) -> Html:
    """Return the ``controls`` frame of one framework: what each control comes to, and what is left to do.

    ``found`` is the number of distinct resources that do not meet it, of those that were tested.
    """
    shown = frame.assign(
        found=(frame.exceptions.astype("string") + _OF + frame.population.astype("string"))
        .mask((frame.conclusion == "not evaluated") & (frame.population == 0), "not known")
        .fillna(""),
        control=pieces(map(_place, frame.framework, frame.control, frame.framework.duplicated()), frame),
        tests=pieces(map(_tests, frame.tests, frame.checks), frame),
        beyond=frame.beyond.fillna("").map(lambda text: Html(prose(text))),
        answer=(frame.answer + " (" + frame.answered_by + ", " + frame.answered_on + ")").fillna(""),
    )
    headings = {"title": "asks that", "tests": "rests on", "beyond": "asks beyond"}
    levels = ["level"] if frame.level.notna().any() else []
    answers = ["answer"] if frame.answer.notna().any() else []
    columns = ("control", *levels, "title", "conclusion", "found", "tests", "beyond", *answers)
    return table(shown, columns={name: headings.get(name, name) for name in columns}, limit=len(frame))


def _place(framework: str, number: str, has_place: bool) -> Markup:
    """Return the number of a control as a place to link to; the first one is that of the framework too."""
    place = Markup('<span id="{}">{}</span>').format(anchor("control", f"{framework} {number}"), number)
    if not has_place:
        place = Markup('<span id="{}">{}</span>').format(anchor("framework", framework), place)
    return place


def _tests(tests: list[str], checks: list[str]) -> Markup:
    """Return what was tested in words, or by the names of the checks where that are many, as links."""
    if len(tests) > _IN_WORDS:
        return Markup(", ").join(check_link(check, page="") for check in dict.fromkeys(checks))
    said = [test.partition(": ") for test in tests]
    return Markup("; ").join(check_link(check, words or check, page="") for check, _, words in said)


def frameworks(frame: pd.DataFrame) -> Html:
    """Return how many controls of each framework, and of each level of it, come to each conclusion."""
    counted = count_controls(frame)
    return table(counted.assign(level=counted.level.astype("string").fillna("")), limit=len(counted))
