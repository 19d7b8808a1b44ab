import re

import pytest

from iamaudit.checks import CATALOGUE
from iamaudit.checks.frameworks import controls_of, crosswalk, load_frameworks

FRAMEWORKS = load_frameworks()


def test_the_frameworks_that_auditors_ask_for_are_there():
    assert list(FRAMEWORKS) == [
        *(f"CIS {version}" for version in ("7.0", "6.0", "5.0", "4.0", "3.0")),
        "ISO 27001 2022",
        "NIST 800-53 r5",
        "PCI DSS 4.0.1",
        "Security Hub 2026",
        "SOC 2 2017",
    ]


@pytest.mark.parametrize("framework", FRAMEWORKS.values(), ids=lambda framework: framework.id)
def test_a_framework_names_only_checks_that_exist_and_says_why_a_control_has_none(framework):
    numbers = [control.number for control in framework.controls]
    assert len(set(numbers)) == len(numbers) > 0
    assert framework.source.startswith("https://")
    for control in framework.controls:
        assert set(control.checks) <= set(CATALOGUE), control
        assert bool(control.checks) is (control.kind == "automated"), control
        assert control.why or control.kind != "not applicable", control
        assert control.title


def test_every_check_speaks_to_a_control():
    assert [check for check in CATALOGUE if not controls_of(check)] == []
    assert CATALOGUE["root-access-key"].controls[0] == "CIS 7.0 2.4"


def test_cis_has_as_many_controls_as_its_versions_have():
    sizes = {f.version: len(f.controls) for f in FRAMEWORKS.values() if f.name == "CIS"}
    assert sizes == {"7.0": 26, "6.0": 21, "5.0": 21, "4.0": 22, "3.0": 22}


@pytest.mark.parametrize(
    ("title", "numbers"),
    [
        ("Root has no access key", {"7.0": "2.4", "6.0": "2.3", "5.0": "1.3", "4.0": "1.4", "3.0": "1.4"}),
        (
            "Access keys are rotated within 90 days",
            {"7.0": "2.12", "6.0": "2.13", "5.0": "1.13", "3.0": "1.14"},
        ),
        ("No user has two active keys", {"7.0": None, "6.0": "2.12", "5.0": "1.12", "3.0": "1.13"}),
        ("Security questions are set", {"7.0": None, "6.0": None, "5.0": None, "4.0": "1.3", "3.0": "1.3"}),
        ("No resource policy lets everybody in", {"7.0": "2.21", "6.0": None, "3.0": None}),
    ],
)
def test_the_crosswalk_shows_what_was_renumbered_withdrawn_and_added(title, numbers):
    """Trap 12."""
    (row,) = [row for row in crosswalk("CIS") if row["title"] == title]
    assert {version: row[version] for version in numbers} == numbers


def test_security_hub_has_its_28_controls_in_order():
    numbers = [control.number for control in FRAMEWORKS["Security Hub 2026"].controls]
    assert numbers == [f"IAM.{n}" for n in range(1, 29)]


def test_no_title_is_longer_than_a_line_of_a_table():
    titles = [control.title for framework in FRAMEWORKS.values() for control in framework.controls]
    assert max(map(len, titles)) <= 80
    assert not [title for title in titles if re.search(r"\bEnsure\b", title)]  # wording is ours
