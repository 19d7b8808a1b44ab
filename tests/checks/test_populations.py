import pytest

from iamaudit.checks import AREAS, CATALOGUE
from iamaudit.checks.observations.practices import PRACTICES
from iamaudit.checks.populations import CAUSES, defaults_of
from iamaudit.frames import COLUMNS


@pytest.mark.parametrize("id", CATALOGUE)
def test_every_check_has_a_place_in_the_console_and_a_page_of_aws(id):  # noqa: A002
    assert CATALOGUE[id].console
    assert CATALOGUE[id].documentation.startswith("https://docs.aws.amazon.com/")


def test_every_area_has_a_check():
    assert {check.area for check in CATALOGUE.values()} == set(AREAS)


@pytest.mark.parametrize("population", COLUMNS)
def test_every_population_has_defaults_that_a_check_may_have(population):
    default = defaults_of(population)
    assert default.area in AREAS
    assert default.console
    assert default.documentation.endswith(".html")
    assert default.cause in CAUSES
    assert default.practice in ("", *PRACTICES)


def test_every_check_that_is_told_as_a_practice_names_one():
    told = {check.id: check.practice for check in CATALOGUE.values() if check.cause == "practice"}
    assert len(told) > 50
    assert {id_ for id_, practice in told.items() if practice not in PRACTICES} == set()


def test_what_a_check_says_of_itself_comes_before_what_its_population_says():
    assert CATALOGUE["root-use"].console == "IAM > Credential report, first row"
    assert CATALOGUE["root-mfa"].console.startswith("signed in as root")
    assert CATALOGUE["group-empty"].console == "IAM > User groups > GROUP"
    assert CATALOGUE["support-role"].documentation == "https://docs.aws.amazon.com/awssupport/latest/user/"
    assert CATALOGUE["group-empty"].documentation.endswith("/IAM/latest/UserGuide/id_groups.html")
