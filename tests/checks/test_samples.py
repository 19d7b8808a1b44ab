from dataclasses import replace

import pandas as pd
import pytest

from iamaudit.checks import CATALOGUE, sample_rule, samples_frame
from iamaudit.checks.samples import rows_to_sample
from iamaudit.checks.workpaper import Workpaper
from iamaudit.frames import build_frame
from iamaudit.settings import Settings


def paper(rows, *, exceptions=0, not_judged=0, check="console-mfa"):
    """Return a workpaper whose first rows are exceptions and whose next ones could not be judged."""
    everyone = build_frame(
        "users", [{"name": f"u{i}", "arn": f"u{i}", "evidence": f"row {i}"} for i in range(rows)]
    )
    return Workpaper(
        check=CATALOGUE[check],
        title="",
        procedure="",
        population=everyone,
        exceptions=everyone.iloc[:exceptions],
        not_judged=everyone.iloc[exceptions : exceptions + not_judged],
        conclusion="not met",
        reason=None,
    )


SETTINGS = Settings(sample_size=25)


def test_every_stratum_gives_its_share_and_at_least_one_row():
    drawn = samples_frame([paper(1000, exceptions=100, not_judged=1, check="access-key-initial")], SETTINGS)
    assert set(drawn.reference) == {CATALOGUE["access-key-initial"].reference}
    assert drawn.stratum.value_counts().to_dict() == {"no exception": 21, "exception": 3, "not judged": 1}
    assert drawn.groupby("stratum")["of"].first().to_dict() == {
        "exception": 100,
        "no exception": 899,
        "not judged": 1,
    }
    assert drawn.resource.is_unique
    numbers = drawn.resource.str[1:].astype(int)
    assert (numbers[drawn.stratum == "exception"] < 100).all()
    assert drawn.evidence.tolist() == [f"row {n}" for n in numbers]


@pytest.mark.parametrize(
    ("rows", "size"),
    [(25, 25), (27, 25), (119, 25), (1000, 0), (0, 25)],
)
def test_a_population_that_a_sample_would_take_half_of_gives_none(rows, size):
    assert len(samples_frame([paper(rows)], replace(SETTINGS, sample_size=size))) == 0


@pytest.mark.parametrize(
    ("severity", "population", "rows"),
    [
        ("critical", 120, 60),
        ("high", 119, 0),
        ("high", 10_000, 60),
        ("medium", 79, 0),
        ("medium", 80, 40),
        ("low", 50, 25),
        ("informational", 49, 0),
    ],
)
def test_the_risk_decides_how_many_rows_are_drawn(severity, population, rows):
    assert rows_to_sample(population, severity, SETTINGS) == rows


def test_a_workpaper_says_how_its_sample_is_drawn_or_why_there_is_none():
    assert sample_rule(27, "high", SETTINGS) == (
        "None: the 27 rows are tested whole, as is every population of up to 119 rows at this severity."
    )
    assert "60 of 1,000 rows are drawn: severity high, stratified by result, seed 1." in sample_rule(
        1000, "high", SETTINGS
    )
    assert sample_rule(1000, "high", Settings(sample_size=0)) == "None: the tool tests every row."


def test_the_same_seed_draws_the_same_rows_and_another_seed_others():
    first, again = (samples_frame([paper(1000)], SETTINGS) for _ in range(2))
    pd.testing.assert_frame_equal(first, again)
    other = samples_frame([paper(1000)], replace(SETTINGS, sample_seed=2))
    assert set(other.resource) != set(first.resource)


def test_a_check_draws_the_same_rows_whatever_other_checks_there_are():
    alone = samples_frame([paper(1000)], SETTINGS)
    among = samples_frame([paper(1000, check="user-mfa"), paper(1000)], SETTINGS)
    assert among.resource[among.check == "console-mfa"].tolist() == alone.resource.tolist()
    assert among.resource[among.check == "user-mfa"].tolist() != alone.resource.tolist()
