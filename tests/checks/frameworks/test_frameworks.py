import re
from pathlib import Path

import pytest

from iamaudit.checks import CATALOGUE, criterion, frameworks_page
from iamaudit.checks.catalogue import settings_in
from iamaudit.checks.frameworks import checks_beyond_frameworks, crosswalk, formerly_asked, load_frameworks

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


CONTROLS = [
    pytest.param(control, id=f"{framework.id} {control.number}")
    for framework in FRAMEWORKS.values()
    for control in framework.controls
]


@pytest.mark.parametrize("framework", FRAMEWORKS.values(), ids=lambda framework: framework.id)
def test_a_number_is_there_once_in_a_version_of_a_framework(framework):
    numbers = [control.number for control in framework.controls]
    assert len(set(numbers)) == len(numbers) > 0


@pytest.mark.parametrize("control", CONTROLS)
def test_a_control_names_checks_that_exist_or_says_why_it_has_none(control):
    others = {name for test in control.tests for name in (test.only_with, test.except_with) if name}
    assert {*control.checks, *others} <= set(CATALOGUE)
    assert bool(control.tests) is (control.kind in ("automated", "partial"))
    assert control.beyond.endswith(".") or (control.kind == "automated" and not control.beyond)
    assert control.source.startswith("https://")
    assert control.title


@pytest.mark.parametrize("control", CONTROLS)
def test_every_threshold_behind_a_control_is_the_frameworks_or_left_open_by_it(control):
    asked = {name for check in control.checks for name in settings_in(CATALOGUE[check])}
    assert {*control.settings, *control.left_open} == asked
    assert not {*control.settings} & {*control.left_open}


@pytest.mark.parametrize("control", CONTROLS)
def test_a_control_that_asks_about_a_part_of_a_population_says_of_which(control):
    for test in control.tests:
        assert bool(test.where or test.only_with or test.except_with) is bool(test.of)


NUMBERS = {
    "CIS": r"[12](\.\d+){1,2}",
    "ISO 27001": r"A\.[58]\.\d+",
    "NIST 800-53": r"(AC|IA)-\d+(\(\d+\))?",
    "PCI DSS": r"[78]\.\d(\.\d+){1,2}",
    "Security Hub": r"(Account|IAM|KMS)\.\d+",
    "SOC 2": r"CC6\.\d",
}


@pytest.mark.parametrize("framework", FRAMEWORKS.values(), ids=lambda framework: framework.id)
def test_numbers_are_written_as_their_framework_writes_them(framework):
    numbers = [control.number for control in framework.controls]
    assert [n for n in numbers if not re.fullmatch(NUMBERS[framework.name], n)] == []


def test_every_check_is_behind_a_control_or_listed_as_good_practice_beyond_the_frameworks():
    mapped = {check for framework in FRAMEWORKS.values() for c in framework.controls for check in c.checks}
    beyond = checks_beyond_frameworks()
    assert len(set(beyond)) == len(beyond)
    assert {*beyond} == {*CATALOGUE} - mapped, "name a new check in a control, or in beyond.toml"
    assert CATALOGUE["root-access-key"].controls[0] == "CIS 7.0 2.4"
    assert CATALOGUE["access-key-year"].controls == ()


def test_a_check_that_the_newest_version_dropped_names_the_last_one_that_had_it():
    assert formerly_asked("one-active-access-key") == ("CIS 6.0 2.12",)
    assert formerly_asked("root-access-key") == formerly_asked("access-key-year") == ()
    said = "CIS 6.0 2.10, which the newest version dropped"
    assert criterion(CATALOGUE["access-key-initial"]) == said
    assert criterion(CATALOGUE["access-key-year"]) == "good practice, which no framework asks for"


def test_level_2_of_cis_is_what_the_benchmark_says():
    levels = {
        version: [c.number for c in FRAMEWORKS[f"CIS {version}"].controls if c.level == 2]
        for version in ("3.0", "5.0", "7.0")
    }
    assert levels == {
        "3.0": ["1.6", "1.18", "1.21"],
        "5.0": ["1.5", "1.17", "1.20"],
        "7.0": [*(f"2.1.{n}" for n in range(1, 7)), "2.6", "2.16", "2.19"],
    }


@pytest.mark.parametrize(
    ("framework", "number", "checks"),
    [
        ("PCI DSS 4.0.1", "8.2.1", ()),
        ("PCI DSS 4.0.1", "8.3.1", ()),
        ("PCI DSS 4.0.1", "8.3.11", ()),
        ("PCI DSS 4.0.1", "7.2.5", ()),
        ("PCI DSS 4.0.1", "7.3.1", ()),
        ("PCI DSS 4.0.1", "8.3.2", ("access-key-in-code",)),
        ("PCI DSS 4.0.1", "8.6.2", ()),  # a key gives no interactive login
        ("NIST 800-53 r5", "AC-2", ()),
        ("NIST 800-53 r5", "AC-6(5)", ("administrator-few",)),
        ("NIST 800-53 r5", "AC-6(6)", ("trust-external-administrator",)),
        ("Security Hub 2026", "KMS.2", ("policy-kms-decrypt",)),
        ("NIST 800-53 r5", "IA-2(6)", ()),
        ("NIST 800-53 r5", "IA-5(7)", ("access-key-in-code",)),
        ("ISO 27001 2022", "A.8.5", ("root-mfa", "administrator-mfa", "console-mfa")),
        ("CIS 7.0", "2.13", ("policy-on-user",)),
    ],
)
def test_a_control_rests_on_what_its_text_asks_for(framework, number, checks):
    (control,) = [one for one in FRAMEWORKS[framework].controls if one.number == number]
    assert control.checks == checks


def test_the_page_of_the_documentation_has_every_control():
    page = (Path(__file__).parents[3] / "docs" / "frameworks.md").read_text()
    assert page == frameworks_page(), "run: iamaudit checks --frameworks > docs/frameworks.md"
    assert "| 8.3.7 | The last four passwords cannot be used again | automated |" in page
    assert "[password-reuse](checks.md#password-reuse) (4 passwords)" in page


def test_cis_has_as_many_controls_as_its_versions_have():
    sizes = {f.version: len(f.controls) for f in FRAMEWORKS.values() if f.name == "CIS"}
    assert sizes == {"7.0": 26, "6.0": 21, "5.0": 21, "4.0": 22, "3.0": 22}


@pytest.mark.parametrize(
    ("title", "numbers"),
    [
        (
            "The root user has no active access key",
            {"7.0": "2.4", "6.0": "2.3", "5.0": "1.3", "4.0": "1.4", "3.0": "1.4"},
        ),
        (
            "Access keys are rotated within 90 days",
            {"7.0": "2.12", "6.0": "2.13", "5.0": "1.13", "3.0": "1.14"},
        ),
        (
            "No user has more than one active access key",
            {"7.0": None, "6.0": "2.12", "5.0": "1.12", "3.0": "1.13"},
        ),
        (
            "Security questions are registered",
            {"7.0": None, "6.0": None, "5.0": None, "4.0": "1.3", "3.0": "1.3"},
        ),
        (
            "No resource policy gives everybody access without restriction",
            {"7.0": "2.21", "6.0": None, "3.0": None},
        ),
    ],
)
def test_the_crosswalk_shows_what_was_renumbered_withdrawn_and_added(title, numbers):
    """Trap 12."""
    (row,) = [row for row in crosswalk("CIS") if row["title"] == title]
    assert {version: row[version] for version in numbers} == numbers


def test_security_hub_has_its_28_controls_for_iam_in_order_and_those_about_access():
    controls = FRAMEWORKS["Security Hub 2026"].controls
    assert [control.number for control in controls] == [
        *("Account.1", "Account.2"),
        *(f"IAM.{n}" for n in range(1, 29)),
        *("KMS.1", "KMS.2"),
    ]
    sources = {control.number: control.source.rpartition("/")[2] for control in controls}
    assert (sources["IAM.4"], sources["KMS.1"]) == ("iam-controls.html#iam-4", "kms-controls.html#kms-1")


HIGH_BASELINE = {
    "AC-2": [1, 2, 3, 4, 5, 11, 12, 13],
    "AC-3": [],
    "AC-5": [],
    "AC-6": [1, 2, 3, 5, 7, 9, 10],
    "AC-7": [],
    "AC-12": [],
    "AC-14": [],
    "IA-2": [1, 2, 5, 8, 12],
    "IA-4": [4],
    "IA-5": [1, 2, 6],
    "IA-8": [],
    "IA-11": [],
    "IA-12": [],
}


def test_nist_has_the_high_baseline_and_five_enhancements_beyond_it():
    """The numbers are those of NIST's profile of the high baseline, 5.1.1."""
    numbers = {control.number for control in FRAMEWORKS["NIST 800-53 r5"].controls}
    baseline = {*HIGH_BASELINE, *(f"{base}({n})" for base, each in HIGH_BASELINE.items() for n in each)}
    assert numbers - baseline == {"AC-2(7)", "AC-2(9)", "AC-6(6)", "IA-2(6)", "IA-5(7)"}
    assert baseline <= numbers


def test_pci_has_every_requirement_of_7_and_8():
    numbers = [control.number for control in FRAMEWORKS["PCI DSS 4.0.1"].controls]
    counts = {"7.1": 2, "7.2": 6, "7.3": 3, "8.1": 2, "8.2": 8, "8.3": 11, "8.4": 3, "8.5": 1, "8.6": 3}
    asked = {f"{part}.{n}" for part, count in counts.items() for n in range(1, count + 1)}
    assert {*numbers} == asked | {"7.2.5.1", "8.3.10.1"}


def test_no_title_is_longer_than_a_line_of_a_table():
    titles = [control.title for framework in FRAMEWORKS.values() for control in framework.controls]
    assert max(map(len, titles)) <= 90
    assert not [title for title in titles if re.search(r"\bEnsure\b", title)]  # wording is ours
