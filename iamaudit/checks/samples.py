"""A sample of a big population for a test by hand: seeded, so that whoever draws again gets the same."""

import hashlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from iamaudit.checks.proof import proofs
from iamaudit.checks.workpaper import Workpaper
from iamaudit.frames import build_frame
from iamaudit.settings import Settings

_TENTHS = {"critical": 24, "high": 24, "medium": 16, "low": 10, "informational": 10}
"""Tenths of ``sample_size`` by risk: with its default 60, 40 and 25 rows."""
_STRATA = ("no exception", "not judged", "exception")


def rows_to_sample(population: int, severity: str, settings: Settings) -> int:
    """Return how many rows of a population to test by hand, 0 when it is to be tested whole.

    The risk decides, by the severity of the check; a sample that would take more than half of the population
    is none.
    """
    size = settings.sample_size * _TENTHS[severity] // 10
    return size if 2 * size <= population else 0


def sample_rule(population: int | None, severity: str, settings: Settings) -> str:
    """Return in a sentence how many rows of a population are to be tested by hand, and why.

    ``None`` is the population of a test that was not made.
    """
    if population is None:
        return "None: the test was not made."
    if not population or not settings.sample_size:
        return "None: the tool tests every row."
    size = rows_to_sample(population, severity, settings)
    if not size:
        most = 2 * (settings.sample_size * _TENTHS[severity] // 10) - 1
        whole = "1 row is" if population == 1 else f"{population:,} rows are"
        return (
            f"None: the {whole} tested whole, as is every population of up to {most:,} rows at this severity."
        )
    return (
        f"The tool tests every row. For a test by hand, {size:,} of {population:,} rows are drawn: severity "
        f"{severity}, stratified by result, seed {settings.sample_seed}. They are in data/samples.csv."
    )


def samples_frame(workpapers: Iterable[Workpaper], settings: Settings) -> pd.DataFrame:
    """Return ``rows_to_sample`` rows of every population; none when ``sample_size`` is 0.

    The strata are what the check said of a row: ``exception``, ``not judged`` and ``no exception``. Each gets
    its share, at least one row. ``sample_seed`` and the check's id alone decide which; ``of`` is the size of
    the stratum.
    """
    rows = [row for paper in workpapers for row in _sample(paper, settings)]
    return build_frame("samples", rows)


def _sample(paper: Workpaper, settings: Settings) -> Iterable[dict[str, object]]:
    population = paper.population
    size = rows_to_sample(len(population), paper.check.severity, settings)
    if not size:
        return
    digest = hashlib.sha256(f"{settings.sample_seed} {paper.check.id}".encode()).digest()
    random = np.random.default_rng(int.from_bytes(digest[:8], "big"))
    strata = _strata(paper)
    places, facts = [], []
    for place, count in _shares(strata, size).items():
        positions = np.flatnonzero(strata == place)
        places.append(np.sort(random.choice(positions, count, replace=False)))
        facts += [(_STRATA[place], len(positions))] * count
    drawn = population.iloc[np.concatenate(places)]
    resources = drawn.arn.tolist() if "arn" in drawn else [None] * size
    for (stratum, of), resource, proof in zip(facts, resources, proofs(paper.check, drawn), strict=True):
        yield {
            "reference": paper.check.reference,
            "check": paper.check.id,
            "stratum": stratum,
            "of": of,
            "resource": resource,
            "evidence": proof,
        }


def _strata(paper: Workpaper) -> "npt.NDArray[np.int8]":
    """Return the place in ``_STRATA`` of each row of the population."""
    index = paper.population.index
    strata = np.zeros(len(index), dtype=np.int8)
    strata[index.isin(paper.not_judged.index)] = 1
    strata[index.isin(paper.exceptions.index)] = 2
    return strata


def _shares(strata: "npt.NDArray[np.int8]", size: int) -> dict[int, int]:
    """Return how many rows each stratum gives: its share of ``size``, rounded up, the largest the rest."""
    counts = pd.Series(strata).value_counts()
    places, times = counts.index.tolist(), counts.tolist()
    shares = {place: -(-size * count // len(strata)) for place, count in zip(places, times, strict=True)}
    shares[places[0]] -= sum(shares.values()) - size
    return shares
