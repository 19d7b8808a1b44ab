import pytest

from iamaudit.checks import CATALOGUE
from iamaudit.checks.places import place_of


@pytest.mark.parametrize("id", CATALOGUE)
def test_every_check_has_a_place_in_the_console_and_a_page_of_aws(id):  # noqa: A002
    place = CATALOGUE[id].place
    assert place.console
    assert place.documentation.startswith("https://docs.aws.amazon.com/")


def test_the_longest_beginning_of_the_id_decides_and_else_the_population():
    assert place_of("root-use", "users").console == "IAM > Credential report, first row"
    assert place_of("root-mfa", "users").console.startswith("signed in as root")
    assert place_of("mine", "groups").documentation.endswith("UserGuide/id_groups.html")
