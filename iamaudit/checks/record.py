"""What a workpaper says about its check in words, from counts: on its page and in the workbook alike."""

from iamaudit.checks.catalogue import Check
from iamaudit.checks.frameworks import formerly_asked
from iamaudit.checks.references import reference_of
from iamaudit.snapshot import SOURCES

_RECONCILING = ("evidence-users-agree", "evidence-summary-agrees", "evidence-report-age")
"""The checks that reconcile the sources with each other."""


def objective(title: str) -> str:
    """Return what a test is to establish."""
    return f"Establish whether this holds: {title}."


def criterion(check: Check) -> str:
    """Return the controls that ask for it, also those that the newest version of a framework dropped."""
    dropped = (f"{control}, which the newest version dropped" for control in formerly_asked(check.id))
    return "; ".join((*check.controls, *dropped)) or "good practice, which no framework asks for"


def is_tested(conclusion: str, population: int, not_judged: int) -> bool:
    """Say whether a test was made at all: without its sources or parameters its population is not known."""
    return conclusion != "not evaluated" or population > 0 or not_judged > 0


def population_in_words(check: Check, count: int | None) -> str:
    """Return how many rows of what were tested, and where they come from; ``None`` for a test not made."""
    sources = [_source(name) for name in check.sources] or ["what was collected"]
    where = f" where `{check.where}`" if check.where else ""
    said = f"{check.population}{where}, from {' and '.join(sources)}"
    if count is None:
        return f"not counted, since the test was not made: rows of {said}"
    return f"{count:,} {'row' if count == 1 else 'rows'} of {said}"


def completeness(population: int | None, not_judged: int) -> str:
    """Return how much of a population could be judged, and which tests reconcile its sources."""
    if population is None:
        judged = "Nothing was judged: evidence or a parameter is missing."
    elif not_judged:
        rows = "1 row" if not_judged == 1 else f"{not_judged:,} rows"
        judged = f"{rows} could not be judged: the evidence is missing."
    elif population:
        many = {1: "The 1 row", 2: "Both rows"}.get(population, f"All {population:,} rows")
        judged = f"{many} could be judged."
    else:
        judged = "The population is empty: there was no row to judge."
    reconciled = ", ".join(sorted(map(reference_of, _RECONCILING)))
    return f"{judged} {reconciled} say whether the sources agree with each other."


def exceptions_in_words(exceptions: int, population: int | None, waived: int = 0) -> str:
    """Return how many rows are exceptions, as a share, and how many of them are waived."""
    if population is None:
        return "not evaluated"
    share = f" ({exceptions / population:.1%})" if population else ""
    accepted = f", {waived:,} of them waived" if waived else ""
    return f"{exceptions:,} of {population:,}{share}{accepted}"


def _source(name: str) -> str:
    return SOURCES[name].title if name in SOURCES else name.replace("_", " ")
