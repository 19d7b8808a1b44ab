"""A sample of a big population for a test by hand: seeded, so that whoever draws again gets the same."""

import hashlib
from collections.abc import Iterable

import numpy as np
import pandas as pd

from iamaudit.checks.workpaper import Workpaper
from iamaudit.frames import build_frame
from iamaudit.settings import Settings


def samples_frame(workpapers: Iterable[Workpaper], settings: Settings) -> pd.DataFrame:
    """Return ``sample_size`` rows of every population that is bigger than that; none when it is 0.

    The strata are what the check said of a row: ``exception``, ``not judged`` and ``no exception``. Each gets
    its share, at least one row. ``sample_seed`` and the check's id alone decide which; ``of`` is the size of
    the stratum.
    """
    rows = [row for paper in workpapers for row in _sample(paper, settings)]
    return build_frame("samples", rows)


def _sample(paper: Workpaper, settings: Settings) -> Iterable[dict[str, object]]:
    size, population = settings.sample_size, paper.population
    if not size or len(population) <= size:
        return
    digest = hashlib.sha256(f"{settings.sample_seed} {paper.check.id}".encode()).digest()
    random = np.random.default_rng(int.from_bytes(digest[:8], "big"))
    strata = _strata(paper)
    for stratum, count in _shares(strata, size).items():
        positions = np.flatnonzero(strata.eq(stratum).to_numpy())
        drawn = np.sort(random.choice(positions, count, replace=False))
        for row in population.iloc[drawn].to_dict("records"):
            yield {
                "check": paper.check.id,
                "stratum": stratum,
                "of": len(positions),
                "resource": row.get("arn"),
                "evidence": row.get("evidence"),
            }


def _strata(paper: Workpaper) -> "pd.Series[str]":
    index = paper.population.index
    strata = pd.Series("no exception", index=index)
    strata = strata.mask(index.isin(paper.not_judged.index), "not judged")
    return strata.mask(index.isin(paper.exceptions.index), "exception")


def _shares(strata: "pd.Series[str]", size: int) -> dict[str, int]:
    """Return how many rows each stratum gives: its share of ``size``, rounded up, the largest the rest."""
    counts = strata.value_counts()
    shares = {str(name): -(-size * int(count) // len(strata)) for name, count in counts.items()}
    largest = str(counts.index[0])
    shares[largest] -= sum(shares.values()) - size
    return shares
