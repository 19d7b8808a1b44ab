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


def population_in_words(check: Check, count: int) -> str:
    """Return how many rows of what were tested, and where they come from."""
    sources = [_source(name) for name in check.sources] or ["what was collected"]
    where = f" where `{check.where}`" if check.where else ""
    rows = "row" if count == 1 else "rows"
    return f"{count:,} {rows} of {check.population}{where}, from {' and '.join(sources)}"


def completeness(population: int, not_judged: int) -> str:
    """Return how much of a population could be judged, and which tests reconcile its sources."""
    if not_judged:
        rows = "1 row" if not_judged == 1 else f"{not_judged:,} rows"
        judged = f"{rows} could not be judged: the evidence is missing."
    elif population:
        many = {1: "The 1 row", 2: "Both rows"}.get(population, f"All {population:,} rows")
        judged = f"{many} could be judged."
    else:
        judged = "There was no row to judge."
    reconciled = ", ".join(map(reference_of, _RECONCILING))
    return f"{judged} {reconciled} reconcile the sources with each other."


def exceptions_in_words(exceptions: int, population: int, waived: int = 0) -> str:
    """Return how many rows are exceptions, as a share, and how many of them are waived."""
    share = f" ({exceptions / population:.1%})" if population else ""
    accepted = f", {waived:,} of them waived" if waived else ""
    return f"{exceptions:,} of {population:,}{share}{accepted}"


def _source(name: str) -> str:
    return SOURCES[name].title if name in SOURCES else name.replace("_", " ")
